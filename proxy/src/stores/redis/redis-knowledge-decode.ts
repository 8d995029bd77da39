/**
 * Turns what Redis holds of documents into what a knowledge store returns, whether it comes from Redis or from a copy of it.
 */
import type { SiteIndex, StoredPassage } from '../knowledge-store.ts';
import { BLOCK_SIZE, type Postings, readPairs } from '../postings.ts';
import type { SiteState } from './redis-knowledge-site.ts';

/** A document as far as its passages show it. */
export type PassageDocument = Pick<
	StoredPassage,
	'documentId' | 'documentHash' | 'url' | 'title' | 'language'
>;

/** Reads what there is of a site. */
export function decodeSite( {
	version,
	epoch,
	passages,
	documents,
	languages,
}: SiteState ): SiteIndex {
	return {
		version,
		epoch,
		passageCount: passages,
		documentCount: documents,
		languages: Object.keys( languages ),
	};
}

/** Reads the postings of a word in one block. */
export function decodePostings(
	language: string,
	block: number,
	bytes: Uint8Array
): Postings {
	return {
		language,
		firstNumber: block * BLOCK_SIZE,
		// A copy: what is remembered would otherwise hold on to all that came over the socket with it.
		pairs: readPairs( new Uint8Array( bytes ) ),
	};
}

/** Reads a document. */
export function decodeDocument( id: string, stored: string ): PassageDocument {
	const { hash, url, title, language } = JSON.parse( stored );
	return { documentId: id, documentHash: hash, url, title, language };
}

/** Returns the id of the document that a stored passage belongs to. */
export function documentOfPassage( stored: string ): string {
	return stored.slice( 0, stored.indexOf( '\n' ) );
}

/** Reads a passage. */
export function decodePassage(
	number: number,
	stored: string,
	document: PassageDocument
): StoredPassage {
	const [ headingPath, text ] = JSON.parse(
		stored.slice( stored.indexOf( '\n' ) + 1 )
	);
	return { ...document, number, headingPath, text };
}
