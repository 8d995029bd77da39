/**
 * Finds a spoken sentence in the text it was made from, although marks, spaces and signs are spoken differently.
 */

/** A stretch of a text: from one character to another, the last not included. */
export interface Place {
	from: number;
	to: number;
}

/** Returns where in `text`, at or after the character `after`, the letters and digits of `sentence` stand; undefined when they do not. */
export function placeOf(
	sentence: string,
	text: string,
	after = 0
): Place | undefined {
	const wanted = lettersOf( sentence ).letters;
	const { letters, places } = lettersOf( text );
	const begin = places.findIndex( ( place ) => place >= after );
	const at = wanted && begin >= 0 ? letters.indexOf( wanted, begin ) : -1;
	const from = places[ at ];
	const last = places[ at + wanted.length - 1 ];
	if ( from === undefined || last === undefined ) {
		return undefined;
	}
	// The full stop belongs to the sentence.
	const signs = /^[^\p{L}\p{N}\s]+/u.exec( text.slice( last + 1 ) );
	return { from, to: last + 1 + ( signs?.[ 0 ].length ?? 0 ) };
}

function lettersOf( text: string ): { letters: string; places: number[] } {
	let letters = '';
	const places: number[] = [];
	for ( const { 0: letter, index } of text.matchAll( /[\p{L}\p{N}]/gu ) ) {
		const lower = letter.toLowerCase();
		letters += lower;
		// A letter may have more than one unit, and more in lower case.
		for ( let unit = 0; unit < lower.length; unit++ ) {
			places.push( index + Math.min( unit, letter.length - 1 ) );
		}
	}
	return { letters, places };
}
