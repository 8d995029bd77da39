/**
 * Says what a store of rate limits must do: take one request from several limits in one atomic step.
 */

/** So many requests in a period, at once or spread, as the generic cell rate algorithm counts them. */
export interface RateLimit {
	/** What is limited, for example `visitor:<site>:<id>`. */
	key: string;
	/** Requests that one period allows. */
	quota: number;
	periodMs: number;
}

/** What is left of the limit that is closest to its end. */
export interface RateLimitState {
	key: string;
	quota: number;
	remaining: number;
	/** Milliseconds until the whole quota is free again. */
	resetMs: number;
}

export type RateLimitOutcome =
	| { kind: 'allowed'; state: RateLimitState }
	| { kind: 'refused'; state: RateLimitState; retryAfterMs: number };

export interface RateLimitStore {
	/** Takes one request from every limit, or from none when one of them is used up. */
	take(
		limits: readonly RateLimit[],
		now: number
	): Promise< RateLimitOutcome >;
}
