/**
 * Puts the Redis store of sites through its contract, and two proxies on one Redis.
 */
import { expect, it } from 'vitest';
import { createRedisSiteStore } from '../../../proxy/src/stores/redis/redis-site-store.ts';
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
