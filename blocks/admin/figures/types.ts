/**
 * Describes the figures that `docent/v1` hands on from the proxy.
 */

/** The sums of one group of calls; which of the first parts are there depends on what was grouped by. */
export interface UsageRow {
	/** `YYYY-MM-DD` in the site's time zone. */
	day?: string;
	model?: string;
	tier?: string;
	kind?: string;
	cache?: string;
	calls: number;
	/** Questions that came to an end. */
	questions: number;
	inputTokens: number;
	outputTokens: number;
	costNanoUsd: number;
	savedNanoUsd: number;
}

/** `GET /usage` with `from`, `to` and `by`. */
export interface UsageReport {
	/** The days that are summed up, both included. */
	from: string;
	to: string;
	rows: UsageRow[];
	totals: UsageRow;
}

/** One line of the call log. */
export interface Call {
	id: string;
	/** Milliseconds since the epoch. */
	at: number;
	turnId: string;
	kind: string;
	provider: string;
	model: string;
	tier: string;
	reason: string;
	attempt: number;
	cache: string;
	outcome: string;
	errorKind: string;
	inputTokens: number;
	outputTokens: number;
	costNanoUsd: number;
	savedNanoUsd: number;
	/** Milliseconds; null when there was no first word. */
	firstTokenMs: number | null;
	totalMs: number;
}

/** One page of the call log, newest first. */
export interface CallPage {
	calls: Call[];
	/** Where the next page begins; null on the last. */
	nextCursor: string | null;
}

/** Which calls are shown; an empty string stands for all. */
export interface CallFilter {
	outcome: string;
	tier: string;
}
