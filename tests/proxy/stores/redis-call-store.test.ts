import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
	connectRedis,
	type RedisConnection,
} from '../../../proxy/src/stores/redis/connection.ts';
import { createRedisCallStore } from '../../../proxy/src/stores/redis/redis-call-store.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import { until, untilItWorks } from '../../support/redis/until.ts';
import { call, describeCallStore } from './call-store-contract.ts';

let server: RedisServer;
const connections: RedisConnection[] = [];

beforeAll( async () => {
	server = await startRedis();
} );
afterAll( () => server.stop() );
afterEach( async () => {
	for ( const connection of connections.splice( 0 ) ) {
		await connection.close();
	}
} );

async function open() {
	await server.flush();
	const connection = await connectRedis( { url: server.url } );
	connections.push( connection );
	return createRedisCallStore( connection );
}

describeCallStore( 'Redis', open );

describe( 'a call log while Redis is away', () => {
	it( 'adds what came meanwhile when it is back', async () => {
		const store = await open();
		const [ connection ] = connections as [ RedisConnection ];
		await server.kill();
		await until( connection, 'away' );
		await store.add( call(), '2026-11-20' );
		await store.add( call(), '2026-11-20' );
		await server.restart();
		await until( connection, 'ready' );
		const page = await untilItWorks( async () => {
			const found = await store.list( 'shop', {}, { limit: 5 } );
			expect( found.calls ).toHaveLength( 2 );
			return found;
		} );
		expect( page.nextCursor ).toBeUndefined();
	} );
} );
