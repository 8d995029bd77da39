/**
 * Reads the words of a rule as an owner types them, and writes them back.
 */

/** What the proxy takes at most. */
export const MAX_WORDS = 20;
export const MAX_WORD_LENGTH = 80;

/** Why the words of a rule could not be read. */
export type WordsProblem = 'empty' | 'too-many' | 'too-long';

/** The words of a rule as typed: read, or refused for one reason. */
export type ParsedWords =
	| { isValid: true; words: string[] }
	| { isValid: false; problem: WordsProblem };

/** Something in quotation marks (doubled inside), or anything up to a comma of any script. */
const PIECES = /\s*"((?:[^"]|"")*)"|[^,，、،]+/g;

/** Reads words and phrases between commas; what holds a comma itself stands in straight quotation marks. Repetitions count once. */
export function readWords( typed: string ): ParsedWords {
	const words = new Map< string, string >();
	for ( const [ piece, quoted ] of typed.matchAll( PIECES ) ) {
		const word = ( quoted?.replaceAll( '""', '"' ) ?? piece ).trim();
		if ( word !== '' && ! words.has( word.toLowerCase() ) ) {
			words.set( word.toLowerCase(), word );
		}
	}
	const read = [ ...words.values() ];
	if ( read.length === 0 ) {
		return { isValid: false, problem: 'empty' };
	}
	if ( read.length > MAX_WORDS ) {
		return { isValid: false, problem: 'too-many' };
	}
	return read.some( ( { length } ) => length > MAX_WORD_LENGTH )
		? { isValid: false, problem: 'too-long' }
		: { isValid: true, words: read };
}

/** Writes words for a text field, so that `readWords` gives them back. */
export function writeWords( words: readonly string[] ): string {
	return words
		.map( ( word ) =>
			/[",，、،]/.test( word )
				? `"${ word.replaceAll( '"', '""' ) }"`
				: word
		)
		.join( ', ' );
}
