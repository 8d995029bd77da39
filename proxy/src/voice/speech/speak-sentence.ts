/**
 * Speaks one sentence: asks one target after another until one reads it, each call within the money, and only while nothing was heard.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { UnknownPriceError } from '../../ledger/pricing.ts';
import type { Reservation } from '../../ledger/ledger.ts';
import type { Model } from '../../models/catalog.ts';
import { createPlan, MAX_ATTEMPTS, type Target } from '../../models/plan.ts';
import { waitBeforeRetry } from '../../models/retry-policy.ts';
import type { Voice } from '../../types.ts';
import type { VoiceContext, VoiceServices } from '../voice-services.ts';
import { read, type Reading } from './reading.ts';
import { recordNoMoney, recordReading } from './record-reading.ts';
import { reserveSpeech, settleReading } from './speech-money.ts';
import { boundSpeech, type SpeechBound } from './speech-bounds.ts';

/** So many calls may be paid for without a word heard; then the browser's own voice costs less. */
const MAX_PAID_FAILURES = 2;

/** What speaking a sentence needs. */
export interface SentenceRequest {
	context: VoiceContext;
	text: string;
	voice: Voice;
	language: string;
	priority: 'visitor' | 'background';
	/** Best first. */
	models: readonly Model[];
	signal: AbortSignal;
	/** Takes sound that may be heard. */
	show( pcm: Uint8Array ): void;
}

/** How a sentence ended. `cut`: some of it was heard, and the rest will not come. */
export type SentenceEnd =
	| {
			kind: 'spoken';
			costNanoUsd: number;
			/** Which model spoke it. */
			model: Model;
			/** Whether the whole text and nothing else was read, as far as can be told. */
			isFaithful: boolean;
	  }
	| {
			kind: 'limit_reached' | 'unavailable' | 'stopped' | 'cut';
			costNanoUsd: number;
	  };

/** Speaks it. Never rejects for what a provider, a limit or a store does. */
export async function speakSentence(
	services: VoiceServices & { random: () => number },
	request: SentenceRequest
): Promise< SentenceEnd > {
	const { context, text, voice, signal } = request;
	// Speech has no tiers; the plan asks for one and looks at none.
	const plan = createPlan(
		request.models.map( ( model ): Target => ( {
			model,
			tier: 'economy',
		} ) )
	);
	let costNanoUsd = 0;
	let failures = 0;
	let paidFailures = 0;
	let isRefused = false;
	let again: Target | undefined;
	const stopped = (): SentenceEnd => ( { kind: 'stopped', costNanoUsd } );

	for ( let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++ ) {
		const target: Target | undefined =
			again ??
			plan
				.left()
				.find( ( { model } ) => services.health.restMs( model ) === 0 );
		again = undefined;
		if ( ! target ) {
			break;
		}
		const { model } = target;
		const isFallback = model !== request.models[ 0 ];
		const bound = boundOf( services, model, text, voice );
		if ( ! bound ) {
			plan.drop( target );
			continue;
		}
		const reserved = await reserveSpeech( services, {
			context,
			model,
			bound,
			signal,
		} );
		if ( signal.aborted ) {
			if ( reserved?.kind === 'reserved' ) {
				await savedOf( services, reserved.reservation.release() );
			}
			return stopped();
		}
		if ( ! reserved ) {
			break;
		}
		if ( reserved.kind === 'refused' ) {
			// Another target may be cheaper.
			isRefused = true;
			plan.drop( target );
			await recordNoMoney( services, {
				context,
				model,
				attempt,
				isFallback,
			} );
			continue;
		}
		const { reservation } = reserved;
		const watched = services.health.begin( model );
		if ( ! watched ) {
			await savedOf( services, reservation.release() );
			continue;
		}
		const reading = await read( {
			...request,
			provider: services.providers.voice( model.provider ),
			model,
			maxOutputTokens: bound.maxOutputTokens,
			requestId: context.requestId,
			onFirstSound: () => watched.answers(),
		} );
		const settled = settleReading( reservation, {
			model,
			text,
			bound,
			reading,
		} );
		costNanoUsd += settled.costNanoUsd;
		const saved = Promise.all( [
			savedOf( services, settled ),
			recordReading(
				services,
				{ context, model, attempt, isFallback },
				reservation,
				settled,
				reading
			),
		] );
		const { error } = reading;
		if ( ! error ) {
			watched.succeeded();
			await saved;
			return {
				kind: 'spoken',
				costNanoUsd,
				model,
				isFaithful: reading.isFaithful,
			};
		}
		if ( error.kind === 'aborted' || signal.aborted ) {
			watched.saidNothing();
			await saved;
			return stopped();
		}
		watched.failed( error );
		logFailure( services, context, model, reading );
		await saved;
		if ( reading.isShown ) {
			return { kind: 'cut', costNanoUsd };
		}
		failures++;
		paidFailures += settled.costNanoUsd > 0 ? 1 : 0;
		if ( paidFailures >= MAX_PAID_FAILURES ) {
			break;
		}
		const mayAgain = plan.failed( target, error.kind );
		const waitMs = mayAgain
			? waitBeforeRetry( {
					failures,
					retryAfterMs: error.retryAfterMs,
					chance: services.random(),
				} )
			: undefined;
		if ( waitMs !== undefined && ( await waited( waitMs, signal ) ) ) {
			again = target;
		}
	}
	if ( signal.aborted ) {
		return stopped();
	}
	return {
		kind: isRefused && failures === 0 ? 'limit_reached' : 'unavailable',
		costNanoUsd,
	};
}

/** Bounds a call; undefined for a model without a price, which must not run. */
function boundOf(
	{ log }: Pick< VoiceServices, 'log' >,
	model: Model,
	text: string,
	voice: Voice
): SpeechBound | undefined {
	try {
		return boundSpeech( model, text, voice );
	} catch ( error ) {
		if ( ! ( error instanceof UnknownPriceError ) ) {
			throw error;
		}
		log.error( { model: model.id, err: error }, 'speech has no price' );
		return undefined;
	}
}

/** Resolves when a call is in the book. Never rejects. */
async function savedOf(
	{ log }: Pick< VoiceServices, 'log' >,
	{ saved }: ReturnType< Reservation[ 'release' ] >
): Promise< void > {
	try {
		await saved;
	} catch ( error ) {
		// A reservation that is not settled stays held and then counts in full: too much, never too little.
		log.error( { err: error }, 'speech was not settled' );
	}
}

function logFailure(
	{ log }: Pick< VoiceServices, 'log' >,
	{ turnId }: VoiceContext,
	model: Model,
	{ error }: Reading
): void {
	// The warning is the call log's; this adds the provider's own reason to it.
	log.debug(
		{
			turnId,
			provider: model.provider,
			model: model.id,
			kind: error?.kind,
			code: error?.code,
			status: error?.status,
			detail: error?.message,
		},
		'a model did not speak'
	);
}

/** Waits, and tells whether the speech is still wanted. */
async function waited( ms: number, signal: AbortSignal ): Promise< boolean > {
	try {
		await pause( ms, undefined, { signal } );
		return true;
	} catch {
		return false;
	}
}
