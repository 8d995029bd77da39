/**
 * Has one recording written down by one model, once: settled by what is known about how it ended, and recorded.
 */
import type { Reservation } from '../../ledger/ledger.ts';
import type { Model } from '../../models/catalog.ts';
import type { WatchedCall } from '../../models/target-health.ts';
import type { CallRecord } from '../../stores/call-store.ts';
import type { AudioFile } from '../../types.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import type { Transcription, VoiceProvider } from '../../upstream/voice.ts';
import type { VoiceContext, VoiceServices } from '../voice-services.ts';
import type { TranscriptionBound } from './transcription-bounds.ts';

/** One call that the money is there for. */
export interface TranscriptionCall {
	model: Model;
	provider: VoiceProvider;
	bound: TranscriptionBound;
	reservation: Reservation;
	watched: WatchedCall;
	audio: AudioFile;
	language: string | undefined;
	keywords: readonly string[];
	/** Counts the calls for one recording from 1. */
	attempt: number;
	/** How long it may take, in milliseconds; a call that takes longer is broken off. */
	limitMs: number;
}

/** What a call came to. */
export type TranscriptionEnd = { costNanoUsd: number } & (
	| { kind: 'written'; transcription: Transcription }
	| { kind: 'failed'; error: UpstreamError }
);

/** Makes the call. Resolves once it is in the book and in the call log. Never throws for what a provider does. */
export async function transcribeOnce(
	services: VoiceServices,
	context: VoiceContext,
	call: TranscriptionCall
): Promise< TranscriptionEnd > {
	const { model, reservation, watched } = call;
	const startedAt = performance.now();
	let queueMs: number | undefined;
	let transcription: Transcription | undefined;
	let error: UpstreamError | undefined;
	const limit = startLimit( context.signal, call.limitMs );
	try {
		transcription = await call.provider.transcribe( {
			model,
			audio: call.audio,
			language: call.language,
			keywords: call.keywords,
			requestId: context.requestId,
			priority: context.visitorId === '' ? 'background' : 'visitor',
			onStart( waitedMs ) {
				queueMs = waitedMs;
			},
			signal: limit.signal,
		} );
	} catch ( caught ) {
		error =
			caught instanceof UpstreamError
				? caught
				: new UpstreamError( 'garbage', String( caught ), {
						cause: caught,
					} );
	} finally {
		limit.stop();
	}

	tellHealth( watched, error );
	const settled = settle( call, {
		transcription,
		error,
		wasSent: queueMs !== undefined,
	} );
	const record: CallRecord = {
		id: reservation.id,
		siteId: context.siteId,
		at: services.clock(),
		turnId: context.turnId,
		requestId: context.requestId,
		visitorId: context.visitorId,
		kind: 'transcription',
		provider: model.provider,
		model: model.id,
		tier: 'none',
		reason: call.attempt > 1 ? 'fallback' : 'default',
		attempt: call.attempt,
		cache: 'miss',
		outcome: outcomeOf( error ),
		errorKind: error?.code ?? '',
		usage: transcription?.usage,
		isEstimated: settled.isEstimated,
		reservedNanoUsd: reservation.amountNanoUsd,
		costNanoUsd: settled.costNanoUsd,
		savedNanoUsd: 0,
		queueMs: queueMs ?? 0,
		firstTokenMs: undefined,
		totalMs: performance.now() - startedAt,
	};
	await Promise.all( [
		services.calls.record( record ),
		settled.saved.catch( ( cause: unknown ) => {
			// A reservation that is not settled stays held and then counts in full: too much, never too little.
			services.log.error(
				{ turnId: context.turnId, err: cause },
				'a call was not settled'
			);
		} ),
	] );
	if ( error ) {
		services.log.debug(
			{
				turnId: context.turnId,
				provider: model.provider,
				model: model.id,
				kind: error.kind,
				code: error.code,
				status: error.status,
				detail: error.message,
			},
			'a model did not write down what was said'
		);
	}
	return {
		costNanoUsd: settled.costNanoUsd,
		...( transcription
			? { kind: 'written', transcription }
			: {
					kind: 'failed',
					error:
						error ??
						new UpstreamError( 'garbage', 'no transcript' ),
				} ),
	};
}

/**
 * Resolves the reservation: what was reported wins; what surely was not billed is released. The whole recording is sent before anything
 * comes back, so that a call that was sent and broke off may cost all of it.
 */
function settle(
	{ reservation, bound }: TranscriptionCall,
	{
		transcription,
		error,
		wasSent,
	}: {
		transcription: Transcription | undefined;
		error: UpstreamError | undefined;
		/** Whether the call left our own queue. */
		wasSent: boolean;
	}
) {
	if ( transcription?.usage ) {
		return {
			...reservation.settle( transcription.usage ),
			isEstimated: false,
		};
	}
	if ( transcription ) {
		return {
			...reservation.settleEstimated( bound.usage ),
			isEstimated: true,
		};
	}
	if ( error?.isUnbilled || ! wasSent ) {
		return { ...reservation.release(), isEstimated: false };
	}
	return { ...reservation.settleInFull(), isEstimated: true };
}

/** A key that may not transcribe may well answer in words, and those calls find out for themselves what is wrong with it or the account. */
function tellHealth(
	watched: WatchedCall,
	error: UpstreamError | undefined
): void {
	if ( ! error ) {
		watched.succeeded();
	} else if ( error.kind === 'aborted' ) {
		watched.saidNothing();
	} else if ( error.kind === 'auth' || error.kind === 'quota' ) {
		watched.failed(
			new UpstreamError( 'model_gone', error.message, {
				cause: error,
				code: error.code,
			} )
		);
	} else {
		watched.failed( error );
	}
}

function outcomeOf(
	error: UpstreamError | undefined
): CallRecord[ 'outcome' ] {
	if ( ! error ) {
		return 'answered';
	}
	return error.kind === 'aborted' ? 'stopped' : 'failed';
}

/** Makes a signal that ends with the caller's, or as a time-out of the provider. */
function startLimit(
	signal: AbortSignal,
	limitMs: number
): { signal: AbortSignal; stop(): void } {
	const own = new AbortController();
	const timer = setTimeout(
		() =>
			own.abort(
				new UpstreamError(
					'timeout',
					'the recording was not written down in time'
				)
			),
		limitMs
	);
	return {
		signal: AbortSignal.any( [ signal, own.signal ] ),
		stop: () => clearTimeout( timer ),
	};
}
