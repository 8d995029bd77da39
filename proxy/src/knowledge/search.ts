/**
 * Finds the passages of a site that speak of what a question asks, and says whether they are likely to answer it.
 */
import type {
	DocumentSelection,
	KnowledgeStore,
	StoredPassage,
} from '../stores/knowledge-store.ts';
import type { PageScope, Passage } from '../types.ts';
import { CONFIDENT_COVERAGE, MIN_COVERAGE } from './coverage.ts';
import { baseLanguage } from './language.ts';
import { questionLanguage, questionTerms } from './question-terms.ts';
import { type Candidate, questionForms, rank } from './ranking.ts';
import { createReader, type SiteReader } from './reader.ts';
import { createScoreboard, type Scoreboard } from './scoreboard.ts';
import { allForms, documentWords, isQuestionWord } from './words.ts';

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
	/** Best first; every one covers a part of the question, even when none is likely to answer it. */
	passages: Passage[];
	/** Whether a passage covers enough of the question to answer it. */
	isConfident: boolean;
	/** The largest share of the question that one passage covers, from 0 to 1. */
	coverage: number;
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

const DEFAULT_TOP_K = 6;

/** One page fills at most half of the places, so that a long page does not hide the others. */
const MAX_SHARE_OF_PAGE = 0.5;

/** How much the opening of a page gains when the question names the page and nothing else. */
const OPENING_FACTOR = 2;

/** Some candidates repeat others or come from a page that has had its share; so more are read than returned. */
const CANDIDATES_PER_PLACE = 1.5;

/** How many pages are offered when nothing answers. */
const NEAREST_PAGES = 3;

/** Makes the search over a store. */
export function createSearch( store: KnowledgeStore ): Search {
	const openSite = createReader( store );
	const scoreboard = createScoreboard();

	return async ( siteId, request ) => {
		// The documents may change between two reads; then the search starts again. Changes of one site do not come so fast
		// that this goes on.
		for (;;) {
			const reader = await openSite( siteId );
			const found = await findCandidates( reader, scoreboard, request );
			const stored =
				found &&
				( await reader.passages(
					found.candidates.map( ( { number } ) => number )
				) );
			if ( stored ) {
				return present( request, reader, found, stored );
			}
		}
	};
}

/** What a question asks for, and which passages may answer it. */
interface Found {
	words: string[];
	candidates: Candidate[];
}

/** Returns undefined when the documents changed meanwhile. */
async function findCandidates(
	reader: SiteReader,
	scoreboard: Scoreboard,
	{ query, language: hint, scope, topK = DEFAULT_TOP_K }: SearchRequest
): Promise< Found | undefined > {
	const { languages, passageCount } = reader.site;
	const language = questionLanguage( query, hint, languages );
	const terms = questionTerms( query, language );
	const numbers =
		scope && ( await reader.passageNumbers( selectionOf( scope ) ) );
	if ( scope && ! numbers ) {
		return undefined;
	}
	// "How long" and "how much" ask for more than the page that the other words name.
	const words = terms.words.filter(
		( word, at ) =>
			( terms.optional & ( 1 << at ) ) === 0 ||
			isQuestionWord( word, language )
	);
	const forms = questionForms( terms.words, languages );
	const postings = await reader.postings( forms.map( ( { form } ) => form ) );
	if ( ! postings ) {
		return undefined;
	}
	const candidates = rank( {
		scoreboard,
		passageCount,
		terms,
		language,
		forms,
		postings,
		numbers,
		limit: Math.ceil( topK * CANDIDATES_PER_PLACE ),
	} );
	// "What is this about?", asked of a page, asks for the page itself; "How much is it?" for what the page says of it.
	return numbers &&
		terms.isOpen &&
		! candidates.some( ( { covered } ) => covered >= CONFIDENT_COVERAGE )
		? { words: [], candidates: firstOf( numbers, topK ) }
		: { words, candidates };
}

function firstOf( numbers: readonly number[], limit: number ): Candidate[] {
	return numbers
		.slice( 0, limit )
		.map( ( number ) => ( { number, rank: 1, covered: 1 } ) );
}

/** Selects a page by its id as WordPress sends it, and by its address with and without a slash, query and fragment. */
function selectionOf( { postId, url }: PageScope ): DocumentSelection {
	const ids =
		postId === undefined ? [] : [ `post-${ postId }`, String( postId ) ];
	if ( url === undefined ) {
		return { ids, urls: [] };
	}
	const plain = url.replace( /[?#].*$/, '' );
	const bare = plain.replace( /\/$/, '' );
	return { ids, urls: [ ...new Set( [ url, plain, bare, `${ bare }/` ] ) ] };
}

function present(
	{ scope, topK = DEFAULT_TOP_K }: SearchRequest,
	{ site }: SiteReader,
	found: Found,
	stored: readonly StoredPassage[]
): SearchResult {
	const pageLimit = scope ? topK : Math.ceil( topK * MAX_SHARE_OF_PAGE );
	const texts = new Set< string >();
	const perPage = new Map< string, number >();
	const nearest = new Map< string, Passage >();
	const passages: Passage[] = [];
	let best = 0;
	for ( const { passage, covered } of ordered( found, stored ) ) {
		if ( texts.has( passage.text ) ) {
			continue;
		}
		texts.add( passage.text );
		if ( ! nearest.has( passage.url ) && nearest.size < NEAREST_PAGES ) {
			nearest.set( passage.url, passage );
		}
		const already = perPage.get( passage.documentId ) ?? 0;
		if (
			covered >= MIN_COVERAGE &&
			already < pageLimit &&
			passages.length < topK
		) {
			perPage.set( passage.documentId, already + 1 );
			passages.push( passage );
			best = Math.max( best, covered );
		}
	}
	return {
		passages,
		coverage: best,
		isConfident: best >= CONFIDENT_COVERAGE,
		knowledgeVersion: site.version,
		nearest: [ ...nearest.values() ],
	};
}

/** Puts texts to candidates, and the opening of a page that is itself what was asked for before its other passages. */
function ordered(
	{ words, candidates }: Found,
	stored: readonly StoredPassage[]
): Array< { passage: Passage; covered: number } > {
	const byNumber = new Map(
		stored.map( ( passage ) => [ passage.number, passage ] )
	);
	return candidates
		.flatMap( ( { number, rank: score, covered } ) => {
			const found = byNumber.get( number );
			if ( ! found ) {
				return [];
			}
			const factor = isOpeningOf( found, words ) ? OPENING_FACTOR : 1;
			return [ { passage: toPassage( found, score * factor ), covered } ];
		} )
		.sort( ( a, b ) => b.passage.score - a.passage.score );
}

function isOpeningOf(
	{ title, headingPath, language }: StoredPassage,
	words: readonly string[]
): boolean {
	if ( headingPath.length > 0 || words.length === 0 ) {
		return false;
	}
	const base = baseLanguage( language );
	const titleWords = documentWords( title, base );
	return words.every( ( word ) =>
		allForms( word, base ).some( ( form ) => titleWords.includes( form ) )
	);
}

function toPassage(
	{ number: _, ...passage }: StoredPassage,
	score: number
): Passage {
	return { ...passage, score };
}
