/**
 * Keeps the documents of sites in Redis.
 */
import type {
	KnowledgeStore,
	Snapshot,
	StoredHash,
	StoredPassage,
} from '../knowledge-store.ts';
import { BLOCK_SIZE, type Postings } from '../postings.ts';
import { isStoreAway } from '../store-away.ts';
import type { RedisConnection } from './connection.ts';
import { changeKnowledge } from './redis-knowledge-change.ts';
import {
	type CopyOptions,
	createSiteCopies,
	type SiteCopy,
} from './redis-knowledge-copy.ts';
import {
	decodeDocument,
	decodePassage,
	decodePostings,
	decodeSite,
	documentOfPassage,
	type PassageDocument,
} from './redis-knowledge-decode.ts';
import { createHelp, type HelpOptions } from './redis-knowledge-help.ts';
import {
	recallNumbers,
	recallPassages,
	recallPostings,
	recallSite,
} from './redis-knowledge-recall.ts';
import { readHash } from './redis-knowledge-rows.ts';
import { readKnowledgeStep, readSite } from './redis-knowledge-site.ts';
import { siteKey } from './redis-site-key.ts';

const NUMBERS = readKnowledgeStep( 'numbers' );
const PASSAGES = readKnowledgeStep( 'passages' );
const POSTINGS = readKnowledgeStep( 'postings' );

/** Makes a knowledge store over a connection. While Redis is away it reads from copies; changes need Redis itself. */
export function createRedisKnowledgeStore(
	redis: RedisConnection,
	options: HelpOptions & CopyOptions = {}
): KnowledgeStore {
	const help = createHelp( redis, options );
	const copies = createSiteCopies( redis, options );

	const orRecall = async < T >(
		siteId: string,
		read: () => Promise< T >,
		recall: ( copy: SiteCopy ) => T | Promise< T >
	): Promise< T > => {
		try {
			return await read();
		} catch ( error ) {
			const copy = isStoreAway( error )
				? copies.recall( siteId )
				: undefined;
			if ( copy ) {
				return recall( copy );
			}
			throw error;
		}
	};

	return {
		site: ( siteId ) =>
			orRecall(
				siteId,
				async () => {
					const state = await readSite( redis, siteId );
					help( siteId, state.pending );
					copies.note( siteId, state );
					return decodeSite( state );
				},
				recallSite
			),

		postings: ( siteId, words ) =>
			orRecall(
				siteId,
				() => readPostings( redis, siteId, words ),
				( copy ) => recallPostings( copy, words )
			),

		passages: ( siteId, numbers ) =>
			orRecall(
				siteId,
				() => readPassages( redis, siteId, numbers ),
				( copy ) => recallPassages( copy, numbers )
			),

		passageNumbers: ( siteId, selection ) =>
			orRecall(
				siteId,
				async () => {
					const { ids, urls } = selection;
					const [ version, ...numbers ] = await redis.script<
						string[]
					>(
						NUMBERS,
						[ siteKey( siteId ) ],
						[ String( ids.length ), ...ids, ...urls ]
					);
					return {
						version: Number( version ),
						value: numbers.flatMap( ( text ): number[] =>
							JSON.parse( text )
						),
					};
				},
				( copy ) => recallNumbers( copy, selection )
			),

		hashes: ( siteId, ids ) => readHashes( redis, siteId, ids ),

		change: ( siteId, change ) => changeKnowledge( redis, siteId, change ),
	};
}

async function readPostings(
	redis: RedisConnection,
	siteId: string,
	words: readonly string[]
): Promise< Snapshot< Postings[][] > > {
	const [ version, ...blocks ] = await redis.script<
		[ Buffer, ...Array< Buffer | number | Array< Buffer | null > > ]
	>( POSTINGS, [ siteKey( siteId ) ], [ String( BLOCK_SIZE ), ...words ], {
		asBuffers: true,
	} );
	const value = words.map( (): Postings[] => [] );
	for ( let at = 0; at < blocks.length; at += 3 ) {
		const language = String( blocks[ at ] );
		const block = Number( blocks[ at + 1 ] );
		const ofWords = blocks[ at + 2 ] as Array< Buffer | null >;
		for ( const [ index, bytes ] of ofWords.entries() ) {
			if ( bytes ) {
				value[ index ]?.push(
					decodePostings( language, block, bytes )
				);
			}
		}
	}
	return { version: Number( version ), value };
}

async function readPassages(
	redis: RedisConnection,
	siteId: string,
	numbers: readonly number[]
): Promise< Snapshot< StoredPassage[] > > {
	const [ version, passages, documents ] = await redis.script<
		[ string, Array< string | null >, string[] ]
	>( PASSAGES, [ siteKey( siteId ) ], numbers.map( String ) );
	const byId = new Map< string, PassageDocument >();
	for ( let at = 0; at < documents.length; at += 2 ) {
		const id = documents[ at ] ?? '';
		byId.set( id, decodeDocument( id, documents[ at + 1 ] ?? '{}' ) );
	}
	const value = numbers.flatMap( ( number, at ) => {
		const stored = passages[ at ];
		const document = stored && byId.get( documentOfPassage( stored ) );
		return stored && document
			? [ decodePassage( number, stored, document ) ]
			: [];
	} );
	return { version: Number( version ), value };
}

async function readHashes(
	redis: RedisConnection,
	siteId: string,
	ids: readonly string[] | undefined
): Promise< Map< string, StoredHash > > {
	const key = siteKey( siteId, 'documents:hashes' );
	const hashes = new Map< string, StoredHash >();
	if ( ! ids ) {
		const all = await redis.command< Record< string, string > >( [
			'HGETALL',
			key,
		] );
		for ( const [ id, stored ] of Object.entries( all ) ) {
			hashes.set( id, readHash( stored ) );
		}
	} else if ( ids.length > 0 ) {
		const some = await redis.command< Array< string | null > >( [
			'HMGET',
			key,
			...ids,
		] );
		for ( const [ at, id ] of ids.entries() ) {
			const stored = some[ at ];
			if ( stored ) {
				hashes.set( id, readHash( stored ) );
			}
		}
	}
	return hashes;
}
