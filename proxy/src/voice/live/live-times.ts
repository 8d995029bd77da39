/**
 * Says how long things may take in a live conversation.
 */

/** How long things may take in a live conversation, in milliseconds. */
export interface LiveTimes {
	/** How long a browser that was cut off may take to come back. */
	graceMs: number;
	/** How long nobody may say anything. */
	idleMs: number;
	/** How long a provider may take to open a session. */
	openMs: number;
	/** How long a provider may be silent when something is expected of it. */
	silenceMs: number;
	/** How long before the end of a provider's session the next one is opened. */
	rotateBeforeMs: number;
	/** How long before the owner's time limit the visitor is told. */
	warnBeforeMs: number;
	/** How often a call looks at its clock. */
	tickMs: number;
}

/** The times of a running proxy. */
export const LIVE_TIMES: LiveTimes = {
	graceMs: 15_000,
	idleMs: 120_000,
	openMs: 10_000,
	silenceMs: 15_000,
	rotateBeforeMs: 120_000,
	warnBeforeMs: 30_000,
	tickMs: 250,
};
