/**
 * Decides which port a server gets: the one somebody insists on, or the usual one, or the next that is free.
 */

import { isPortFree, nextFreePort } from '../ports.ts';
import { UserFacingError, say } from '../terminal.ts';

export interface PortWish {
	/** What listens there, for the message: `the site`. */
	purpose: string;
	option: '--port' | '--proxy-port';
	/** The port from the command line. */
	wanted: number | undefined;
	usual: number;
	taken?: readonly number[];
}

/** Returns a port that is free now; throws what to do when the wanted one is not. */
export async function choosePort( {
	purpose,
	option,
	wanted,
	usual,
	taken = [],
}: PortWish ): Promise< number > {
	if ( wanted !== undefined ) {
		if ( ! ( await isPortFree( wanted ) ) ) {
			const free = await nextFreePort( wanted + 1, taken );
			throw new UserFacingError(
				`Port ${ wanted } for ${ purpose } is in use by another program, or not allowed for you. Stop that program, or choose another port, for example: npm start -- ${ option } ${ free }`
			);
		}
		return wanted;
	}
	const port = await nextFreePort( usual, taken );
	if ( port !== usual ) {
		say(
			`! Port ${ usual } is in use by another program; ${ purpose } gets port ${ port }.`
		);
	}
	return port;
}
