/**
 * Keeps rate limits in the memory of one proxy.
 */
import { LRUCache } from 'lru-cache';
import {
	assertLimits,
	drain,
	takeOne,
	type Backlog,
} from '../rate-limit-rules.ts';
import type { RateLimitStore } from '../rate-limit-store.ts';

/** So many limits are counted at most; those that were used least go first. */
const MAX_LIMITS = 50_000;

/** Makes a {@link RateLimitStore} with nothing in it. */
export function createMemoryRateLimitStore(): RateLimitStore {
	const backlogs = new LRUCache< string, Backlog >( { max: MAX_LIMITS } );
	return {
		async take( limits, now ) {
			assertLimits( limits );
			const { outcome, kept } = takeOne(
				limits,
				limits.map( ( limit ) =>
					drain( limit, backlogs.get( limit.key ), now )
				),
				now
			);
			for ( const [ index, backlog ] of ( kept ?? [] ).entries() ) {
				backlogs.set( limits[ index ]?.key ?? '', backlog );
			}
			return outcome;
		},
	};
}
