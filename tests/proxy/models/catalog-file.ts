/**
 * Writes catalogs as an owner would, for the tests of the catalog.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../../proxy/src/errors.ts';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';

const folder = mkdtempSync( join( tmpdir(), 'docent-catalog-' ) );
let count = 0;

/** Returns the path of a new file with this content. */
export function catalogFile( content: unknown ): string {
	const path = join( folder, `models-${ ++count }.json` );
	writeFileSync(
		path,
		typeof content === 'string' ? content : JSON.stringify( content )
	);
	return path;
}

/** A chat model with everything that one needs, and what is laid over it. */
export function chatModel( over: object = {} ): object {
	return {
		modalities: { in: [ 'text' ], out: [ 'text' ] },
		contextTokens: 32_000,
		maxOutputTokens: 4_000,
		usdPerMillion: { textIn: 0.5, textOut: 1.5 },
		...over,
	};
}

/** Loads the content and returns what is wrong with it, a line a problem; none when it loads. */
export function problemsOf(
	content: unknown,
	options?: Parameters< typeof loadCatalog >[ 1 ]
): string[] {
	try {
		loadCatalog( catalogFile( content ), options );
		return [];
	} catch ( error ) {
		if ( error instanceof ConfigError ) {
			return error.problems.map( ( line ) =>
				line.replace( 'DOCENT_MODELS_FILE: ', '' )
			);
		}
		throw error;
	}
}
