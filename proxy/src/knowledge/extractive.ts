/**
 * Answers without a model: quotes the sentences of the best passages that speak of what was asked, word for word.
 */
import type { Passage } from '../types.ts';
import { wordWeight } from './coverage.ts';
import { baseLanguage } from './language.ts';
import { questionLanguage, questionTerms } from './question-terms.ts';
import { sentenceSpans, type Span } from './sentences.ts';
import { documentWords, wordForms } from './words.ts';

/** How many sentences one passage gives, how many passages are quoted, and how long a quotation may get. */
const MAX_SENTENCES = 3;
const MAX_PASSAGES = 2;
const MAX_QUOTE_LENGTH = 700;

/** A further passage is quoted only when it is about as relevant as the best one. */
const MIN_RELATIVE_SCORE = 0.75;

/** A quoted answer. */
export interface ExtractiveAnswer {
	/** Plain text: a line that says where the quotation stands, then the quotation; a blank line between two. */
	text: string;
	/** The passages that were quoted, in the order of the text. */
	quoted: Passage[];
}

/** Where a word of the question was met: which unit, which word. */
interface Unit extends Span {
	/** Words of the question in it, by place. */
	terms: Set< number >;
	score: number;
}

/**
 * Returns the quoted answer to `question` from passages that search found for it, best first; undefined when there is none.
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
	const asked = questionTerms(
		question,
		questionLanguage( question, language, [
			baseLanguage( best.language ),
		] )
	).words;
	const quoted = passages
		.slice( 0, MAX_PASSAGES )
		.filter( ( { score } ) => score >= best.score * MIN_RELATIVE_SCORE );
	return {
		text: quoted
			.map(
				( passage ) =>
					`${ [ passage.title, ...passage.headingPath ].join(
						' › '
					) }\n${ quote( passage, asked ) }`
			)
			.join( '\n\n' ),
		quoted,
	};
}

/** Returns the sentences of a passage around the one that speaks most of what was asked. */
function quote( passage: Passage, asked: readonly string[] ): string {
	const units = readUnits( passage, asked );
	let best = 0;
	for ( const [ at, unit ] of units.entries() ) {
		if ( unit.score > ( units[ best ] as Unit ).score ) {
			best = at;
		}
	}
	let [ from, to ] = [ best, best ];
	const length = ( first: number, last: number ): number =>
		( units[ last ] as Unit ).end - ( units[ first ] as Unit ).start;
	while ( to - from + 1 < MAX_SENTENCES ) {
		const after = units[ to + 1 ];
		const before = units[ from - 1 ];
		// What follows explains more often than what comes before; so the sentence before must say more to be taken.
		if (
			after &&
			( ! before || after.score >= before.score ) &&
			length( from, to + 1 ) <= MAX_QUOTE_LENGTH
		) {
			to++;
		} else if (
			before &&
			before.score > 0 &&
			length( from - 1, to ) <= MAX_QUOTE_LENGTH
		) {
			from--;
		} else {
			break;
		}
	}
	const first = units[ from ];
	const last = units[ to ];
	return first && last
		? passage.text.slice( first.start, last.end ).trim()
		: passage.text.trim();
}

/** Cuts a passage into sentences and lines, and scores each by the words of the question in it, the rarer the higher. */
function readUnits( passage: Passage, asked: readonly string[] ): Unit[] {
	const language = baseLanguage( passage.language );
	const forms = asked.map( ( word ) => wordForms( word, language ) );
	const units = unitSpans( passage.text ).map( ( span ): Unit => {
		const words = new Set(
			documentWords(
				passage.text.slice( span.start, span.end ),
				language
			)
		);
		const terms = new Set(
			forms.flatMap( ( some, at ) =>
				some.some( ( form ) => words.has( form ) ) ? [ at ] : []
			)
		);
		return { ...span, terms, score: 0 };
	} );
	for ( const unit of units ) {
		for ( const term of unit.terms ) {
			unit.score += wordWeight(
				units.length,
				units.filter( ( { terms } ) => terms.has( term ) ).length
			);
		}
	}
	return units;
}

function unitSpans( text: string ): Span[] {
	const spans: Span[] = [];
	let start = 0;
	for ( const line of text.split( '\n' ) ) {
		spans.push( ...sentenceSpans( text, start, start + line.length ) );
		start += line.length + 1;
	}
	return spans;
}
