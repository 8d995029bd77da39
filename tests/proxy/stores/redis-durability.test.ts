import { afterEach, describe, expect, it } from 'vitest';
import { connectRedis } from '../../../proxy/src/stores/redis/connection.ts';
import { watchDurability } from '../../../proxy/src/stores/redis/durability.ts';
import { startRedis } from '../../support/redis/index.ts';
import { until } from '../../support/redis/until.ts';

const ends: Array< () => Promise< void > > = [];
afterEach( async () => {
	for ( const end of ends.splice( 0 ).reverse() ) {
		await end();
	}
} );

/** Starts a server and listens to what the operator is warned of. */
async function start( options: Parameters< typeof startRedis >[ 0 ] ) {
	const server = await startRedis( options );
	ends.push( server.stop );
	const connection = await connectRedis( { url: server.url } );
	ends.push( () => connection.close() );
	const warnings: string[] = [];
	watchDurability( connection, {
		warn: ( text: unknown ) => void warnings.push( String( text ) ),
	} as Parameters< typeof watchDurability >[ 1 ] );
	// Replies come in order: after this one the look is over.
	await connection.command( [ 'PING' ] );
	await new Promise( ( resolve ) => setImmediate( resolve ) );
	return { server, connection, warnings };
}

describe( 'a Redis that may lose what it is given', () => {
	it( 'is named in the log, each fault once', async () => {
		const { server, connection, warnings } = await start( {
			isDurable: false,
			args: [ '--maxmemory-policy', 'allkeys-lru' ],
		} );
		expect( warnings ).toEqual( [
			expect.stringContaining( 'appendonly yes' ),
			expect.stringContaining( 'noeviction' ),
		] );
		await server.restart();
		await until( connection, 'ready' );
		await connection.command( [ 'PING' ] );
		expect( warnings ).toHaveLength( 2 );
	} );

	it( 'is not when it writes every step and throws nothing away', async () => {
		expect( ( await start( {} ) ).warnings ).toEqual( [] );
	} );
} );
