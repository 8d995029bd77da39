/**
 * Writes a finished call as one structured line. Never what was asked or answered, nor by whom.
 */
import type { Logger } from 'pino';
import { inputTokens, outputTokens } from '../ledger/usage.ts';
import type { CallRecord } from '../stores/call-store.ts';

/** Logs a record: failures as warnings, refusals as information, the rest for whoever debugs, because the end of a turn has a line of its own. */
export function logCall( log: Logger, record: CallRecord ): void {
	const level = levelOf( record );
	if ( ! log.isLevelEnabled( level ) ) {
		return;
	}
	const { usage } = record;
	log[ level ](
		{
			requestId: record.requestId,
			siteId: record.siteId,
			turnId: record.turnId,
			kind: record.kind,
			outcome: record.outcome,
			cache: record.cache,
			tier: record.tier,
			reason: record.reason,
			attempt: record.attempt,
			...( record.model === ''
				? {}
				: { provider: record.provider, model: record.model } ),
			...( record.errorKind === ''
				? {}
				: { errorKind: record.errorKind } ),
			...( usage
				? {
						inputTokens: inputTokens( usage ),
						outputTokens: outputTokens( usage ),
					}
				: {} ),
			costNanoUsd: record.costNanoUsd,
			savedNanoUsd: record.savedNanoUsd,
			queueMs: Math.round( record.queueMs ),
			...( record.firstTokenMs === undefined
				? {}
				: { firstTokenMs: Math.round( record.firstTokenMs ) } ),
			totalMs: Math.round( record.totalMs ),
		},
		messageOf( record )
	);
}

function levelOf( record: CallRecord ): 'warn' | 'info' | 'debug' {
	if ( record.outcome === 'failed' ) {
		return 'warn';
	}
	return record.outcome === 'no_money' ? 'info' : 'debug';
}

function messageOf( record: CallRecord ): string {
	if ( record.outcome === 'failed' ) {
		return 'call failed';
	}
	if ( record.outcome === 'no_money' ) {
		return 'no money for a call';
	}
	return 'call ended';
}
