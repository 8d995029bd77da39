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
