/**
 * Changes the documents of a site in SQLite: documents, words, statistics and cached answers in one step.
 */
import type {
	IndexedDocument,
	KnowledgeChange,
	KnowledgeChangeResult,
	SiteIndex,
} from '../knowledge-store.ts';
import type { Database } from './database.ts';
import { dropOutdated, dropResting } from './sqlite-fallen-answers.ts';
import {
	documentNumbers,
	readSite,
	storedLanguages,
	writeSite,
} from './sqlite-knowledge-rows.ts';
import { dropSpeech } from './sqlite-speech-documents.ts';
import { type WordChanges, writeWords } from './sqlite-words.ts';

/** Applies a change. Runs inside a transaction. */
export function applyChange(
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
	dropSpeech( database, siteId, {
		removed,
		changed: changed.map( ( { id } ) => id ),
	} );
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
