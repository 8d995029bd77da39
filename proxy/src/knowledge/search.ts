/**
 * Finds the passages of a site that speak of what a question asks, and says whether they are likely to answer it.
 */
import type {
	KnowledgeStore,
	SiteIndex,
	StoredPassage,
} from '../stores/knowledge-store.ts';
import type { Postings } from '../stores/postings.ts';
import type { PageScope, Passage } from '../types.ts';
import {
	CONFIDENT_COVERAGE,
	coverage,
	MIN_COVERAGE,
	wordWeight,
} from './coverage.ts';
import { IMPACT_UNIT } from './index-document.ts';
import {
	questionLanguage,
	type QuestionTerms,
	questionTerms,
} from './question-terms.ts';
import { createScoreboard, type Scoreboard } from './scoreboard.ts';
import { wordForms } from './words.ts';

/** What to look for. */
export interface SearchRequest {
	query: string;
	/** BCP 47 tag of the visitor's language, for questions that do not show theirs. */
	language?: string | undefined;
	/** Limits the search to one page. */
	scope?: PageScope | undefined;
	/** How many passages to return at most. */
	topK?: number | undefined;
}

/** What was found. */
export interface SearchResult {
	/** Best first. There may be some although they are unlikely to answer. */
	passages: Passage[];
	/** Whether the best passage covers enough of the question to answer it. */
	isConfident: boolean;
	/** The version of the site's documents that was searched. */
	knowledgeVersion: number;
	/** The best passage of each of the nearest pages, for a visitor whose question has no answer. */
	nearest: Passage[];
}

/** Searches the documents of sites. */
export type Search = (
	siteId: string,
	request: SearchRequest
) => Promise< SearchResult >;

/** A word that only means the same counts less than the word itself. */
const SYNONYM_FACTOR = 0.6;

/** A passage in another language than the question counts less. */
const OTHER_LANGUAGE_FACTOR = 0.6;

/** One page fills at most half of the places, so that a long page does not hide the others. */
const MAX_SHARE_OF_PAGE = 0.5;

/** How many pages are offered when nothing answers. */
const NEAREST_PAGES = 3;

/** How often a search starts again because the documents changed meanwhile. */
const MAX_ATTEMPTS = 3;

/** A passage's place in the ranking before its text is read. */
interface Candidate {
	number: number;
	rank: number;
	covered: number;
}

/** Makes the search over a store. */
export function createSearch( store: KnowledgeStore ): Search {
	const scoreboard = createScoreboard();

	return async ( siteId, request ) => {
		for ( let attempt = 1; ; attempt++ ) {
			const site = await store.site( siteId );
			const candidates = await rankPassages(
				store,
				scoreboard,
				siteId,
				site,
				request
			);
			const { version, passages } = await store.passages(
				siteId,
				candidates.map( ( { number } ) => number )
			);
			if ( version === site.version || attempt === MAX_ATTEMPTS ) {
				return present( request, site, candidates, passages );
			}
		}
	};
}

async function rankPassages(
	store: KnowledgeStore,
	scoreboard: Scoreboard,
	siteId: string,
	site: SiteIndex,
	{ query, language: hint, scope, topK = 6 }: SearchRequest
): Promise< Candidate[] > {
	if ( site.passageCount === 0 ) {
		return [];
	}
	const language = questionLanguage( query, hint, site.languages );
	const terms = questionTerms( query, language );
	const numbers = scope
		? await store.passageNumbers( siteId, selectionOf( scope ) )
		: undefined;
	if ( terms.words.length === 0 ) {
		// "What is this about?" on a page asks for the page itself.
		return ( numbers ?? [] )
			.slice( 0, topK )
			.map( ( number ) => ( { number, rank: 1, covered: 1 } ) );
	}
	const forms = formsOf( terms, site.languages );
	const postings = await store.postings(
		siteId,
		forms.map( ( { form } ) => form )
	);
	return score(
		scoreboard,
		site,
		terms,
		language,
		forms,
		postings,
		numbers,
		topK
	);
}

/** A form to look up, and which word of the question it stands for. */
interface Form {
	form: string;
	term: number;
	languages: string[];
	isSynonym: boolean;
}

function formsOf(
	{ words }: QuestionTerms,
	siteLanguages: readonly string[]
): Form[] {
	const forms: Form[] = [];
	for ( const [ term, word ] of words.entries() ) {
		const first = forms.length;
		for ( const language of siteLanguages ) {
			for ( const [ index, form ] of wordForms(
				word,
				language
			).entries() ) {
				const known = forms.find(
					( other, at ) => at >= first && other.form === form
				);
				if ( known ) {
					known.languages.push( language );
				} else {
					forms.push( {
						form,
						term,
						languages: [ language ],
						isSynonym: index > 0,
					} );
				}
			}
		}
	}
	// A passage that holds the word itself must not be counted under a synonym first.
	return forms.sort(
		( a, b ) =>
			a.term - b.term || Number( a.isSynonym ) - Number( b.isSynonym )
	);
}

function score(
	scoreboard: Scoreboard,
	site: SiteIndex,
	terms: QuestionTerms,
	language: string,
	forms: readonly Form[],
	postings: readonly Postings[][],
	numbers: readonly number[] | undefined,
	topK: number
): Candidate[] {
	const weights = terms.words.map( ( _, term ) =>
		wordWeight(
			site.passageCount,
			Math.max(
				0,
				...forms.map( ( form, at ) =>
					form.term === term
						? passagesIn( postings[ at ] ?? [], form )
						: 0
				)
			)
		)
	);
	scoreboard.clear();
	for ( const [ at, form ] of forms.entries() ) {
		for ( const block of postings[ at ] ?? [] ) {
			if ( form.languages.includes( block.language ) ) {
				scoreboard.add(
					block,
					form.term,
					( weights[ form.term ] ?? 0 ) *
						IMPACT_UNIT *
						( form.isSynonym ? SYNONYM_FACTOR : 1 ) *
						( block.language === language
							? 1
							: OTHER_LANGUAGE_FACTOR )
				);
			}
		}
	}
	const covered = new Map< number, number >();
	return scoreboard.best(
		// Some candidates repeat others or come from a page that has had its share.
		Math.max( topK * 2, 12 ),
		numbers,
		( mask, points ) => {
			let share = covered.get( mask );
			if ( share === undefined ) {
				share = coverage( mask, terms, weights );
				covered.set( mask, share );
			}
			return share < MIN_COVERAGE
				? undefined
				: { rank: points * ( 0.3 + share ), covered: share };
		}
	);
}

function passagesIn( blocks: readonly Postings[], form: Form ): number {
	return blocks.reduce(
		( sum, block ) =>
			form.languages.includes( block.language )
				? sum + block.pairs.length / 2
				: sum,
		0
	);
}

function selectionOf( { postId, url }: PageScope ): {
	ids: string[];
	urls: string[];
} {
	const plain = url?.replace( /[?#].*$/, '' );
	const withoutSlash = plain?.replace( /\/$/, '' );
	return {
		ids:
			postId === undefined
				? []
				: [ `post-${ postId }`, String( postId ) ],
		urls:
			url === undefined
				? []
				: [
						...new Set( [
							url,
							plain ?? url,
							withoutSlash ?? url,
							`${ withoutSlash }/`,
						] ),
					],
	};
}

function present(
	{ scope, topK = 6 }: SearchRequest,
	site: SiteIndex,
	candidates: readonly Candidate[],
	stored: readonly StoredPassage[]
): SearchResult {
	const byNumber = new Map(
		stored.map( ( passage ) => [ passage.number, passage ] )
	);
	const texts = new Set< string >();
	const perPage = new Map< string, number >();
	const nearest = new Map< string, Passage >();
	const passages: Passage[] = [];
	const pageLimit = scope ? topK : Math.ceil( topK * MAX_SHARE_OF_PAGE );
	let best = 0;
	for ( const { number, rank, covered } of candidates ) {
		const found = byNumber.get( number );
		if ( ! found || texts.has( found.text ) ) {
			continue;
		}
		texts.add( found.text );
		const { number: _, ...passage } = { ...found, score: rank };
		if ( ! nearest.has( found.url ) && nearest.size < NEAREST_PAGES ) {
			nearest.set( found.url, passage );
		}
		const already = perPage.get( found.documentId ) ?? 0;
		if ( already < pageLimit && passages.length < topK ) {
			perPage.set( found.documentId, already + 1 );
			passages.push( passage );
			best = Math.max( best, covered );
		}
	}
	return {
		passages,
		isConfident: best >= CONFIDENT_COVERAGE,
		knowledgeVersion: site.version,
		nearest: [ ...nearest.values() ],
	};
}
