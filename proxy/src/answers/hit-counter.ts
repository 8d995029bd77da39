/**
 * Counts hits in memory and writes them now and then, so that serving a cached answer writes nothing.
 */
import type { AnswerStore, HitCount } from '../stores/answer-store.ts';

/** How long counts may stay in memory, in milliseconds. A crash loses no more than these. */
const WRITE_INTERVAL_MS = 1_000;

/** Counts the hits of answers. */
export interface HitCounter {
	count( siteId: string, id: string, at: number ): void;
	/** Writes what was counted. What cannot be written is lost: a store that did not answer may have counted it, and twice would be a lie. */
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

	const flush = async (): Promise< void > => {
		clearTimeout( timer );
		timer = undefined;
		if ( counts.size === 0 ) {
			return;
		}
		const written = [ ...counts.values() ];
		counts = new Map();
		await store.countHits( written );
	};

	return {
		count( siteId, id, at ) {
			const key = `${ siteId } ${ id }`;
			const count = counts.get( key );
			if ( count ) {
				count.hits++;
				count.lastUsedAt = at;
			} else {
				counts.set( key, { siteId, id, hits: 1, lastUsedAt: at } );
			}
			timer ??= setTimeout( () => {
				// Hits are figures for the owner; a store that cannot write must not take the answers down with them.
				flush().catch( () => undefined );
			}, intervalMs ).unref();
		},
		flush,
	};
}
