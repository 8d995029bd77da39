/**
 * Writes a request to a chat model that hears or speaks the way its provider takes it.
 */
import type OpenAI from 'openai';
import type { Model } from '../models/catalog.ts';
import type { AudioFile, Voice } from '../types.ts';
import { toBody, type WireMessage } from './chat-body.ts';
import type { Quirks } from './quirks.ts';
import type { AudioChatMessage } from './voice.ts';
import { voiceFor } from './voice-name.ts';
import { notHeard } from './voice-refusals.ts';

/** What is asked. Without a voice the answer is text alone. */
export interface AudioChatQuestion {
	model: Model;
	messages: readonly AudioChatMessage[];
	voice?: Voice | undefined;
	maxOutputTokens: number;
	promptCacheKey: string;
}

/** Makes the body of a streamed chat completion. Throws `UpstreamError` for a recording that the model does not take. */
export function toAudioChatBody(
	{
		model,
		messages,
		voice,
		maxOutputTokens,
		promptCacheKey,
	}: AudioChatQuestion,
	quirks: Quirks
): Record< string, unknown > {
	const body = toBody(
		{
			model,
			messages: messages.map( ( message ) => toWire( message, quirks ) ),
			maxOutputTokens,
			promptCacheKey,
		},
		quirks
	);
	if ( quirks.streamOptions && quirks.obfuscation ) {
		// Padding against listeners who count bytes; beside sound there is nothing to guess from it.
		body.stream_options = {
			include_usage: true,
			include_obfuscation: false,
		};
	}
	if ( voice ) {
		body.modalities = [ 'text', 'audio' ];
		body.audio = {
			voice: voiceFor( model, voice ),
			format: quirks.spokenFormat,
		};
	} else if ( model.modalities.out.includes( 'audio' ) ) {
		body.modalities = [ 'text' ];
	}
	return body;
}

function toWire( message: AudioChatMessage, quirks: Quirks ): WireMessage {
	if ( 'audioId' in message ) {
		return { role: 'assistant', audio: { id: message.audioId } };
	}
	if ( ! ( 'audio' in message ) ) {
		return message;
	}
	const { audio, text } = message;
	return {
		role: 'user',
		content: [
			...( text === undefined || text === ''
				? []
				: [ { type: 'text' as const, text } ] ),
			{ type: 'input_audio', input_audio: toInput( audio, quirks ) },
		],
	};
}

function toInput(
	{ bytes, mimeType }: AudioFile,
	quirks: Quirks
): OpenAI.ChatCompletionContentPartInputAudio.InputAudio {
	if ( mimeType !== 'audio/wav' ) {
		throw notHeard( mimeType );
	}
	const data = Buffer.from(
		bytes.buffer,
		bytes.byteOffset,
		bytes.length
	).toString( 'base64' );
	return {
		data:
			quirks.heardAudio === 'data_url' ? `data:;base64,${ data }` : data,
		format: 'wav',
	};
}
