/**
 * Counts requests as the generic cell rate algorithm does: every request leaves a backlog of one interval, which drains with time, and
 * there is room for as much backlog as one period holds.
 */
import type {
	RateLimit,
	RateLimitOutcome,
	RateLimitState,
} from './rate-limit-store.ts';

/** What is kept of a limit. Apart from its time the backlog is small, so that its fractions are exact enough for any number of requests. */
export interface Backlog {
	/** Milliseconds since the epoch. */
	at: number;
	/** Milliseconds until the whole quota is free again, seen from `at`. */
	backlogMs: number;
}

/** Less than this is what rounding leaves over, in milliseconds. */
const ROUNDING_MS = 0.001;

/** Returns the backlog as it is now. */
export function drain(
	{ periodMs }: RateLimit,
	backlog: Backlog | undefined,
	now: number
): Backlog {
	// A clock that is a little behind (another proxy's) waits; one that was set back far begins anew, or nobody could ask until it caught up.
	if ( backlog === undefined || backlog.at - now > periodMs ) {
		return { at: now, backlogMs: 0 };
	}
	const at = Math.max( backlog.at, now );
	return {
		at,
		backlogMs: Math.max( 0, backlog.backlogMs - ( at - backlog.at ) ),
	};
}

/** Takes one request from every limit, given its backlog of now, or from none. Returns what there is to keep then. */
export function takeOne(
	limits: readonly RateLimit[],
	backlogs: readonly Backlog[],
	now: number
): { outcome: RateLimitOutcome; kept: Backlog[] | undefined } {
	let refusing: { state: RateLimitState; retryAfterMs: number } | undefined;
	let closest: RateLimitState | undefined;
	const kept: Backlog[] = [];
	for ( const [ index, limit ] of limits.entries() ) {
		const { at, backlogMs } = backlogs[ index ] as Backlog;
		const intervalMs = limit.periodMs / limit.quota;
		const nextMs = backlogMs + intervalMs;
		const aheadMs = at - now;
		const overMs = nextMs - limit.periodMs;
		if ( overMs > ROUNDING_MS ) {
			const retryAfterMs = Math.ceil( overMs - ROUNDING_MS + aheadMs );
			if ( ! refusing || retryAfterMs > refusing.retryAfterMs ) {
				refusing = {
					retryAfterMs,
					state: stateOf( limit, backlogMs, aheadMs ),
				};
			}
			continue;
		}
		kept.push( { at, backlogMs: nextMs } );
		const state = stateOf( limit, nextMs, aheadMs );
		if ( ! closest || state.remaining < closest.remaining ) {
			closest = state;
		}
	}
	if ( refusing ) {
		return { outcome: { kind: 'refused', ...refusing }, kept: undefined };
	}
	if ( ! closest ) {
		throw new RangeError( 'a request must count in at least one limit' );
	}
	return { outcome: { kind: 'allowed', state: closest }, kept };
}

function stateOf(
	{ key, quota, periodMs }: RateLimit,
	backlogMs: number,
	aheadMs: number
): RateLimitState {
	const free = ( ( periodMs - backlogMs + ROUNDING_MS ) * quota ) / periodMs;
	return {
		key,
		quota,
		remaining: Math.max( 0, Math.floor( free ) ),
		resetMs: Math.max( 0, Math.ceil( backlogMs - ROUNDING_MS + aheadMs ) ),
	};
}

/** Throws a `RangeError` for a limit that cannot be counted. */
export function assertLimits( limits: readonly RateLimit[] ): void {
	for ( const { key, quota, periodMs } of limits ) {
		if (
			! Number.isSafeInteger( quota ) ||
			quota < 1 ||
			! Number.isFinite( periodMs ) ||
			periodMs <= 0
		) {
			throw new RangeError(
				`the limit ${ key } of ${ quota } in ${ periodMs } ms cannot be counted`
			);
		}
	}
}
