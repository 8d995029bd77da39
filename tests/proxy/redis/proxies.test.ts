import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { mintToken, SITE_ORIGIN } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { allEvents, textOf } from '../../support/proxy/sse.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import { openLedger } from '../../support/redis/ledgers.ts';
import { untilItWorks } from '../../support/redis/until.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { runProxy } from '../money/proxies.ts';
import { startProxyProcess, type ProxyProcess } from '../wire/proxy-process.ts';

const QUESTION = 'How long can I return unused gear?';

const ends: Array< () => Promise< void > > = [];
afterEach( async () => {
	for ( const end of ends.splice( 0 ).reverse() ) {
		await end();
	}
} );

/** Starts proxies on one Redis with one provider. */
async function start( count: number ): Promise< {
	redis: RedisServer;
	provider: SimulatedProvider;
	proxies: ProxyProcess[];
} > {
	const redis = await startRedis();
	ends.push( redis.stop );
	const provider = await startSimulatedProvider();
	ends.push( () => provider.close() );
	const proxies: ProxyProcess[] = [];
	for ( let index = 0; index < count; index++ ) {
		const proxy = await startProxyProcess( {
			env: {
				REDIS_URL: redis.url,
				OPENAI_API_KEY: 'test-key',
				OPENAI_BASE_URL: provider.baseUrl,
			},
			documents: index === 0 ? SHOP : [],
		} );
		ends.push( proxy.stop );
		proxies.push( proxy );
	}
	return { redis, provider, proxies };
}

const get = ( { baseUrl }: ProxyProcess, path: string ) =>
	fetch( baseUrl + path );

async function timed< T >(
	work: Promise< T >
): Promise< { value: T; ms: number } > {
	const startedAt = performance.now();
	return { value: await work, ms: performance.now() - startedAt };
}

describe( 'T29: a proxy whose Redis is paused', () => {
	it( 'is alive and not ready, answers at once from the site, spends nothing, and works again by itself', async () => {
		const { redis, provider, proxies } = await start( 1 );
		const [ proxy ] = proxies as [ ProxyProcess ];
		await proxy.asSite( 'PUT', '/v1/site/settings', {
			cache: { enabled: false },
		} );
		expect( textOf( await proxy.ask( QUESTION ) ) ).toContain( '60 days' );
		expect( ( await get( proxy, '/health/ready' ) ).status ).toBe( 200 );
		const { totalNanoUsd } = provider.bill;
		expect( totalNanoUsd ).toBeGreaterThan( 0 );

		redis.pause();
		const first = await timed( proxy.ask( QUESTION ) );
		expect( first.ms ).toBeLessThan( 6_000 );
		expect( textOf( first.value ) ).toContain( '60 days' );
		const second = await timed( proxy.ask( QUESTION ) );
		expect( second.ms ).toBeLessThan( 3_000 );
		expect( second.value.map( ( { event } ) => event ) ).not.toContain(
			'error'
		);
		const ready = await timed( get( proxy, '/health/ready' ) );
		expect( ready.ms ).toBeLessThan( 2_500 );
		expect( ready.value.status ).toBe( 503 );
		expect(
			Number( ready.value.headers.get( 'retry-after' ) )
		).toBeGreaterThan( 0 );
		const live = await timed( get( proxy, '/health/live' ) );
		expect( live.value.status ).toBe( 200 );
		expect( provider.bill.totalNanoUsd ).toBe( totalNanoUsd );

		redis.resume();
		await untilItWorks( async () =>
			expect( ( await get( proxy, '/health/ready' ) ).status ).toBe( 200 )
		);
		await untilItWorks( async () => {
			await proxy.ask( QUESTION );
			expect( provider.bill.totalNanoUsd ).toBeGreaterThan(
				totalNanoUsd
			);
		} );
		const ledger = await openLedger( redis.url, {} );
		ends.push( ledger.close );
		await untilItWorks( async () =>
			expect( await ledger.store.check() ).toMatchObject( {
				openReservations: 0,
				problems: [],
			} )
		);
	} );

	it( 'starts without it, says so, and is ready as soon as it is there', async () => {
		const redis = await startRedis();
		ends.push( redis.stop );
		redis.pause();
		const dataDir = mkdtempSync( join( tmpdir(), 'docent-away-' ) );
		const proxy = await runProxy( {
			dataDir,
			providerUrl: 'http://127.0.0.1:9',
			env: { REDIS_URL: redis.url },
		} );
		ends.push( async () => {
			await proxy.end();
			rmSync( dataDir, { recursive: true } );
		} );
		const statusOf = async ( path: string ) =>
			( await fetch( proxy.url + path ) ).status;
		expect( await statusOf( '/health/live' ) ).toBe( 200 );
		expect( await statusOf( '/health/ready' ) ).toBe( 503 );
		const refused = await timed(
			proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } )
		);
		expect( refused.value.status ).toBe( 503 );
		expect( refused.ms ).toBeLessThan( 3_000 );
		redis.resume();
		await untilItWorks( async () =>
			expect( await statusOf( '/health/ready' ) ).toBe( 200 )
		);
		await untilItWorks( async () => {
			const { status } = await proxy.site( 'PUT', '/v1/site/documents', {
				documents: SHOP,
			} );
			expect( status ).toBe( 200 );
		} );
	} );
} );

describe( 'two proxies on one Redis', () => {
	it( 'count a visitor, settings and money as one', async () => {
		const { redis, proxies } = await start( 2 );
		const [ one, two ] = proxies as [ ProxyProcess, ProxyProcess ];
		await one.asSite( 'PUT', '/v1/site/settings', {
			rateLimits: { visitorPerMinute: 3 },
		} );
		const token = mintToken();
		const ask = ( { baseUrl }: ProxyProcess ) =>
			fetch( `${ baseUrl }/v1/ask`, {
				method: 'POST',
				headers: {
					authorization: `Bearer ${ token }`,
					origin: SITE_ORIGIN,
					'content-type': 'application/json',
				},
				body: JSON.stringify( { question: QUESTION } ),
			} );
		const left: Array< string | null > = [];
		for ( const proxy of [ one, two, one ] ) {
			const response = await ask( proxy );
			left.push( response.headers.get( 'ratelimit' ) );
			expect(
				response.headers.get( 'access-control-expose-headers' )
			).toContain( 'RateLimit' );
			await allEvents( response );
		}
		expect( left.map( ( text ) => text?.split( ';t=' )[ 0 ] ) ).toEqual( [
			'"visitor";r=2',
			'"visitor";r=1',
			'"visitor";r=0',
		] );
		const refused = await ask( two );
		expect( refused.status ).toBe( 429 );
		expect( refused.headers.get( 'ratelimit' ) ).toMatch(
			/^"visitor";r=0;t=\d+$/
		);
		expect(
			Number( refused.headers.get( 'retry-after' ) )
		).toBeGreaterThan( 0 );

		const figures = await Promise.all(
			proxies.map( ( proxy ) => proxy.asSite( 'GET', '/v1/site/usage' ) )
		);
		expect( figures[ 0 ] ).toEqual( figures[ 1 ] );
		const ledger = await openLedger( redis.url, {} );
		ends.push( ledger.close );
		expect( await ledger.store.check() ).toMatchObject( {
			openReservations: 0,
			problems: [],
		} );
	} );
} );
