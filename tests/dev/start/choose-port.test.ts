/**
 * Chooses ports on a machine where some are taken, by real servers.
 */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPortFree, keepPort, nextFreePort } from '../../../dev/ports.ts';
import { choosePort } from '../../../dev/start/choose-port.ts';

let server: Server;
let busy: number;

beforeEach( async () => {
	server = createServer();
	await new Promise< void >( ( resolve ) =>
		server.listen( 0, '127.0.0.1', resolve )
	);
	busy = ( server.address() as AddressInfo ).port;
} );

afterEach( () => new Promise( ( resolve ) => server.close( resolve ) ) );

const wish = { purpose: 'the site', option: '--port' } as const;

describe( 'choosing a port', () => {
	it( 'takes the next free one when nobody insists', async () => {
		const port = await choosePort( {
			...wish,
			wanted: undefined,
			usual: busy,
		} );
		expect( port ).toBeGreaterThan( busy );
	} );

	it( 'says what to do when the wanted one is taken', async () => {
		await expect(
			choosePort( { ...wish, wanted: busy, usual: 1 } )
		).rejects.toThrow( /npm start -- --port \d+/ );
	} );

	it( 'gives the wanted one when it is free', async () => {
		const free = await nextFreePort( busy + 1 );
		expect(
			await choosePort( { ...wish, wanted: free, usual: busy } )
		).toBe( free );
	} );

	it( 'passes over ports that are spoken for', async () => {
		const free = await nextFreePort( busy );
		expect( await nextFreePort( busy, [ free ] ) ).toBeGreaterThan( free );
	} );
} );

describe( 'keeping a port', () => {
	it( 'keeps it until it is released, and lets nobody wait for an answer', async () => {
		const kept = await keepPort();
		expect( await isPortFree( kept.port ) ).toBe( false );
		await expect( keepPort( kept.port ) ).rejects.toThrow( 'is in use' );
		const caller = connect( kept.port, '127.0.0.1' );
		caller.on( 'error', () => {} );
		await once( caller, 'close' );
		await kept.release();
		expect( await isPortFree( kept.port ) ).toBe( true );
	} );

	it( 'can be released twice', async () => {
		const kept = await keepPort();
		await kept.release();
		await kept.release();
		expect( await isPortFree( kept.port ) ).toBe( true );
	} );
} );
