/**
 * Asks a chat model that speaks: for its own answer, or to read a text aloud.
 */
import { toAudioChatBody } from './audio-chat-body.ts';
import { readAudioChat } from './audio-chat-reply.ts';
import { BYTES_PER_TOKEN, type ProviderCalls } from './provider-calls.ts';
import { READING_KEY, readingInstructions } from './reading-instructions.ts';
import type {
	AudioChatPiece,
	AudioChatRequest,
	SpeechPiece,
	SpeechRequest,
} from './voice.ts';
import { notCalledSo } from './voice-refusals.ts';

/** Answers aloud. Throws `UpstreamError`, and nothing else; its code is `audio_expired` when an earlier answer is no longer there. */
export async function* converse(
	calls: ProviderCalls,
	request: AudioChatRequest
): AsyncGenerator< AudioChatPiece[] > {
	const { model, maxOutputTokens, messages } = request;
	if ( model.api !== 'chat' ) {
		throw notCalledSo( model );
	}
	const hearsAudio = messages.some(
		( message ) => 'audio' in message || 'audioId' in message
	);
	const body = JSON.stringify(
		toAudioChatBody( request, calls.config.quirks )
	);
	const call = calls.begin( {
		...request,
		tokens: tokensOf( request ) + maxOutputTokens,
	} );
	try {
		const reply = await call.post(
			calls.urlOf( '/chat/completions', model.upstreamId ),
			{ body }
		);
		yield* readAudioChat( calls, call, reply, {
			model,
			hearsAudio,
			speaks: true,
		} );
	} catch ( error ) {
		throw call.failed( error );
	} finally {
		call.leave();
	}
}

/** Reads a text aloud, word for word. Throws `UpstreamError`, and nothing else. */
export async function* speakByChat(
	calls: ProviderCalls,
	{ text, voice, language, ...request }: SpeechRequest
): AsyncGenerator< SpeechPiece[] > {
	const groups = converse( calls, {
		...request,
		voice,
		messages: [
			{
				role: 'system',
				content: readingInstructions( language, voice ),
			},
			{ role: 'user', content: text },
		],
		promptCacheKey: READING_KEY,
	} );
	for await ( const pieces of groups ) {
		const spoken = pieces.filter(
			( piece ): piece is SpeechPiece => piece.kind !== 'audio_id'
		);
		if ( spoken.length > 0 ) {
			yield spoken;
		}
	}
}

/** A token of sound is 100 ms when it is heard. */
const AUDIO_TOKENS_PER_SECOND = 10;

/** An earlier answer that the provider has is rarely longer, in tokens. */
const TOKENS_OF_ANSWER = 600;

function tokensOf( { messages }: AudioChatRequest ): number {
	return Math.ceil(
		messages.reduce( ( sum, message ) => {
			if ( 'audioId' in message ) {
				return sum + TOKENS_OF_ANSWER;
			}
			return 'audio' in message
				? sum + message.audio.seconds * AUDIO_TOKENS_PER_SECOND
				: sum + message.content.length / BYTES_PER_TOKEN;
		}, 0 )
	);
}
