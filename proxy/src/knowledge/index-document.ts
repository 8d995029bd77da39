/**
 * Reads a document for the index: its passages, and how much each passage is about each of its words.
 */
import type {
	IndexedDocument,
	IndexedPassage,
} from '../stores/knowledge-store.ts';
import { MAX_IMPACT } from '../stores/postings.ts';
import type { SiteDocument } from '../types.ts';
import { type Chunk, chunkDocument } from './chunk.ts';
import { baseLanguage, detectLanguage } from './language.ts';
import { documentWords, WORDS_VERSION } from './words.ts';

/**
 * BM25F (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009): the fields' counts are
 * weighted and added before the curve flattens. K1 and B are the customary values.
 */
const K1 = 1.2;
const B = 0.5;
const TITLE_WEIGHT = 3;
const HEADING_WEIGHT = 2;

/** The usual number of words in a passage; a constant, so that a new document never moves the scores of the others. */
const USUAL_WORDS = 90;

/** Languages whose passages give a character and a pair for every character, about eight times as many words. */
const DENSE_LANGUAGES: ReadonlySet< string > = new Set( [
	'zh',
	'ja',
	'ko',
	'th',
	'lo',
	'km',
	'my',
] );

/** The curve ends at K1 + 1. */
const IMPACT_SCALE = MAX_IMPACT / ( K1 + 1 );

/** Turns a stored impact back into its factor of the BM25 sum. */
export const IMPACT_UNIT = 1 / IMPACT_SCALE;

/** Returns the document as the store keeps it. A document without text is one passage that holds its title. */
export function indexDocument( document: SiteDocument ): IndexedDocument {
	const { text, ...rest } = document;
	const language =
		baseLanguage( document.language ) || detectLanguage( text ) || 'und';
	const chunks = chunkDocument( document.title, text );
	const title = countWords( document.title, language );
	return {
		...rest,
		baseLanguage: language,
		wordsVersion: WORDS_VERSION,
		passages: ( chunks.length > 0
			? chunks
			: [ { headingPath: [], text: document.title } ]
		).map( ( chunk ) => indexChunk( chunk, title, language ) ),
	};
}

function indexChunk(
	chunk: Chunk,
	title: ReadonlyMap< string, number >,
	language: string
): IndexedPassage {
	const body = countWords( chunk.text, language );
	const headings = countWords( chunk.headingPath.join( '\n' ), language );
	let length = 0;
	for ( const count of body.values() ) {
		length += count;
	}
	const usual = DENSE_LANGUAGES.has( language ) ? 8 : 1;
	const norm = 1 - B + ( B * length ) / ( USUAL_WORDS * usual );
	const impacts = new Map< string, number >();
	for ( const word of new Set( [
		...title.keys(),
		...headings.keys(),
		...body.keys(),
	] ) ) {
		const frequency =
			( body.get( word ) ?? 0 ) / norm +
			( headings.get( word ) ?? 0 ) * HEADING_WEIGHT +
			( title.get( word ) ?? 0 ) * TITLE_WEIGHT;
		const factor = ( frequency * ( K1 + 1 ) ) / ( frequency + K1 );
		impacts.set( word, Math.max( 1, Math.round( factor * IMPACT_SCALE ) ) );
	}
	return { ...chunk, impacts };
}

function countWords( text: string, language: string ): Map< string, number > {
	const counts = new Map< string, number >();
	for ( const word of documentWords( text, language ) ) {
		counts.set( word, ( counts.get( word ) ?? 0 ) + 1 );
	}
	return counts;
}
