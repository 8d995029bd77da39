/**
 * Says what time is to a gate, so that tests can move it by hand.
 */

/** Time as the gate sees it: a clock that never goes back, in milliseconds, and a timer. Tests move it by hand. */
export interface GateTime {
	now(): number;
	/** Calls back after some milliseconds; returns what cancels it. */
	after( ms: number, work: () => void ): () => void;
}

/** The time of this process. */
export const REAL_TIME: GateTime = {
	now: () => performance.now(),
	after( ms, work ) {
		const timer = setTimeout( work, ms ).unref();
		return () => clearTimeout( timer );
	},
};
