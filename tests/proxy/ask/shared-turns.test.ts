/**
 * Two proxies behind one address, on one real Redis: whichever a visitor reaches, it is the same answer.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_READERS } from '../../../proxy/src/ask/running-turn.ts';
import {
	mintToken,
	SITE_ID,
	SITE_ORIGIN,
	SITE_SECRET,
} from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import {
	allEvents,
	readEvents,
	textOf,
	type WireEvent,
} from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import {
	preciseNowMs,
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

const QUESTION = 'How much is shipping?';
const WORDS = Array.from( { length: 30 }, ( _, index ) => `word${ index } ` );
const TEXT = WORDS.join( '' ).trim();
const SLOW = { chunks: WORDS, chunkDelayMs: 12 };
const GRACE_MS = 80;
const MAX_GOES = 5;

let redis: RedisServer;
let provider: SimulatedProvider;
let here: TestProxy;
let there: TestProxy;
let token: string;

beforeEach( async () => {
	token = mintToken();
	redis = await startRedis( { isDurable: false } );
	provider = await startSimulatedProvider();
	provider.setDefault( SLOW );
	here = await start();
	there = await start();
	await here.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	await here.site( 'PUT', '/v1/site/settings', {
		cache: { enabled: false },
		rateLimits: { visitorPerMinute: 1_000, addressPerMinute: 1_000 },
	} );
} );

afterEach( async () => {
	await here.close();
	await there.close();
	await provider.close();
	await redis.stop();
} );

const start = () =>
	startProxy( {
		providerUrl: provider.baseUrl,
		graceMs: GRACE_MS,
		env: { REDIS_URL: redis.url },
	} );

/** Asks here and reads so many events; the rest can be read on, or the connection cut. */
async function begin( count: number, options: object = {} ) {
	const lost = new AbortController();
	const response = await here.ask( QUESTION, {
		token,
		signal: lost.signal,
		...options,
	} );
	const reader = readEvents( response );
	const events: WireEvent[] = [];
	while ( events.length < count ) {
		events.push( ( await reader.next() ).value );
	}
	return {
		events,
		reader,
		turnId: events[ 0 ]?.data.turnId as string,
		conversationId: events[ 0 ]?.data.conversationId as string,
		cut: () => lost.abort(),
		async readAll() {
			for await ( const event of reader ) {
				events.push( event );
			}
			return events;
		},
	};
}

/** Runs a third proxy as a process of its own. */
async function runProcess() {
	const child = spawn(
		process.execPath,
		[
			fileURLToPath(
				new URL( '../../../proxy/src/index.ts', import.meta.url )
			),
		],
		{
			env: {
				PORT: '0',
				DOCENT_DATA_DIR: here.dataDir,
				DOCENT_SITE_ID: SITE_ID,
				DOCENT_SITE_SECRET: SITE_SECRET,
				DOCENT_SITE_ORIGINS: SITE_ORIGIN,
				OPENAI_API_KEY: 'test-key',
				OPENAI_BASE_URL: provider.baseUrl,
				REDIS_URL: redis.url,
			},
			stdio: [ 'ignore', 'pipe', 'inherit' ],
		}
	);
	const port = await new Promise< string | undefined >( ( resolve ) => {
		let output = '';
		child.stdout.on( 'data', ( data ) => {
			output += data;
			const found = /"port":(\d+)/.exec( output )?.[ 1 ];
			if ( found ) {
				resolve( found );
			}
		} );
		child.once( 'exit', () => resolve( undefined ) );
	} );
	return { child, url: `http://127.0.0.1:${ port }` };
}

const readThere = ( turnId: string, lastEventId?: number ) =>
	there.visitor( 'GET', `/v1/turns/${ turnId }`, {
		token,
		headers:
			lastEventId === undefined
				? {}
				: { 'Last-Event-ID': String( lastEventId ) },
	} );

const idle = () =>
	expect
		.poll( () => here.services.turns.count + there.services.turns.count )
		.toBe( 0 );

describe( 'an answer that another proxy is working on', () => {
	it( 'is followed live from its first event', async () => {
		const answer = await begin( 3 );
		const response = await readThere( answer.turnId );
		const reader = readEvents( response );
		const events: WireEvent[] = [];
		while ( events.length < 5 ) {
			events.push( ( await reader.next() ).value );
		}
		expect( provider.journal.entries[ 0 ]?.outcome ).toBe( 'open' );
		for await ( const event of reader ) {
			events.push( event );
		}
		expect( events ).toEqual( await answer.readAll() );
		expect( textOf( events ).trim() ).toBe( TEXT );
	} );

	it( 'is resumed after a cut without loss or repetition, and does not end while somebody reads there', async () => {
		const answer = await begin( 6 );
		answer.cut();
		const rest = await allEvents(
			await readThere( answer.turnId, answer.events.at( -1 )?.id )
		);
		const all = [ ...answer.events, ...rest ];
		expect( all.map( ( { id } ) => id ) ).toEqual(
			all.map( ( _, index ) => index + 1 )
		);
		expect( textOf( all ).trim() ).toBe( TEXT );
		expect( provider.journal.entries ).toHaveLength( 1 );
	} );

	it( 'is given up after the grace when the last reader there has gone, too', async () => {
		provider.setDefault( { ...SLOW, chunkDelayMs: 100 } );
		const answer = await begin( 2 );
		const leaving = new AbortController();
		const response = await fetch(
			`${ there.url }/v1/turns/${ answer.turnId }`,
			{
				headers: {
					Authorization: `Bearer ${ token }`,
					Origin: SITE_ORIGIN,
				},
				signal: leaving.signal,
			}
		);
		await readEvents( response ).next();
		answer.cut();
		leaving.abort();
		const entry = await provider.journal.waitFor(
			( { abortedAtMs } ) => abortedAtMs !== undefined
		);
		expect( entry.chunksProduced ).toBeLessThan( WORDS.length );
	} );

	it.each( [
		[
			'DELETE',
			( id: string ) =>
				there.visitor( 'DELETE', `/v1/turns/${ id }`, { token } ),
		],
		[
			'a beacon',
			( id: string ) =>
				fetch( `${ there.url }/v1/turns/${ id }/stop`, {
					method: 'POST',
					headers: {
						'Content-Type': 'text/plain',
						Origin: SITE_ORIGIN,
					},
					body: JSON.stringify( { token } ),
				} ),
		],
	] )( 'is stopped within 50 ms by %s', async ( _, stop ) => {
		provider.setDefault( { ...SLOW, chunkDelayMs: 100 } );
		let fastestMs = Infinity;
		// The machine may be busy with something else once; it is not every time.
		for ( let go = 1; go <= MAX_GOES && fastestMs >= 50; go++ ) {
			const answer = await begin( 3 );
			const askedAtMs = preciseNowMs();
			expect( ( await stop( answer.turnId ) ).status ).toBe( 204 );
			await provider.journal.waitFor(
				() =>
					provider.journal.entries.at( -1 )?.abortedAtMs !== undefined
			);
			const abortedAtMs =
				provider.journal.entries.at( -1 )?.abortedAtMs ?? Infinity;
			fastestMs = Math.min( fastestMs, abortedAtMs - askedAtMs );
			expect(
				( await answer.readAll() ).at( -1 )?.data.finishReason
			).toBe( 'stopped' );
		}
		expect( fastestMs ).toBeLessThan( 50 );
	} );

	it( 'is stopped and not kept when its conversation is forgotten', async () => {
		provider.setDefault( { ...SLOW, chunkDelayMs: 100 } );
		const answer = await begin( 3 );
		const forgotten = await there.visitor(
			'DELETE',
			`/v1/conversations/${ answer.conversationId }`,
			{ token }
		);
		expect( forgotten.status ).toBe( 204 );
		expect( ( await answer.readAll() ).at( -1 )?.data.finishReason ).toBe(
			'stopped'
		);
		await idle();
		for ( const proxy of [ here, there ] ) {
			const gone = await proxy.visitor(
				'GET',
				`/v1/turns/${ answer.turnId }`,
				{ token }
			);
			expect( gone.status ).toBe( 404 );
		}
	} );

	it( 'that has ended is not read from memory either, after its conversation was forgotten', async () => {
		const answer = await ( await begin( 1 ) ).readAll();
		const { turnId, conversationId } = answer[ 0 ]?.data;
		await there.visitor(
			'DELETE',
			`/v1/conversations/${ conversationId }`,
			{
				token,
			}
		);
		await expect
			.poll(
				async () =>
					(
						await here.visitor( 'GET', `/v1/turns/${ turnId }`, {
							token,
						} )
					).status
			)
			.toBe( 404 );
	} );

	it( 'is neither read nor stopped by anybody else', async () => {
		const answer = await begin( 2 );
		for ( const method of [ 'GET', 'DELETE' ] ) {
			const response = await there.visitor(
				method,
				`/v1/turns/${ answer.turnId }`,
				{ token: mintToken() }
			);
			expect( response.status ).toBe( 404 );
		}
		expect( textOf( await answer.readAll() ).trim() ).toBe( TEXT );
	} );

	it( 'keeps its conversation busy until the moment it is done', async () => {
		const answer = await begin( 2 );
		const askThere = () =>
			there.ask( 'And returns?', {
				token,
				body: { conversationId: answer.conversationId },
			} );
		const early = await askThere();
		expect( early.status ).toBe( 409 );
		expect( early.headers.get( 'retry-after' ) ).toBe( '1' );
		for await ( const { event } of answer.reader ) {
			if ( event === 'done' ) {
				expect( ( await askThere() ).status ).toBe( 200 );
			}
		}
		await idle();
	} );

	it( 'counts among the visitor’s four', async () => {
		provider.setDefault( { ...SLOW, chunkDelayMs: 60 } );
		const running = await Promise.all(
			[ here, there, here, there ].map( ( proxy ) =>
				proxy.ask( QUESTION, { token } )
			)
		);
		const fifth = await there.ask( QUESTION, { token } );
		expect( fifth.status ).toBe( 429 );
		expect( Number( fifth.headers.get( 'retry-after' ) ) ).toBeGreaterThan(
			0
		);
		await Promise.all( running.map( ( response ) => response.text() ) );
	} );

	it( 'is found there after it has ended, also with an error', async () => {
		provider.setDefault( {
			...SLOW,
			cut: { afterChunks: 5, how: 'reset' },
		} );
		const failed = await ( await begin( 2 ) ).readAll();
		expect( failed.at( -1 )?.event ).toBe( 'error' );
		expect(
			await allEvents( await readThere( failed[ 0 ]?.data.turnId ) )
		).toEqual( failed );
	} );

	it( 'costs Redis no event while nobody reads it elsewhere', async () => {
		const answer = await begin( 5 );
		expect(
			await redis.command< string[] >( 'KEYS', '*running-events*' )
		).toEqual( [] );
		const other = allEvents( await readThere( answer.turnId ) );
		await answer.readAll();
		await other;
		expect(
			await redis.command< string[] >( 'KEYS', '*running-events*' )
		).toHaveLength( 1 );
	} );
} );

describe( 'a question repeated at another proxy', () => {
	const withKey = { headers: { 'Idempotency-Key': 'question-4711' } };

	it( 'joins the first: one call, one hold, the same events (T11)', async () => {
		const answer = await begin( 3, withKey );
		const repeated = await allEvents(
			await there.ask( QUESTION, { token, ...withKey } )
		);
		expect( repeated ).toEqual( await answer.readAll() );
		expect( provider.journal.entries ).toHaveLength( 1 );
	} );

	it( 'twenty times at once, here and there, is answered once', async () => {
		const responses = await Promise.all(
			Array.from( { length: 20 }, ( _, index ) =>
				( index % 2 ? here : there ).ask( QUESTION, {
					token,
					...withKey,
				} )
			)
		);
		const bodies = await Promise.all(
			responses.map( ( response ) => response.text() )
		);
		expect( new Set( bodies ).size ).toBe( 1 );
		expect( bodies[ 0 ] ).toContain( 'event: done' );
		expect( provider.journal.entries ).toHaveLength( 1 );
		expect( provider.bill.entries ).toHaveLength( 1 );
		expect( 20 ).toBeLessThan( MAX_READERS );
	} );

	it( 'after the first has ended is replayed', async () => {
		const first = await ( await begin( 1, withKey ) ).readAll();
		expect(
			await allEvents(
				await there.ask( QUESTION, { token, ...withKey } )
			)
		).toEqual( first );
		expect( provider.journal.entries ).toHaveLength( 1 );
	} );

	it( 'with other words is refused, while it runs and after', async () => {
		const answer = await begin( 2, withKey );
		const askOther = () =>
			there.ask( 'How long can I return gear?', { token, ...withKey } );
		expect( ( await askOther() ).status ).toBe( 409 );
		await answer.readAll();
		expect( ( await askOther() ).status ).toBe( 409 );
	} );
} );

describe( 'a proxy that is killed in the middle of an answer', () => {
	it( 'leaves the reader at the other with an error event, and the conversation free', async () => {
		provider.setDefault( { ...SLOW, chunkDelayMs: 300 } );
		const doomed = await runProcess();
		const response = await fetch( `${ doomed.url }/v1/ask`, {
			method: 'POST',
			headers: {
				Authorization: `Bearer ${ token }`,
				Origin: SITE_ORIGIN,
				'Content-Type': 'application/json',
			},
			body: JSON.stringify( { question: QUESTION } ),
		} );
		const { value } = await readEvents( response ).next();
		const reader = readEvents( await readThere( value.data.turnId ) );
		await reader.next();
		doomed.child.kill( 'SIGKILL' );
		const events: WireEvent[] = [];
		for await ( const event of reader ) {
			events.push( event );
		}
		expect( events.at( -1 ) ).toMatchObject( {
			event: 'error',
			data: { code: 'answer_failed' },
		} );
		await expect
			.poll(
				async () => {
					const again = await here.ask( QUESTION, {
						token,
						body: { conversationId: value.data.conversationId },
					} );
					await again.body?.cancel();
					// Nothing of the conversation was saved: it is over, but not busy.
					return again.status;
				},
				{ timeout: 8_000 }
			)
			.toBe( 404 );
	} );
} );

describe( 'a visitor of a proxy that was killed', () => {
	it.each( [ 1, 4 ] )(
		'who had seen %d events hears at another proxy that no more will come',
		async ( seen ) => {
			provider.setDefault( { ...SLOW, chunkDelayMs: 200 } );
			const doomed = await runProcess();
			const reader = readEvents(
				await fetch( `${ doomed.url }/v1/ask`, {
					method: 'POST',
					headers: {
						Authorization: `Bearer ${ token }`,
						Origin: SITE_ORIGIN,
						'Content-Type': 'application/json',
					},
					body: JSON.stringify( { question: QUESTION } ),
				} )
			);
			const events: WireEvent[] = [];
			while ( events.length < seen ) {
				events.push( ( await reader.next() ).value );
			}
			doomed.child.kill( 'SIGKILL' );
			const rest = await allEvents(
				await readThere( events[ 0 ]?.data.turnId, seen )
			);
			expect( rest ).toMatchObject( [
				{
					id: seen + 1,
					event: 'error',
					data: { code: 'answer_failed' },
				},
			] );
		}
	);
} );

describe( 'a Redis that is away', () => {
	it( 'leaves no question hanging: the site is quoted, and the visitor may go on when it is back', async () => {
		const [ begun ] = await here.events( QUESTION, { token } );
		const body = { conversationId: begun?.data.conversationId };
		redis.pause();
		const askedAt = performance.now();
		const events = await here.events( QUESTION, { token, body } );
		expect( performance.now() - askedAt ).toBeLessThan( 5_000 );
		expect( events.at( -1 )?.data.finishReason ).toBe( 'extractive' );
		expect( provider.journal.entries ).toHaveLength( 1 );
		redis.resume();
		await expect
			.poll(
				async () => {
					const again = await there.ask( QUESTION, { token, body } );
					await again.text();
					return again.status;
				},
				{ timeout: 8_000 }
			)
			.toBe( 200 );
	} );

	it( 'is no reason not to read, stop and end what runs here', async () => {
		const answer = await begin( 3 );
		redis.pause();
		try {
			const stopped = await here.visitor(
				'DELETE',
				`/v1/turns/${ answer.turnId }`,
				{ token }
			);
			expect( stopped.status ).toBe( 204 );
			expect( ( await answer.readAll() ).at( -1 )?.event ).toBe( 'done' );
		} finally {
			redis.resume();
		}
	} );
} );
