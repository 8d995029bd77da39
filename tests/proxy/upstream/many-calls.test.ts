/**
 * Many calls at once, through the real pool of connections, against a provider on a real socket.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Providers } from '../../../proxy/src/upstream/providers.ts';
import { startFaultProxy } from '../../support/fault-proxy/index.ts';
import {
	faults,
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { ask, modelNamed, providersOf } from './configured-providers.ts';

let provider: SimulatedProvider;
let providers: Providers;

afterEach( async () => {
	await providers.close();
	await provider.close();
} );

async function setUp(
	entry: object,
	behaviour: Parameters< SimulatedProvider[ 'setDefault' ] >[ 0 ] = {}
) {
	provider = await startSimulatedProvider( { behaviour } );
	providers = providersOf( {
		house: { kind: 'openai', baseUrl: provider.baseUrl, ...entry },
	} );
	return providers.chat( 'house' );
}

/** The most requests that the provider worked on at one time. */
function mostAtOnce(): number {
	const moments = provider.journal.entries.flatMap(
		( { receivedAtMs, endedAtMs = Infinity } ) => [
			{ at: receivedAtMs, change: 1 },
			{ at: endedAtMs, change: -1 },
		]
	);
	let now = 0;
	let most = 0;
	for ( const { change } of moments.sort(
		( a, b ) => a.at - b.at || a.change - b.change
	) ) {
		now += change;
		most = Math.max( most, now );
	}
	return most;
}

describe( 'many calls at once', () => {
	it( 'reach the provider so many at a time, and every one is answered', async () => {
		const chat = await setUp(
			{ concurrency: 10 },
			{ text: 'Thirty days.', chunkDelayMs: 2 }
		);
		const outcomes = await Promise.all(
			Array.from( { length: 200 }, () => ask( chat ) )
		);
		expect(
			outcomes.every( ( { text } ) => text === 'Thirty days.' )
		).toBe( true );
		expect( provider.journal.entries ).toHaveLength( 200 );
		expect( mostAtOnce() ).toBeLessThanOrEqual( 10 );
		expect(
			Math.max( ...outcomes.map( ( { queueMs = 0 } ) => queueMs ) )
		).toBeGreaterThan( 0 );
		expect( providers.load( 'house' ) ).toEqual( {
			inFlight: 0,
			waiting: 0,
		} );
	} );

	it( 'beyond the queue are told to come back, and cost nothing', async () => {
		const chat = await setUp(
			{ concurrency: 2 },
			{ text: 'Yes.', firstChunkDelayMs: 50 }
		);
		const stop = new AbortController();
		const calls = Array.from( { length: 1_010 }, () =>
			ask( chat, { signal: stop.signal } )
		);
		const first = await Promise.race( calls.slice( 1_002 ) );
		expect( first.error ).toMatchObject( {
			kind: 'busy',
			isUnbilled: true,
		} );
		expect( first.error?.retryAfterMs ).toBeGreaterThan( 0 );
		expect( providers.load( 'house' ) ).toEqual( {
			inFlight: 2,
			waiting: 1_000,
		} );
		stop.abort();
		const outcomes = await Promise.all( calls );
		expect(
			outcomes.filter( ( { error } ) => error?.kind === 'busy' )
		).toHaveLength( 8 );
		expect(
			outcomes.filter( ( { error } ) => error?.kind === 'aborted' ).length
		).toBeGreaterThanOrEqual( 1_000 );
		expect( provider.journal.entries.length ).toBeLessThanOrEqual( 2 );
		expect( providers.load( 'house' ) ).toEqual( {
			inFlight: 0,
			waiting: 0,
		} );
	} );

	it( 'that are stopped while they wait are never sent', async () => {
		const chat = await setUp(
			{ concurrency: 1 },
			{ chunks: [ 'You ', 'may ' ], stall: { afterChunks: 1 } }
		);
		const stopFirst = new AbortController();
		const running = ask( chat, { signal: stopFirst.signal } );
		await provider.journal.waitFor( ( { status } ) => status === 200 );
		const stop = new AbortController();
		const waiting = ask( chat, { signal: stop.signal } );
		stop.abort();
		const { error, queueMs } = await waiting;
		expect( error ).toMatchObject( { kind: 'aborted', isUnbilled: true } );
		expect( queueMs ).toBeUndefined();
		stopFirst.abort();
		expect( ( await running ).error ).toMatchObject( {
			kind: 'aborted',
			isUnbilled: false,
		} );
		expect( provider.journal.entries ).toHaveLength( 1 );
	} );

	it( 'T15: that are stopped before the first word are stopped at the provider as well', async () => {
		const chat = await setUp( {}, { kind: 'silence' } );
		const stop = new AbortController();
		const call = ask( chat, { signal: stop.signal } );
		await provider.journal.waitFor( () => true );
		stop.abort();
		expect( ( await call ).error?.kind ).toBe( 'aborted' );
		const entry = await provider.journal.waitFor(
			( { outcome } ) => outcome === 'aborted'
		);
		expect( entry.chunksProduced ).toBe( 0 );
		expect( providers.load( 'house' ).inFlight ).toBe( 0 );
	} );

	it( 'T14: that are stopped in mid-stream report no usage, and what had arrived is known', async () => {
		const chat = await setUp(
			{},
			{ chunks: [ 'You ', 'may ', 'return ' ], stall: { afterChunks: 2 } }
		);
		const stop = new AbortController();
		let text = '';
		const kinds = new Set< string >();
		const stream = chat?.stream( {
			model: modelNamed( 'gpt-6-luna' ),
			messages: [ { role: 'user', content: 'Hi' } ],
			maxOutputTokens: 200,
			promptCacheKey: 'shop',
			priority: 'visitor',
			signal: stop.signal,
		} );
		await expect(
			( async () => {
				for await ( const pieces of stream ?? [] ) {
					for ( const piece of pieces ) {
						kinds.add( piece.kind );
						text += piece.kind === 'text' ? piece.delta : '';
					}
					if ( text === 'You may ' ) {
						stop.abort();
					}
				}
			} )()
		).rejects.toMatchObject( { kind: 'aborted', isUnbilled: false } );
		expect( text ).toBe( 'You may ' );
		expect( [ ...kinds ] ).toEqual( [ 'text' ] );
		await provider.journal.waitFor(
			( { outcome } ) => outcome === 'aborted'
		);
		expect( provider.bill.totalNanoUsd ).toBeGreaterThan( 0 );
	} );

	it( 'T19: read slowly make the provider wait instead of filling the memory', async () => {
		await setUp( {} );
		let written = 0;
		const { promise: isFull, resolve: full } =
			Promise.withResolvers< void >();
		const { promise: isClosed, resolve: closed } =
			Promise.withResolvers< void >();
		const chunk = `data: ${ JSON.stringify( { choices: [ { index: 0, delta: { content: 'word '.repeat( 2_000 ) } } ] } ) }\n\n`;
		const endless = createServer( ( request, response ) => {
			request.resume();
			response.on( 'close', closed );
			response.writeHead( 200, { 'content-type': 'text/event-stream' } );
			const pour = () => {
				while ( response.write( chunk ) ) {
					written += chunk.length;
				}
				if ( written > 100_000 ) {
					full();
				}
			};
			response.on( 'drain', pour );
			pour();
		} ).listen( 0, '127.0.0.1' );
		await once( endless, 'listening' );
		const { port } = endless.address() as AddressInfo;
		const slow = providersOf( {
			house: { kind: 'openai', baseUrl: `http://127.0.0.1:${ port }/v1` },
		} );
		const stream = slow.chat( 'house' )?.stream( {
			model: modelNamed( 'gpt-6-luna' ),
			messages: [ { role: 'user', content: 'Hi' } ],
			maxOutputTokens: 200,
			promptCacheKey: 'shop',
			priority: 'visitor',
			signal: new AbortController().signal,
		} );
		for await ( const pieces of stream ?? [] ) {
			expect( pieces.length ).toBeGreaterThan( 0 );
			await isFull;
			break;
		}
		// What fits into the buffers of two sockets and of the stream between them.
		expect( written ).toBeLessThan( 20_000_000 );
		await isClosed;
		expect( slow.load( 'house' ).inFlight ).toBe( 0 );
		await slow.close();
		endless.close();
	} );

	it( 'after a refusal with Retry-After the model is left alone, another one is asked, and nothing is sent meanwhile', async () => {
		const chat = await setUp( {} );
		provider.script( faults.rateLimited( { retryAfterSeconds: 30 } ) );
		const refused = await ask( chat );
		expect( refused.error ).toMatchObject( {
			kind: 'rate',
			status: 429,
			retryAfterMs: 30_000,
		} );
		const held = await Promise.all(
			Array.from( { length: 20 }, () => ask( chat ) )
		);
		expect(
			held.every(
				( { error } ) => error?.kind === 'rate' && error.isUnbilled
			)
		).toBe( true );
		expect( provider.journal.entries ).toHaveLength( 1 );
		const other = await ask( chat, {
			model: modelNamed( 'gpt-5.6-luna' ),
		} );
		expect( other.error ).toBeUndefined();
		expect( provider.journal.entries ).toHaveLength( 2 );
	} );

	it( 'never leave a place taken, whatever befalls the connections', async () => {
		provider = await startSimulatedProvider( {
			behaviour: { chunks: 20, chunkDelayMs: 1 },
		} );
		const between = await startFaultProxy( {
			target: { port: provider.port },
		} );
		providers = providersOf(
			{
				house: {
					kind: 'openai',
					baseUrl: `http://127.0.0.1:${ between.port }/v1`,
					concurrency: 8,
				},
			},
			{ silenceMs: 500 }
		);
		const chat = providers.chat( 'house' );
		const calls = Promise.all(
			Array.from( { length: 60 }, () => ask( chat ) )
		);
		await between.waitForBytes( 'down', 5_000 );
		between.resetAll();
		await between.waitForBytes( 'down', 15_000 );
		between.halfCloseAll();
		const outcomes = await calls;
		expect(
			outcomes.every(
				( { error, finishReason } ) =>
					( error === undefined ) === ( finishReason !== undefined )
			)
		).toBe( true );
		expect(
			outcomes
				.filter( ( { error } ) => error )
				.map( ( { error } ) => error?.code )
		).toContain( 'provider_cut' );
		expect( providers.load( 'house' ) ).toEqual( {
			inFlight: 0,
			waiting: 0,
		} );
		await between.close();
	} );
} );
