import { afterEach, describe, expect, it } from 'vitest';
import {
	connectRedis,
	type RedisConnection,
} from '../../../proxy/src/stores/redis/connection.ts';
import { defineScript } from '../../../proxy/src/stores/redis/script.ts';
import { StoreAwayError } from '../../../proxy/src/stores/store-away.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import { until } from '../../support/redis/until.ts';

const servers: RedisServer[] = [];
const connections: RedisConnection[] = [];

async function start( options?: Parameters< typeof startRedis >[ 0 ] ) {
	const server = await startRedis( options );
	servers.push( server );
	return server;
}

async function connect( url: string, graceMs?: number ) {
	const connection = await connectRedis( { url, graceMs } );
	connections.push( connection );
	return connection;
}

afterEach( async () => {
	await Promise.all(
		connections.splice( 0 ).map( ( connection ) => connection.close() )
	);
	await Promise.all( servers.splice( 0 ).map( ( server ) => server.stop() ) );
} );

/** How long a command took to fail, in milliseconds. */
async function failureMs( work: () => Promise< unknown > ): Promise< number > {
	const startedAt = performance.now();
	await expect( work() ).rejects.toBeInstanceOf( StoreAwayError );
	return performance.now() - startedAt;
}

describe( 'a connection to Redis', () => {
	it( 'T29: fails within the time limit while the server is paused, at once after that, and works again by itself', async () => {
		const server = await start();
		const connection = await connect( server.url );
		server.pause();
		const first = await failureMs( () => connection.command( [ 'PING' ] ) );
		expect( first ).toBeGreaterThan( 900 );
		expect( first ).toBeLessThan( 2_000 );
		expect( connection.state.kind ).toBe( 'away' );
		await new Promise( ( resolve ) => setTimeout( resolve, 300 ) );
		expect(
			await failureMs( () => connection.command( [ 'PING' ] ) )
		).toBeLessThan( 100 );
		server.resume();
		await until( connection, 'ready' );
		expect( await connection.command( [ 'PING' ] ) ).toBe( 'PONG' );
	} );

	it( 'gives up a command in its own time, and the socket only when the server is silent for a second', async () => {
		const server = await start();
		const connection = await connect( server.url );
		server.pause();
		const first = await failureMs( () =>
			connection.command( [ 'PING' ], { timeoutMs: 200 } )
		);
		expect( first ).toBeLessThan( 900 );
		expect( connection.state.kind ).toBe( 'ready' );
		server.resume();
		expect( await connection.command( [ 'PING' ] ) ).toBe( 'PONG' );
		expect( connection.epoch ).toBe( 1 );
	} );

	it( 'rejects everything that waits when the server is killed, and is there again after a restart', async () => {
		const server = await start();
		const connection = await connect( server.url );
		await connection.command( [ 'SET', 'key', 'kept' ] );
		server.sleep( 5 );
		const asked = failureMs( () => connection.command( [ 'GET', 'key' ] ) );
		await server.kill();
		expect( await asked ).toBeLessThan( 1_500 );
		await until( connection, 'away' );
		await server.restart();
		await until( connection, 'ready' );
		expect( await connection.command( [ 'GET', 'key' ] ) ).toBe( 'kept' );
		expect( connection.epoch ).toBe( 2 );
	} );

	it( 'lets nobody see that a socket was cut, when the next one opens at once', async () => {
		const server = await start();
		const connection = await connect( server.url, 10_000 );
		await server.command( 'CLIENT', 'KILL', 'TYPE', 'normal' );
		await until( connection, 'away' );
		expect( await connection.command( [ 'PING' ] ) ).toBe( 'PONG' );
	} );

	it( 'starts without a server, and finds it when it comes', async () => {
		const server = await start();
		await server.kill();
		const connection = await connect( server.url );
		expect( connection.state ).toMatchObject( {
			kind: 'away',
			reason: expect.stringContaining( 'ECONNREFUSED' ),
		} );
		await server.restart();
		await until( connection, 'ready' );
	} );

	it( 'takes user, password and database from the URL, and never repeats the password', async () => {
		const server = await start( { args: [ '--requirepass', 'secret-1' ] } );
		const wrong = await connect(
			`redis://:wrong-1@127.0.0.1:${ server.port }`
		);
		expect( wrong.state ).toMatchObject( {
			reason: expect.stringContaining( 'WRONGPASS' ),
		} );
		expect( JSON.stringify( wrong.state ) ).not.toContain( 'wrong-1' );
		const right = await connect(
			`redis://default:secret-1@127.0.0.1:${ server.port }/3`
		);
		await right.command( [ 'SET', 'key', 'in three' ] );
		expect( await right.command( [ 'CLIENT', 'INFO' ] ) ).toContain(
			'db=3'
		);
	} );

	it( 'sends a script again after a flush of the scripts and after a restart', async () => {
		const server = await start();
		const connection = await connect( server.url );
		const script = defineScript(
			`return redis.call( 'INCRBY', KEYS[ 1 ], ARGV[ 1 ] )`
		);
		const add = () => connection.script( script, [ 'sum' ], [ '5' ] );
		expect( await add() ).toBe( 5 );
		await server.command( 'SCRIPT', 'FLUSH' );
		expect( await add() ).toBe( 10 );
		await server.restart();
		await until( connection, 'ready' );
		expect( await add() ).toBe( 15 );
	} );

	it( 'counts a full memory as away for writing, and the socket stays', async () => {
		const server = await start();
		const connection = await connect( server.url );
		await server.limitMemory( 1 );
		await failureMs( () =>
			connection.command( [ 'SET', 'key', 'value' ] )
		);
		expect( connection.state.kind ).toBe( 'ready' );
		await server.limitMemory( 0 );
		await connection.command( [ 'SET', 'key', 'value' ] );
		expect( connection.epoch ).toBe( 1 );
	} );

	it( 'passes on what the server says about a wrong command', async () => {
		const server = await start();
		const connection = await connect( server.url );
		await connection.command( [ 'SET', 'key', 'text' ] );
		await expect(
			connection.command( [ 'LPUSH', 'key', 'item' ] )
		).rejects.toThrow( 'WRONGTYPE' );
	} );

	it( 'does not count as late what this process itself was too busy to read', async () => {
		const server = await start();
		const connection = await connect( server.url );
		const reply = connection.command( [ 'PING' ], { timeoutMs: 50 } );
		// The command leaves with the next turn of the event loop; then nothing turns for longer than its limit.
		await new Promise( ( resolve ) => setImmediate( resolve ) );
		const until50 = performance.now() + 120;
		while ( performance.now() < until50 ) {
			/* The process is busy. */
		}
		expect( await reply ).toBe( 'PONG' );
	} );

	it( 'keeps listening to a channel over a restart, and hears nothing after it ended that', async () => {
		const server = await start();
		const connection = await connect( server.url );
		const heard: string[] = [];
		let tell = (): void => undefined;
		const next = () =>
			new Promise< void >( ( resolve ) => {
				tell = resolve;
			} );
		const end = connection.subscribe( 'news', ( message ) => {
			heard.push( message );
			tell();
		} );
		const first = next();
		await connection.command( [ 'PUBLISH', 'news', 'one' ] );
		await first;
		await server.restart();
		await until( connection, 'ready' );
		const second = next();
		await connection.command( [ 'PUBLISH', 'news', 'two' ] );
		await second;
		end();
		await connection.command( [ 'PING' ] );
		await connection.command( [ 'PUBLISH', 'news', 'three' ] );
		expect( heard ).toEqual( [ 'one', 'two' ] );
	} );

	it( 'runs a transaction as one, and a fork on a socket of its own', async () => {
		const server = await start();
		const connection = await connect( server.url );
		const fork = connection.fork();
		connections.push( fork );
		await until( fork, 'ready' );
		expect(
			await connection.transaction( [
				[ 'SET', 'key', '1' ],
				[ 'INCR', 'key' ],
			] )
		).toEqual( [ 'OK', 2 ] );
		expect(
			await fork.command( [ 'GET', 'key' ], { asBuffers: true } )
		).toEqual( Buffer.from( '2' ) );
		const [ mine, theirs ] = await Promise.all(
			[ connection, fork ].map( ( each ) =>
				each.command( [ 'CLIENT', 'ID' ] )
			)
		);
		expect( mine ).not.toBe( theirs );
	} );
} );
