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
 * BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) over the text of a passage. K1
 * is the customary value; B is low because passages are cut to similar lengths and a short one is not a better one.
 */
const K1 = 1.2;
const B = 0.3;

/** What a word in the title or in a heading adds: it says what the whole passage is about, however often the text repeats it. */
const TITLE_BONUS = 1.5;
const HEADING_BONUS = 0.9;

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
const IMPACT_SCALE = MAX_IMPACT / ( K1 + 1 + TITLE_BONUS + HEADING_BONUS );

/** Turns a stored impact back into its factor of the BM25 sum. */
export const IMPACT_UNIT = 1 / IMPACT_SCALE;

/**
 * Returns the document as the store keeps it. A document without text is one passage that holds its title. `pause` is awaited
 * between passages, so that a long document does not keep the process from everything else.
 */
export async function indexDocument(
	document: SiteDocument,
	pause: () => Promise< void >
): Promise< IndexedDocument > {
	const { text, ...rest } = document;
	const language =
		baseLanguage( document.language ) || detectLanguage( text ) || 'und';
	const chunks = chunkDocument( document.title, text );
	const title = headingWords( document.title, language );
	const passages: IndexedPassage[] = [];
	for ( const chunk of chunks.length > 0
		? chunks
		: [ { headingPath: [], text: document.title } ] ) {
		passages.push( indexChunk( chunk, title, language ) );
		await pause();
	}
	return {
		...rest,
		baseLanguage: language,
		wordsVersion: WORDS_VERSION,
		passages,
	};
}

function indexChunk(
	chunk: Chunk,
	title: ReadonlySet< string >,
	language: string
): IndexedPassage {
	const body = countWords( chunk.text, language );
	const headings = headingWords( chunk.headingPath.join( '\n' ), language );
	let length = 0;
	for ( const count of body.values() ) {
		length += count;
	}
	const usual = DENSE_LANGUAGES.has( language ) ? 8 : 1;
	const norm = 1 - B + ( B * length ) / ( USUAL_WORDS * usual );
	const impacts = new Map< string, number >();
	for ( const word of new Set( [ ...title, ...headings, ...body.keys() ] ) ) {
		const frequency = ( body.get( word ) ?? 0 ) / norm;
		const said = ( frequency * ( K1 + 1 ) ) / ( frequency + K1 );
		// What the title says already is little news in the text.
		const factor =
			( title.has( word ) ? TITLE_BONUS + said / 2 : said ) +
			( headings.has( word ) ? HEADING_BONUS : 0 );
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

function headingWords( text: string, language: string ): Set< string > {
	return new Set( documentWords( text, language, { isHeading: true } ) );
}
