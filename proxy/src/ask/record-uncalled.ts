/**
 * Writes questions into the call log that were answered without a call of their own: by the cache, in the site's words, with somebody else's
 * answer, or not at all.
 */
import type { Calls } from '../calls/calls.ts';
import type { CallOutcome } from '../stores/call-store.ts';
import type { Answered } from './ask.ts';
import type { FinishReason, Turn } from './turn.ts';

const OUTCOME: Record< FinishReason, CallOutcome > = {
	// A sentence of the proxy's own.
	stop: 'answered',
	length: 'answered',
	stopped: 'stopped',
	abstained: 'abstained',
	extractive: 'extractive',
	cached: 'cached',
};

/** Says how a question ended, in the words of the call log. */
export function outcomeOf( {
	cache,
	finishReason,
}: Pick< Answered, 'cache' | 'finishReason' > ): CallOutcome {
	return cache === 'coalesced' && finishReason !== 'stopped'
		? 'cached'
		: OUTCOME[ finishReason ];
}

/** Records a question unless a call of its own stands for it; times in milliseconds. */
export function recordUncalled(
	calls: Calls,
	turn: Turn,
	{ cache, tier, finishReason, savedNanoUsd = 0, hasCall = false }: Answered,
	{
		requestId,
		askedAt,
		totalMs,
	}: { requestId: string; askedAt: number; totalMs: number }
): void {
	const isShared = cache === 'coalesced';
	if ( hasCall || ( ! isShared && tier !== 'none' ) ) {
		return;
	}
	turn.save(
		calls.record( {
			id: turn.id,
			siteId: turn.siteId,
			at: askedAt + totalMs,
			turnId: turn.id,
			requestId,
			visitorId: turn.visitorId,
			kind: 'answer',
			provider: '',
			model: '',
			tier: 'none',
			reason: '',
			attempt: 1,
			cache,
			outcome: outcomeOf( { cache, finishReason } ),
			errorKind: '',
			usage: undefined,
			isEstimated: false,
			reservedNanoUsd: 0,
			costNanoUsd: 0,
			savedNanoUsd,
			queueMs: 0,
			firstTokenMs: undefined,
			totalMs,
		} )
	);
}
