/**
 * What visitors and providers do to a stream from both its ends, over real sockets.
 */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_READERS } from '../../../proxy/src/ask/running-turn.ts';
import { createTurns } from '../../../proxy/src/ask/turns.ts';
import { DocentError } from '../../../proxy/src/errors.ts';
import { mintToken, SITE_ORIGIN } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import {
	allEvents,
	readEvents,
	textOf,
	type WireEvent,
} from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	preciseNowMs,
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

const QUESTION = 'How much is shipping?';
const WORDS = Array.from( { length: 40 }, ( _, index ) => `word${ index } ` );
const GRACE_MS = 50;

let proxy: TestProxy;
let provider: SimulatedProvider;

beforeEach( async () => {
	provider = await startSimulatedProvider();
	proxy = await startProxy( {
		providerUrl: provider.baseUrl,
		graceMs: GRACE_MS,
	} );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	await proxy.site( 'PUT', '/v1/site/settings', {
		rateLimits: { visitorPerMinute: 1_000, addressPerMinute: 1_000 },
	} );
} );

afterEach( async () => {
	await proxy.close();
	await provider.close();
} );

/** Asks over a bare socket, which can be torn down at any moment. */
function askRaw( question = QUESTION ) {
	const socket = connect( Number( new URL( proxy.url ).port ), '127.0.0.1' );
	const body = JSON.stringify( { question } );
	socket.on( 'error', () => {} );
	socket.write(
		`POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ${ mintToken() }\r\nOrigin: ${ SITE_ORIGIN }\r\nContent-Length: ${ body.length }\r\n\r\n${ body }`
	);
	return socket;
}

async function balances() {
	const usage = await ( await proxy.site( 'GET', '/v1/site/usage' ) ).json();
	return usage.day as { spentNanoUsd: number; heldNanoUsd: number };
}

const idle = () => expect.poll( () => proxy.services.turns.count ).toBe( 0 );

describe( 'a visitor who hangs up', () => {
	it( 'before the first word lets the provider go after the grace, and what it had is paid (T15, T13)', async () => {
		provider.script( { chunks: WORDS, firstChunkDelayMs: 5_000 } );
		const socket = askRaw();
		await provider.journal.waitFor( () => true );
		const leftAtMs = preciseNowMs();
		socket.destroy();
		const entry = await provider.journal.waitFor(
			( { abortedAtMs } ) => abortedAtMs !== undefined
		);
		const tookMs = ( entry.abortedAtMs ?? Infinity ) - leftAtMs;
		expect( tookMs ).toBeGreaterThan( GRACE_MS - 5 );
		expect( tookMs ).toBeLessThan( GRACE_MS + 250 );
		await idle();
		const { spentNanoUsd, heldNanoUsd } = await balances();
		expect( heldNanoUsd ).toBe( 0 );
		expect( spentNanoUsd ).toBeGreaterThanOrEqual(
			provider.bill.totalNanoUsd
		);
		expect( spentNanoUsd ).toBeGreaterThan( 0 );
	} );

	it( 'with a reset instead of a goodbye is noticed, too (T15)', async () => {
		provider.script( { chunks: WORDS, firstChunkDelayMs: 5_000 } );
		const socket = askRaw();
		await provider.journal.waitFor( () => true );
		socket.resetAndDestroy();
		await provider.journal.waitFor(
			( { abortedAtMs } ) => abortedAtMs !== undefined
		);
		await idle();
	} );

	it( 'right before the last word does not read for nothing (T13)', async () => {
		provider.script( { chunks: WORDS, chunkDelayMs: 3 } );
		const lost = new AbortController();
		const response = await proxy.ask( QUESTION, { signal: lost.signal } );
		const events: WireEvent[] = [];
		for await ( const event of readEvents( response ) ) {
			events.push( event );
			if ( textOf( events ).includes( 'word37' ) ) {
				break;
			}
		}
		lost.abort();
		await idle();
		const { spentNanoUsd, heldNanoUsd } = await balances();
		expect( heldNanoUsd ).toBe( 0 );
		expect( spentNanoUsd ).toBeGreaterThanOrEqual(
			provider.bill.totalNanoUsd
		);
		expect( provider.bill.totalNanoUsd ).toBeGreaterThan( 0 );
	} );
} );

describe( 'a provider that dies in the middle of an answer (T16)', () => {
	it.each( [ 'end', 'close', 'reset' ] as const )(
		'by %s: the reader gets an error event, then an orderly end',
		async ( how ) => {
			provider.setDefault( {
				chunks: WORDS,
				cut: { afterChunks: 12, how },
			} );
			const response = await proxy.ask( QUESTION );
			// `allEvents` throws when the stream ends inside an event, and fetch when it ends without its last chunk.
			const events = await allEvents( response );
			expect( textOf( events ) ).toContain( 'word9' );
			expect( events.at( -1 ) ).toMatchObject( {
				event: 'error',
				data: { code: 'answer_failed', retryAfterMs: 1_000 },
			} );
			expect(
				events.filter( ( { event } ) => event === 'done' )
			).toEqual( [] );
			expect( ( await balances() ).heldNanoUsd ).toBe( 0 );
		}
	);

	it( 'by falling silent: the reader is not left waiting', async () => {
		await proxy.close();
		proxy = await startProxy( {
			providerUrl: provider.baseUrl,
			silenceMs: 200,
		} );
		await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
		provider.setDefault( { chunks: WORDS, stall: { afterChunks: 12 } } );
		const events = await proxy.events( QUESTION );
		expect( events.at( -1 ) ).toMatchObject( {
			event: 'error',
			data: { code: 'answer_failed' },
		} );
	} );
} );

describe( 'the headers of a stream (T18)', () => {
	it( 'are those of a stream and of every response, when it begins, is resumed, is replayed', async () => {
		provider.script( { chunks: WORDS, chunkDelayMs: 10 } );
		const token = mintToken();
		const asked = await proxy.ask( QUESTION, { token } );
		const reader = readEvents( asked );
		const { value } = await reader.next();
		const read = () =>
			proxy.visitor( 'GET', `/v1/turns/${ value.data.turnId }`, {
				token,
			} );
		const resumed = await read();
		await resumed.text();
		await idle();
		const replayed = await read();
		for ( const { status, headers } of [ asked, resumed, replayed ] ) {
			expect( status ).toBe( 200 );
			expect( headers.get( 'content-type' ) ).toBe(
				'text/event-stream; charset=utf-8'
			);
			expect( headers.get( 'cache-control' ) ).toContain( 'no-store' );
			expect( headers.get( 'x-accel-buffering' ) ).toBe( 'no' );
			expect( headers.get( 'access-control-allow-origin' ) ).toBe(
				SITE_ORIGIN
			);
			expect( headers.get( 'x-request-id' ) ).toMatch( /./ );
			expect( headers.get( 'x-content-type-options' ) ).toBe( 'nosniff' );
		}
		await replayed.text();
	} );
} );

describe( 'limits of what is worked on and read at a time', () => {
	it( 'refuse the fifth question of a visitor with 429 and Retry-After, and take it when one has ended', async () => {
		provider.setDefault( { chunks: WORDS, chunkDelayMs: 20 } );
		await proxy.site( 'PUT', '/v1/site/settings', {
			cache: { enabled: false },
		} );
		const token = mintToken();
		const running = await Promise.all(
			[ 1, 2, 3, 4 ].map( () => proxy.ask( QUESTION, { token } ) )
		);
		const fifth = await proxy.ask( QUESTION, { token } );
		expect( fifth.status ).toBe( 429 );
		expect( fifth.headers.get( 'retry-after' ) ).toBe( '2' );
		expect( ( await fifth.json() ).error.code ).toBe( 'rate_limited' );
		const [ first ] = await Promise.all( running.map( allEvents ) );
		expect( first?.at( -1 )?.event ).toBe( 'done' );
		expect( ( await proxy.ask( QUESTION, { token } ) ).status ).toBe( 200 );
	} );

	it( 'refuse what is too much for the process with 503, before anything else', () => {
		const turns = createTurns( { maxTurns: 2 } );
		const begin = ( visitorId: string ) =>
			turns.begin( {
				siteId: 'shop',
				visitorId,
				user: undefined,
				conversationId: undefined,
			} );
		const first = begin( 'ada' );
		begin( 'eve' );
		let refusal: unknown;
		try {
			begin( 'bob' );
		} catch ( error ) {
			refusal = error;
		}
		expect( refusal ).toBeInstanceOf( DocentError );
		expect( refusal ).toMatchObject( {
			code: 'busy',
			status: 503,
			retryAfterMs: 2_000,
		} );
		void turns.end( first );
	} );

	it( 'refuse one reader too many of an answer with 429', async () => {
		provider.script( { chunks: WORDS, chunkDelayMs: 40 } );
		const token = mintToken();
		const response = await proxy.ask( QUESTION, { token } );
		const { value } = await readEvents( response ).next();
		const gone = new AbortController();
		const readers = await Promise.all(
			Array.from( { length: MAX_READERS }, () =>
				fetch( `${ proxy.url }/v1/turns/${ value.data.turnId }`, {
					headers: {
						Authorization: `Bearer ${ token }`,
						Origin: SITE_ORIGIN,
					},
					signal: gone.signal,
				} )
			)
		);
		const statuses = readers.map( ( { status } ) => status );
		expect( statuses.filter( ( status ) => status === 429 ).length ).toBe(
			1
		);
		expect(
			readers
				.find( ( { status } ) => status === 429 )
				?.headers.get( 'retry-after' )
		).toBe( '5' );
		gone.abort();
	} );
} );

describe( 'a conversation that is forgotten while its question is answered', () => {
	it( 'is stopped and leaves nothing behind', async () => {
		provider.script( { chunks: WORDS, chunkDelayMs: 40 } );
		const token = mintToken();
		const response = await proxy.ask( QUESTION, { token } );
		const reader = readEvents( response );
		const { value } = await reader.next();
		const { turnId, conversationId } = value.data;
		const forgotten = await proxy.visitor(
			'DELETE',
			`/v1/conversations/${ conversationId }`,
			{ token }
		);
		expect( forgotten.status ).toBe( 204 );
		for await ( const { event, data } of reader ) {
			if ( event === 'done' ) {
				expect( data.finishReason ).toBe( 'stopped' );
			}
		}
		await idle();
		expect(
			( await proxy.visitor( 'GET', `/v1/turns/${ turnId }`, { token } ) )
				.status
		).toBe( 404 );
		expect(
			( await proxy.ask( QUESTION, { token, body: { conversationId } } ) )
				.status
		).toBe( 404 );
	} );

	it( 'is not read again from memory either', async () => {
		const token = mintToken();
		const [ begun ] = await proxy.events( QUESTION, { token } );
		await proxy.visitor(
			'DELETE',
			`/v1/conversations/${ begun?.data.conversationId }`,
			{ token }
		);
		expect(
			(
				await proxy.visitor(
					'GET',
					`/v1/turns/${ begun?.data.turnId }`,
					{
						token,
					}
				)
			).status
		).toBe( 404 );
	} );
} );
