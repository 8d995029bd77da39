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

/** Speech that may have been made and billed although it never arrived, in tokens: five seconds. */
const IN_FLIGHT_TOKENS = 100;

/** A second of what is heard, in tokens (1 per 100 ms at OpenAI), with a margin. */
const HEARD_TOKENS_PER_SECOND = 12;

/** What an answer spoken earlier counts as input besides its seconds, in tokens. */
const EARLIER_MARGIN_TOKENS = 20;

/** Money for one call. */
export interface AloudReserve {
	reservation: Reservation;
	maxOutputTokens: number;
	/** No less than the call reads. */
	bound: Usage;
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
				return { reservation, maxOutputTokens, bound };
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

/** Usage reported for the whole call wins; one that was stopped costs its input and what came, with a margin; what cannot be known, all of it. */
export function settleAloud(
	{ reservation, bound }: AloudReserve,
	{
		usage,
		hasEnded,
		error,
		soundSeconds,
		text,
	}: {
		usage: Usage | undefined;
		hasEnded: boolean;
		error: UpstreamError | undefined;
		soundSeconds: number;
		text: string;
	}
): Settlement {
	const used = { voiceSeconds: Math.ceil( soundSeconds ) };
	if ( usage && hasEnded ) {
		return reservation.settle( usage, used );
	}
	if ( error?.isUnbilled && ! usage ) {
		return reservation.release();
	}
	return error?.kind === 'aborted'
		? reservation.settleEstimated(
				{
					...bound,
					audioOut:
						Math.ceil( soundSeconds * SPOKEN_TOKENS_PER_SECOND ) +
						IN_FLIGHT_TOKENS,
					textOut: Buffer.byteLength( text ),
				},
				used
			)
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
