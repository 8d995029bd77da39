/**
 * Reads the reply of a chat model that hears or speaks: words, sound, what the answer is called, and what was consumed.
 */
import type { Model } from '../models/catalog.ts';
import type { FinishReason } from './chat.ts';
import { toFinishReason } from './chat-pieces.ts';
import type { Reply } from './connection-pool.ts';
import { chunksOf } from './openai-chat.ts';
import { createPcmPieces } from './pcm-pieces.ts';
import type { ProviderCall, ProviderCalls } from './provider-calls.ts';
import type { AudioDelta, ChatChunk, ChatDelta } from './read-chunks.ts';
import { UpstreamError } from './upstream-error.ts';
import { readChatUsage } from './usage.ts';
import type { AudioChatPiece } from './voice.ts';

/** What the call carried, for which the reply has to account. */
export interface AudioChatCall {
	model: Model;
	hearsAudio: boolean;
	speaks: boolean;
}

/** Reads one reply. The pieces end with `end`, and then the call is noted as complete. Throws `UpstreamError`, or what the transport throws. */
export async function* readAudioChat(
	calls: ProviderCalls,
	call: ProviderCall,
	reply: Reply,
	{ model, hearsAudio, speaks }: AudioChatCall
): AsyncGenerator< AudioChatPiece[] > {
	const reader = createReader( { hearsAudio, speaks }, ( doubts ) =>
		calls.log?.warn(
			{ provider: calls.config.name, model: model.id, doubts },
			'a report of usage cannot be relied on'
		)
	);
	for await ( const chunks of chunksOf( reply, {
		silenceMs: calls.silenceMs,
		endsAt: call.endsAt,
	} ) ) {
		const pieces = reader.read( chunks );
		if ( pieces.length > 0 ) {
			yield pieces;
		}
		if ( reader.failure ) {
			throw reader.failure;
		}
	}
	const last = reader.finish();
	yield last.pieces;
	call.ended( last.finishReason );
}

interface Reader {
	read( chunks: ChatChunk[] ): AudioChatPiece[];
	readonly failure: UpstreamError | undefined;
	/** Throws `UpstreamError` when the provider did not finish. */
	finish(): { pieces: AudioChatPiece[]; finishReason: FinishReason };
}

function createReader(
	{ hearsAudio, speaks }: { hearsAudio: boolean; speaks: boolean },
	onDoubts: ( doubts: string[] ) => void
): Reader {
	const pcm = createPcmPieces();
	let failure: UpstreamError | undefined;
	let finishReason: FinishReason | undefined;
	let wasRefused = false;
	let id: string | undefined;
	let isIdTold = false;
	let expiresAtMs: number | undefined;
	/** The words stand in one of two places; a provider that fills both says everything twice. */
	let wordsIn: 'audio' | 'content' | undefined;

	const tellId = ( pieces: AudioChatPiece[] ) => {
		if ( id !== undefined && ! isIdTold ) {
			isIdTold = true;
			pieces.push( { kind: 'audio_id', id, expiresAtMs } );
		}
	};
	const addWords = (
		words: unknown,
		from: 'audio' | 'content',
		pieces: AudioChatPiece[]
	) => {
		if ( typeof words === 'string' && words !== '' ) {
			wordsIn ??= from;
			if ( wordsIn === from ) {
				pieces.push( { kind: 'transcript', delta: words } );
			}
		}
	};
	const readAudio = ( audio: AudioDelta, pieces: AudioChatPiece[] ) => {
		if ( typeof audio.id === 'string' && audio.id !== '' ) {
			id ??= audio.id;
		}
		addWords( audio.transcript, 'audio', pieces );
		if ( typeof audio.data === 'string' && audio.data !== '' ) {
			const samples = pcm.push( Buffer.from( audio.data, 'base64' ) );
			if ( samples.length > 0 ) {
				pieces.push( { kind: 'audio', pcm: samples } );
			}
		}
		if ( typeof audio.expires_at === 'number' && audio.expires_at > 0 ) {
			expiresAtMs = audio.expires_at * 1_000;
			tellId( pieces );
		}
	};
	const readDelta = ( delta: ChatDelta, pieces: AudioChatPiece[] ) => {
		addWords( delta.content, 'content', pieces );
		if ( delta.audio ) {
			readAudio( delta.audio, pieces );
		}
		wasRefused ||= Boolean( delta.refusal );
	};
	const readUsage = ( chunk: ChatChunk, pieces: AudioChatPiece[] ) => {
		const { usage, doubts } = readChatUsage( chunk, {
			audioIn: hearsAudio,
			audioOut: speaks,
		} );
		if ( usage ) {
			pieces.push( { kind: 'usage', usage } );
		}
		if ( doubts.length > 0 ) {
			onDoubts( doubts );
		}
	};

	return {
		read( chunks ) {
			const pieces: AudioChatPiece[] = [];
			for ( const chunk of chunks ) {
				const choice = chunk.choices?.[ 0 ];
				const delta = choice?.delta ?? choice?.message;
				if ( delta ) {
					readDelta( delta, pieces );
				}
				if ( choice?.finish_reason === 'error' ) {
					failure ??= new UpstreamError(
						'cut',
						'the provider gave up in the middle of the answer'
					);
				} else if ( choice?.finish_reason ) {
					finishReason ??= toFinishReason(
						choice.finish_reason,
						wasRefused
					);
				}
				if ( chunk.usage || choice?.usage ) {
					readUsage( chunk, pieces );
				}
			}
			return pieces;
		},
		get failure() {
			return failure;
		},
		finish() {
			// The update that says until when the sound is kept is the last one, and it may stand in the place of a reason.
			if ( ! finishReason && expiresAtMs !== undefined ) {
				finishReason = wasRefused ? 'refused' : 'stop';
			}
			if ( ! finishReason ) {
				throw new UpstreamError(
					'cut',
					'the provider ended its stream without finishing the answer'
				);
			}
			if ( speaks && finishReason === 'stop' && pcm.length === 0 ) {
				throw new UpstreamError(
					'garbage',
					'the provider spoke nothing at all'
				);
			}
			const pieces: AudioChatPiece[] = [];
			tellId( pieces );
			pieces.push( { kind: 'end', finishReason } );
			return { pieces, finishReason };
		},
	};
}
