/**
 * Writes which passages hold which words, touching only the blocks that change.
 */
import { BLOCK_SIZE, blockOf, changePairs, readPairs } from '../postings.ts';
import type { Database } from './database.ts';

/** Passages that lost or gained a word. The keys are a base language and a word with a space between them. */
export interface WordChanges {
	removed: Map< string, number[] >;
	added: Map< string, Array< [ number: number, impact: number ] > >;
}

/** Runs inside a transaction. */
export function writeWords(
	database: Database,
	siteId: string,
	{ removed, added }: WordChanges
): void {
	for ( const key of new Set( [ ...removed.keys(), ...added.keys() ] ) ) {
		const space = key.indexOf( ' ' );
		writeWord(
			database,
			siteId,
			key.slice( 0, space ),
			key.slice( space + 1 ),
			removed.get( key ) ?? [],
			added.get( key ) ?? []
		);
	}
}

function writeWord(
	database: Database,
	siteId: string,
	language: string,
	word: string,
	removed: readonly number[],
	added: ReadonlyArray< [ number: number, impact: number ] >
): void {
	const blocks = new Set( [
		...removed.map( blockOf ),
		...added.map( ( [ number ] ) => blockOf( number ) ),
	] );
	const gone = new Set( removed );
	for ( const block of blocks ) {
		const stored = database
			.prepare(
				'SELECT postings FROM words WHERE site_id = ? AND word = ? AND language = ? AND block = ?'
			)
			.get( siteId, word, language, block );
		const bytes = changePairs(
			stored
				? readPairs( stored.postings as Uint8Array )
				: new Uint16Array(),
			block * BLOCK_SIZE,
			gone,
			added.filter( ( [ number ] ) => blockOf( number ) === block )
		);
		if ( bytes.length > 0 ) {
			database
				.prepare(
					`INSERT INTO words (site_id, word, language, block, postings) VALUES (?, ?, ?, ?, ?)
					ON CONFLICT DO UPDATE SET postings = excluded.postings`
				)
				.run( siteId, word, language, block, bytes );
		} else if ( stored ) {
			database
				.prepare(
					'DELETE FROM words WHERE site_id = ? AND word = ? AND language = ? AND block = ?'
				)
				.run( siteId, word, language, block );
		}
	}
}
