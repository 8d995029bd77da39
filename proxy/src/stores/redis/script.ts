/**
 * Reads the Lua scripts that make one atomic step out of many commands.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A script with the name under which the server keeps it. */
export interface RedisScript {
	source: string;
	sha: string;
}

/** Makes a script of its source. */
export function defineScript( source: string ): RedisScript {
	return {
		source,
		sha: createHash( 'sha1' ).update( source ).digest( 'hex' ),
	};
}

/** Reads a script from a file, for example `readScript( new URL( './step.lua', import.meta.url ) )`. */
export function readScript( file: URL ): RedisScript {
	return defineScript( readFileSync( file, 'utf8' ) );
}
