/**
 * Handles the money of an answer that an audio chat model speaks.
 */
import type { Reservation, Settlement } from '../ledger/ledger.ts';
import { boundInputTokens, priceWorstUsage } from '../ledger/pricing.ts';
import type { Usage } from '../ledger/usage.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import type { AloudCall, AloudCallServices } from './aloud-call.ts';

/** The longest spoken answer, in tokens (20 a second, and its words beside it), and the shorter one for which there may yet be money. */
const ALOUD_CAPS = [ 1_200, 600 ] as const;

/** A second of what is spoken, in tokens (1 per 50 ms at OpenAI). */
const SPOKEN_TOKENS_PER_SECOND = 20;

/** A second of what is heard, in tokens (1 per 100 ms at OpenAI), with a margin. */
const HEARD_TOKENS_PER_SECOND = 12;

/** What an answer spoken earlier counts as input besides its seconds, in tokens. */
const EARLIER_MARGIN_TOKENS = 20;

/** Money for one call. */
export interface AloudReserve {
	reservation: Reservation;
	maxOutputTokens: number;
}

/** Reserves for the longest answer that there is money for; undefined when there is none, or the book cannot be written. */
export async function reserveAloud(
	{ ledger, log }: AloudCallServices,
	call: AloudCall
): Promise< AloudReserve | undefined > {
	const { asking, turn, model } = call;
	const bound = boundOf( call );
	try {
		for ( const maxOutputTokens of ALOUD_CAPS ) {
			const reserved = await ledger.reserve( {
				siteId: turn.siteId,
				limits: asking.question.settings.limits,
				model,
				amounts: {
					nanoUsd: priceWorstUsage( model, {
						...bound,
						audioOut: maxOutputTokens,
					} ),
					voiceSeconds: Math.ceil(
						maxOutputTokens / SPOKEN_TOKENS_PER_SECOND
					),
				},
				details: {
					model: model.id,
					tier: 'expressive',
					visitorId: turn.visitorId,
					turnId: turn.id,
				},
			} );
			if ( reserved.kind === 'reserved' ) {
				const { reservation } = reserved;
				return { reservation, maxOutputTokens };
			}
		}
	} catch ( error ) {
		log.error(
			{ turnId: turn.id, err: error },
			'the ledger cannot be written'
		);
	}
	return undefined;
}

/**
 * Usage reported for the whole call wins; a call that never left, or surely was not billed, is released; everything else costs the whole
 * reserve, because speech is made faster than it arrives: a call that was stopped at its first word may have been made to its end.
 */
export function settleAloud(
	{ reservation }: AloudReserve,
	{
		usage,
		hasEnded,
		error,
		wasSent,
		soundSeconds,
	}: {
		usage: Usage | undefined;
		hasEnded: boolean;
		error: UpstreamError | undefined;
		/** Whether the call left our own queue. */
		wasSent: boolean;
		soundSeconds: number;
	}
): Settlement {
	if ( usage && hasEnded ) {
		return reservation.settle( usage, {
			voiceSeconds: Math.ceil( soundSeconds ),
		} );
	}
	return ! wasSent || ( error?.isUnbilled && ! usage )
		? reservation.release()
		: reservation.settleInFull();
}

/** Bounds what is read: the words of all messages, the recording, and every earlier answer that is sent as sound. */
function boundOf( { messages, audio, earlierSeconds }: AloudCall ): Usage {
	const words = messages.flatMap( ( message ) => {
		if ( 'audioId' in message ) {
			return [];
		}
		return 'audio' in message
			? [ { role: message.role, content: message.text ?? '' } ]
			: [ message ];
	} );
	const earlier = messages.filter( ( message ) => 'audioId' in message );
	return {
		textIn: boundInputTokens( words ),
		audioIn:
			Math.ceil( audio.seconds * HEARD_TOKENS_PER_SECOND ) +
			Math.ceil( earlierSeconds * SPOKEN_TOKENS_PER_SECOND ) +
			earlier.length * EARLIER_MARGIN_TOKENS,
	};
}
