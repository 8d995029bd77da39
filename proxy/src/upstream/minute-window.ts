/**
 * Counts what happened in the last minute, so that no sixty seconds ever hold more than a limit.
 */
const SLOT_MS = 1_000;

/** One slot more than a minute has: the oldest one may lie half inside the minute, and counts whole. */
const SLOTS = 61;

/** A limit on the sum of amounts in any minute. Times are milliseconds of one clock that never goes back. */
export interface MinuteWindow {
	/** Returns how long to wait until an amount fits, 0 when it fits now. What is larger than the limit fits into an empty minute. */
	waitMs( amount: number, now: number ): number;
	add( amount: number, now: number ): void;
}

/** Makes an empty window. */
export function createMinuteWindow( limit: number ): MinuteWindow {
	const amounts = new Float64Array( SLOTS );
	let newest = -1;
	let sum = 0;

	/** Forgets the slots that have left the minute. */
	const moveTo = ( now: number ): number => {
		const slot = Math.floor( now / SLOT_MS );
		if ( slot > newest ) {
			const gone = Math.min( SLOTS, slot - newest );
			for ( let i = 1; i <= gone; i++ ) {
				const at = ( slot - gone + i + SLOTS ) % SLOTS;
				sum -= amounts[ at ] ?? 0;
				amounts[ at ] = 0;
			}
			newest = slot;
		}
		return slot;
	};

	return {
		waitMs( amount, now ) {
			const slot = moveTo( now );
			const room = limit - Math.min( amount, limit );
			let left = sum;
			for ( let age = SLOTS - 1; left > room && age >= 0; age-- ) {
				left -= amounts[ ( slot - age + SLOTS ) % SLOTS ] ?? 0;
				if ( left <= room ) {
					// The slot is forgotten when it is SLOTS old.
					return ( slot - age + SLOTS ) * SLOT_MS - now;
				}
			}
			return 0;
		},
		add( amount, now ) {
			const slot = moveTo( now );
			amounts[ slot % SLOTS ] = ( amounts[ slot % SLOTS ] ?? 0 ) + amount;
			sum += amount;
		},
	};
}
