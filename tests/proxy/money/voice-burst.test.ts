import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { SITE_ORIGIN } from '../../support/proxy/credentials.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import { allEvents } from '../../support/proxy/sse.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { runProxy, type RunningProxy } from './proxies.ts';
import {
	demandSegment,
	limitsOf,
	openShop,
	readUsage,
	say,
	speaker,
	writeRoles,
} from './spoken.ts';

const ASKS = 200;

/** So many of the spoken questions can be paid for, from the first word heard to the last word spoken. */
const AFFORDABLE = 20;

let dataDir: string;
let provider: SimulatedProvider;
let redis: RedisServer | undefined;
const proxies: RunningProxy[] = [];

beforeEach( async () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-voice-burst-' ) );
	provider = await startSimulatedProvider( { hasRealSpeech: false } );
	provider.setDefault( {
		for: 'transcription',
		text: 'How much is shipping?',
		firstChunkDelayMs: 30,
	} );
	let count = 0;
	// Every answer has a sentence that no other has: nothing of it can be shared.
	provider.setDefault( {
		text: () =>
			`Shipping costs 4.90 euros. This is what visitor ${ ++count } was told about it.`,
	} );
} );

afterEach( async () => {
	await Promise.all( proxies.splice( 0 ).map( ( proxy ) => proxy.end() ) );
	await provider.close();
	await redis?.stop();
	redis = undefined;
	rmSync( dataDir, { recursive: true, force: true } );
} );

async function start(
	count: number,
	roles: Record< string, string | string[] >
): Promise< RunningProxy > {
	const modelsFile = writeRoles( dataDir, roles );
	proxies.push(
		...( await Promise.all(
			Array.from( { length: count }, () =>
				runProxy( {
					dataDir,
					providerUrl: provider.baseUrl,
					env: {
						DOCENT_MODELS_FILE: modelsFile,
						...( redis ? { REDIS_URL: redis.url } : {} ),
					},
				} )
			)
		) )
	);
	return proxies[ 0 ] as RunningProxy;
}

/** Asks aloud, and returns how it ended and whether anything was heard. */
async function ask( proxy: RunningProxy ) {
	const events = await allEvents( await say( proxy ) );
	const last = events.at( -1 );
	return {
		end: String( last?.data.finishReason ?? last?.data.code ),
		isSpoken: events.some( ( { event } ) => event === 'audio' ),
	};
}

/** The book, once nothing is under way any more. */
async function settled( proxy: RunningProxy ) {
	await expect
		.poll( async () => ( await readUsage( proxy ) ).day.heldNanoUsd, {
			timeout: 10_000,
		} )
		.toBe( 0 );
	return ( await readUsage( proxy ) ).day.spentNanoUsd;
}

describe( `${ ASKS } visitors who ask aloud at the same moment`, () => {
	it.each( [
		[ 'the speech route', 'gpt-4o-mini-tts', 1, 'SQLite', {} ],
		[ 'a realtime model', 'gpt-realtime-2.1-mini', 2, 'Redis', {} ],
		[
			'an audio chat model that answers itself',
			'gpt-realtime-2.1-mini',
			2,
			'SQLite',
			{ expressive: true },
		],
	] )(
		'never spend a nano-dollar above a limit that pays for a tenth of them; spoken by %s (%s), on %i real proxies with %s',
		async ( _, speech, count, kind, voice ) => {
			if ( kind === 'Redis' ) {
				redis = await startRedis();
			}
			const first = await start( count, { speech } );
			await openShop( first, { ...limitsOf( 1e12 ), voice } );
			for ( let index = 0; index < 3; index++ ) {
				expect( await ask( first ) ).toEqual( {
					end: 'stop',
					isSpoken: true,
				} );
			}
			const before = provider.bill.totalNanoUsd;
			expect( await settled( first ) ).toBe( before );
			const limit = Math.round( before + ( AFFORDABLE * before ) / 3 );
			await openShop( first, limitsOf( limit ) );

			const ends = await Promise.all(
				Array.from( { length: ASKS }, ( __, index ) =>
					ask( proxies[ index % count ] as RunningProxy )
				)
			);
			const { totalNanoUsd } = provider.bill;
			expect( totalNanoUsd ).toBeLessThanOrEqual( limit );
			expect( await settled( first ) ).toBe( totalNanoUsd );
			// Whoever could not be heard is told to type; whoever was heard has an answer.
			const kinds = new Set( ends.map( ( { end } ) => end ) );
			expect(
				[ ...kinds ].filter(
					( end ) =>
						! [
							'stop',
							'extractive',
							'voice_unavailable',
							'stopped',
						].includes( end )
				)
			).toEqual( [] );
			process.stdout.write(
				`${ ASKS } spoken questions at once, spoken by ${ speech }: ${ ends.filter( ( { end } ) => end === 'stop' ).length } answered by a model, ${ ends.filter( ( { isSpoken } ) => isSpoken ).length } heard something; bill ${ ( ( 100 * totalNanoUsd ) / limit ).toFixed( 1 ) } % of the limit, holds left 0\n`
			);
		},
		120_000
	);

	it( 'never use a second more than the seconds of the day', async () => {
		const first = await start( 2, { speech: 'gpt-4o-mini-tts' } );
		await openShop( first, limitsOf( 1e12, { voiceSecondsDay: 60 } ) );
		await Promise.all(
			Array.from( { length: ASKS }, ( __, index ) =>
				ask( proxies[ index % 2 ] as RunningProxy )
			)
		);
		expect( await settled( first ) ).toBe( provider.bill.totalNanoUsd );
		expect(
			( await readUsage( first ) ).voiceSeconds.spent
		).toBeLessThanOrEqual( 60 );
		const billedSeconds = provider.bill.entries.reduce(
			( sum, { tokens } ) =>
				sum +
				( tokens.audioMs ?? 0 ) / 1_000 +
				( tokens.audioInput ?? 0 ) / 10 +
				( tokens.audioOutput ?? 0 ) / 20,
			0
		);
		expect( billedSeconds ).toBeLessThanOrEqual( 60 );
	}, 120_000 );
} );

describe( '50 listeners at the same moment', () => {
	it( 'pay once for the same segment of an article', async () => {
		const first = await start( 1, { speech: 'gpt-4o-mini-tts' } );
		await openShop( first, limitsOf( 1e12 ) );
		const replies = await Promise.all(
			Array.from( { length: 50 }, () =>
				demandSegment( first, 'post-11', 0 )
			)
		);
		expect( new Set( replies.map( ( { status } ) => status ) ) ).toEqual(
			new Set( [ 200 ] )
		);
		const urls = await Promise.all(
			replies.map( async ( reply ) => ( await reply.json() ).url )
		);
		expect( new Set( urls ).size ).toBe( 1 );
		const spoken = provider.journal.entries.map(
			( { body } ) => ( body as { input?: string } ).input
		);
		expect( new Set( spoken ).size ).toBe( spoken.length );
		expect( await settled( first ) ).toBe( provider.bill.totalNanoUsd );
	}, 60_000 );

	it.each( [
		[ 1, 'SQLite' ],
		[ 2, 'Redis' ],
	] )(
		'of every article never spend above a limit that pays for a few segments, on %i proxies with %s',
		async ( count, kind ) => {
			if ( kind === 'Redis' ) {
				redis = await startRedis();
			}
			const first = await start( count, { speech: 'gpt-4o-mini-tts' } );
			await openShop( first, limitsOf( 1e12 ) );
			await demandSegment( first, 'post-11', 0 );
			const limit = Math.round( provider.bill.totalNanoUsd * 2.5 );
			await openShop( first, limitsOf( limit ) );
			const statuses = await Promise.all(
				Array.from( { length: 50 }, async ( _, index ) => {
					const reply = await demandSegment(
						proxies[ index % count ] as RunningProxy,
						index % 2 ? 'post-11' : 'post-12',
						Math.floor( index / 2 ) % 3
					);
					return reply.status;
				} )
			);
			expect(
				statuses.filter(
					( status ) => ! [ 200, 404, 429, 503 ].includes( status )
				)
			).toEqual( [] );
			expect( provider.bill.totalNanoUsd ).toBeLessThanOrEqual( limit );
			expect( await settled( first ) ).toBe( provider.bill.totalNanoUsd );
		},
		60_000
	);
} );

/** Holds a live conversation: asks three times, and leaves politely, in the middle of an answer, or without a word. */
function talk( { url }: RunningProxy, index: number ): Promise< string > {
	const socket = new WebSocket(
		`${ url.replace( 'http', 'ws' ) }/v1/realtime`,
		[ 'docent.v1', `docent.token.${ speaker() }` ],
		{ origin: SITE_ORIGIN }
	);
	const send = ( frame: object ) => socket.send( JSON.stringify( frame ) );
	const askNext = () =>
		send( { type: 'text', text: `How much is shipping? ${ index }` } );
	let answers = 0;
	let end = 'left';
	return new Promise( ( resolve ) => {
		socket.on( 'error', () => {} );
		socket.on( 'close', () => resolve( end ) );
		socket.on( 'open', () => send( { type: 'start' } ) );
		socket.on( 'message', ( data: Buffer, isBinary ) => {
			if ( isBinary ) {
				if ( index % 5 === 0 && answers === 1 ) {
					socket.terminate();
				}
				return;
			}
			const { type, reason } = JSON.parse( data.toString() );
			if ( type === 'ready' ) {
				askNext();
			} else if ( type === 'speech_end' ) {
				answers++;
				if ( answers < 3 ) {
					askNext();
				} else {
					send( { type: 'end' } );
				}
			} else if ( type === 'ended' ) {
				end = reason;
			}
		} );
	} );
}

describe( '30 live conversations at the same moment', () => {
	it( 'on two proxies with Redis never spend above a limit that pays for a part of them; the ledger is the bill', async () => {
		redis = await startRedis();
		const first = await start( 2, { speech: 'gpt-4o-mini-tts' } );
		const limit = 150_000_000;
		await openShop( first, {
			...limitsOf( limit ),
			modalities: { realtime: true },
		} );
		const ends = await Promise.all(
			Array.from( { length: 30 }, ( _, index ) =>
				talk( proxies[ index % 2 ] as RunningProxy, index )
			)
		);
		// Those that left are waited for, in case they come back.
		await Promise.all( proxies.map( ( proxy ) => proxy.end() ) );
		proxies.splice( 0 );
		const again = await start( 1, { speech: 'gpt-4o-mini-tts' } );
		const { totalNanoUsd } = provider.bill;
		expect( totalNanoUsd ).toBeGreaterThan( 0 );
		expect( totalNanoUsd ).toBeLessThanOrEqual( limit );
		expect( await settled( again ) ).toBe( totalNanoUsd );
		process.stdout.write(
			`30 live conversations at once: ${ JSON.stringify( Object.fromEntries( Object.entries( Object.groupBy( ends, ( end ) => end ) ).map( ( [ end, all ] ) => [ end, all?.length ] ) ) ) }; bill ${ ( ( 100 * totalNanoUsd ) / limit ).toFixed( 1 ) } % of the limit, holds left 0\n`
		);
	}, 120_000 );
} );
