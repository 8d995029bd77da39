/**
 * Measures what the proxy keeps in memory: idle, with a thousand answers open at once, and after they have ended.
 */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { SimulatedProvider } from '../support/simulated-provider/index.ts';
import type { Docent } from './docent.ts';
import type { Figure } from './figures.ts';
import { questionAt } from './knowledge.ts';
import { residentMb } from './machine.ts';
import { longText, openTurn, type OpenTurn, stopTurn } from './stop-latency.ts';

const IDLE_MB = 90;
const OPEN_MB = 400;
/** Memory given back is never given back to the last page: so much more than before still counts as idle. */
const BACK_TO_IDLE = 1.25;
const SAMPLE_MS = 250;
/** Answers that have not begun after so long are waiting for something. */
const OPENING_MS = 15_000;
/** A proxy counts as idle so long after its setup, and has so long to become idle again. */
const SETUP_MS = 6_000;
const SETTLE_MS = 95_000;

/** Reads the memory of a proxy that has served nothing but its setup. */
export async function idleMb(
	child: ChildProcess
): Promise< number | undefined > {
	await delay( SETUP_MS );
	return residentMb( child.pid ?? 0 );
}

/** Holds `streams` answers open for `holdMs`, stops them and waits for the memory to come back. */
export async function measureMemory(
	docent: Docent,
	provider: SimulatedProvider,
	options: { streams: number; holdMs: number }
): Promise< Figure[] > {
	const pid = docent.child.pid ?? 0;
	const idle = await idleMb( docent.child );
	if ( idle === undefined ) {
		return [
			{
				id: 'memory',
				title: 'memory of the proxy',
				value: undefined,
				unit: 'MB',
				note: 'this system does not tell the memory of a process',
			},
		];
	}
	provider.reset();
	provider.setDefault( {
		chunks: 100,
		chunkDelayMs: 1_000,
		text: longText(),
	} );

	let openPeak = idle;
	const sampling = setInterval( () => {
		openPeak = Math.max( openPeak, residentMb( pid ) ?? 0 );
	}, SAMPLE_MS );
	const turns: OpenTurn[] = [];
	let refusal: string | undefined;
	const opening = Array.from(
		{ length: options.streams },
		( _value, index ) =>
			openTurn( docent, questionAt( 2_000_000 + index ) ).then(
				( turn ) => void turns.push( turn ),
				( error: unknown ) => {
					refusal ??= String( error );
				}
			)
	);
	await Promise.race( [
		Promise.all( opening ),
		delay( OPENING_MS, undefined, { ref: false } ),
	] );
	await delay( options.holdMs );
	clearInterval( sampling );
	const openAtOnce = provider.journal.entries.filter(
		( entry ) => entry.outcome === 'open'
	).length;

	for ( const turn of turns ) {
		await stopTurn( docent, turn, 'delete' );
		turn.reading.close();
	}
	const after = await settledMb( pid, idle * BACK_TO_IDLE );
	return [
		{
			id: 'memory.idle',
			title: 'memory of the proxy, idle',
			value: idle,
			unit: 'MB',
			target: { kind: 'at most', value: IDLE_MB },
		},
		{
			id: 'memory.opened',
			title: 'answers open at the provider at once',
			value: openAtOnce,
			unit: '',
			target: { kind: 'at least', value: options.streams },
			...( refusal === undefined
				? {}
				: { note: refusal.slice( 0, 160 ) } ),
		},
		{
			id: 'memory.open',
			title: `memory with ${ options.streams } answers open, peak`,
			value: openPeak,
			unit: 'MB',
			target: { kind: 'at most', value: OPEN_MB },
		},
		{
			id: 'memory.after',
			title: 'memory after they have ended',
			value: after.mb,
			unit: 'MB',
			target: { kind: 'at most', value: idle * BACK_TO_IDLE },
			note: `after ${ ( after.tookMs / 1_000 ).toFixed( 1 ) } s`,
		},
	];
}

/** Waits until memory has come back, or as long as that may take. */
async function settledMb(
	pid: number,
	wantedMb: number
): Promise< { mb: number; tookMs: number } > {
	const startedAtMs = performance.now();
	let mb = residentMb( pid ) ?? 0;
	while ( mb > wantedMb && performance.now() - startedAtMs < SETTLE_MS ) {
		await delay( 500 );
		mb = residentMb( pid ) ?? 0;
	}
	return { mb, tookMs: performance.now() - startedAtMs };
}
