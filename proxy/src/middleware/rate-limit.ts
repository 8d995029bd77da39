/**
 * Counts requests a minute and refuses what is too much. Counts requests, not money: that is the ledger's.
 */
import { LRUCache } from 'lru-cache';
import { DocentError } from '../errors.ts';
import type { Clock } from '../types.ts';

const WINDOW_MS = 60_000;

/** So many counters are kept at most; the least used go first. */
const MAX_COUNTERS = 50_000;

export interface RateLimiter {
	/** Counts one request; throws `rate_limited` with the time to wait when there were `perMinute` already. */
	count( key: string, perMinute: number ): void;
}

interface Counter {
	windowStart: number;
	current: number;
	previous: number;
}

/** Makes a limiter with a sliding window: the last minute counts by the share of it that is still in sight. */
export function createRateLimiter( clock: Clock ): RateLimiter {
	const counters = new LRUCache< string, Counter >( { max: MAX_COUNTERS } );
	return {
		count( key, perMinute ) {
			const now = clock();
			const windowStart = now - ( now % WINDOW_MS );
			const counter = slide( counters.get( key ), windowStart );
			const share = 1 - ( now - windowStart ) / WINDOW_MS;
			if ( counter.previous * share + counter.current >= perMinute ) {
				throw new DocentError(
					'rate_limited',
					'You are asking faster than this site allows. Please wait a moment.',
					{
						retryAfterMs: waitMs(
							counter,
							perMinute,
							now,
							windowStart
						),
					}
				);
			}
			counter.current++;
			counters.set( key, counter );
		},
	};
}

function slide( counter: Counter | undefined, windowStart: number ): Counter {
	if ( counter?.windowStart === windowStart ) {
		return counter;
	}
	const isNext = counter?.windowStart === windowStart - WINDOW_MS;
	return {
		windowStart,
		current: 0,
		previous: isNext ? counter.current : 0,
	};
}

/** Finds how long it takes until the share of the last minute has shrunk enough, at most until the next window. */
function waitMs(
	counter: Counter,
	perMinute: number,
	now: number,
	windowStart: number
): number {
	const untilNext = windowStart + WINDOW_MS - now;
	if ( counter.previous === 0 || counter.current >= perMinute ) {
		return untilNext;
	}
	const neededShare = ( perMinute - counter.current ) / counter.previous;
	const freeAt = windowStart + ( 1 - neededShare ) * WINDOW_MS;
	return Math.min( untilNext, Math.max( 1_000, Math.ceil( freeAt - now ) ) );
}
