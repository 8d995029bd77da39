/**
 * Says what a store of the call log can do: add what was called, list it, and sum it up.
 */
import type { Usage } from '../ledger/usage.ts';
import type { CacheOutcome } from '../types.ts';

/** What a call can be for. `answer` stands as well for a question that needed no call. */
export const CALL_KINDS = [
	'answer',
	'routing',
	'rewrite',
	'embedding',
	'transcription',
	'speech',
	'realtime',
	'image',
] as const;

export type CallKind = ( typeof CALL_KINDS )[ number ];

/** How a call can end. */
export const CALL_OUTCOMES = [
	'answered',
	/** The model passed the question up to the next tier. */
	'passed_up',
	'stopped',
	'failed',
	/** There was no money for it, so nothing was sent. */
	'no_money',
	/** No model was needed: from the cache, quoted, or not in the site. */
	'cached',
	'extractive',
	'abstained',
] as const;

export type CallOutcome = ( typeof CALL_OUTCOMES )[ number ];

/** One request to a provider, or one question that was answered without any. */
export interface CallRecord {
	/** The reservation of the call, or the turn when nothing was reserved. Unique; all records of one id belong to one turn. */
	id: string;
	siteId: string;
	/** When it ended, in milliseconds since the epoch. */
	at: number;
	turnId: string;
	requestId: string;
	visitorId: string;
	kind: CallKind;
	/** Both empty when no model was called. */
	provider: string;
	model: string;
	/** `none` when no model was called. */
	tier: string;
	/** Why this tier was chosen, as a stable code. */
	reason: string;
	/** What the choice of the tier rested on, without the question's words (`models/features.ts`), so that routing can be replayed. */
	features?:
		| Readonly< Record< string, string | number | boolean | null > >
		| undefined;
	/** Counts the attempts of one turn from 1. */
	attempt: number;
	cache: CacheOutcome;
	outcome: CallOutcome;
	/** The stable code of the failure; empty when there was none. */
	errorKind: string;
	usage: Usage | undefined;
	/** True when the provider reported no usage. */
	isEstimated: boolean;
	reservedNanoUsd: number;
	costNanoUsd: number;
	/** What a cached answer saved. */
	savedNanoUsd: number;
	/** Milliseconds in the queue, to the first word (undefined when there was none), and in all. */
	queueMs: number;
	firstTokenMs: number | undefined;
	totalMs: number;
}

/** A call as it is kept: who asked is only a keyed hash, and the tokens are added up. */
export interface KeptCall extends Omit< CallRecord, 'visitorId' > {
	visitor: string;
	inputTokens: number;
	outputTokens: number;
}

/** Which calls to list; every part narrows the list. Times in milliseconds, `from` inclusive, `to` exclusive. */
export interface CallFilter {
	from?: number | undefined;
	to?: number | undefined;
	model?: string | undefined;
	tier?: string | undefined;
	kind?: CallKind | undefined;
	cache?: CacheOutcome | undefined;
	outcome?: CallOutcome | undefined;
	turnId?: string | undefined;
}

export interface CallPage {
	/** Newest first; calls of the same millisecond in the order opposite to that of their adding. */
	calls: KeptCall[];
	/** Where the next page begins; undefined on the last. */
	nextCursor: string | undefined;
}

/** The sums of one site on one local day, for one model, tier, kind and cache outcome. */
export interface UsageRollup {
	/** `YYYY-MM-DD` in the site's time zone at the time of the call. */
	day: string;
	model: string;
	tier: string;
	kind: CallKind;
	cache: CacheOutcome;
	outcome: CallOutcome;
	calls: number;
	inputTokens: number;
	outputTokens: number;
	costNanoUsd: number;
	savedNanoUsd: number;
}

/** Keeps the call logs of all sites, each site apart. */
export interface CallStore {
	/** Adds a record and counts it in the sums of its day, in one step. A record with a known id changes nothing. */
	add( call: KeptCall, day: string ): Promise< void >;
	/** Lists at most `limit` calls after the cursor; throws `bad_request` for a cursor that it did not make. */
	list(
		siteId: string,
		filter: CallFilter,
		page: { limit: number; cursor?: string | undefined }
	): Promise< CallPage >;
	/** Returns the sums of the days from `firstDay` to `lastDay`, both included, in no order. */
	rollups(
		siteId: string,
		firstDay: string,
		lastDay: string
	): Promise< UsageRollup[] >;
	/** Removes records that ended before a time; the sums stay. Returns how many. */
	deleteOlderThan( siteId: string, time: number ): Promise< number >;
}
