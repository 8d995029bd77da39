/**
 * Finds out what the machine offers a start: settings in `.env`, and whether the internet is there.
 */

import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { inProject } from '../project.ts';

/** Reads `.env` in the root; what the environment says itself wins. */
export async function readDotEnv(): Promise< Record< string, string > > {
	const file = inProject( '.env' );
	if ( ! existsSync( file ) ) {
		return {};
	}
	return Object.fromEntries(
		Object.entries( parseEnv( await readFile( file, 'utf8' ) ) ).filter(
			( entry ): entry is [ string, string ] =>
				entry[ 1 ] !== undefined &&
				process.env[ entry[ 0 ] ] === undefined
		)
	);
}

/** Says whether a host's name cannot be looked up within two seconds. */
export async function isUnreachable( host: string ): Promise< boolean > {
	const timeout = new Promise< boolean >( ( resolve ) => {
		setTimeout( () => resolve( true ), 2000 ).unref();
	} );
	return Promise.race( [
		lookup( host ).then(
			() => false,
			() => true
		),
		timeout,
	] );
}
