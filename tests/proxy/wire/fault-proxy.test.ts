/**
 * The fault proxy does to a connection what it says.
 */
import { once } from 'node:events';
import {
	type AddressInfo,
	connect,
	createServer,
	type Server,
	type Socket,
} from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
	type FaultProxy,
	startFaultProxy,
} from '../../support/fault-proxy/index.ts';

describe( 'the fault proxy', () => {
	let echo: Server;
	let proxy: FaultProxy;
	let client: Socket;
	let heard: string;

	beforeEach( async () => {
		echo = createServer( ( socket ) => {
			socket.on( 'error', () => undefined );
			socket.pipe( socket );
		} );
		echo.listen( 0, '127.0.0.1' );
		await once( echo, 'listening' );
		proxy = await startFaultProxy( {
			target: { port: ( echo.address() as AddressInfo ).port },
		} );
		heard = '';
		client = connect( proxy.port, '127.0.0.1' );
		client.on( 'data', ( bytes ) => {
			heard += bytes.toString();
		} );
		client.on( 'error', () => undefined );
		await once( client, 'connect' );
	} );
	afterEach( async () => {
		client.destroy();
		await proxy.close();
		echo.close();
	} );

	const say = async ( text: string ): Promise< void > => {
		const before = heard.length;
		client.write( text );
		while ( heard.length < before + text.length ) {
			await once( client, 'data' );
		}
	};

	test( 'passes bytes on both ways when nothing is wrong', async () => {
		await say( 'hello' );
		expect( heard ).toBe( 'hello' );
		expect( proxy.bytes ).toEqual( { up: 5, down: 5 } );
	} );

	test( 'holds bytes while paused and loses none', async () => {
		proxy.set( 'down', { isPaused: true } );
		client.write( 'held' );
		await proxy.waitForBytes( 'up', 4 );
		expect( heard ).toBe( '' );
		const arrived = once( client, 'data' );
		proxy.set( 'down', {} );
		await arrived;
		expect( heard ).toBe( 'held' );
	} );

	test( 'slows bytes down to the rate', async () => {
		proxy.set( 'down', { bytesPerSecond: 1_000 } );
		const startedAtMs = performance.now();
		await say( 'x'.repeat( 200 ) );
		const tookMs = performance.now() - startedAtMs;
		expect( tookMs ).toBeGreaterThan( 170 );
	} );

	test( 'delays bytes by the latency', async () => {
		proxy.set( 'up', { latencyMs: 60 } );
		const startedAtMs = performance.now();
		await say( 'late' );
		expect( performance.now() - startedAtMs ).toBeGreaterThanOrEqual( 58 );
	} );

	test( 'cuts after exactly so many bytes', async () => {
		proxy.set( 'down', { cutAfterBytes: 7, cutHow: 'end' } );
		client.write( '0123456789' );
		await once( client, 'close' );
		expect( heard ).toBe( '0123456' );
	} );

	test( 'resets what is open, and refuses what is new', async () => {
		await say( 'one' );
		const failed = new Promise< NodeJS.ErrnoException >( ( resolve ) =>
			client.once( 'error', resolve )
		);
		proxy.resetAll();
		expect( ( await failed ).code ).toBe( 'ECONNRESET' );
		expect( proxy.connections ).toBe( 0 );
		proxy.refuse( true );
		const second = connect( proxy.port, '127.0.0.1' );
		second.on( 'error', () => undefined );
		await new Promise( ( resolve ) => second.once( 'close', resolve ) );
		expect( proxy.connections ).toBe( 0 );
	} );

	test( 'half-closes: the client hears the end and can still speak', async () => {
		const open = connect( {
			port: proxy.port,
			host: '127.0.0.1',
			allowHalfOpen: true,
		} );
		open.resume();
		await once( open, 'connect' );
		open.write( 'a' );
		await proxy.waitForBytes( 'up', 1 );
		const ended = once( open, 'end' );
		proxy.halfCloseAll();
		await ended;
		open.write( 'still here' );
		await proxy.waitForBytes( 'up', 11 );
		open.destroy();
	} );
} );
