/**
 * Cleans what a model wrote down, and tells words from what models write when nobody speaks.
 */

/** The longest question, in characters, spoken or typed. */
const MAX_CHARACTERS = 4_000;

/** The longest list of names that goes along with a recording, and the longest name, in characters. */
const MAX_KEYWORDS = 50;
const MAX_KEYWORD_CHARACTERS = 60;

/** Sounds as models name them: `[music]`, `(laughs)`, `*sighs*`, `♪`. */
const SOUND_MARKS = /\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫]/gu;

/**
 * What models of the Whisper family make of silence: the closing words of the videos that they learned from. Nobody asks a site this, and only a
 * transcript that is nothing else counts.
 */
const CLOSING_WORDS =
	/^(?:(?:thank you|thanks)(?: so much)? for watching\W*|.*\bamara\.org\b.*|.*由\s*amara\.org\s*社区提供.*)$/iu;

/** So many names in a row, and nothing else, are our own list read back. */
const MIN_ECHOED = 3;

/** Takes out control characters and doubled spaces, and bounds the length. */
export function cleanTranscript( raw: string ): string {
	const text = raw
		.slice( 0, MAX_CHARACTERS * 4 )
		.toWellFormed()
		.replace( /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ' )
		.trim();
	return text.slice( 0, MAX_CHARACTERS ).toWellFormed().trim();
}

/** Tells whether a clean transcript holds no word that anybody said. */
export function isNothing(
	text: string,
	keywords: readonly string[] = []
): boolean {
	return (
		! /[\p{L}\p{N}]/u.test( text.replace( SOUND_MARKS, ' ' ) ) ||
		CLOSING_WORDS.test( text ) ||
		isEcho( text, keywords )
	);
}

/** Tells whether a transcript is nothing but the names that were sent along, as models write it when nobody speaks. */
function isEcho( text: string, keywords: readonly string[] ): boolean {
	const known = new Set( keywords.map( ( word ) => word.toLowerCase() ) );
	const pieces = text
		.toLowerCase()
		.replace( /[.\s]+$/, '' )
		.split( /,\s*/ );
	return (
		pieces.length >= MIN_ECHOED &&
		pieces.every( ( piece ) => known.has( piece ) )
	);
}

/** Bounds the names that are likely to be said: each once, on one line, the first ones where there are many. */
export function boundKeywords( keywords: readonly string[] ): string[] {
	const bounded = new Set< string >();
	for ( const keyword of keywords ) {
		const clean = cleanTranscript( keyword );
		if ( clean !== '' && clean.length <= MAX_KEYWORD_CHARACTERS ) {
			bounded.add( clean );
		}
		if ( bounded.size === MAX_KEYWORDS ) {
			break;
		}
	}
	return [ ...bounded ];
}
