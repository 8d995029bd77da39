/**
 * Picks the cached answers that changed documents might answer differently.
 */
import type {
	CachedQuestion,
	FindOutdated,
	SiteStatistics,
} from '../stores/knowledge-store.ts';
import { coverage, MIN_COVERAGE, wordWeight } from './coverage.ts';
import { readTerms } from './question-terms.ts';
import { wordForms } from './words.ts';

/** A passage of a changed document, by its words. */
interface ChangedPassage {
	language: string;
	words: ReadonlyMap< string, number >;
}

/**
 * Returns the answers whose question would find a passage of the changed documents. Looser than search on purpose: it does
 * not ask whether better passages would keep the new one out of the first places.
 */
export const findOutdated: FindOutdated = ( changed, questions, site ) => {
	const passagesByWord = new Map< string, ChangedPassage[] >();
	const languages = new Set< string >();
	for ( const document of changed ) {
		languages.add( document.baseLanguage );
		for ( const { impacts } of document.passages ) {
			const passage = { language: document.baseLanguage, words: impacts };
			for ( const word of impacts.keys() ) {
				const others = passagesByWord.get( word );
				if ( others ) {
					others.push( passage );
				} else {
					passagesByWord.set( word, [ passage ] );
				}
			}
		}
	}
	const weigh = weigher( site, [ ...languages ] );
	return questions
		.filter( ( question ) =>
			isTouched( question, passagesByWord, [ ...languages ], weigh )
		)
		.map( ( { answerId } ) => answerId );
};

function isTouched(
	{ terms: written }: CachedQuestion,
	passagesByWord: ReadonlyMap< string, ChangedPassage[] >,
	languages: readonly string[],
	weigh: ( word: string ) => number
): boolean {
	const terms = readTerms( written );
	const masks = new Map< ChangedPassage, number >();
	for ( const [ at, word ] of terms.words.entries() ) {
		for ( const language of languages ) {
			for ( const form of wordForms( word, language ) ) {
				for ( const passage of passagesByWord.get( form ) ?? [] ) {
					if ( passage.language === language ) {
						masks.set(
							passage,
							( masks.get( passage ) ?? 0 ) | ( 1 << at )
						);
					}
				}
			}
		}
	}
	if ( masks.size === 0 ) {
		return false;
	}
	const weights = terms.words.map( weigh );
	return [ ...new Set( masks.values() ) ].some(
		( mask ) => coverage( mask, terms, weights ) >= MIN_COVERAGE
	);
}

/** Weighs a question's word as search does: by the form that most passages hold. */
function weigher(
	site: SiteStatistics,
	languages: readonly string[]
): ( word: string ) => number {
	const known = new Map< string, number >();
	return ( word ) => {
		let weight = known.get( word );
		if ( weight === undefined ) {
			const forms = new Set(
				languages.flatMap( ( language ) => wordForms( word, language ) )
			);
			weight = wordWeight(
				site.passageCount,
				Math.max( 0, ...Array.from( forms, site.passagesWith ) )
			);
			known.set( word, weight );
		}
		return weight;
	};
}
