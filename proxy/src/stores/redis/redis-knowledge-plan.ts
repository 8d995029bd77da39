/**
 * Works out what a change of documents writes in Redis. Nothing is written here, and what was read is checked when the change is made.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { IndexedDocument, KnowledgeChange } from '../knowledge-store.ts';
import type { CommandArgument } from './link.ts';
import type { RedisConnection } from './connection.ts';
import { readDocuments, type KnownDocument } from './redis-knowledge-rows.ts';
import type { SiteState } from './redis-knowledge-site.ts';
import {
	createWordChanges,
	type WordChanges,
} from './redis-knowledge-words.ts';

/** Values by place: where, a line break, field. An empty value takes the field away. */
export type Writes = Map< string, CommandArgument >;

/** What a change writes and does. */
export interface Plan {
	/** The site after the change, before its version rises. */
	site: SiteState;
	/** Written in the step in which the change counts. */
	now: Writes;
	/** Written down afterwards; until then everybody reads it first. */
	later: Writes;
	words: WordChanges;
	changed: IndexedDocument[];
	removed: string[];
}

/** Returns undefined when the change changes nothing. */
export async function planChange(
	redis: RedisConnection,
	siteId: string,
	before: SiteState,
	change: KnowledgeChange
): Promise< Plan | undefined > {
	const { documents, idsByUrl } = await readDocuments(
		redis,
		siteId,
		change
	);
	const plan: Plan = {
		site: { ...before, languages: { ...before.languages } },
		now: new Map(),
		later: new Map(),
		words: createWordChanges(),
		changed: change.put.filter( ( { id, hash, wordsVersion } ) => {
			const known = documents.get( id );
			return known?.hash !== hash || known.wordsVersion !== wordsVersion;
		} ),
		removed: change.remove.filter( ( id ) => documents.has( id ) ),
	};
	if ( plan.changed.length === 0 && plan.removed.length === 0 ) {
		return undefined;
	}
	for ( const id of plan.removed ) {
		takeOut( plan, id, documents, idsByUrl );
	}
	for ( const document of plan.changed ) {
		const freed = takeOut( plan, document.id, documents, idsByUrl );
		putIn( plan, document, freed, documents, idsByUrl );
	}
	if ( plan.site.documents === 0 ) {
		plan.site.next = 0;
	}
	await plan.words.read( redis, siteId, plan.later );
	return plan;
}

/** Takes a document out; returns the numbers its passages had. */
function takeOut(
	{ site, now, later, words }: Plan,
	id: string,
	documents: Map< string, KnownDocument >,
	idsByUrl: Map< string, string[] >
): number[] {
	const known = documents.get( id );
	if ( ! known ) {
		return [];
	}
	documents.delete( id );
	for ( const word of inflateRawSync( known.words )
		.toString()
		.split( ' ' ) ) {
		words.remove( known.baseLanguage, word, known.numbers );
	}
	for ( const part of PARTS ) {
		now.set( `${ part }\n${ id }`, '' );
	}
	later.set( `documents:words\n${ id }`, '' );
	for ( const number of known.numbers ) {
		later.set( `passages\n${ number }`, '' );
	}
	const others = ( idsByUrl.get( known.url ) ?? [] ).filter(
		( other ) => other !== id
	);
	writeUrl( now, idsByUrl, known.url, others );
	site.documents--;
	site.passages -= known.numbers.length;
	count( site, known.baseLanguage, -1 );
	return known.numbers;
}

/** Puts a document in, on the numbers its former self freed as far as they go. */
function putIn(
	{ site, now, later, words }: Plan,
	document: IndexedDocument,
	freed: readonly number[],
	documents: Map< string, KnownDocument >,
	idsByUrl: Map< string, string[] >
): void {
	const { id, passages, hash, wordsVersion, ...rest } = document;
	const numbers: number[] = [];
	const held = new Set< string >();
	for ( const [
		index,
		{ headingPath, text, impacts },
	] of passages.entries() ) {
		const number = freed[ index ] ?? site.next++;
		numbers.push( number );
		later.set(
			`passages\n${ number }`,
			`${ id }\n${ JSON.stringify( [ headingPath, text ] ) }`
		);
		for ( const [ word, impact ] of impacts ) {
			held.add( word );
			words.add( rest.baseLanguage, word, number, impact );
		}
	}
	const known: KnownDocument = {
		hash,
		wordsVersion,
		baseLanguage: rest.baseLanguage,
		url: rest.url,
		numbers,
		words: deflateRawSync( [ ...held ].join( ' ' ) ),
	};
	documents.set( id, known );
	now.set( `documents\n${ id }`, JSON.stringify( { ...rest, hash } ) );
	now.set( `documents:hashes\n${ id }`, `${ wordsVersion } ${ hash }` );
	now.set( `documents:numbers\n${ id }`, JSON.stringify( numbers ) );
	later.set( `documents:words\n${ id }`, known.words );
	writeUrl( now, idsByUrl, rest.url, [
		...( idsByUrl.get( rest.url ) ?? [] ),
		id,
	] );
	site.documents++;
	site.passages += numbers.length;
	count( site, rest.baseLanguage, 1 );
}

const PARTS = [ 'documents', 'documents:hashes', 'documents:numbers' ];

function writeUrl(
	now: Writes,
	idsByUrl: Map< string, string[] >,
	url: string,
	ids: string[]
): void {
	idsByUrl.set( url, ids );
	now.set( `urls\n${ url }`, ids.length > 0 ? JSON.stringify( ids ) : '' );
}

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
