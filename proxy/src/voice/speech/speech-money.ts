/**
 * Handles the money of one call for speech: reserves its worst case, and settles it by what is known about how it ended.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Reservation, Reserved, Settlement } from '../../ledger/ledger.ts';
import type { Model } from '../../models/catalog.ts';
import type { VoiceContext, VoiceServices } from '../voice-services.ts';
import type { Reading } from './reading.ts';
import { estimateSpeech, type SpeechBound } from './speech-bounds.ts';

/**
 * Calls in flight hold more than they will cost, the sentence before this one first of all; so long the money may be waited for, and so often
 * it is looked at, in milliseconds. Nobody misses a sentence while the one before is heard.
 */
const MAX_WAIT_MS = 10_000;
const LOOK_MS = 100;

/** What a call came to in the book. */
export interface SettledReading extends Settlement {
	/** True when the provider reported no usage although it may have billed. */
	isEstimated: boolean;
}

/** Reserves; undefined when the book cannot be written: without it nothing is spent. */
export async function reserveSpeech(
	{ ledger, log }: Pick< VoiceServices, 'ledger' | 'log' >,
	{
		context: { siteId, visitorId, turnId, settings },
		model,
		bound,
		signal,
	}: {
		context: VoiceContext;
		model: Model;
		bound: SpeechBound;
		signal: AbortSignal;
	}
): Promise< Reserved | undefined > {
	const waitUntil = performance.now() + MAX_WAIT_MS;
	for (;;) {
		try {
			const reserved = await ledger.reserve( {
				siteId,
				limits: settings.limits,
				model,
				amounts: {
					nanoUsd: bound.nanoUsd,
					voiceSeconds: bound.seconds,
				},
				details: {
					model: model.id,
					tier: 'none',
					visitorId,
					turnId,
				},
			} );
			if (
				reserved.kind === 'reserved' ||
				reserved.reason !== 'wait' ||
				performance.now() > waitUntil
			) {
				return reserved;
			}
		} catch ( error ) {
			log.error( { turnId, err: error }, 'the ledger cannot be written' );
			return undefined;
		}
		try {
			await pause( LOOK_MS, undefined, { signal } );
		} catch {
			return undefined;
		}
	}
}

/**
 * Resolves a reservation: usage reported for the whole call wins; a call that surely was not billed is released; one that ended well without
 * a report costs what its sound took; everything else costs the whole reserve, because speech is made faster than it arrives.
 */
export function settleReading(
	reservation: Reservation,
	{
		model,
		text,
		bound,
		reading: { usage, hasEnded, error, seconds },
	}: { model: Model; text: string; bound: SpeechBound; reading: Reading }
): SettledReading {
	const used = { voiceSeconds: Math.ceil( seconds ) };
	const isWhole =
		hasEnded ||
		model.api === 'realtime' ||
		// Characters are owed as soon as they are taken, however much is heard.
		usage?.characters !== undefined;
	if ( usage && isWhole ) {
		return { ...reservation.settle( usage, used ), isEstimated: false };
	}
	if ( error?.isUnbilled && ! usage && seconds === 0 ) {
		return { ...reservation.release(), isEstimated: false };
	}
	return {
		...( hasEnded && ! error
			? reservation.settleEstimated(
					estimateSpeech( model, text, bound, seconds ),
					used
				)
			: reservation.settleInFull() ),
		isEstimated: true,
	};
}
