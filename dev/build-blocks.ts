/**
 * Builds the blocks when their sources have changed since the last build.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npm } from './npm.ts';
import { cacheDir, inProject } from './project.ts';

const stampFile = join( cacheDir, 'blocks-build' );
const manifest = inProject( 'plugin/build/blocks-manifest.php' );

/** Says whether the built blocks are older than their sources. */
export async function areBlocksOutdated(): Promise< boolean > {
	if ( ! existsSync( manifest ) ) {
		return true;
	}
	const stamp = await readFile( stampFile, 'utf8' ).catch( () => '' );
	return stamp !== ( await fingerprint() );
}

/** Builds the blocks; rejects with what the build printed when it fails. */
export async function buildBlocks(): Promise< void > {
	const wanted = await fingerprint();
	await rm( stampFile, { force: true } );
	const result = await npm( [ 'run', 'build', '--silent' ], {
		timeoutMs: 300_000,
	} );
	if ( result.exitCode !== 0 ) {
		throw new Error(
			`The blocks could not be built:\n${ result.stdout }${ result.stderr }`
		);
	}
	await mkdir( cacheDir, { recursive: true } );
	await writeFile( stampFile, wanted );
}

/** Hashes everything the build depends on. */
async function fingerprint(): Promise< string > {
	const hash = createHash( 'sha256' );
	const sources = inProject( 'blocks' );
	const entries = await readdir( sources, {
		recursive: true,
		withFileTypes: true,
	} );
	const files = entries
		.filter( ( entry ) => entry.isFile() )
		.map( ( entry ) => join( entry.parentPath, entry.name ) )
		.sort();
	for ( const file of [
		...files,
		inProject( 'webpack.config.js' ),
		inProject( 'package-lock.json' ),
	] ) {
		hash.update( file.slice( sources.length ) );
		hash.update( await readFile( file ) );
	}
	return hash.digest( 'hex' );
}
