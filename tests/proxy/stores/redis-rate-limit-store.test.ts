import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
	connectRedis,
	type RedisConnection,
} from '../../../proxy/src/stores/redis/connection.ts';
import { createRedisRateLimitStore } from '../../../proxy/src/stores/redis/redis-rate-limit-store.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import { until } from '../../support/redis/until.ts';
import { describeRateLimitStore } from './rate-limit-store-contract.ts';

let server: RedisServer;
const connections: RedisConnection[] = [];

beforeAll( async () => {
	server = await startRedis( { isDurable: false } );
} );
afterAll( () => server.stop() );
afterEach( async () => {
	for ( const connection of connections.splice( 0 ) ) {
		await connection.close();
	}
} );

async function open() {
	const connection = await connectRedis( { url: server.url } );
	connections.push( connection );
	return createRedisRateLimitStore( connection );
}

describeRateLimitStore( 'Redis', open );

describe( 'rate limits of several proxies', () => {
	const limit = { key: 'visitor:shop:shared', quota: 20, periodMs: 60_000 };

	it( 'count together', async () => {
		const stores = await Promise.all( [ open(), open(), open() ] );
		const outcomes = await Promise.all(
			Array.from( { length: 90 }, ( _, index ) =>
				stores[ index % 3 ]?.take( [ limit ], 1_000_000 )
			)
		);
		expect(
			outcomes.filter( ( outcome ) => outcome?.kind === 'allowed' )
		).toHaveLength( 20 );
	} );

	it( 'T29: go on with a quarter of the quota in each proxy while Redis is paused, without making anybody wait', async () => {
		const store = await open();
		const [ connection ] = connections;
		const one = { ...limit, key: 'visitor:shop:alone' };
		server.pause();
		try {
			const startedAt = performance.now();
			const kinds: string[] = [];
			for ( let index = 0; index < 8; index++ ) {
				kinds.push( ( await store.take( [ one ], 2_000_000 ) ).kind );
			}
			expect( performance.now() - startedAt ).toBeLessThan( 2_000 );
			expect(
				kinds.filter( ( kind ) => kind === 'allowed' )
			).toHaveLength( 5 );
		} finally {
			server.resume();
		}
		await until( connection as RedisConnection, 'ready' );
		expect( ( await store.take( [ one ], 2_000_000 ) ).kind ).toBe(
			'allowed'
		);
	} );
} );
