import { afterAll, afterEach, beforeAll } from 'vitest';
import {
	connectRedis,
	type RedisConnection,
} from '../../../proxy/src/stores/redis/connection.ts';
import {
	createRedisLedgerStore,
	type RedisLedgerStore,
} from '../../../proxy/src/stores/redis/redis-ledger-store.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import { describeLedgerProcesses } from './ledger-processes-contract.ts';
import { describeLedgerStore } from './ledger-store-contract.ts';

let server: RedisServer;
const open: Array< { store: RedisLedgerStore; connection: RedisConnection } > =
	[];

beforeAll( async () => {
	server = await startRedis();
} );
afterAll( () => server.stop() );
afterEach( async () => {
	for ( const { store, connection } of open.splice( 0 ) ) {
		store.close();
		await connection.close();
	}
} );

describeLedgerStore( 'Redis', async () => {
	await server.flush();
	const connection = await connectRedis( { url: server.url } );
	const store = createRedisLedgerStore( { connection } );
	open.push( { store, connection } );
	return store;
} );

describeLedgerProcesses( 'Redis', {
	opener: new URL( './open-redis-ledger.ts', import.meta.url ).href,
	async makeLocation() {
		await server.flush();
		return server.url;
	},
} );
