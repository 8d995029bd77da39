/**
 * Finds out which ports on this machine are free, and keeps them free for somebody.
 */

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A port that is kept until it is released. */
export interface PortReservation {
	port: number;
	/** Frees the port for the server that is about to start on it. */
	release: () => Promise< void >;
}

/** Keeps a port by listening on it, with 0 any that is free; undefined when somebody else has it already. */
export function reservePort(
	port: number
): Promise< PortReservation | undefined > {
	return new Promise( ( resolve ) => {
		// Whoever calls in the meantime (WordPress calls itself while it is installed) is refused, not kept waiting.
		const server = createServer( ( socket ) => socket.destroy() );
		server.once( 'error', () => resolve( undefined ) );
		server.listen( port, '127.0.0.1', () =>
			resolve( {
				port: ( server.address() as AddressInfo ).port,
				release: () =>
					new Promise( ( released ) =>
						server.close( () => released() )
					),
			} )
		);
	} );
}

/** Says whether something could listen on this port of the loopback address now. */
export async function isPortFree( port: number ): Promise< boolean > {
	const reservation = await reservePort( port );
	await reservation?.release();
	return reservation !== undefined;
}

/** Keeps a port, any when it does not matter which; throws when the wanted one is taken. */
export async function keepPort( wanted = 0 ): Promise< PortReservation > {
	const reservation = await reservePort( wanted );
	if ( reservation === undefined ) {
		throw new Error( `Port ${ wanted } is in use by another program.` );
	}
	return reservation;
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
