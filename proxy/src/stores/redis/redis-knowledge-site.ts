/**
 * Reads what there is of a site in Redis, and has a change written down to its end before the next one begins.
 */
import type { RedisConnection } from './connection.ts';
import { siteKey } from './redis-site-key.ts';
import { defineScript, readScript, type RedisScript } from './script.ts';

/** What is kept of a site as a whole; no version means that it never sent a document. */
export interface SiteState {
	version: number;
	/** Made up with the first document: it differs when everything was lost and versions began anew. */
	epoch: string;
	passages: number;
	documents: number;
	/** The first passage number that no passage has or had. */
	next: number;
	/** How many documents there are by base language. */
	languages: Record< string, number >;
	/** A change that counts and is not written down to its end. */
	pending: string | undefined;
}

/** How long a site waits for one command that writes its documents, in milliseconds. Nobody who asks waits for these. */
export const CHANGE_TIMEOUT_MS = 10_000;

/** How many fields one script writes down: about a millisecond, so that others get their turn in between. */
export const FIELDS_AT_ONCE = 500;

/** Reads a script of knowledge. */
export function readKnowledgeStep(
	name: string,
	...before: string[]
): RedisScript {
	const parts = [ 'keys', name ].map(
		( part ) =>
			readScript(
				new URL( `./redis-knowledge-${ part }.lua`, import.meta.url )
			).source
	);
	return defineScript( [ ...before, ...parts ].join( '\n' ) );
}

const WRITE_DOWN = readKnowledgeStep( 'write-down' );

/** Reads what there is of a site. */
export async function readSite(
	redis: RedisConnection,
	siteId: string
): Promise< SiteState > {
	const [ version, epoch, passages, documents, next, languages, pending ] =
		await redis.command< Array< string | null > >( [
			'HMGET',
			siteKey( siteId, 'knowledge' ),
			'version',
			'epoch',
			'passages',
			'documents',
			'next',
			'languages',
			'pending',
		] );
	return {
		version: Number( version ?? 0 ),
		epoch: epoch ?? '',
		passages: Number( passages ?? 0 ),
		documents: Number( documents ?? 0 ),
		next: Number( next ?? 0 ),
		languages: JSON.parse( languages ?? '{}' ),
		pending: pending ?? undefined,
	};
}

/** Writes down a change that counts already, step by step. Any proxy may do that, even several at once. */
export async function writeDown(
	redis: RedisConnection,
	siteId: string,
	change: string
): Promise< void > {
	let left: number;
	do {
		left = await redis.script< number >(
			WRITE_DOWN,
			[ siteKey( siteId ) ],
			[ change, String( FIELDS_AT_ONCE ) ],
			{ timeoutMs: CHANGE_TIMEOUT_MS }
		);
	} while ( left > 0 );
}

/** Reads a site with everything written down. */
export async function readSettledSite(
	redis: RedisConnection,
	siteId: string
): Promise< SiteState > {
	for (;;) {
		const state = await readSite( redis, siteId );
		if ( state.pending === undefined ) {
			return state;
		}
		await writeDown( redis, siteId, state.pending );
	}
}
