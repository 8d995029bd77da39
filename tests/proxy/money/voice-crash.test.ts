import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { SITE_ID, SITE_ORIGIN } from '../../support/proxy/credentials.ts';
import { startProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type Behaviour,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { runProxy, type RunningProxy } from './proxies.ts';
import {
	demandSegment,
	limitsOf,
	openShop,
	say,
	speaker,
	writeRoles,
} from './spoken.ts';

let dataDir: string;
let provider: SimulatedProvider;
let proxy: RunningProxy | undefined;

beforeEach( async () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-voice-crash-' ) );
	provider = await startSimulatedProvider( { hasRealSpeech: false } );
	provider.setDefault( {
		for: 'transcription',
		text: 'How much is shipping?',
	} );
	// Every answer is long, and comes slowly.
	provider.setDefault( {
		text: 'Shipping costs 4.90 euros, as it always did. '.repeat( 8 ),
		chunkDelayMs: 30,
	} );
} );

afterEach( async () => {
	await proxy?.end( 'SIGKILL' );
	await provider.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

/** Writes a question into a live conversation. */
function talk( { url }: RunningProxy ): void {
	const socket = new WebSocket(
		`${ url.replace( 'http', 'ws' ) }/v1/realtime`,
		[ 'docent.v1', `docent.token.${ speaker() }` ],
		{ origin: SITE_ORIGIN }
	);
	socket.on( 'error', () => {} );
	socket.on( 'open', () => socket.send( '{"type":"start"}' ) );
	socket.on( 'message', ( data: Buffer, isBinary ) => {
		if ( ! isBinary && JSON.parse( data.toString() ).type === 'ready' ) {
			socket.send(
				JSON.stringify( {
					type: 'text',
					text: 'How much is shipping?',
				} )
			);
		}
	} );
}

const slowly: Behaviour[] = [
	{ for: 'speech', chunkDelayMs: 40 },
	{ for: 'answer', chunkDelayMs: 40 },
];

describe( 'a proxy that is killed', () => {
	it.each( [
		[
			'while it has an answer spoken by the speech route',
			'gpt-4o-mini-tts',
			{},
			say,
		],
		[
			'while it has an answer spoken by a realtime model',
			'gpt-realtime-2.1-mini',
			{},
			say,
		],
		[
			'while an audio chat model answers',
			'gpt-4o-mini-tts',
			{ expressive: true },
			say,
		],
		[
			'while it has an article read aloud',
			'gpt-4o-mini-tts',
			{},
			( running: RunningProxy ) => demandSegment( running, 'post-11', 0 ),
		],
		[
			'in the middle of a live conversation',
			'gpt-4o-mini-tts',
			{},
			async ( running: RunningProxy ) => talk( running ),
		],
	] )(
		'%s has all the money still held at its next start, and spent once that has run out',
		async ( _, speech, voice, begin ) => {
			const modelsFile = writeRoles( dataDir, { speech } );
			proxy = await runProxy( {
				dataDir,
				providerUrl: provider.baseUrl,
				env: { DOCENT_MODELS_FILE: modelsFile },
			} );
			await openShop( proxy, {
				...limitsOf( 1e12 ),
				voice,
				modalities: { realtime: true },
			} );
			slowly.forEach( ( one ) => provider.setDefault( one ) );
			const going = Promise.resolve( begin( proxy ) ).catch( () => {} );
			// Somebody speaks, and is paid for it.
			await expect
				.poll(
					() =>
						provider.bill.entries.some(
							( { tokens } ) => ( tokens.audioOutput ?? 0 ) > 0
						),
					{ timeout: 15_000 }
				)
				.toBe( true );
			await proxy.end( 'SIGKILL' );
			await going;

			let now = Date.now();
			const after = await startProxy( { dataDir, clock: () => now } );
			const report = async () => {
				await after.services.tidy();
				const { limits } =
					await after.services.sites.settings( SITE_ID );
				const { month, voiceSeconds } =
					await after.services.ledger.report( SITE_ID, limits );
				return { ...month, voiceSeconds };
			};
			const held = await report();
			expect(
				held.heldNanoUsd + held.spentNanoUsd
			).toBeGreaterThanOrEqual( provider.bill.totalNanoUsd );
			expect( held.heldNanoUsd ).toBeGreaterThan( 0 );
			now += 11 * 60_000;
			expect( await report() ).toMatchObject( {
				heldNanoUsd: 0,
				spentNanoUsd: held.heldNanoUsd + held.spentNanoUsd,
				voiceSeconds: {
					held: 0,
					spent: held.voiceSeconds.held + held.voiceSeconds.spent,
				},
			} );
			await after.close( { keepData: true } );
		},
		30_000
	);
} );
