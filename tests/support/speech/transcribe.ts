/**
 * Writes down real speech with pocketsphinx: English, about half a second of work a sentence.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hasProgram } from './programs.ts';
import { bytesOf, inFolder, runProgram, samplesOf } from './run-program.ts';

const RECOGNISER_RATE = 16_000;
const REMEMBERED = 400;
/** Speech of a normal microphone is a hundred times louder; below this there is nothing to hear. */
const QUIET_PEAK = 200;

const heard = new Map< string, Promise< string > >();

/** Returns the words of mono 16-bit samples in lower case, empty for silence. The same samples are recognised once. */
export function transcribe(
	pcm: Int16Array,
	sampleRate: number
): Promise< string > {
	if ( ! pcm.some( ( sample ) => Math.abs( sample ) > QUIET_PEAK ) ) {
		return Promise.resolve( '' );
	}
	const key = createHash( 'sha256' )
		.update( `${ sampleRate } ` )
		.update( bytesOf( pcm ) )
		.digest( 'hex' );
	let words = heard.get( key );
	if ( ! words ) {
		words = resample( pcm, sampleRate, RECOGNISER_RATE ).then( recognise );
		words.catch( () => heard.delete( key ) );
		heard.set( key, words );
		const [ oldest ] = heard.keys();
		if ( heard.size > REMEMBERED && oldest !== undefined ) {
			heard.delete( oldest );
		}
	}
	return words;
}

/** Brings samples to another rate with sox, which filters what the lower rate cannot carry. */
export async function resample(
	pcm: Int16Array,
	from: number,
	to: number
): Promise< Int16Array > {
	if ( from === to ) {
		return pcm;
	}
	return inFolder( async ( path ) => {
		const before = path( 'before.raw' );
		const after = path( 'after.raw' );
		await writeFile( before, bytesOf( pcm ) );
		const shape = [ '-c', '1', '-b', '16', '-e', 'signed-integer', '-L' ];
		await runProgram( 'sox', [
			...[ '-D', '-t', 'raw', '-r', String( from ), ...shape, before ],
			...[ '-t', 'raw', '-r', String( to ), ...shape, after ],
		] );
		return samplesOf( await readFile( after ) );
	} );
}

function recognise( pcm: Int16Array ): Promise< string > {
	return inFolder( async ( path ) => {
		const raw = path( 'heard.raw' );
		await writeFile( raw, bytesOf( pcm ) );
		const isOldVersion = hasProgram( 'pocketsphinx_continuous' );
		const printed = isOldVersion
			? await runProgram( 'pocketsphinx_continuous', [
					...[ '-infile', raw, '-logfn', '/dev/null' ],
				] )
			: await runProgram( 'pocketsphinx', [ 'live', raw ] );
		return printed
			.split( '\n' )
			.filter( ( line ) => line.trim() !== '' )
			.map( ( line ) => ( isOldVersion ? line : textOfSegment( line ) ) )
			.join( ' ' )
			.replace( /\s+/g, ' ' )
			.trim()
			.toLowerCase();
	} );
}

/** Version 5 prints one JSON object a stretch of speech, with the words in `t`. */
function textOfSegment( line: string ): string {
	return ( JSON.parse( line ) as { t?: string } ).t ?? '';
}

/** Counts how much of what was said was understood: the share of its words that were heard, in their order, 0 to 1. */
export function shareHeard( said: string, heardText: string ): number {
	const wanted = wordsOf( said );
	const got = wordsOf( heardText );
	// Longest common subsequence: a word too many does no harm, a missing or mistaken one does.
	let previous = new Array< number >( got.length + 1 ).fill( 0 );
	for ( const word of wanted ) {
		const row = [ 0 ];
		for ( const [ at, other ] of got.entries() ) {
			row.push(
				word === other
					? ( previous[ at ] ?? 0 ) + 1
					: Math.max( previous[ at + 1 ] ?? 0, row[ at ] ?? 0 )
			);
		}
		previous = row;
	}
	return wanted.length === 0
		? 1
		: ( previous[ got.length ] ?? 0 ) / wanted.length;
}

function wordsOf( text: string ): string[] {
	return text.toLowerCase().match( /[\p{L}\p{N}']+/gu ) ?? [];
}
