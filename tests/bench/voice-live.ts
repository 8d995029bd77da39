/**
 * Measures a live conversation in the panel: from the microphone to the provider, from the provider to the ear, and how soon the assistant is
 * quiet when the visitor speaks.
 */
import { setTimeout as pass } from 'node:timers/promises';
import { livePanel } from '../support/e2e/live-panel.ts';
import type { CallRecord } from '../support/simulated-provider/index.ts';
import type { Figure } from './figures.ts';
import { percentile } from './load.ts';
import type { Passed } from './voice-probe.ts';
import { clocksApart, type Appended, type VoiceSite } from './voice-site.ts';

const TARGETS = { mic: 40, ear: 60, bargeIn: 200 } as const;

/** How long the visitor speaks, and how long the assistant is listened to before, in milliseconds. */
const SPEAKING_MS = 600;
const LISTENING_MS = 900;

/** Moments are spread over the frames of 20 ms. */
const SPREAD_MS = 40;

/** How long the next answer may take. */
const ANSWER_MS = 10_000;

/** Ten seconds of one tone without a gap: what breaks off was broken off. */
const ANSWER = 'a'.repeat( 140 );

/** Sound is a fraction of what it was: -12 dB. */
const DUCKED = 0.25;

/** Sound that is gone stays away for so long, in milliseconds. */
const GONE_MS = 120;

/** What is left of the tone when it is gone, 0 to 1. */
const NOTHING = 0.000_5;

/** Has the visitor interrupt the assistant again and again. */
export async function measureLive(
	{ provider, appended, openPage }: VoiceSite,
	{ turns, report }: { turns: number; report( detail: string ): void }
): Promise< Figure[] > {
	provider.reset();
	provider.setDefault( { for: 'answer', text: ANSWER, pace: 2 } );
	provider.setDefault( {
		for: 'hearing',
		text: 'How long can I return unused gear?',
	} );
	const page = await openPage( { isDriven: true } );
	const panel = livePanel( page );
	await panel.begin();
	await panel.is( 'listening' );
	const call = (): CallRecord =>
		provider.journal.entries.findLast( ( entry ) => entry.call )?.call ?? {
			received: [],
			sent: [],
		};
	const onsets: number[] = [];
	// The first turn interrupts nobody.
	for ( let turn = 0; turn <= turns; turn++ ) {
		report( `turn ${ turn } of ${ turns }` );
		const before = firstSounds( call() ).length;
		onsets.push(
			await page.evaluate(
				( ms ) => window.docentProbe.say( ms ),
				SPEAKING_MS
			)
		);
		await provider.journal.waitFor(
			() => firstSounds( call() ).length > before,
			ANSWER_MS
		);
		await pass( LISTENING_MS + Math.random() * SPREAD_MS );
	}
	const sent = firstSounds( call() );
	const apartMs = await clocksApart( page );
	const { passed, deviceMs } = await page.evaluate( () => {
		const { docentProbe: probe } = window;
		return { passed: probe.passed, deviceMs: probe.deviceMs };
	} );
	await panel.endLive.click();
	await panel.bar.waitFor( { state: 'detached' } );
	await page.context().close();

	const mic = onsets.map( ( at ) => toProvider( appended, at ) );
	const ear = sent.map( ( at ) => toEar( passed, at ) );
	const broken = onsets.slice( 1 ).map( ( at ) => breakOff( passed, at ) );
	const ducked = broken.map( ( { duckedMs } ) => duckedMs );
	const silent = broken.map( ( { silentMs } ) => silentMs );
	return [
		figure( 'live.mic', 'live: microphone to provider, p50', TARGETS.mic, {
			values: mic,
			share: 0.5,
			note: `${ shares( mic ) }; a microphone adds its own; the clocks are ${ apartMs.toFixed( 1 ) } ms apart`,
		} ),
		figure( 'live.ear', 'live: provider to ear, p50', TARGETS.ear, {
			values: ear,
			share: 0.5,
			note: `${ shares( ear ) }; a device adds its own (here ${ deviceMs.toFixed( 0 ) } ms)`,
		} ),
		figure(
			'live.barge-in',
			'live: onset of the visitor to silence, p95',
			TARGETS.bargeIn,
			{
				values: silent,
				share: 0.95,
				note: `${ shares( silent ) }; 12 dB quieter ${ shares( ducked ) }; ${ turns } interruptions`,
			}
		),
	];
}

/** Returns when the first piece of sound of each answer was sent. */
function firstSounds( { sent }: CallRecord ): number[] {
	const times: number[] = [];
	let isNew = false;
	for ( const { type, atMs } of sent ) {
		if ( type === 'response.created' ) {
			isNew = true;
		} else if ( isNew && type === 'response.output_audio.delta' ) {
			isNew = false;
			times.push( atMs );
		}
	}
	return times;
}

function toProvider( appended: readonly Appended[], onsetMs: number ): number {
	// What was said before ended long ago: whatever is loud from here on is this.
	const first = appended.find(
		( { atMs, isLoud } ) => isLoud && atMs > onsetMs
	);
	return ( first?.atMs ?? NaN ) - onsetMs;
}

function toEar( passed: readonly Passed[], sentMs: number ): number {
	const first = passed.find(
		( { audibleAtMs } ) => audibleAtMs !== undefined && audibleAtMs > sentMs
	);
	return ( first?.audibleAtMs ?? NaN ) - sentMs;
}

/** Finds when the assistant grew quiet and when it was silent, in milliseconds after the visitor began. */
function breakOff(
	passed: readonly Passed[],
	onsetMs: number
): { duckedMs: number; silentMs: number } {
	const after = passed.filter( ( { atMs } ) => atMs >= onsetMs );
	const usual = Math.max(
		...passed
			.filter(
				( { atMs } ) => atMs < onsetMs && atMs > onsetMs - GONE_MS
			)
			.map( ( { peak } ) => peak )
	);
	const ducked = after.find( ( { peak } ) => peak <= usual * DUCKED );
	const last = after.find(
		( { peak, atMs }, index ) =>
			peak > NOTHING &&
			! after
				.slice( index + 1 )
				.some(
					( next ) =>
						next.peak > NOTHING && next.atMs < atMs + GONE_MS
				)
	);
	return {
		duckedMs: ( ducked?.atMs ?? NaN ) - onsetMs,
		// Counted to the end of the last piece that has any sound in it.
		silentMs:
			( after[ last ? after.indexOf( last ) + 1 : -1 ]?.atMs ?? NaN ) -
			onsetMs,
	};
}

function figure(
	id: string,
	title: string,
	atMost: number,
	{ values, share, note }: { values: number[]; share: number; note: string }
): Figure {
	if ( values.some( Number.isNaN ) ) {
		throw new Error(
			`${ id }: ${ values.filter( Number.isNaN ).length } of ${ values.length } times are missing.`
		);
	}
	return {
		id,
		title,
		value: percentile( values, share ),
		unit: 'ms',
		target: { kind: 'at most', value: atMost },
		note,
	};
}

function shares( values: number[] ): string {
	return `p50 ${ percentile( values, 0.5 ).toFixed( 0 ) }, p95 ${ percentile( values, 0.95 ).toFixed( 0 ) } ms`;
}
