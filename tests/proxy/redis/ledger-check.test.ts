import { afterEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../../dev/processes.ts';
import { inProject } from '../../../dev/project.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import {
	openLedger,
	requestFor,
	settlementOf,
} from '../../support/redis/ledgers.ts';

let server: RedisServer | undefined;
afterEach( () => server?.stop() );

const check = ( place: string ) =>
	runCommand(
		process.execPath,
		[ inProject( 'proxy/src/check-ledger.ts' ), place ],
		{ timeoutMs: 15_000 }
	);

describe( 'npm run ledger:check on a Redis', () => {
	it( 'says that the book adds up, and names the window whose counter was changed by hand', async () => {
		server = await startRedis( { args: [ '--requirepass', 'pass-word' ] } );
		const url = `redis://:pass-word@127.0.0.1:${ server.port }`;
		const { store, connection, close } = await openLedger( url, {} );
		const [ settled, open ] = [ requestFor( 50 ), requestFor( 70 ) ];
		await store.reserve( settled );
		await store.reserve( open );
		await store.settle( settlementOf( settled, 20 ) );

		const sound = await check( url );
		expect( sound.exitCode ).toBe( 0 );
		expect( sound.stdout ).toContain(
			'3 entries, 1 windows, 1 open reservations'
		);

		await connection.command( [
			'HSET',
			'docent:{shop}:ledger:windows',
			'day',
			'1 19 70',
		] );
		const wrong = await check( url );
		await close();
		expect( wrong.exitCode ).toBe( 1 );
		expect( wrong.stderr ).toContain(
			'window day counts 19 nanoUsd spent'
		);
		expect( sound.stdout + wrong.stderr ).not.toContain( 'pass-word' );
	} );

	it( 'says that Redis is away', async () => {
		const { exitCode, stderr } = await check( 'redis://127.0.0.1:1' );
		expect( exitCode ).toBe( 1 );
		expect( stderr ).toContain( 'ECONNREFUSED' );
	} );
} );
