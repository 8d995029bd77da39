/**
 * Reads a question: which words it asks about, in which of its sentences, and how much of that a passage has to hold.
 */
import { baseLanguage, detectLanguage } from './language.ts';
import { sentenceSpans } from './sentences.ts';
import { questionWords } from './words.ts';

/** How many different words of a question count; as bits of a mask they fit one integer. */
const MAX_TERMS = 30;

/** How much of a question is read, in characters. */
const MAX_QUESTION_LENGTH = 4_000;

/** What a question asks about. */
export interface QuestionTerms {
	/** Folded words, not stemmed. */
	words: string[];
	/** Words that every passage may lack, as bits by their place in `words`. */
	optional: number;
	/** Says that the question names no subject: "What is this about?", "How much is it?". */
	isOpen: boolean;
	/** What one passage has to speak of: all words, or those of one sentence that asks. Bits by place in `words`. */
	groups: number[];
}

/**
 * Returns the base language that a question is read in: what it shows itself, then what the caller knows, then the site's
 * own when there is only one.
 */
export function questionLanguage(
	question: string,
	hint: string | undefined,
	siteLanguages: readonly string[]
): string {
	return (
		detectLanguage( question ) ||
		baseLanguage( hint ?? '' ) ||
		( siteLanguages.length === 1 && siteLanguages[ 0 ] ) ||
		'en'
	);
}

/**
 * Returns what a question asks about. A long message often tells a story before it asks; then the sentences with a question
 * mark are enough, because no page of a site repeats the visitor's story.
 */
export function questionTerms(
	question: string,
	language: string
): QuestionTerms {
	const asked = question.slice( 0, MAX_QUESTION_LENGTH );
	const words: string[] = [];
	let optional = 0;
	let isOpen = true;
	for ( const { word, isAsking, isOptional } of questionWords(
		asked,
		language
	).slice( 0, MAX_TERMS ) ) {
		if ( isOptional ) {
			optional |= 1 << words.length;
		}
		isOpen &&= isAsking;
		words.push( word );
	}
	const all = ( 1 << words.length ) - 1;
	return {
		words,
		optional,
		isOpen,
		groups: [
			all & ~optional,
			...askingSentences( asked, language, words ).map(
				( group ) => group & ~optional
			),
		],
	};
}

function askingSentences(
	question: string,
	language: string,
	words: readonly string[]
): number[] {
	const spans = sentenceSpans( question );
	if ( spans.length < 2 ) {
		return [];
	}
	const sentences = spans.map( ( { start, end } ) =>
		question.slice( start, end )
	);
	return sentences
		.filter( ( sentence ) => /[?？؟]/.test( sentence ) )
		.map( ( sentence ) =>
			maskOf(
				questionWords( sentence, language ).map( ( { word } ) => word ),
				words
			)
		)
		.filter( ( group ) => group !== 0 );
}

function maskOf( some: readonly string[], words: readonly string[] ): number {
	return some.reduce( ( mask, word ) => {
		const at = words.indexOf( word );
		return at < 0 ? mask : mask | ( 1 << at );
	}, 0 );
}

/** Writes terms as one line of text, for a store to keep beside an answer. */
export function writeTerms( {
	words,
	groups,
	optional,
	isOpen,
}: QuestionTerms ): string {
	return JSON.stringify( [ words, groups, optional, isOpen ] );
}

/** Reads what `writeTerms` wrote. */
export function readTerms( written: string ): QuestionTerms {
	const [ words, groups, optional, isOpen ] = JSON.parse( written );
	return { words, groups, optional, isOpen };
}
