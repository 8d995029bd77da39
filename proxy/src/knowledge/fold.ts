/**
 * Folds text so that spellings of one word meet: compatibility forms, case, accents, and marks that carry no meaning.
 */

// Code points above ASCII are rare in most texts; this check is far cheaper than normalising.
const ASCII_ONLY = /^[\0-\x7f]*$/;

/** Accents of Latin, Greek and Cyrillic letters, Hebrew points, Arabic vowel signs and the stretching line, invisible format characters. */
const UNWANTED_MARKS =
	/[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff]/g;

/** Returns the text in the one form that indexing, searching and comparing use. */
export function fold( text: string ): string {
	if ( ASCII_ONLY.test( text ) ) {
		return text.toLowerCase();
	}
	// Decomposing takes Hangul syllables apart as well; composing again puts them back together.
	return text
		.toLowerCase()
		.normalize( 'NFKD' )
		.replace( UNWANTED_MARKS, '' )
		.normalize( 'NFKC' )
		.replaceAll( 'ß', 'ss' );
}

const CONTROL_CHARACTERS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/** Removes control characters (newline and tab stay) and half characters, and makes every line end a plain newline. */
export function cleanText( text: string ): string {
	return text
		.toWellFormed()
		.replace( /\r\n?|\u2028|\u2029/g, '\n' )
		.replace( CONTROL_CHARACTERS, '' );
}
