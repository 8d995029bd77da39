/**
 * Asks an audio chat model once: sends its sound and its captions into the turn as they come, and settles the call.
 */
import type { Reservation } from '../ledger/ledger.ts';
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
import { reserveAloud, settleAloud } from './aloud-money.ts';
import type { Asking } from './question.ts';
import { toPieceEvent } from './speak-answer.ts';
import type { SpokenAnswers } from './spoken-answers.ts';
import type { Turn } from './turn.ts';

/** A second of samples, in bytes. */
const BYTES_PER_SECOND = 48_000;

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
	/** Length of the answers that are sent as sound. */
	earlierSeconds: number;
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
	const reserved = await reserveAloud( services, call );
	if ( ! reserved ) {
		return undefined;
	}
	const streamed = await stream( call, reserved.maxOutputTokens );
	const { text, error, audioId, hasEnded } = streamed;
	if ( hasEnded && audioId && text !== '' ) {
		services.spokenAnswers.add( call.turn.conversationId, text, {
			...audioId,
			seconds: streamed.soundSeconds,
		} );
	}
	const settlement = settleAloud( reserved, streamed );
	void saveSettlement( services, call.turn, settlement );
	record(
		services,
		call,
		reserved.reservation,
		streamed,
		settlement.costNanoUsd
	);
	return {
		text,
		error,
		finishReason:
			error?.kind === 'aborted' ? 'stopped' : streamed.finishReason,
		costNanoUsd: settlement.costNanoUsd,
	};
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
	/** Whether the call left our own queue. */
	wasSent: boolean;
	queueMs: number;
	firstTokenMs: number | undefined;
	totalMs: number;
}

/** Sends what comes into the turn. Never throws for what a provider does. */
async function stream(
	call: AloudCall,
	maxOutputTokens: number
): Promise< Streamed > {
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
		wasSent: false,
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
			maxOutputTokens,
			promptCacheKey: `docent-${ turn.siteId }`,
			requestId: call.asking.question.requestId,
			priority: 'visitor',
			onStart: ( waitedMs ) => {
				streamed.wasSent = true;
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
