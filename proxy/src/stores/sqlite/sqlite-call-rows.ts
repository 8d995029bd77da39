/**
 * Reads calls and their sums from rows of SQLite.
 */
import type { SQLOutputValue } from 'node:sqlite';
import type { CacheOutcome } from '../../types.ts';
import type {
	CallKind,
	CallOutcome,
	KeptCall,
	UsageRollup,
} from '../call-store.ts';

/** A row as SQLite gives it. */
export type Row = Record< string, SQLOutputValue >;

/** Reads a call from its row and that of its group. */
export function toCall( row: Row ): KeptCall {
	return {
		id: String( row.id ),
		siteId: String( row.site_id ),
		at: Number( row.at ),
		turnId: String( row.turn_id ),
		requestId: String( row.request_id ),
		visitor: String( row.visitor ),
		kind: row.kind as CallKind,
		provider: String( row.provider ),
		model: String( row.model ),
		tier: String( row.tier ),
		reason: String( row.reason ),
		attempt: Number( row.attempt ),
		cache: row.cache as CacheOutcome,
		outcome: row.outcome as CallOutcome,
		errorKind: String( row.error_kind ),
		usage:
			row.usage === null ? undefined : JSON.parse( String( row.usage ) ),
		isEstimated: row.is_estimated === 1,
		inputTokens: Number( row.input_tokens ),
		outputTokens: Number( row.output_tokens ),
		reservedNanoUsd: Number( row.reserved_nano_usd ),
		costNanoUsd: Number( row.cost_nano_usd ),
		savedNanoUsd: Number( row.saved_nano_usd ),
		queueMs: Number( row.queue_ms ),
		firstTokenMs:
			row.first_token_ms === null
				? undefined
				: Number( row.first_token_ms ),
		totalMs: Number( row.total_ms ),
		features:
			row.features === null
				? undefined
				: JSON.parse( String( row.features ) ),
	};
}

/** Reads the sums of a group on a day. */
export function toRollup( row: Row ): UsageRollup {
	return {
		day: String( row.day ),
		model: String( row.model ),
		tier: String( row.tier ),
		kind: row.kind as CallKind,
		cache: row.cache as CacheOutcome,
		outcome: row.outcome as CallOutcome,
		calls: Number( row.calls ),
		inputTokens: Number( row.input_tokens ),
		outputTokens: Number( row.output_tokens ),
		costNanoUsd: Number( row.cost_nano_usd ),
		savedNanoUsd: Number( row.saved_nano_usd ),
	};
}
