/**
 * Keeps the documents of sites in Redis.
 */
import type {
	KnowledgeStore,
	StoredHash,
	StoredPassage,
} from '../knowledge-store.ts';
import { BLOCK_SIZE, type Postings, readPairs } from '../postings.ts';
import type { RedisConnection } from './connection.ts';
import { changeKnowledge } from './redis-knowledge-change.ts';
import { readHash } from './redis-knowledge-rows.ts';
import { createHelp, type HelpOptions } from './redis-knowledge-help.ts';
import { readKnowledgeStep, readSite } from './redis-knowledge-site.ts';
import { siteKey } from './redis-site-key.ts';

const NUMBERS = readKnowledgeStep( 'numbers' );
const PASSAGES = readKnowledgeStep( 'passages' );
const POSTINGS = readKnowledgeStep( 'postings' );

/** Makes a knowledge store over a connection. */
export function createRedisKnowledgeStore(
	redis: RedisConnection,
	options: HelpOptions = {}
): KnowledgeStore {
	const help = createHelp( redis, options );

	return {
		async site( siteId ) {
			const { version, epoch, passages, documents, languages, pending } =
				await readSite( redis, siteId );
			help( siteId, pending );
			return {
				version,
				epoch,
				passageCount: passages,
				documentCount: documents,
				languages: Object.keys( languages ),
			};
		},

		async postings( siteId, words ) {
			const [ version, ...blocks ] = await redis.script<
				[ Buffer, ...Array< Buffer | number | Array< Buffer | null > > ]
			>(
				POSTINGS,
				[ siteKey( siteId ) ],
				[ String( BLOCK_SIZE ), ...words ],
				{ asBuffers: true }
			);
			const value = words.map( (): Postings[] => [] );
			for ( let at = 0; at < blocks.length; at += 3 ) {
				const language = String( blocks[ at ] );
				const firstNumber = Number( blocks[ at + 1 ] ) * BLOCK_SIZE;
				const ofWords = blocks[ at + 2 ] as Array< Buffer | null >;
				for ( const [ index, bytes ] of ofWords.entries() ) {
					if ( bytes ) {
						value[ index ]?.push( {
							language,
							firstNumber,
							// A copy: what is remembered would otherwise hold on to all that came over the socket with it.
							pairs: readPairs( new Uint8Array( bytes ) ),
						} );
					}
				}
			}
			return { version: Number( version ), value };
		},

		async passages( siteId, numbers ) {
			const [ version, passages, documents ] = await redis.script<
				[ string, Array< string | null >, string[] ]
			>( PASSAGES, [ siteKey( siteId ) ], numbers.map( String ) );
			const byId = new Map< string, Partial< StoredPassage > >();
			for ( let at = 0; at < documents.length; at += 2 ) {
				const id = documents[ at ] ?? '';
				const { hash, url, title, language } = JSON.parse(
					documents[ at + 1 ] ?? '{}'
				);
				byId.set( id, {
					documentId: id,
					documentHash: hash,
					url,
					title,
					language,
				} );
			}
			return {
				version: Number( version ),
				value: numbers.flatMap( ( number, at ) =>
					readPassage( number, passages[ at ], byId )
				),
			};
		},

		async passageNumbers( siteId, { ids, urls } ) {
			const [ version, ...numbers ] = await redis.script< string[] >(
				NUMBERS,
				[ siteKey( siteId ) ],
				[ String( ids.length ), ...ids, ...urls ]
			);
			return {
				version: Number( version ),
				value: numbers.flatMap( ( text ) => JSON.parse( text ) ),
			};
		},

		async hashes( siteId, ids ) {
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
		},

		change: ( siteId, change ) => changeKnowledge( redis, siteId, change ),
	};
}

function readPassage(
	number: number,
	stored: string | null | undefined,
	documents: ReadonlyMap< string, Partial< StoredPassage > >
): StoredPassage[] {
	if ( ! stored ) {
		return [];
	}
	const lineBreak = stored.indexOf( '\n' );
	const [ headingPath, text ] = JSON.parse( stored.slice( lineBreak + 1 ) );
	return [
		{
			...( documents.get(
				stored.slice( 0, lineBreak )
			) as StoredPassage ),
			number,
			headingPath,
			text,
		},
	];
}
