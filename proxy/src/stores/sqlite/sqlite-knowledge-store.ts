/**
 * Keeps the documents of sites in SQLite.
 */
import type {
	DocumentSelection,
	IndexedDocument,
	KnowledgeChange,
	KnowledgeChangeResult,
	KnowledgeStore,
	SiteIndex,
	Snapshot,
	StoredHash,
	StoredPassage,
} from '../knowledge-store.ts';
import {
	BLOCK_SIZE,
	BYTES_PER_POSTING,
	type Postings,
	readPairs,
} from '../postings.ts';
import type { Database } from './database.ts';
import { writeWords, type WordChanges } from './sqlite-words.ts';

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

function readSite( database: Database, siteId: string ): SiteIndex {
	const row = database
		.prepare(
			'SELECT version, passage_count, document_count, languages FROM knowledge_sites WHERE site_id = ?'
		)
		.get( siteId );
	return row
		? {
				version: row.version as number,
				passageCount: row.passage_count as number,
				documentCount: row.document_count as number,
				languages:
					row.languages === ''
						? []
						: ( row.languages as string ).split( ' ' ),
			}
		: { version: 0, passageCount: 0, documentCount: 0, languages: [] };
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

function documentNumbers( database: Database, key: number ): number[] {
	return database
		.prepare(
			'SELECT number FROM passages WHERE document_key = ? ORDER BY number'
		)
		.all( key )
		.map( ( row ) => row.number as number );
}

/** Runs inside the transaction: documents, words, statistics and cached answers change together. */
function applyChange(
	database: Database,
	siteId: string,
	change: KnowledgeChange
): KnowledgeChangeResult {
	const site = readSite( database, siteId );
	const wordChanges: WordChanges = { removed: new Map(), added: new Map() };
	const changed = change.put.filter(
		( document ) => ! isStored( database, siteId, document )
	);
	const removed: string[] = [];
	let { passageCount, documentCount } = site;
	for ( const id of change.remove ) {
		const freed = takeOut( database, siteId, id, wordChanges );
		if ( freed ) {
			removed.push( id );
			passageCount -= freed.length;
			documentCount--;
		}
	}
	let nextNumber = firstFreeNumber( database, siteId );
	for ( const document of changed ) {
		const freed = takeOut( database, siteId, document.id, wordChanges );
		nextNumber = putIn(
			database,
			siteId,
			document,
			freed ?? [],
			nextNumber,
			wordChanges
		);
		passageCount += document.passages.length - ( freed?.length ?? 0 );
		documentCount += freed ? 0 : 1;
	}
	if ( changed.length === 0 && removed.length === 0 ) {
		return {
			version: site.version,
			changed: [],
			removed,
			fallenAnswers: 0,
		};
	}
	writeWords( database, siteId, wordChanges );
	const next: SiteIndex = {
		version: site.version + 1,
		passageCount,
		documentCount,
		languages: storedLanguages( database, siteId ),
	};
	writeSite( database, siteId, next );
	return {
		version: next.version,
		changed: changed.map( ( document ) => document.id ),
		removed,
		fallenAnswers:
			dropResting( database, siteId, [
				...removed,
				...changed.map( ( document ) => document.id ),
			] ) + dropOutdated( database, siteId, changed, next, change ),
	};
}

function isStored(
	database: Database,
	siteId: string,
	{ id, hash, wordsVersion }: IndexedDocument
): boolean {
	return (
		database
			.prepare(
				'SELECT 1 FROM documents WHERE site_id = ? AND id = ? AND hash = ? AND words_version = ?'
			)
			.get( siteId, id, hash, wordsVersion ) !== undefined
	);
}

function firstFreeNumber( database: Database, siteId: string ): number {
	const row = database
		.prepare( 'SELECT max(number) AS last FROM passages WHERE site_id = ?' )
		.get( siteId );
	return ( ( row?.last as number | null ) ?? -1 ) + 1;
}

/** Takes a document out; returns the numbers its passages had, or undefined when there was none. */
function takeOut(
	database: Database,
	siteId: string,
	id: string,
	{ removed }: WordChanges
): number[] | undefined {
	const row = database
		.prepare(
			'SELECT key, base_language, words FROM documents WHERE site_id = ? AND id = ?'
		)
		.get( siteId, id );
	if ( ! row ) {
		return undefined;
	}
	const numbers = documentNumbers( database, row.key as number );
	for ( const word of ( row.words as string ).split( ' ' ) ) {
		const key = `${ row.base_language } ${ word }`;
		const all = removed.get( key );
		if ( all ) {
			all.push( ...numbers );
		} else {
			removed.set( key, [ ...numbers ] );
		}
	}
	database
		.prepare( 'DELETE FROM documents WHERE key = ?' )
		.run( row.key as number );
	return numbers;
}

/** Puts a document in, on the numbers its former self freed as far as they go; returns the next free number. */
function putIn(
	database: Database,
	siteId: string,
	document: IndexedDocument,
	freed: readonly number[],
	firstFree: number,
	{ added }: WordChanges
): number {
	const words = new Set(
		document.passages.flatMap( ( { impacts } ) => [ ...impacts.keys() ] )
	);
	const { lastInsertRowid } = database
		.prepare(
			`INSERT INTO documents
			(site_id, id, url, title, language, base_language, type, modified_at, hash, words_version, words)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
		)
		.run(
			siteId,
			document.id,
			document.url,
			document.title,
			document.language,
			document.baseLanguage,
			document.type,
			document.modifiedAt,
			document.hash,
			document.wordsVersion,
			[ ...words ].join( ' ' )
		);
	const insert = database.prepare(
		'INSERT INTO passages (site_id, number, document_key, heading_path, text) VALUES (?, ?, ?, ?, ?)'
	);
	let next = firstFree;
	for ( const [ index, passage ] of document.passages.entries() ) {
		const number = freed[ index ] ?? next++;
		insert.run(
			siteId,
			number,
			lastInsertRowid,
			JSON.stringify( passage.headingPath ),
			passage.text
		);
		for ( const [ word, impact ] of passage.impacts ) {
			const key = `${ document.baseLanguage } ${ word }`;
			const all = added.get( key );
			if ( all ) {
				all.push( [ number, impact ] );
			} else {
				added.set( key, [ [ number, impact ] ] );
			}
		}
	}
	return next;
}

function storedLanguages( database: Database, siteId: string ): string[] {
	return database
		.prepare(
			'SELECT DISTINCT base_language AS language FROM documents WHERE site_id = ?'
		)
		.all( siteId )
		.map( ( row ) => row.language as string );
}

function writeSite(
	database: Database,
	siteId: string,
	{ version, passageCount, documentCount, languages }: SiteIndex
): void {
	database
		.prepare(
			`INSERT INTO knowledge_sites (site_id, version, passage_count, document_count, languages) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET version = excluded.version, passage_count = excluded.passage_count,
			document_count = excluded.document_count, languages = excluded.languages`
		)
		.run(
			siteId,
			version,
			passageCount,
			documentCount,
			languages.join( ' ' )
		);
}

/** Drops the cached answers that rest on one of the documents. */
function dropResting(
	database: Database,
	siteId: string,
	documentIds: readonly string[]
): number {
	const drop = database.prepare(
		`DELETE FROM answers WHERE status = 'cached' AND key IN
		(SELECT answer_key FROM answer_documents WHERE site_id = ? AND document_id = ?)`
	);
	return documentIds.reduce(
		( dropped, id ) => dropped + Number( drop.run( siteId, id ).changes ),
		0
	);
}

/** Drops the cached answers to questions that the changed documents now speak to. */
function dropOutdated(
	database: Database,
	siteId: string,
	changed: readonly IndexedDocument[],
	site: SiteIndex,
	{ findOutdated }: KnowledgeChange
): number {
	if ( changed.length === 0 ) {
		return 0;
	}
	const questions = database
		.prepare(
			`SELECT id, terms FROM answers WHERE site_id = ? AND status = 'cached'`
		)
		.all( siteId )
		.map( ( row ) => ( {
			answerId: row.id as string,
			terms: row.terms as string,
		} ) );
	if ( questions.length === 0 ) {
		return 0;
	}
	const lengths = database.prepare(
		'SELECT language, length(postings) AS bytes FROM words WHERE site_id = ? AND word = ?'
	);
	const outdated = findOutdated( changed, questions, {
		passageCount: site.passageCount,
		languages: site.languages,
		passagesWith: ( word, languages ) =>
			lengths
				.all( siteId, word )
				.filter( ( row ) =>
					languages.includes( row.language as string )
				)
				.reduce(
					( sum, row ) =>
						sum + ( row.bytes as number ) / BYTES_PER_POSTING,
					0
				),
	} );
	const drop = database.prepare(
		'DELETE FROM answers WHERE site_id = ? AND id = ?'
	);
	for ( const id of outdated ) {
		drop.run( siteId, id );
	}
	return outdated.length;
}
