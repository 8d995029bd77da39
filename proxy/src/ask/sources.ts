/**
 * Turns passages into the list of pages that a visitor sees under an answer.
 */
import type { Passage, Source } from '../types.ts';

/** How many pages are shown when the model did not say which it used. */
const MAX_SOURCES = 3;

/**
 * Lists each page once, in the order of the passages. `used` holds the numbers (from 1) of the passages an answer names; without it, or when it
 * names none that exists, the best pages stand for it.
 */
export function toSources(
	passages: Passage[],
	used: number[] | undefined
): Source[] {
	const named = ( used ?? [] ).flatMap(
		( number ) => passages[ number - 1 ] ?? []
	);
	const pages = new Map< string, string >();
	for ( const { url, title } of named.length > 0 ? named : passages ) {
		if (
			! pages.has( url ) &&
			( named.length > 0 || pages.size < MAX_SOURCES )
		) {
			pages.set( url, title );
		}
	}
	return [ ...pages ].map( ( [ url, title ], index ) => ( {
		id: index + 1,
		title,
		url,
	} ) );
}

/** A passage that shares less than this part of what the best one shares with an answer did not lend it its words. */
const SAID_SHARE = 0.6;

/** Words of a passage and of an answer that are compared: those that carry something, numbers among them. */
const TELLING = /\p{Script=Han}|[\p{L}\p{N}][\p{L}\p{N}.,]*[\p{L}\p{N}]/gu;

/**
 * Tells which passages (numbers from 1) an answer rests on when nobody says so: those whose words are in it. For models that speak, and so
 * have no line in which to name them.
 */
export function passagesSaid( passages: Passage[], answer: string ): number[] {
	const said = new Set( tellingWords( answer ) );
	const shares = passages.map( ( { text } ) => {
		const held = new Set( tellingWords( text ) );
		return [ ...said ].filter( ( word ) => held.has( word ) ).length;
	} );
	const best = Math.max( 0, ...shares );
	return shares.flatMap( ( share, index ) =>
		share > 0 && share >= best * SAID_SHARE ? [ index + 1 ] : []
	);
}

function tellingWords( text: string ): string[] {
	return ( text.toLowerCase().match( TELLING ) ?? [] ).filter(
		( word ) => word.length > 3 || /[\p{N}\p{Script=Han}]/u.test( word )
	);
}
