/**
 * Writes down one call to a model, as the call log keeps it.
 */
import type { Usage } from '../ledger/usage.ts';
import type { Model } from '../models/catalog.ts';
import type { KeptFeatures } from '../models/features.ts';
import type { Target } from '../models/plan.ts';
import type { RouteReason } from '../models/router.ts';
import type { CallOutcome, CallRecord } from '../stores/call-store.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import type { Attempt, AttemptEnd } from './attempt.ts';
import type { ModelServices } from './model-services.ts';
import type { SettledCall } from './settle-call.ts';
import type { Turn } from './turn.ts';

/** Whose call it was, and why it went where it went. */
export interface CallContext {
	turn: Turn;
	requestId: string;
	target: Target;
	reason: RouteReason;
	features: KeptFeatures;
	/** Counts the calls of the turn from 1. */
	attempt: number;
}

/** Records a call that was made. */
export function recordAttempt(
	services: Pick< ModelServices, 'calls' | 'clock' >,
	context: CallContext,
	{ id, amountNanoUsd }: { id: string; amountNanoUsd: number },
	made: Attempt
): void {
	const { end, settled, usage } = made;
	record( services, context, {
		id,
		outcome: outcomeOf( end ),
		errorKind:
			end.kind === 'failed' ? ( end.error.code ?? end.error.kind ) : '',
		usage,
		isEstimated: settled.isEstimated,
		reservedNanoUsd: amountNanoUsd,
		costNanoUsd: settled.costNanoUsd,
		queueMs: made.queueMs,
		firstTokenMs: made.firstTokenMs,
		totalMs: made.totalMs,
	} );
}

/** Records a call for which there was no money, so that nothing was sent. */
export function recordNoMoney(
	services: Pick< ModelServices, 'calls' | 'clock' >,
	context: CallContext
): void {
	record( services, context, {
		// The turn's own id belongs to the record of how it ended.
		id: `${ context.turn.id }-${ context.attempt }`,
		outcome: 'no_money',
		errorKind: 'limit_reached',
		usage: undefined,
		isEstimated: false,
		reservedNanoUsd: 0,
		costNanoUsd: 0,
		queueMs: 0,
		firstTokenMs: undefined,
		totalMs: 0,
	} );
}

/** Records a call that only asked which tier a question needs. */
export function recordDecision(
	{ calls, clock }: Pick< ModelServices, 'calls' | 'clock' >,
	{ turn, requestId }: { turn: Turn; requestId: string },
	{
		model,
		reservation,
		settled,
		usage,
		error,
		totalMs,
	}: {
		model: Model;
		reservation: { id: string; amountNanoUsd: number };
		settled: SettledCall;
		usage: Usage | undefined;
		error: UpstreamError | undefined;
		totalMs: number;
	}
): void {
	turn.save(
		calls.record( {
			id: reservation.id,
			siteId: turn.siteId,
			at: clock(),
			turnId: turn.id,
			requestId,
			visitorId: turn.visitorId,
			kind: 'routing',
			provider: model.provider,
			model: model.id,
			tier: 'none',
			reason: 'decision',
			attempt: 1,
			cache: 'miss',
			outcome: decisionOutcome( error ),
			errorKind: error?.code ?? '',
			usage,
			isEstimated: settled.isEstimated,
			reservedNanoUsd: reservation.amountNanoUsd,
			costNanoUsd: settled.costNanoUsd,
			savedNanoUsd: 0,
			queueMs: 0,
			firstTokenMs: undefined,
			totalMs,
		} )
	);
}

function decisionOutcome( error: UpstreamError | undefined ): CallOutcome {
	if ( ! error ) {
		return 'answered';
	}
	return error.kind === 'aborted' ? 'stopped' : 'failed';
}

function record(
	{ calls, clock }: Pick< ModelServices, 'calls' | 'clock' >,
	{ turn, requestId, target, reason, features, attempt }: CallContext,
	ended: Pick<
		CallRecord,
		| 'id'
		| 'outcome'
		| 'errorKind'
		| 'usage'
		| 'isEstimated'
		| 'reservedNanoUsd'
		| 'costNanoUsd'
		| 'queueMs'
		| 'firstTokenMs'
		| 'totalMs'
	>
): void {
	turn.save(
		calls.record( {
			...ended,
			siteId: turn.siteId,
			at: clock(),
			turnId: turn.id,
			requestId,
			visitorId: turn.visitorId,
			kind: 'answer',
			provider: target.model.provider,
			model: target.model.id,
			tier: target.tier,
			reason,
			features,
			attempt,
			cache: 'miss',
			savedNanoUsd: 0,
		} )
	);
}

function outcomeOf( end: AttemptEnd ): CallOutcome {
	switch ( end.kind ) {
		case 'answered':
			return end.finishReason === 'stopped' ? 'stopped' : 'answered';
		case 'passed_up':
			return 'passed_up';
		case 'failed':
			return 'failed';
	}
}
