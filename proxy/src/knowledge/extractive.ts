/**
 * Answers without a model: quotes the sentences of the best passages that speak of what was asked, word for word.
 */
import type { Passage } from '../types.ts';
import { baseLanguage } from './language.ts';
import { questionLanguage, questionTerms } from './question-terms.ts';
import { type AskedWord, type Quote, quote } from './quote.ts';
import { documentWords, allForms } from './words.ts';

/** How many passages are quoted at most. */
const MAX_PASSAGES = 2;

/** A further passage is quoted only when it is about as relevant as the best one. */
const MIN_RELATIVE_SCORE = 0.75;

/** A word that says how something is asked counts less than what is asked about. */
const OPTIONAL_WEIGHT = 0.4;

/** What a word counts that the title or a heading holds, beside the scores of `quote`. */
const ABOVE_SCORE = 1;

/** A quoted answer. */
export interface ExtractiveAnswer {
	/** Plain text: a line that says where the quotation stands, then the quotation; a blank line between two. */
	text: string;
	/** The passages that were quoted, in the order of the text. */
	quoted: Passage[];
}

/**
 * Returns the quoted answer to `question` from passages that search found for it, best first; undefined when there is none.
 * `language` is a BCP 47 tag for questions that do not show their language.
 */
export function extractAnswer(
	question: string,
	passages: readonly Passage[],
	language?: string
): ExtractiveAnswer | undefined {
	const [ best ] = passages;
	if ( ! best ) {
		return undefined;
	}
	const quotes = passages
		.slice( 0, MAX_PASSAGES )
		.filter( ( { score } ) => score >= best.score * MIN_RELATIVE_SCORE )
		.map( ( passage ) => quotePassage( question, passage, language ) );
	const [ first ] = quotes;
	const kept = quotes.filter(
		( { score }, at ) =>
			at === 0 || score >= ( first?.score ?? 0 ) * MIN_RELATIVE_SCORE
	);
	return {
		text: kept
			.map( ( { passage, text } ) =>
				// A page without text is a passage that holds its title.
				text === passage.title
					? text
					: `${ place( passage ) }\n${ text }`
			)
			.join( '\n\n' ),
		quoted: kept.map( ( { passage } ) => passage ),
	};
}

function quotePassage(
	question: string,
	passage: Passage,
	hint: string | undefined
): Quote & { passage: Passage } {
	const language = baseLanguage( passage.language ) || 'und';
	const { words, optional } = questionTerms(
		question,
		questionLanguage( question, hint, [ language ] )
	);
	const above = new Set(
		documentWords( place( passage ), language, { isHeading: true } )
	);
	const asked = words.map( ( word, at ): AskedWord => ( {
		forms: allForms( word, language ),
		weight: optional & ( 1 << at ) ? OPTIONAL_WEIGHT : 1,
	} ) );
	// On the page about the stove every sentence is about the stove: what else is asked tells them apart.
	const below = asked.filter(
		( { forms } ) => ! forms.some( ( form ) => above.has( form ) )
	);
	const { text, score } = quote( passage.text, below, language );
	return {
		passage,
		text,
		score: below.every( ( { weight } ) => weight < 1 )
			? Infinity
			: score + ( asked.length - below.length ) * ABOVE_SCORE,
	};
}

function place( { title, headingPath }: Passage ): string {
	return [ title, ...headingPath ].join( ' › ' );
}
