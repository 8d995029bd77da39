/**
 * Separates an answer from the short trailer that the model writes after it, while both stream in.
 */
import type { Mood } from '../types.ts';

/** What the model says about its answer. */
export interface Trailer {
	mood: Mood;
	confident: boolean;
	handoff: boolean;
	/** Numbers of the passages that the answer used. */
	used: number[];
}

const SEPARATOR = '[[docent]]';
const MOODS: readonly Mood[] = [
	'neutral',
	'happy',
	'worried',
	'upset',
	'angry',
];

/** A trailer is one line; whatever comes after so many characters is not read. */
const MAX_TRAILER = 400;

export interface TrailerFilter {
	/** Takes the next piece of the stream and returns what the visitor may read now. */
	push( delta: string ): string;
	/** Ends the stream: returns what was held back, and the trailer when there was one. */
	finish(): { text: string; trailer: Trailer | undefined };
}

/** Makes a filter for one answer. White space before the separator is never shown. */
export function createTrailerFilter(): TrailerFilter {
	let held = '';
	let trailer: string | undefined;
	return {
		push( delta ) {
			if ( trailer !== undefined ) {
				trailer = ( trailer + delta ).slice( 0, MAX_TRAILER );
				return '';
			}
			held += delta;
			const at = held.indexOf( SEPARATOR );
			if ( at >= 0 ) {
				trailer = held.slice( at + SEPARATOR.length );
				const text = held.slice( 0, at ).trimEnd();
				held = '';
				return text;
			}
			const keep = heldLength( held );
			const text = held.slice( 0, held.length - keep );
			held = held.slice( held.length - keep );
			return text;
		},
		finish() {
			// An answer cut inside the separator must not show a piece of it.
			const text = held.replace( /\s*(\[(\[d?o?c?e?n?t?\]?)?)?$/, '' );
			return { text, trailer: parse( trailer ) };
		},
	};
}

/** Counts the characters at the end that may yet turn out to belong to the separator, or to the space before it. */
function heldLength( text: string ): number {
	const max = Math.min( text.length, SEPARATOR.length - 1 );
	let start = text.length;
	for ( let length = max; length > 0; length-- ) {
		if ( SEPARATOR.startsWith( text.slice( text.length - length ) ) ) {
			start = text.length - length;
			break;
		}
	}
	return text.length - text.slice( 0, start ).trimEnd().length;
}

function parse( line: string | undefined ): Trailer | undefined {
	if ( line === undefined ) {
		return undefined;
	}
	const field = ( name: string, value = '\\w*' ) =>
		new RegExp( `\\b${ name }=(${ value })` ).exec( line )?.[ 1 ] ?? '';
	const mood = MOODS.find( ( known ) => known === field( 'mood' ) );
	return {
		mood: mood ?? 'neutral',
		confident: field( 'confident' ) !== 'no',
		handoff: field( 'handoff' ) === 'yes',
		used: field( 'used', '[^\\n=]*' )
			.split( /[\s,]+/ )
			.filter( ( number ) => number !== '' )
			.map( Number )
			.filter( ( number ) => Number.isInteger( number ) && number > 0 ),
	};
}
