/**
 * Keeps the documents of sites in SQLite.
 */
import type {
	DocumentSelection,
	KnowledgeStore,
	Snapshot,
	StoredHash,
	StoredPassage,
} from '../knowledge-store.ts';
import { BLOCK_SIZE, type Postings, readPairs } from '../postings.ts';
import type { Database } from './database.ts';
import { applyChange } from './sqlite-knowledge-change.ts';
import { documentNumbers, readSite } from './sqlite-knowledge-rows.ts';

/** Makes a knowledge store over an open database. */
export function createSqliteKnowledgeStore(
	database: Database
): KnowledgeStore {
	const snapshot = < T >( siteId: string, read: () => T ): Snapshot< T > =>
		database.read( () => ( {
			version: readSite( database, siteId ).version,
			value: read(),
		} ) );

	return {
		async site( siteId ) {
			return readSite( database, siteId );
		},

		async postings( siteId, words ) {
			const select = database.prepare(
				'SELECT language, block, postings FROM words WHERE site_id = ? AND word = ?'
			);
			return snapshot( siteId, () =>
				words.map( ( word ) =>
					select.all( siteId, word ).map( ( row ): Postings => ( {
						language: row.language as string,
						firstNumber: ( row.block as number ) * BLOCK_SIZE,
						pairs: readPairs( row.postings as Uint8Array ),
					} ) )
				)
			);
		},

		async passages( siteId, numbers ) {
			return snapshot( siteId, () =>
				numbers.flatMap( ( number ) =>
					readPassage( database, siteId, number )
				)
			);
		},

		async passageNumbers( siteId, selection ) {
			return snapshot( siteId, () =>
				selectedDocuments( database, siteId, selection ).flatMap(
					( key ) => documentNumbers( database, key )
				)
			);
		},

		async hashes( siteId, ids ) {
			const select =
				'SELECT id, hash, words_version FROM documents WHERE site_id = ?';
			const rows = ids
				? ids.flatMap( ( id ) =>
						database
							.prepare( `${ select } AND id = ?` )
							.all( siteId, id )
					)
				: database.prepare( select ).all( siteId );
			return new Map(
				rows.map( ( row ): [ string, StoredHash ] => [
					row.id as string,
					{
						hash: row.hash as string,
						wordsVersion: row.words_version as number,
					},
				] )
			);
		},

		change( siteId, change ) {
			return database.write( () =>
				applyChange( database, siteId, change )
			);
		},
	};
}

function readPassage(
	database: Database,
	siteId: string,
	number: number
): StoredPassage[] {
	const row = database
		.prepare(
			`SELECT p.heading_path, p.text, d.id, d.hash, d.url, d.title, d.language
			FROM passages p JOIN documents d ON d.key = p.document_key
			WHERE p.site_id = ? AND p.number = ?`
		)
		.get( siteId, number );
	return row
		? [
				{
					number,
					documentId: row.id as string,
					documentHash: row.hash as string,
					url: row.url as string,
					title: row.title as string,
					language: row.language as string,
					headingPath: JSON.parse( row.heading_path as string ),
					text: row.text as string,
				},
			]
		: [];
}

function selectedDocuments(
	database: Database,
	siteId: string,
	{ ids, urls }: DocumentSelection
): number[] {
	const byId = database.prepare(
		'SELECT key FROM documents WHERE site_id = ? AND id = ?'
	);
	const byUrl = database.prepare(
		'SELECT key FROM documents WHERE site_id = ? AND url = ?'
	);
	const rows = [
		...ids.flatMap( ( id ) => byId.all( siteId, id ) ),
		...urls.flatMap( ( url ) => byUrl.all( siteId, url ) ),
	];
	return [ ...new Set( rows.map( ( row ) => row.key as number ) ) ];
}
