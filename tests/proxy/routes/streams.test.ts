import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
	mintToken,
	SITE_ID,
	SITE_ORIGIN,
} from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import {
	allEvents,
	readEvents,
	textOf,
	type WireEvent,
} from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

const QUESTION = 'How much is shipping?';
const WORDS = Array.from( { length: 40 }, ( _, index ) => `word${ index } ` );
const TEXT = WORDS.join( '' ).trim();

interface PromptBody {
	messages: Array< { role: string; content: string } >;
}

let proxy: TestProxy;
let provider: SimulatedProvider;

async function start( options: Parameters< typeof startProxy >[ 0 ] = {} ) {
	provider = await startSimulatedProvider();
	proxy = await startProxy( { providerUrl: provider.baseUrl, ...options } );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
}

afterEach( async () => {
	await proxy.close();
	await provider.close();
} );

/** Reads until so many events came, then cuts the connection like a lost network. */
async function readSome(
	count: number,
	token: string
): Promise< WireEvent[] > {
	const lost = new AbortController();
	const response = await proxy.ask( QUESTION, {
		token,
		signal: lost.signal,
	} );
	const events: WireEvent[] = [];
	for await ( const event of readEvents( response ) ) {
		events.push( event );
		if ( events.length >= count ) {
			break;
		}
	}
	lost.abort();
	return events;
}

async function balances() {
	const usage = await ( await proxy.site( 'GET', '/v1/site/usage' ) ).json();
	return usage.day as { spentNanoUsd: number; heldNanoUsd: number };
}

/** Waits until a condition holds; fails after five seconds. */
async function until(
	holds: () => boolean | Promise< boolean >
): Promise< void > {
	const deadline = Date.now() + 5_000;
	while ( ! ( await holds() ) ) {
		if ( Date.now() > deadline ) {
			throw new Error( 'the condition never held' );
		}
		await new Promise( ( resolve ) => setTimeout( resolve, 5 ) );
	}
}

describe( 'a connection cut in mid-answer', () => {
	it( 'resumes without loss or repetition, wherever it was cut', async () => {
		await start();
		for ( const count of [ 1, 2, 7, 20 ] ) {
			provider.script( { chunks: WORDS, chunkDelayMs: 4 } );
			const token = mintToken();
			const before = await readSome( count, token );
			const turnId = before[ 0 ]?.data.turnId;
			const after = await allEvents(
				await proxy.visitor( 'GET', `/v1/turns/${ turnId }`, {
					token,
					headers: { 'Last-Event-ID': String( before.at( -1 )?.id ) },
				} )
			);
			const all = [ ...before, ...after ];
			expect( all.map( ( { id } ) => id ) ).toEqual(
				all.map( ( _, index ) => index + 1 )
			);
			expect( textOf( all ).trim() ).toBe( TEXT );
			expect( all.at( -1 )?.event ).toBe( 'done' );
			await proxy.visitor(
				'DELETE',
				`/v1/conversations/${ before[ 0 ]?.data.conversationId }`,
				{ token }
			);
			const { answers } = proxy.services.stores;
			for ( const { id } of await answers.list( SITE_ID, 10 ) ) {
				await answers.delete( SITE_ID, id );
			}
		}
		expect( provider.journal.entries ).toHaveLength( 4 );
	} );

	it( 'is replayed whole after the answer has ended, from memory and from the store', async () => {
		await start();
		const token = mintToken();
		const events = await proxy.events( QUESTION, { token } );
		const { turnId } = events[ 0 ]?.data;
		const replay = async ( of: TestProxy ) =>
			allEvents(
				await of.visitor( 'GET', `/v1/turns/${ turnId }`, { token } )
			);
		expect( await replay( proxy ) ).toEqual( events );

		const { dataDir } = proxy;
		await proxy.close( { keepData: true } );
		proxy = await startProxy( { providerUrl: provider.baseUrl, dataDir } );
		expect( await replay( proxy ) ).toEqual( events );
	} );

	it( 'goes on for the grace time only, then the provider is let go and the rest is not paid', async () => {
		await start( { graceMs: 60 } );
		provider.script( { chunks: WORDS, chunkDelayMs: 50 } );
		await readSome( 4, mintToken() );
		await until( () => proxy.services.turns.count === 0 );
		const [ call ] = provider.journal.entries;
		expect( call?.chunksProduced ).toBeLessThan( WORDS.length );
		expect( ( await balances() ).heldNanoUsd ).toBe( 0 );
		expect( ( await balances() ).spentNanoUsd ).toBeGreaterThanOrEqual(
			provider.bill.totalNanoUsd
		);
	} );
} );

describe( 'a stopped answer', () => {
	it.each( [
		[
			'by the visitor',
			( id: string, token: string ) =>
				proxy.visitor( 'DELETE', `/v1/turns/${ id }`, { token } ),
		],
		[
			'by a beacon',
			( id: string, token: string ) =>
				fetch( `${ proxy.url }/v1/turns/${ id }/stop`, {
					method: 'POST',
					headers: {
						'Content-Type': 'text/plain',
						Origin: SITE_ORIGIN,
					},
					body: JSON.stringify( { token } ),
				} ),
		],
	] )(
		'%s ends at once with what was said, and is not kept for others',
		async ( _, stop ) => {
			await start();
			provider.script( { chunks: WORDS, chunkDelayMs: 20 } );
			const token = mintToken();
			const response = await proxy.ask( QUESTION, { token } );
			const events: WireEvent[] = [];
			for await ( const event of readEvents( response ) ) {
				events.push( event );
				if ( events.length === 4 ) {
					const stopped = await stop(
						events[ 0 ]?.data.turnId,
						token
					);
					expect( stopped.status ).toBe( 204 );
				}
			}
			expect( events.at( -1 )?.data.finishReason ).toBe( 'stopped' );
			expect( textOf( events ).length ).toBeLessThan( TEXT.length );
			expect( ( await balances() ).heldNanoUsd ).toBe( 0 );
			expect( ( await balances() ).spentNanoUsd ).toBeGreaterThanOrEqual(
				provider.bill.totalNanoUsd
			);
			const again = await proxy.events( QUESTION );
			expect( again.at( -1 )?.data.cache ).toBe( 'miss' );
		}
	);
} );

describe( 'a second question while the first is being answered', () => {
	it( 'has to wait in the same conversation', async () => {
		await start();
		provider.script( { chunks: WORDS, chunkDelayMs: 10 } );
		const token = mintToken();
		const first = await proxy.ask( QUESTION, { token } );
		const reader = readEvents( first );
		const { value } = await reader.next();
		const { conversationId } = value.data;
		const second = await proxy.ask( 'And returns?', {
			token,
			body: { conversationId },
		} );
		expect( second.status ).toBe( 409 );
		for await ( const event of reader ) {
			if ( event.event === 'done' ) {
				// The very moment the first one is done, the next may come, and finds it in its history.
				const next = await proxy.ask( 'And returns?', {
					token,
					body: { conversationId },
				} );
				expect( next.status ).toBe( 200 );
				await next.text();
			}
		}
		const { messages } = provider.journal.entries.at( -1 )
			?.body as PromptBody;
		expect( messages ).toHaveLength( 4 );
	} );
} );

describe( 'clients that misbehave', () => {
	it( 'cannot send 50 MB, with or without saying so', async () => {
		await start();
		for ( const head of [
			'Content-Length: 52428800',
			'Transfer-Encoding: chunked',
		] ) {
			const status = await sendRaw(
				`POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ${ mintToken() }\r\nOrigin: ${ SITE_ORIGIN }\r\n${ head }\r\n\r\n`,
				head.startsWith( 'Transfer' )
			);
			expect( status ).toBe( 413 );
		}
	} );

	it( 'cannot hold a connection by sending a byte now and then', async () => {
		await start( {
			clientLimits: {
				headersTimeoutMs: 200,
				requestTimeoutMs: 400,
				checkEveryMs: 50,
			},
		} );
		const { port } = new URL( proxy.url );
		for ( const head of [
			'POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ',
			`POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ${ mintToken() }\r\nContent-Length: 1000\r\n\r\n`,
		] ) {
			const socket = connect( Number( port ), '127.0.0.1' );
			socket.on( 'error', () => {} );
			socket.write( head );
			const drip = setInterval( () => socket.write( 'x' ), 30 );
			let answer = '';
			socket.on( 'data', ( data ) => ( answer += data ) );
			await once( socket, 'close' );
			clearInterval( drip );
			expect( answer ).toContain( 'HTTP/1.1 408' );
		}
		expect( provider.journal.entries ).toHaveLength( 0 );
	} );

	it( 'are let go when they do not read what they asked for', async () => {
		await start( { clientLimits: { stuckMs: 200 }, graceMs: 50 } );
		provider.script( { chunks: WORDS, chunkDelayMs: 400 } );
		const socket = connect(
			Number( new URL( proxy.url ).port ),
			'127.0.0.1'
		);
		const body = JSON.stringify( { question: QUESTION } );
		socket.write(
			`POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ${ mintToken() }\r\nOrigin: ${ SITE_ORIGIN }\r\nContent-Length: ${ body.length }\r\n\r\n${ body }`
		);
		socket.pause();
		await until( () => provider.journal.entries.length === 1 );
		await until( () => proxy.services.turns.count === 0 );
		socket.destroy();
	} );

	it( 'are told in a quiet time that the connection is alive', async () => {
		await start( { heartbeatMs: 20 } );
		provider.script( {
			chunks: WORDS.slice( 0, 3 ),
			firstChunkDelayMs: 120,
		} );
		const response = await proxy.ask( QUESTION );
		expect(
			( await response.text() ).match( /^: heartbeat$/gm )?.length
		).toBeGreaterThan( 2 );
	} );

	it( 'may go away at every moment without harm', async () => {
		await start( { graceMs: 5 } );
		provider.setDefault( {
			chunks: WORDS.slice( 0, 10 ),
			chunkDelayMs: 2,
		} );
		await proxy.site( 'PUT', '/v1/site/settings', {
			rateLimits: { visitorPerMinute: 1_000, addressPerMinute: 1_000 },
			cache: { enabled: false },
		} );
		for ( let delayMs = 0; delayMs < 40; delayMs += 2 ) {
			const gone = new AbortController();
			setTimeout( () => gone.abort(), delayMs );
			await proxy
				.ask( QUESTION, { token: mintToken(), signal: gone.signal } )
				.then( ( response ) => response.text() )
				.catch( ( error: Error ) =>
					expect( error.name ).toBe( 'AbortError' )
				);
		}
		await until( () => proxy.services.turns.count === 0 );
		const { spentNanoUsd, heldNanoUsd } = await balances();
		expect( heldNanoUsd ).toBe( 0 );
		expect( spentNanoUsd ).toBeGreaterThanOrEqual(
			provider.bill.totalNanoUsd
		);
		expect( ( await proxy.events( QUESTION ) ).at( -1 )?.event ).toBe(
			'done'
		);
	} );
} );

/** Sends a raw request head and then a body without end; returns the status of the answer. */
async function sendRaw( head: string, isChunked: boolean ): Promise< number > {
	const socket = connect( Number( new URL( proxy.url ).port ), '127.0.0.1' );
	const piece = 'x'.repeat( 16_384 );
	socket.on( 'error', () => {} );
	socket.write( head );
	const pour = () => {
		while (
			! socket.destroyed &&
			socket.write( isChunked ? `4000\r\n${ piece }\r\n` : piece )
		) {}
	};
	socket.on( 'drain', pour );
	pour();
	const status = await new Promise< number >( ( resolve, reject ) => {
		socket.once( 'data', ( data ) =>
			resolve( Number( data.toString().split( ' ' )[ 1 ] ) )
		);
		socket.once( 'close', () => reject( new Error( 'no answer' ) ) );
	} );
	socket.destroy();
	return status;
}
