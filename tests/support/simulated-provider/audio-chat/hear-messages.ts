/**
 * Hears what is audio in the messages of a chat, and counts it.
 */
import type { ChatMessage, ChatRequest } from '../chat-request.ts';
import { messageText } from '../chat-request.ts';
import {
	HEARD_TOKENS_PER_SECOND,
	SPOKEN_TOKENS_PER_SECOND,
} from '../voice-prices.ts';
import type { VoiceServices } from '../voice-services.ts';
import { partsOf, recordingOf } from './audio-request.ts';

/** Writes down what is audio in a conversation; undefined when an earlier answer is no longer known. */
export async function hearMessages(
	services: VoiceServices,
	{ messages }: ChatRequest,
	nowMs: number
): Promise<
	| { messages: ChatMessage[]; texts: string[]; audioTokens: number }
	| undefined
> {
	const heard: ChatMessage[] = [];
	let audioTokens = 0;
	for ( const message of messages ) {
		let content = messageText( message );
		if ( message.audio ) {
			const answer = services.audioMemory.get( message.audio.id, nowMs );
			if ( ! answer ) {
				return undefined;
			}
			content = answer.transcript;
			audioTokens += Math.ceil(
				( answer.audioMs / 1_000 ) * SPOKEN_TOKENS_PER_SECOND
			);
		}
		for ( const part of partsOf( message ) ) {
			const recording = recordingOf( part );
			if ( recording ) {
				audioTokens += Math.ceil(
					recording.seconds * HEARD_TOKENS_PER_SECOND
				);
				content += recording.pcm
					? ` ${ await services.hear( recording.pcm, recording.sampleRate ?? 0 ) }`
					: '';
			}
		}
		heard.push( { role: message.role, content } );
	}
	return {
		messages: heard,
		audioTokens,
		texts: messages.map( messageText ),
	};
}
