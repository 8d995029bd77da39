/**
 * Reads stored documents of a site as far as a change of them must know them.
 */
import type { KnowledgeChange, StoredHash } from '../knowledge-store.ts';
import type { RedisConnection } from './connection.ts';
import { CHANGE_TIMEOUT_MS } from './redis-knowledge-site.ts';
import { siteKey } from './redis-site-key.ts';

/** A stored document. */
export interface KnownDocument extends StoredHash {
	baseLanguage: string;
	url: string;
	/** Numbers of its passages, in the order of the text. */
	numbers: number[];
	/** Its words, compressed. */
	words: Buffer;
}

/** Reads the version of the word rules and the hash, as they are stored together. */
export function readHash( stored: string ): StoredHash {
	const space = stored.indexOf( ' ' );
	return {
		wordsVersion: Number( stored.slice( 0, space ) ),
		hash: stored.slice( space + 1 ),
	};
}

/** Reads the documents that a change puts or removes, and which documents have their addresses. */
export async function readDocuments(
	redis: RedisConnection,
	siteId: string,
	{ put, remove }: KnowledgeChange
): Promise< {
	documents: Map< string, KnownDocument >;
	idsByUrl: Map< string, string[] >;
} > {
	const ids = [ ...new Set( [ ...remove, ...put.map( ( { id } ) => id ) ] ) ];
	const documents = new Map< string, KnownDocument >();
	const idsByUrl = new Map< string, string[] >();
	const read = async ( name: string, fields: string[] ) =>
		fields.length === 0
			? []
			: redis.command< Array< Buffer | null > >(
					[ 'HMGET', siteKey( siteId, name ), ...fields ],
					{ asBuffers: true, timeoutMs: CHANGE_TIMEOUT_MS }
				);
	const [ bodies, hashes, numbers, words ] = await Promise.all( [
		read( 'documents', ids ),
		read( 'documents:hashes', ids ),
		read( 'documents:numbers', ids ),
		read( 'documents:words', ids ),
	] );
	const urls = new Set( put.map( ( { url } ) => url ) );
	for ( const [ at, id ] of ids.entries() ) {
		const body = bodies[ at ];
		if ( body ) {
			const { url, baseLanguage } = JSON.parse( String( body ) );
			urls.add( url );
			documents.set( id, {
				...readHash( String( hashes[ at ] ) ),
				baseLanguage,
				url,
				numbers: JSON.parse( String( numbers[ at ] ) ),
				words: words[ at ] as Buffer,
			} );
		}
	}
	const shared = await read( 'urls', [ ...urls ] );
	for ( const [ at, url ] of [ ...urls ].entries() ) {
		const stored = shared[ at ];
		idsByUrl.set( url, stored ? JSON.parse( String( stored ) ) : [] );
	}
	return { documents, idsByUrl };
}
