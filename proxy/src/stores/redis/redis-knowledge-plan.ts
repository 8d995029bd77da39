/**
 * Works out what a change of documents writes in Redis, and stages it. What was read for it is checked when the change is made to count.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { IndexedDocument, KnowledgeChange } from '../knowledge-store.ts';
import type { RedisConnection } from './connection.ts';
import { readDocuments, type KnownDocument } from './redis-knowledge-rows.ts';
import type { SiteState } from './redis-knowledge-site.ts';
import { createStage, type Stage } from './redis-knowledge-stage.ts';
import {
	type ChangedCounts,
	createWordChanges,
	type WordChanges,
} from './redis-knowledge-words.ts';

/** A change that is staged as a whole. */
export interface Plan {
	/** The site after the change, before its version rises. */
	site: SiteState;
	stage: Stage;
	/** How many passages hold the words that change. */
	counts: ChangedCounts;
	changed: IndexedDocument[];
	removed: string[];
}

/** A site in the middle of working out a change. */
interface Draft {
	site: SiteState;
	stage: Stage;
	words: WordChanges;
	documents: Map< string, KnownDocument >;
	idsByUrl: Map< string, string[] >;
}

/** Returns undefined when the change changes nothing. */
export async function planChange(
	redis: RedisConnection,
	siteId: string,
	before: SiteState,
	change: KnowledgeChange
): Promise< Plan | undefined > {
	const known = await readDocuments( redis, siteId, change );
	const put = new Map(
		change.put.map( ( document ) => [ document.id, document ] )
	);
	const changed = [ ...put.values() ].filter(
		( { id, hash, wordsVersion } ) => {
			const stored = known.documents.get( id );
			return (
				stored?.hash !== hash || stored.wordsVersion !== wordsVersion
			);
		}
	);
	const removed = change.remove.filter( ( id ) => known.documents.has( id ) );
	if ( changed.length === 0 && removed.length === 0 ) {
		return undefined;
	}
	const draft: Draft = {
		site: { ...before, languages: { ...before.languages } },
		stage: createStage( redis, siteId ),
		words: createWordChanges(),
		...known,
	};
	try {
		const counts = await stageAll( redis, siteId, draft, changed, removed );
		return {
			site: draft.site,
			stage: draft.stage,
			counts,
			changed,
			removed,
		};
	} catch ( error ) {
		// When the server is full, what was staged so far must not keep it full.
		draft.stage.discard().catch( () => undefined );
		throw error;
	}
}

async function stageAll(
	redis: RedisConnection,
	siteId: string,
	draft: Draft,
	changed: readonly IndexedDocument[],
	removed: readonly string[]
): Promise< ChangedCounts > {
	const changedIds = new Set( changed.map( ( { id } ) => id ) );
	const freed = new Map(
		[ ...new Set( [ ...removed, ...changedIds ] ) ].map( ( id ) => [
			id,
			takeOut( draft, id ),
		] )
	);
	for ( const id of removed ) {
		if ( ! changedIds.has( id ) ) {
			erase( draft, id, freed.get( id ) ?? [] );
		}
	}
	for ( const document of changed ) {
		putIn( draft, document, freed.get( document.id ) ?? [] );
		await draft.stage.send();
	}
	if ( draft.site.documents === 0 ) {
		draft.site.next = 0;
	}
	const counts = await draft.words.stage( redis, siteId, draft.stage );
	await draft.stage.send( true );
	return counts;
}

/** Takes a document out; returns the numbers its passages had. */
function takeOut(
	{ site, stage, words, documents, idsByUrl }: Draft,
	id: string
): number[] {
	const known = documents.get( id );
	if ( ! known ) {
		return [];
	}
	words.remove(
		known.baseLanguage,
		inflateRawSync( known.words ).toString().split( ' ' ),
		known.numbers
	);
	const others = ( idsByUrl.get( known.url ) ?? [] ).filter(
		( other ) => other !== id
	);
	idsByUrl.set( known.url, others );
	stage.now(
		'urls',
		known.url,
		others.length > 0 ? JSON.stringify( others ) : ''
	);
	site.documents--;
	site.passages -= known.numbers.length;
	count( site, known.baseLanguage, -1 );
	return known.numbers;
}

/** Takes away every field of a document that was taken out and does not come back. */
function erase(
	{ stage }: Draft,
	id: string,
	numbers: readonly number[]
): void {
	for ( const part of PARTS ) {
		stage.now( part, id, '' );
	}
	stage.later( 'documents:words', id, '' );
	erasePassages( stage, numbers );
}

function erasePassages( stage: Stage, numbers: readonly number[] ): void {
	for ( const number of numbers ) {
		stage.later( 'passages', String( number ), '' );
	}
}

/** Puts a document in, on the numbers its former self freed as far as they go. */
function putIn(
	{ site, stage, words, idsByUrl }: Draft,
	{ id, passages, hash, wordsVersion, ...rest }: IndexedDocument,
	freed: readonly number[]
): void {
	const numbers: number[] = [];
	const held = new Set< string >();
	for ( const [
		index,
		{ headingPath, text, impacts },
	] of passages.entries() ) {
		const number = freed[ index ] ?? site.next++;
		numbers.push( number );
		stage.later(
			'passages',
			String( number ),
			`${ id }\n${ JSON.stringify( [ headingPath, text ] ) }`
		);
		for ( const [ word, impact ] of impacts ) {
			held.add( word );
			words.add( rest.baseLanguage, word, number, impact );
		}
	}
	erasePassages( stage, freed.slice( passages.length ) );
	const ids = [ ...( idsByUrl.get( rest.url ) ?? [] ), id ];
	idsByUrl.set( rest.url, ids );
	stage.now( 'urls', rest.url, JSON.stringify( ids ) );
	stage.now( 'documents', id, JSON.stringify( { ...rest, hash } ) );
	stage.now( 'documents:hashes', id, `${ wordsVersion } ${ hash }` );
	stage.now( 'documents:numbers', id, JSON.stringify( numbers ) );
	stage.later(
		'documents:words',
		id,
		deflateRawSync( [ ...held ].join( ' ' ) )
	);
	site.documents++;
	site.passages += numbers.length;
	count( site, rest.baseLanguage, 1 );
}

/** Where a document stands, besides its words and passages. */
const PARTS = [ 'documents', 'documents:hashes', 'documents:numbers' ];

function count(
	{ languages }: SiteState,
	language: string,
	change: number
): void {
	const documents = ( languages[ language ] ?? 0 ) + change;
	if ( documents > 0 ) {
		languages[ language ] = documents;
	} else {
		delete languages[ language ];
	}
}
