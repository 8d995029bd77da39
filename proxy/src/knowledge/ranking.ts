/**
 * Ranks the passages of a site by the words of a question that they hold (BM25F), and by how much of the question that covers.
 */
import type { Postings } from '../stores/postings.ts';
import { coverage, NEAR_COVERAGE, wordWeight } from './coverage.ts';
import { IMPACT_UNIT } from './index-document.ts';
import type { QuestionTerms } from './question-terms.ts';
import type { Scoreboard } from './scoreboard.ts';
import { wordForms } from './words.ts';

/** A passage's place in the ranking, before its text is read. */
export interface Candidate {
	number: number;
	rank: number;
	/** The share of the question that the passage covers. */
	covered: number;
}

/** A form to look up, and in documents of which languages. */
export interface Form {
	form: string;
	languages: string[];
	isSynonym: boolean;
}

/** A form with the place of the question's word that it stands for. */
export interface TermForm extends Form {
	term: number;
}

/** A word that only means the same counts less than the word itself. */
const SYNONYM_FACTOR = 0.6;

/** A word that only says how something is asked counts less still. */
const OPTIONAL_FACTOR = 0.7;

/** A passage in another language than the question counts less. */
const OTHER_LANGUAGE_FACTOR = 0.6;

/** Without it, one rare word would weigh as much as covering the whole question. */
const COVERAGE_OFFSET = 0.3;

/** Returns the forms of a word to look up, the word itself before its synonyms. */
export function formsOfWord(
	word: string,
	siteLanguages: readonly string[]
): Form[] {
	const forms = new Map< string, Form >();
	const add = (
		form: string,
		language: string,
		isSynonym: boolean
	): void => {
		const known = forms.get( form );
		if ( known ) {
			known.languages.push( language );
			known.isSynonym &&= isSynonym;
		} else {
			forms.set( form, { form, languages: [ language ], isSynonym } );
		}
	};
	for ( const language of siteLanguages ) {
		const { own, synonyms } = wordForms( word, language );
		own.forEach( ( form ) => add( form, language, false ) );
		synonyms.forEach( ( form ) => add( form, language, true ) );
	}
	return [ ...forms.values() ].sort(
		( a, b ) => Number( a.isSynonym ) - Number( b.isSynonym )
	);
}

/** Returns the forms of all words of a question. */
export function questionForms(
	words: readonly string[],
	siteLanguages: readonly string[]
): TermForm[] {
	return words.flatMap( ( word, term ) =>
		formsOfWord( word, siteLanguages ).map( ( form ) => ( {
			...form,
			term,
		} ) )
	);
}

/** Returns the best passages, all or those among `numbers`; `postings` belong to `forms` by place. */
export function rank( {
	scoreboard,
	passageCount,
	terms,
	language,
	forms,
	postings,
	numbers,
	limit,
}: {
	scoreboard: Scoreboard;
	passageCount: number;
	terms: QuestionTerms;
	language: string;
	forms: readonly TermForm[];
	postings: readonly Postings[][];
	numbers: readonly number[] | undefined;
	limit: number;
} ): Candidate[] {
	// A word is as telling as the form that most passages hold.
	const counts = new Array< number >( terms.words.length ).fill( 0 );
	for ( const [ at, form ] of forms.entries() ) {
		counts[ form.term ] = Math.max(
			counts[ form.term ] ?? 0,
			passagesIn( postings[ at ] ?? [], form )
		);
	}
	const weights = counts.map( ( count ) =>
		wordWeight( passageCount, count )
	);
	scoreboard.clear();
	for ( const [ at, form ] of forms.entries() ) {
		const factor =
			( weights[ form.term ] ?? 0 ) *
			IMPACT_UNIT *
			( form.isSynonym ? SYNONYM_FACTOR : 1 ) *
			( terms.optional & ( 1 << form.term ) ? OPTIONAL_FACTOR : 1 );
		for ( const block of postings[ at ] ?? [] ) {
			if ( form.languages.includes( block.language ) ) {
				scoreboard.add(
					block,
					form.term,
					block.language === language
						? factor
						: factor * OTHER_LANGUAGE_FACTOR
				);
			}
		}
	}
	return scoreboard
		.best( limit, numbers, ( mask ) => {
			const covered = coverage( mask, terms, weights );
			return covered < NEAR_COVERAGE ? 0 : COVERAGE_OFFSET + covered;
		} )
		.map( ( { number, rank: points, mask } ) => ( {
			number,
			rank: points,
			covered: coverage( mask, terms, weights ),
		} ) );
}

function passagesIn( blocks: readonly Postings[], form: Form ): number {
	let count = 0;
	for ( const block of blocks ) {
		if ( form.languages.includes( block.language ) ) {
			count += block.pairs.length / 2;
		}
	}
	return count;
}
