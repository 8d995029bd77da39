/**
 * Puts the Redis store of sites through its contract, and two proxies on one Redis.
 */
import { describe, expect, it } from 'vitest';
import { createRedisSiteStore } from '../../../proxy/src/stores/redis/redis-site-store.ts';
import type { SiteStore } from '../../../proxy/src/stores/site-store.ts';
import { redisOfThisFile } from '../knowledge/open-redis.ts';
import { describeSiteStore } from './site-store-contract.ts';

const redis = redisOfThisFile();

describeSiteStore( 'Redis', async () => {
	const connection = await redis.connect();
	return {
		store: createRedisSiteStore( connection ),
		close: () => connection.close(),
	};
} );

it( 'loses no change when two proxies change settings at once', async () => {
	const connections = [ await redis.connect(), await redis.connectAgain() ];
	const stores = connections.map( createRedisSiteStore );
	await Promise.all(
		stores.flatMap( ( store ) =>
			Array.from( { length: 15 }, () =>
				store.changeSettings( 'shop', ( stored ) => ( {
					limits: {
						siteDayNanoUsd:
							( stored.limits?.siteDayNanoUsd ?? 0 ) + 1,
					},
				} ) )
			)
		)
	);
	for ( const store of stores ) {
		expect( await store.readSettings( 'shop' ) ).toEqual( {
			limits: { siteDayNanoUsd: 30 },
		} );
	}
	await Promise.all( connections.map( ( one ) => one.close() ) );
} );

describe( 'settings that Redis lost', () => {
	const open = async () => {
		const connections = [
			await redis.connect(),
			await redis.connectAgain(),
		] as const;
		const [ one, two ] = connections.map( createRedisSiteStore ) as [
			SiteStore,
			SiteStore,
		];
		const limit = ( siteDayNanoUsd: number ) => () => ( {
			limits: { siteDayNanoUsd },
		} );
		return {
			one,
			two,
			limit,
			flush: () => connections[ 0 ].command( [ 'FLUSHDB' ] ),
			close: () => Promise.all( connections.map( ( c ) => c.close() ) ),
		};
	};

	it( 'are put back by a proxy that remembers them, so that limits go on to hold', async () => {
		const { one, two, limit, flush, close } = await open();
		await one.changeSettings( 'shop', limit( 7 ) );
		await flush();
		expect( await two.readSettings( 'shop' ) ).toBeUndefined();
		expect( await one.readSettings( 'shop' ) ).toEqual( limit( 7 )() );
		expect( await two.readSettings( 'shop' ) ).toEqual( limit( 7 )() );
		await close();
	} );

	it( 'are put back by the proxy that remembers the newest', async () => {
		const { one, two, limit, flush, close } = await open();
		await one.changeSettings( 'shop', limit( 7 ) );
		await one.readSettings( 'shop' );
		await two.changeSettings( 'shop', limit( 3 ) );
		await two.readSettings( 'shop' );
		await flush();
		expect( await one.readSettings( 'shop' ) ).toEqual( limit( 7 )() );
		expect( await two.readSettings( 'shop' ) ).toEqual( limit( 3 )() );
		expect( await one.readSettings( 'shop' ) ).toEqual( limit( 3 )() );
		await close();
	} );

	it( 'are changed from what is remembered', async () => {
		const { one, limit, flush, close } = await open();
		await one.changeSettings( 'shop', limit( 7 ) );
		await one.readSettings( 'shop' );
		await flush();
		expect(
			await one.changeSettings( 'shop', ( stored ) => ( {
				...stored,
				cache: { enabled: false },
			} ) )
		).toEqual( { ...limit( 7 )(), cache: { enabled: false } } );
		await close();
	} );
} );

it( 'leaves a nonce in Redis only as long as it counts', async () => {
	const connection = await redis.connect();
	await createRedisSiteStore( connection ).useNonce( 'shop', 'a', 5, 30_005 );
	const [ key = '' ] = await connection.command< string[] >( [
		'KEYS',
		'*',
	] );
	expect( key ).toBe( 'docent:{shop}:nonce:a' );
	const ttl = await connection.command< number >( [ 'PTTL', key ] );
	expect( ttl ).toBeGreaterThan( 20_000 );
	expect( ttl ).toBeLessThanOrEqual( 30_000 );
	await connection.close();
} );
