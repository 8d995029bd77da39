/**
 * Picks the cached answers that changed documents might answer differently.
 */
import type {
	CachedQuestion,
	FindOutdated,
	SiteStatistics,
} from '../stores/knowledge-store.ts';
import { coverage, MIN_COVERAGE } from './coverage.ts';
import { readTerms } from './question-terms.ts';
import { type Form, questionForms, wordWeights } from './ranking.ts';

/** A passage of a changed document, known by its language. */
interface ChangedPassage {
	language: string;
}

/**
 * Returns the answers whose question would find a passage of the changed documents. Looser than search on purpose: it does
 * not ask whether better passages would keep the new one out of the first places.
 */
export const findOutdated: FindOutdated = ( changed, questions, site ) => {
	const passagesByWord = new Map< string, ChangedPassage[] >();
	for ( const { baseLanguage, passages } of changed ) {
		for ( const { impacts } of passages ) {
			const passage = { language: baseLanguage };
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
	const count = rememberCounts( site );
	return questions
		.filter( ( question ) =>
			wouldFind( question, passagesByWord, site, count )
		)
		.map( ( { answerId } ) => answerId );
};

function wouldFind(
	{ terms: written }: CachedQuestion,
	passagesByWord: ReadonlyMap< string, ChangedPassage[] >,
	site: SiteStatistics,
	count: ( form: Form ) => number
): boolean {
	const terms = readTerms( written );
	const forms = questionForms( terms.words, site.languages );
	const masks = new Map< ChangedPassage, number >();
	for ( const { form, term, languages } of forms ) {
		for ( const passage of passagesByWord.get( form ) ?? [] ) {
			if ( languages.includes( passage.language ) ) {
				masks.set(
					passage,
					( masks.get( passage ) ?? 0 ) | ( 1 << term )
				);
			}
		}
	}
	if ( masks.size === 0 ) {
		return false;
	}
	const weights = wordWeights(
		terms.words.length,
		site.passageCount,
		forms,
		forms.map( count )
	);
	return [ ...new Set( masks.values() ) ].some(
		( mask ) => coverage( mask, terms, weights ) >= MIN_COVERAGE
	);
}

/** Counts each form once, because questions share their words. */
function rememberCounts( site: SiteStatistics ): ( form: Form ) => number {
	const counts = new Map< string, number >();
	return ( { form, languages } ) => {
		const key = `${ languages.join( ' ' ) }|${ form }`;
		let count = counts.get( key );
		if ( count === undefined ) {
			count = site.passagesWith( form, languages );
			counts.set( key, count );
		}
		return count;
	};
}
