/**
 * Weighs what the assistant block makes a browser load: before the first interaction, and once the panel is open.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { inProject } from '../../dev/project.ts';
import type { Figure } from './figures.ts';

const EAGER_KB = 6;
const PANEL_KB = 40;

/** Weighs the built block; says so when nothing has been built. */
export function weighPage(): Figure[] {
	const build = inProject( 'plugin', 'build' );
	const folder = `${ build }/assistant`;
	if ( ! existsSync( `${ folder }/block.json` ) ) {
		return [
			{
				id: 'page',
				title: 'page weight of the block',
				value: undefined,
				unit: 'KB',
				note: 'nothing is built yet: run npm run build',
			},
		];
	}
	const { viewScriptModule = [] } = JSON.parse(
		readFileSync( `${ folder }/block.json`, 'utf8' )
	) as { viewScriptModule?: string | string[] };
	const eager = [ viewScriptModule ]
		.flat()
		.filter( ( reference ) => reference.startsWith( 'file:' ) )
		.map(
			( reference ) =>
				`${ folder }/${ reference.slice( 'file:./'.length ) }`
		);
	const panel = new Set( eager );
	for ( const file of panel ) {
		for ( const chunk of chunksNamedIn( file, build ) ) {
			panel.add( chunk );
		}
	}
	const weigh = ( files: Iterable< string > ) =>
		[ ...files ].reduce( ( sum, file ) => sum + gzippedKb( file ), 0 );
	return [
		{
			id: 'page.eager',
			title: 'script before the first interaction, gzipped',
			value: weigh( eager ),
			unit: 'KB',
			target: { kind: 'at most', value: EAGER_KB },
			note: `${ eager.length } file(s)`,
		},
		{
			id: 'page.panel',
			title: 'script with the panel open, gzipped',
			value: weigh( panel ),
			unit: 'KB',
			target: { kind: 'at most', value: PANEL_KB },
			note: `${ panel.size } file(s)`,
		},
	];
}

function gzippedKb( file: string ): number {
	return gzipSync( readFileSync( file ), { level: 6 } ).length / 1_024;
}

/**
 * Finds the chunks that a built module can load later. The bundler writes their names, or the ids their names are made of, into
 * the module's text.
 */
function chunksNamedIn( file: string, build: string ): string[] {
	const text = readFileSync( file, 'utf8' );
	return ( readdirSync( build, { recursive: true } ) as string[] )
		.filter(
			( name ) =>
				name.endsWith( '.js' ) && `${ build }/${ name }` !== file
		)
		.filter( ( name ) => {
			const base = name.split( '/' ).at( -1 ) ?? '';
			const id = base.replace( /\.js$/, '' ).split( '.' )[ 0 ] ?? '';
			const isChunk = ! existsSync(
				`${ build }/${ name.replace( /\.js$/, '.asset.php' ) }`
			);
			return (
				isChunk &&
				( text.includes( base ) ||
					new RegExp( `\\b(import|e)\\(["']?${ id }["']?\\)` ).test(
						text
					) )
			);
		} )
		.map( ( name ) => `${ build }/${ name }` );
}
