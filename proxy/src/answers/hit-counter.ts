/**
 * Counts hits in memory and writes them now and then, so that serving a cached answer writes nothing.
 */
import type { AnswerStore, HitCount } from '../stores/answer-store.ts';

/** How long counts may stay in memory, in milliseconds. A crash loses no more than these. */
const WRITE_INTERVAL_MS = 1_000;

/** Counts the hits of answers. */
export interface HitCounter {
	count( siteId: string, id: string, at: number ): void;
	/** Writes what was counted; when that fails, it stays counted for the next time. */
	flush(): Promise< void >;
}

/** Makes a counter that writes to a store. Its timer does not keep the process alive. */
export function createHitCounter( {
	store,
	intervalMs = WRITE_INTERVAL_MS,
}: {
	store: Pick< AnswerStore, 'countHits' >;
	intervalMs?: number;
} ): HitCounter {
	let counts = new Map< string, HitCount >();
	let timer: NodeJS.Timeout | undefined;

	const add = ( hit: HitCount ): void => {
		const key = `${ hit.siteId } ${ hit.id }`;
		const known = counts.get( key );
		if ( known ) {
			known.hits += hit.hits;
			known.lastUsedAt = Math.max( known.lastUsedAt, hit.lastUsedAt );
		} else {
			counts.set( key, hit );
		}
	};
	const flush = async (): Promise< void > => {
		clearTimeout( timer );
		timer = undefined;
		if ( counts.size === 0 ) {
			return;
		}
		const written = counts;
		counts = new Map();
		try {
			await store.countHits( [ ...written.values() ] );
		} catch ( error ) {
			for ( const hit of written.values() ) {
				add( hit );
			}
			throw error;
		}
	};

	return {
		count( siteId, id, at ) {
			add( { siteId, id, hits: 1, lastUsedAt: at } );
			timer ??= setTimeout( () => {
				// Hits are figures for the owner; a store that cannot write must not take the answers down with them.
				flush().catch( () => undefined );
			}, intervalMs ).unref();
		},
		flush,
	};
}
