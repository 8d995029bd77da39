/**
 * Writes down one call for speech, as the call log keeps it.
 */
import { randomUUID } from 'node:crypto';
import type { Reservation } from '../../ledger/ledger.ts';
import type { Model } from '../../models/catalog.ts';
import type { CallOutcome, CallRecord } from '../../stores/call-store.ts';
import type { VoiceContext, VoiceServices } from '../voice-services.ts';
import type { Reading } from './reading.ts';
import type { SettledReading } from './speech-money.ts';

/** Whose call it was. */
interface ReadingContext {
	context: VoiceContext;
	model: Model;
	/** Counts the calls for one sentence from 1. */
	attempt: number;
	/** Whether another model was meant to speak. */
	isFallback: boolean;
}

/** Records a call that was made. Never rejects. */
export function recordReading(
	services: Pick< VoiceServices, 'calls' | 'clock' >,
	context: ReadingContext,
	{ id, amountNanoUsd }: Pick< Reservation, 'id' | 'amountNanoUsd' >,
	{ costNanoUsd, isEstimated }: SettledReading,
	{ error, usage, queueMs, firstSoundMs, totalMs }: Reading
): Promise< void > {
	return record( services, context, {
		id,
		outcome: outcomeOf( error?.kind ),
		errorKind:
			error && error.kind !== 'aborted'
				? ( error.code ?? error.kind )
				: '',
		usage,
		isEstimated,
		reservedNanoUsd: amountNanoUsd,
		costNanoUsd,
		queueMs,
		firstTokenMs: firstSoundMs,
		totalMs,
	} );
}

/** Records a call for which there was no money, so that nothing was sent. Never rejects. */
export function recordNoMoney(
	services: Pick< VoiceServices, 'calls' | 'clock' >,
	context: ReadingContext
): Promise< void > {
	return record( services, context, {
		id: randomUUID(),
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

function record(
	{ calls, clock }: Pick< VoiceServices, 'calls' | 'clock' >,
	{ context, model, attempt, isFallback }: ReadingContext,
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
): Promise< void > {
	return calls.record( {
		...ended,
		siteId: context.siteId,
		at: clock(),
		turnId: context.turnId,
		requestId: context.requestId,
		visitorId: context.visitorId,
		kind: 'speech',
		provider: model.provider,
		model: model.id,
		tier: 'none',
		reason: isFallback ? 'fallback' : 'default',
		attempt,
		cache: 'miss',
		savedNanoUsd: 0,
	} );
}

function outcomeOf( kind: string | undefined ): CallOutcome {
	if ( kind === undefined ) {
		return 'answered';
	}
	return kind === 'aborted' ? 'stopped' : 'failed';
}
