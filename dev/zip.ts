/**
 * `npm run zip`: packs the plugin as people install it, into dist/docent.zip.
 */

import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { buildBlocks } from './build-blocks.ts';
import { inProject, pluginDir } from './project.ts';
import { UserFacingError, say, sayFailure, step } from './terminal.ts';
import { zipArchive } from './zip-archive.ts';
import type { ZipEntry } from './zip-archive.ts';

/** Everything else in the plugin's folder stays at home. */
const shipped =
	/^(docent\.php|uninstall\.php|readme\.txt|LICENSE|(includes|languages|build)\/.+)$/;
const neverShipped = /(^|\/)\.|\.(map|ts|tsx|scss|log)$/;

/** What WordPress cannot do without. */
const required = [ 'docent.php', 'readme.txt', 'build/blocks-manifest.php' ];

async function shippedFiles(): Promise< ZipEntry[] > {
	const entries = await readdir( pluginDir, {
		recursive: true,
		withFileTypes: true,
	} );
	const names = entries
		.filter( ( entry ) => entry.isFile() )
		.map( ( entry ) =>
			relative( pluginDir, join( entry.parentPath, entry.name ) )
				.split( sep )
				.join( '/' )
		)
		.filter(
			( name ) => shipped.test( name ) && ! neverShipped.test( name )
		)
		.sort();
	const missing = required.filter( ( name ) => ! names.includes( name ) );
	if ( missing.length > 0 ) {
		throw new UserFacingError(
			`The plugin is not complete, it lacks ${ missing.join( ', ' ) }.`
		);
	}
	return Promise.all(
		names.map( async ( name ) => ( {
			name: `docent/${ name }`,
			content: await readFile( join( pluginDir, name ) ),
		} ) )
	);
}

try {
	await step( 'Building the blocks', buildBlocks );
	const files = await shippedFiles();
	const archive = zipArchive( files );
	await mkdir( inProject( 'dist' ), { recursive: true } );
	await writeFile( inProject( 'dist/docent.zip' ), archive );
	say(
		`dist/docent.zip: ${ files.length } files, ${ (
			archive.length / 1024
		).toFixed( 0 ) } KB`
	);
} catch ( error ) {
	sayFailure( error );
	process.exitCode = 1;
}
