/**
 * Remembers how much of a limit a provider reported as left, and reckons how it fills up again.
 */
import type { Allowance } from './rate-headers.ts';

/** However long a provider says that it takes: after so long one call finds out, in milliseconds. */
export const MAX_HOLD_MS = 600_000;

/** What is left of one limit at the provider. Times are milliseconds of one clock that never goes back. */
export interface ReportedLimit {
	/** Takes a report over. `unheard` is what was sent and cannot be in it for sure. */
	report( allowance: Allowance, unheard: number, now: number ): void;
	/** Returns how long to wait until an amount is left, 0 when it is or when nothing is known. */
	waitMs( amount: number, now: number ): number;
	/** Counts an amount that is sent. */
	take( amount: number ): void;
}

/** Makes a limit of which nothing is known yet. */
export function createReportedLimit(): ReportedLimit {
	let left = Infinity;
	let limit = Infinity;
	let wholeAt = -Infinity;
	/** How much comes back in a millisecond: providers fill up steadily, and say when they are full. */
	let perMs = 0;
	let updatedAt = 0;

	const refill = ( now: number ) => {
		if ( now >= wholeAt ) {
			left = Infinity;
		} else if ( now > updatedAt ) {
			left = Math.min( limit, left + perMs * ( now - updatedAt ) );
		}
		updatedAt = Math.max( now, updatedAt );
	};

	return {
		report( { remaining, limit: reported, resetMs }, unheard, now ) {
			if ( resetMs === undefined ) {
				// Nobody knows when it would be more: the next refusal says how long to wait.
				left = Infinity;
				return;
			}
			updatedAt = now;
			wholeAt = now + Math.min( resetMs, MAX_HOLD_MS );
			limit = reported ?? Infinity;
			perMs =
				reported === undefined || resetMs === 0
					? 0
					: Math.max( 0, reported - remaining ) / resetMs;
			left = remaining - unheard;
		},
		waitMs( amount, now ) {
			refill( now );
			const needed = Math.min( amount, limit );
			if ( left >= needed ) {
				return 0;
			}
			const untilWhole = wholeAt - now;
			return Math.ceil(
				perMs > 0
					? Math.min( untilWhole, ( needed - left ) / perMs )
					: untilWhole
			);
		},
		take( amount ) {
			left -= amount;
		},
	};
}
