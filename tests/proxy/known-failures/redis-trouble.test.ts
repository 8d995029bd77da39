/**
 * Whatever happens to the Redis that two proxies share: everybody is answered in time, nothing is spent that is not in the book, and all goes on by itself afterwards (T29).
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { allEvents, textOf } from '../../support/proxy/sse.ts';
import type { TestProxy } from '../../support/proxy/start-proxy.ts';
import type { RedisServer } from '../../support/redis/index.ts';
import { untilItWorks } from '../../support/redis/until.ts';
import { moneyLimits, setStage, spentToday, type Stage } from './stage.ts';

/** Pays for a part of what is asked. */
const LIMIT = 4_000_000;

/** Nobody waits longer for an answer, in milliseconds, on a machine that does much else at the same time. */
const PATIENCE_MS = 8_000;

let stage: Stage;
beforeEach( async () => {
	stage = await setStage( {
		store: 'Redis',
		isDurable: true,
		settings: { limits: moneyLimits( LIMIT ), cache: { enabled: false } },
		behaviour: { firstChunkDelayMs: 60 },
	} );
	await stage.join();
} );
afterEach( () => stage.close() );

let asked = 0;

/** Asks one of the proxies and returns how that ended. Whoever cannot be served is told when to come again, before any word. */
async function ask(): Promise< string > {
	const proxy = stage.proxies[ asked % 2 ] as TestProxy;
	const begun = performance.now();
	const response = await proxy.ask( `How much is shipping? ${ ++asked }`, {
		token: mintToken(),
	} );
	if ( response.status !== 200 ) {
		await response.text();
		expect( response.status ).toBe( 503 );
		expect(
			Number( response.headers.get( 'retry-after' ) )
		).toBeGreaterThan( 0 );
		return 'later';
	}
	const events = await allEvents( response );
	expect( performance.now() - begun ).toBeLessThan( PATIENCE_MS );
	const last = events.at( -1 );
	if ( last?.event === 'error' ) {
		expect( textOf( events ) ).toBe( '' );
		expect( last.data ).toMatchObject( {
			code: 'storage_unavailable',
			retryAfterMs: expect.any( Number ),
		} );
		return 'later';
	}
	expect( textOf( events ) ).not.toBe( '' );
	return last?.data.finishReason;
}

const askAtOnce = ( count: number ) =>
	Promise.all( Array.from( { length: count }, ask ) );

/** What befalls the server, and what ends it. */
const TROUBLE: Array<
	[
		string,
		{
			begin: ( redis: RedisServer ) => unknown;
			end?: ( redis: RedisServer ) => unknown;
			/** Whether money may be spent meanwhile. */
			isClosed: boolean;
			/** Whether it cannot even be read. */
			isGone?: boolean;
		},
	]
> = [
	[
		'paused',
		{
			begin: ( redis ) => redis.pause(),
			end: ( redis ) => redis.resume(),
			isClosed: true,
			isGone: true,
		},
	],
	[
		'killed',
		{
			begin: ( redis ) => redis.kill(),
			end: ( redis ) => redis.restart(),
			isClosed: true,
			isGone: true,
		},
	],
	[
		'out of memory',
		{
			begin: ( redis ) => redis.limitMemory( 1 ),
			end: ( redis ) => redis.limitMemory( 0 ),
			isClosed: true,
		},
	],
	[ 'restarted', { begin: ( redis ) => redis.restart(), isClosed: false } ],
	[ 'slow', { begin: ( redis ) => redis.sleep( 0.4 ), isClosed: false } ],
	[ 'flushed', { begin: ( redis ) => redis.flush(), isClosed: false } ],
];

describe( 'T29: a Redis that is', () => {
	it.each( TROUBLE )(
		'%s: nobody waits long, nothing is spent past the book, and it goes on by itself',
		async ( _trouble, { begin, end, isClosed, isGone } ) => {
			const redis = stage.redis as RedisServer;
			expect( await askAtOnce( 4 ) ).toEqual( Array( 4 ).fill( 'stop' ) );

			// The first of these are with the provider when it begins, and end meanwhile.
			const underway = askAtOnce( 4 );
			await stage.provider.journal.waitFor(
				() => stage.provider.journal.entries.length >= 6
			);
			await begin( redis );
			await underway;
			const calls = stage.provider.journal.entries.length;
			const meanwhile = askAtOnce( 6 );
			for ( const { url } of stage.proxies ) {
				expect( ( await fetch( `${ url }/health/live` ) ).status ).toBe(
					200
				);
			}
			if ( isGone ) {
				const ready = await fetch(
					`${ stage.proxy.url }/health/ready`
				);
				expect( ready.status ).toBe( 503 );
				expect( ready.headers.get( 'retry-after' ) ).toBe( '5' );
			}
			await meanwhile;
			if ( isClosed ) {
				expect( stage.provider.journal.entries ).toHaveLength( calls );
			}
			await end?.( redis );

			await untilItWorks( async () => {
				const { status } = await stage.proxy.site(
					'PUT',
					'/v1/site/documents',
					{ documents: SHOP }
				);
				expect( status ).toBe( 200 );
				expect( await ask() ).toBe( 'stop' );
			} );
			expect(
				( await fetch( `${ stage.proxy.url }/health/ready` ) ).status
			).toBe( 200 );
			await askAtOnce( 40 );
			const { bill } = stage.provider;
			expect( bill.totalNanoUsd ).toBeLessThanOrEqual( LIMIT );
			await expect
				.poll( () => spentToday( stage.proxy ), { timeout: 8_000 } )
				.toMatchObject( { heldNanoUsd: 0 } );
			const { spentNanoUsd } = await spentToday( stage.proxy );
			expect( spentNanoUsd ).toBeGreaterThanOrEqual( bill.totalNanoUsd );
			expect( spentNanoUsd ).toBeLessThanOrEqual( LIMIT );
			const { problems } =
				await stage.proxy.services.stores.ledger.check();
			expect( problems ).toEqual( [] );
		},
		40_000
	);
} );
