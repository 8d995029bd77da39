/**
 * Finds out which ports on this machine are free.
 */

import { createServer } from 'node:net';

/** Says whether something could listen on this port of the loopback address now. */
export function isPortFree( port: number ): Promise< boolean > {
	return new Promise( ( resolve ) => {
		const server = createServer();
		server.once( 'error', () => resolve( false ) );
		server.listen( port, '127.0.0.1', () =>
			server.close( () => resolve( true ) )
		);
	} );
}

/** Returns the first free port from `wanted` on, not counting the ones in `taken`. */
export async function nextFreePort(
	wanted: number,
	taken: readonly number[] = []
): Promise< number > {
	for ( let port = wanted; port < wanted + 100; port++ ) {
		if ( ! taken.includes( port ) && ( await isPortFree( port ) ) ) {
			return port;
		}
	}
	throw new Error(
		`No free port between ${ wanted } and ${ wanted + 99 } on this machine.`
	);
}
