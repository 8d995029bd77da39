/**
 * Reads the command line of `npm start`.
 */

import { parseArgs } from 'node:util';
import { UserFacingError } from '../terminal.ts';
import {
	isWordPressBranch,
	newestBranch,
} from '../wordpress/obtain-wordpress.ts';
import type { WordPressBranch } from '../wordpress/obtain-wordpress.ts';

export const usage = `npm start -- [options]

  --port N         port of the site (8888, or the next free one)
  --proxy-port N   port of the proxy (8787, or the next free one)
  --wp VERSION     WordPress 7.1 or 6.8 (7.1)
  --watch          rebuild the blocks and restart the proxy when their sources change
  --reset          throw away the site and the proxy's data first
  --help           show this`;

export interface StartOptions {
	/** Undefined: nobody insists, any free port will do. */
	port: number | undefined;
	proxyPort: number | undefined;
	wordpress: WordPressBranch;
	isWatching: boolean;
	isReset: boolean;
	isHelp: boolean;
}

/** Turns arguments into options; throws a sentence for people when one makes no sense. */
export function readStartOptions( args: string[] ): StartOptions {
	let values;
	try {
		( { values } = parseArgs( {
			args,
			options: {
				port: { type: 'string' },
				'proxy-port': { type: 'string' },
				wp: { type: 'string', default: newestBranch },
				watch: { type: 'boolean', default: false },
				reset: { type: 'boolean', default: false },
				help: { type: 'boolean', default: false },
			},
		} ) );
	} catch ( error ) {
		throw new UserFacingError(
			`${ error instanceof Error ? error.message : error }\n\n${ usage }`
		);
	}
	if ( ! isWordPressBranch( values.wp ) ) {
		throw new UserFacingError( `--wp ${ values.wp }: choose 7.1 or 6.8.` );
	}
	const port = readPort( '--port', values.port );
	const proxyPort = readPort( '--proxy-port', values[ 'proxy-port' ] );
	if ( port !== undefined && port === proxyPort ) {
		throw new UserFacingError(
			'--port and --proxy-port must differ: the site and the proxy are two servers.'
		);
	}
	return {
		port,
		proxyPort,
		wordpress: values.wp,
		isWatching: values.watch,
		isReset: values.reset,
		isHelp: values.help,
	};
}

function readPort(
	name: string,
	value: string | undefined
): number | undefined {
	if ( value === undefined ) {
		return undefined;
	}
	const port = Number( value );
	if ( ! Number.isInteger( port ) || port < 1 || port > 65_535 ) {
		throw new UserFacingError(
			`${ name } ${ value }: a port is a whole number from 1 to 65535.`
		);
	}
	return port;
}
