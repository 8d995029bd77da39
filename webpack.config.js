/**
 * Builds every block (its editor script, styles and view module), the settings app and the audio worklets into plugin/build.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import wordpressConfig from '@wordpress/scripts/config/webpack.config.js';

const source = fileURLToPath( new URL( './blocks/', import.meta.url ) );

/** The manifest is written by a program of its own after the compilation, so no compiler lists it. */
const KEPT = new Set( [ 'blocks-manifest.php' ] );

/**
 * Removes files of an earlier build once all compilers have written theirs. The compilers share one folder, so
 * webpack's own cleaning (each removing what it did not write) would delete the work of the other.
 */
class RemoveStaleFiles {
	#expected;
	#written = new Map();

	/** @param {number} expected how many compilers write to the folder */
	constructor( expected ) {
		this.#expected = expected;
	}

	/** @param {import('webpack').Compiler} compiler */
	apply( compiler ) {
		compiler.hooks.done.tap( 'RemoveStaleFiles', ( { compilation } ) => {
			if ( compilation.errors.length > 0 || compiler.watchMode ) {
				return;
			}
			const names = Object.keys( compilation.assets );
			this.#written.set(
				compiler,
				names.map( ( name ) => name.replace( /\?.*$/, '' ) )
			);
			if ( this.#written.size === this.#expected ) {
				this.#sweep( compiler.options.output.path );
			}
		} );
	}

	/** @param {string} folder */
	#sweep( folder ) {
		const written = new Set( [ ...this.#written.values() ].flat() );
		const entries = existsSync( folder )
			? readdirSync( folder, { recursive: true, withFileTypes: true } )
			: [];
		for ( const entry of entries ) {
			const path = join( entry.parentPath, entry.name );
			const name = relative( folder, path ).replaceAll( sep, '/' );
			if (
				entry.isFile() &&
				! KEPT.has( name ) &&
				! written.has( name )
			) {
				rmSync( path );
			}
		}
	}
}

const [ scripts, modules ] = [ wordpressConfig ].flat();
if ( ! modules ) {
	throw new Error(
		'The view modules need --experimental-modules: run `npm run build`.'
	);
}
const removeStaleFiles = new RemoveStaleFiles( 3 );

/** Each becomes a file of its own at `worklets/<name>.js`, with all that it imports: pages may forbid scripts that are not files. */
const worklets = Object.fromEntries(
	readdirSync( join( source, 'worklets' ) )
		.filter( ( name ) => name.endsWith( '.worklet.ts' ) )
		.map( ( name ) => [
			`worklets/${ name.replace( '.worklet.ts', '' ) }`,
			join( source, 'worklets', name ),
		] )
);

export default [
	{
		...scripts,
		entry: async () => ( {
			...( await scripts.entry() ),
			'admin/index': join( source, 'admin/index.tsx' ),
		} ),
		plugins: [ ...scripts.plugins, removeStaleFiles ],
	},
	{
		...modules,
		plugins: [ ...modules.plugins, removeStaleFiles ],
	},
	{
		...modules,
		entry: worklets,
		plugins: [ removeStaleFiles ],
	},
];
