/**
 * Asks an audio chat model once: sends its sound and its captions into the turn as they come, and settles the call.
 */
import type { Reservation, Settlement } from '../ledger/ledger.ts';
import { boundInputTokens, priceWorstUsage } from '../ledger/pricing.ts';
import type { Usage } from '../ledger/usage.ts';
import type { Model } from '../models/catalog.ts';
import type { CallOutcome } from '../stores/call-store.ts';
import type { AudioFile, Voice } from '../types.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import type {
	AudioChatMessage,
	AudioChatPiece,
	VoiceProvider,
} from '../upstream/voice.ts';
import type { VoiceServices } from '../voice/voice-services.ts';
import { saveSettlement } from './answer-money.ts';
import type { Asking } from './question.ts';
import { toPieceEvent } from './speak-answer.ts';
import type { SpokenAnswers } from './spoken-answers.ts';
import type { Turn } from './turn.ts';

/** The longest spoken answer, in tokens: 20 a second, and its words beside it. */
const MAX_ALOUD_TOKENS = 1_200;

/** A second of what is spoken, in tokens and in bytes of samples. */
const SPOKEN_TOKENS_PER_SECOND = 20;
const BYTES_PER_SECOND = 48_000;

/** Speech that may have been made and billed although it never arrived, in tokens: five seconds. */
const IN_FLIGHT_TOKENS = 100;

/** A second of what is heard, in tokens, with a margin for the start and the end (`research`: 1 token per 100 ms). */
const HEARD_TOKENS_PER_SECOND = 12;

/** What an answer spoken earlier may count as input, in tokens, at most: its whole length. */
const EARLIER_ANSWER_TOKENS = MAX_ALOUD_TOKENS;

/** What a call needs. */
export interface AloudCallServices extends VoiceServices {
	spokenAnswers: SpokenAnswers;
}

/** One call to an audio chat model. */
export interface AloudCall {
	asking: Asking;
	turn: Turn;
	model: Model;
	provider: VoiceProvider;
	messages: AudioChatMessage[];
	audio: AudioFile;
	voice: Voice;
	onFirstSound(): void;
}

/** How it ended. */
export interface AloudEnd {
	text: string;
	error: UpstreamError | undefined;
	finishReason: 'stop' | 'length' | 'stopped';
	costNanoUsd: number;
}

/** Makes one call: reserves, streams, settles, writes it down. Undefined when there is no money for it, and nothing was sent. */
export async function callAloud(
	services: AloudCallServices,
	call: AloudCall
): Promise< AloudEnd | undefined > {
	const bound = boundOf( call.messages, call.audio );
	const reservation = await reserve( services, call, bound );
	if ( ! reservation ) {
		return undefined;
	}
	const streamed = await stream( call );
	const { text, error, audioId, hasEnded } = streamed;
	if ( hasEnded && audioId && text !== '' ) {
		services.spokenAnswers.add( call.turn.conversationId, {
			text,
			...audioId,
		} );
	}
	const settlement = settle( reservation, streamed, bound );
	void saveSettlement( services, call.turn, settlement );
	record( services, call, reservation, streamed, settlement.costNanoUsd );
	return {
		text,
		error,
		finishReason:
			error?.kind === 'aborted' ? 'stopped' : streamed.finishReason,
		costNanoUsd: settlement.costNanoUsd,
	};
}

async function reserve(
	{ ledger, log }: AloudCallServices,
	{ asking, turn, model }: AloudCall,
	bound: Usage
): Promise< Reservation | undefined > {
	try {
		const reserved = await ledger.reserve( {
			siteId: turn.siteId,
			limits: asking.question.settings.limits,
			model,
			amounts: {
				nanoUsd: priceWorstUsage( model, {
					...bound,
					audioOut: MAX_ALOUD_TOKENS,
				} ),
				voiceSeconds: Math.ceil(
					MAX_ALOUD_TOKENS / SPOKEN_TOKENS_PER_SECOND
				),
			},
			details: {
				model: model.id,
				tier: 'expressive',
				visitorId: turn.visitorId,
				turnId: turn.id,
			},
		} );
		return reserved.kind === 'reserved' ? reserved.reservation : undefined;
	} catch ( error ) {
		log.error(
			{ turnId: turn.id, err: error },
			'the ledger cannot be written'
		);
		return undefined;
	}
}

/** What came of a call. Times in milliseconds. */
interface Streamed {
	text: string;
	soundSeconds: number;
	usage: Usage | undefined;
	audioId: { audioId: string; expiresAtMs: number | undefined } | undefined;
	finishReason: 'stop' | 'length';
	hasEnded: boolean;
	error: UpstreamError | undefined;
	queueMs: number;
	firstTokenMs: number | undefined;
	totalMs: number;
}

/** Sends what comes into the turn. Never throws for what a provider does. */
async function stream( call: AloudCall ): Promise< Streamed > {
	const { turn } = call;
	const startedAt = performance.now();
	const streamed: Streamed = {
		text: '',
		soundSeconds: 0,
		usage: undefined,
		audioId: undefined,
		finishReason: 'stop',
		hasEnded: false,
		error: undefined,
		queueMs: 0,
		firstTokenMs: undefined,
		totalMs: 0,
	};
	const take = ( piece: AudioChatPiece ): void => {
		if ( piece.kind === 'audio' || piece.kind === 'transcript' ) {
			if ( streamed.firstTokenMs === undefined ) {
				streamed.firstTokenMs = performance.now() - startedAt;
				call.onFirstSound();
			}
		}
		switch ( piece.kind ) {
			case 'audio':
				streamed.soundSeconds +=
					piece.pcm.byteLength / BYTES_PER_SECOND;
				turn.emit(
					'audio',
					toPieceEvent( { sentence: 0, pcm: piece.pcm } )
				);
				break;
			case 'transcript':
				streamed.text += piece.delta;
				turn.emit( 'text', { delta: piece.delta } );
				break;
			case 'usage':
				streamed.usage = piece.usage;
				break;
			case 'audio_id':
				streamed.audioId = {
					audioId: piece.id,
					expiresAtMs: piece.expiresAtMs,
				};
				break;
			case 'end':
				streamed.hasEnded = true;
				streamed.finishReason =
					piece.finishReason === 'length' ? 'length' : 'stop';
		}
	};
	try {
		for await ( const pieces of call.provider.converse( {
			model: call.model,
			messages: call.messages,
			voice: call.voice,
			maxOutputTokens: MAX_ALOUD_TOKENS,
			promptCacheKey: `docent-${ turn.siteId }`,
			requestId: call.asking.question.requestId,
			priority: 'visitor',
			onStart: ( waitedMs ) => {
				streamed.queueMs = waitedMs;
			},
			signal: turn.signal,
		} ) ) {
			pieces.forEach( take );
		}
	} catch ( caught ) {
		streamed.error =
			caught instanceof UpstreamError
				? caught
				: new UpstreamError( 'garbage', String( caught ), {
						cause: caught,
					} );
	}
	streamed.text = streamed.text.trim();
	streamed.totalMs = performance.now() - startedAt;
	return streamed;
}

/** Usage reported for the whole call wins; one that was stopped costs its input and what came, with a margin; what cannot be known, all of it. */
function settle(
	reservation: Reservation,
	{ usage, hasEnded, error, soundSeconds, text }: Streamed,
	bound: Usage
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

function record(
	{ calls, clock }: AloudCallServices,
	{ turn, model, asking }: AloudCall,
	{ id, amountNanoUsd }: Reservation,
	{ usage, hasEnded, error, queueMs, firstTokenMs, totalMs }: Streamed,
	costNanoUsd: number
): void {
	turn.save(
		calls.record( {
			id,
			siteId: turn.siteId,
			at: clock(),
			turnId: turn.id,
			requestId: asking.question.requestId,
			visitorId: turn.visitorId,
			kind: 'answer',
			provider: model.provider,
			model: model.id,
			tier: 'expressive',
			reason: 'owner_rule',
			attempt: 1,
			cache: 'miss',
			outcome: outcomeOf( error ),
			errorKind: error?.code ?? '',
			usage,
			isEstimated: ! ( usage && hasEnded ) && costNanoUsd > 0,
			reservedNanoUsd: amountNanoUsd,
			costNanoUsd,
			savedNanoUsd: 0,
			queueMs,
			firstTokenMs,
			totalMs,
		} )
	);
}

function outcomeOf( error: UpstreamError | undefined ): CallOutcome {
	if ( ! error ) {
		return 'answered';
	}
	return error.kind === 'aborted' ? 'stopped' : 'failed';
}

/** Bounds what is read: the words of all messages, the recording, and every earlier answer that is sent as sound. */
function boundOf( messages: AudioChatMessage[], audio: AudioFile ): Usage {
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
			earlier.length * EARLIER_ANSWER_TOKENS,
	};
}
