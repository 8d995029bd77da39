/**
 * Guesses when a full queue will have room again, from how long calls took.
 */

/** Bounds of the guess, and what is said before the first call has ended, in milliseconds. */
const LEAST_MS = 1_000;
const MOST_MS = 30_000;
const UNKNOWN_MS = 5_000;

/** How much the newest call counts in the mean. */
const NEWEST = 0.1;

/** Learns from each call that ends. */
export interface DrainEstimate {
	ended( tookMs: number ): void;
	/** Returns what to tell somebody who finds so many waiting, in milliseconds. */
	untilRoomMs( waiting: number ): number;
}

/** Makes an estimate that knows nothing yet, for so many calls at a time. */
export function createDrainEstimate( concurrency: number ): DrainEstimate {
	let meanMs: number | undefined;
	return {
		ended( tookMs ) {
			meanMs =
				meanMs === undefined
					? tookMs
					: meanMs * ( 1 - NEWEST ) + tookMs * NEWEST;
		},
		untilRoomMs( waiting ) {
			const guess =
				meanMs === undefined
					? UNKNOWN_MS
					: ( meanMs * ( waiting + 1 ) ) / concurrency;
			return Math.min( MOST_MS, Math.max( LEAST_MS, guess ) );
		},
	};
}
