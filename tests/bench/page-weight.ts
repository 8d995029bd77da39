/**
 * Weighs what the assistant block makes a browser load: before the first interaction, once the panel is open, and for voice.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { inProject } from '../../dev/project.ts';
import type { Figure } from './figures.ts';

const EAGER_KB = 6;
const PANEL_KB = 40;
const VOICE_KB = 15;

/** Names the worklet that hears; what the panel loads later and knows it is voice. */
const HEARS = 'docent-capture';

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
	const panel = new Set( [
		...eager,
		...eager.flatMap( ( file ) => chunksLoadedBy( file, build ) ),
	] );
	const voice = new Set< string >();
	for ( const file of panel ) {
		for ( const chunk of chunksLoadedBy( file, build ) ) {
			const whole = withChunks( chunk, build );
			const isVoice = whole.some( hears );
			if ( ! panel.has( chunk ) ) {
				whole.forEach( ( part ) =>
					( isVoice ? voice : panel ).add( part )
				);
			}
		}
	}
	const ofVoice = [ ...voice ].filter( ( file ) => ! panel.has( file ) );
	const worklets = workletsIn( build );
	const weigh = ( files: Iterable< string > ) =>
		[ ...files ].reduce( ( sum, file ) => sum + gzippedKb( file ), 0 );
	const listed = [ ...ofVoice, ...worklets ].map(
		( file ) =>
			`${ file.slice( build.length + 1 ) } ${ gzippedKb( file ).toFixed( 1 ) }`
	);
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
		{
			id: 'page.voice',
			title: 'script for voice on top of the panel, gzipped',
			value: weigh( [ ...ofVoice, ...worklets ] ),
			unit: 'KB',
			target: { kind: 'at most', value: VOICE_KB },
			note: `${ listed.join( ', ' ) }; ${ weigh( [ ...ofVoice.filter( hears ), ...worklets ] ).toFixed( 1 ) } of it at the first tap on the microphone, the rest with a live conversation`,
		},
	];
}

function gzippedKb( file: string ): number {
	return gzipSync( readFileSync( file ), { level: 6 } ).length / 1_024;
}

/** Whether a chunk is the one that hears, or that what hears is in. */
function hears( file: string ): boolean {
	return readFileSync( file, 'utf8' ).includes( HEARS );
}

function workletsIn( build: string ): string[] {
	const folder = `${ build }/worklets`;
	return existsSync( folder )
		? readdirSync( folder )
				.filter( ( name ) => name.endsWith( '.js' ) )
				.map( ( name ) => `${ folder }/${ name }` )
		: [];
}

/** Finds the chunks that a built module loads itself; the bundler's own list, which is in the first file, names all there are. */
function chunksLoadedBy( file: string, build: string ): string[] {
	const ids = readFileSync( file, 'utf8' ).matchAll(
		/\.e\(["']?([\w-]+)["']?\)/g
	);
	return [ ...new Set( [ ...ids ].map( ( [ , id ] ) => id ) ) ]
		.map( ( id ) => `${ build }/${ id }.js` )
		.filter( ( chunk ) => existsSync( chunk ) );
}

/** Returns a chunk and all that it and those load. */
function withChunks( file: string, build: string ): string[] {
	const all = new Set( [ file ] );
	for ( const each of all ) {
		chunksLoadedBy( each, build ).forEach( ( chunk ) => all.add( chunk ) );
	}
	return [ ...all ];
}
