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
import { formsOfWord } from './ranking.ts';

/** A passage of a changed document, known by its language. */
interface ChangedPassage {
	language: string;
}

/** What a word of a question means on the changed site. Questions share their words, so each is looked up once. */
interface KnownWord {
	/** The changed passages that hold the word in one of its forms. */
	passages: readonly ChangedPassage[];
	/** How telling the word is, as search weighs it. */
	weight(): number;
}

/**
 * Returns the answers whose question would find a passage of the changed documents. Looser than search on purpose: it does
 * not ask whether better passages would keep the new one out of the first places.
 */
export const findOutdated: FindOutdated = ( changed, questions, site ) => {
	const passagesByForm = new Map< string, ChangedPassage[] >();
	for ( const { baseLanguage, passages } of changed ) {
		for ( const { impacts } of passages ) {
			const passage = { language: baseLanguage };
			for ( const word of impacts.keys() ) {
				const others = passagesByForm.get( word );
				if ( others ) {
					others.push( passage );
				} else {
					passagesByForm.set( word, [ passage ] );
				}
			}
		}
	}
	const known = new Map< string, KnownWord >();
	const look = ( word: string ): KnownWord => {
		const before = known.get( word );
		if ( before ) {
			return before;
		}
		const found = lookUp( word, passagesByForm, site );
		known.set( word, found );
		return found;
	};
	return questions
		.filter( ( question ) => wouldFind( question, look ) )
		.map( ( { answerId } ) => answerId );
};

function lookUp(
	word: string,
	passagesByForm: ReadonlyMap< string, ChangedPassage[] >,
	site: SiteStatistics
): KnownWord {
	const forms = formsOfWord( word, site.languages );
	let weight: number | undefined;
	return {
		passages: forms.flatMap( ( { form, languages } ) =>
			( passagesByForm.get( form ) ?? [] ).filter( ( { language } ) =>
				languages.includes( language )
			)
		),
		weight() {
			weight ??= wordWeight(
				site.passageCount,
				Math.max(
					...forms.map( ( { form, languages } ) =>
						site.passagesWith( form, languages )
					)
				)
			);
			return weight;
		},
	};
}

function wouldFind(
	{ terms: written }: CachedQuestion,
	look: ( word: string ) => KnownWord
): boolean {
	const terms = readTerms( written );
	const words = terms.words.map( look );
	const masks = new Map< ChangedPassage, number >();
	for ( const [ term, { passages } ] of words.entries() ) {
		for ( const passage of passages ) {
			masks.set( passage, ( masks.get( passage ) ?? 0 ) | ( 1 << term ) );
		}
	}
	if ( masks.size === 0 ) {
		return false;
	}
	const weights = words.map( ( word ) => word.weight() );
	return [ ...new Set( masks.values() ) ].some(
		( mask ) => coverage( mask, terms, weights ) >= MIN_COVERAGE
	);
}
