/**
 * Reads a chat with audio in it, or for it, and turns away what the real API turns away.
 */
import { readWav } from '../../speech/index.ts';
import type { Refusal } from '../behaviour.ts';
import type { ChatMessage, ChatRequest } from '../chat-request.ts';
import { isVoice } from '../speech/speech-request.ts';
import { kindOf } from '../transcriptions/audio-bytes.ts';
import { invalid } from '../transcriptions/transcription-request.ts';
import { VOICE_PRICES } from '../voice-prices.ts';

/** Formats of a spoken answer that are simulated. */
const FORMATS = [ 'wav', 'pcm16' ];

interface Part {
	type: string;
	text?: string;
	input_audio?: { data?: unknown; format?: unknown };
}

/** Says whether a model of the chat route hears and speaks. */
export function isAudioChatModel( model: string ): boolean {
	return VOICE_PRICES[ model ]?.api === 'chat';
}

/** Says whether the answer is to be spoken. */
export function wantsSpeech( request: ChatRequest ): boolean {
	return (
		Array.isArray( request.modalities ) &&
		request.modalities.includes( 'audio' )
	);
}

/** Reads the recording of a part of a message; undefined when it is none, or not what it is called. */
export function recordingOf(
	part: object
): { seconds: number; pcm?: Int16Array; sampleRate?: number } | undefined {
	const { data, format } = ( part as Part ).input_audio ?? {};
	if ( typeof data !== 'string' || ! /^[A-Za-z0-9+/]+={0,2}$/.test( data ) ) {
		return undefined;
	}
	const bytes = Buffer.from( data, 'base64' );
	if ( format === 'mp3' && kindOf( bytes ) === 'mp3' ) {
		// Nothing here unpacks it: 128 kbit/s are assumed.
		return { seconds: bytes.length / 16_000 };
	}
	const read = format === 'wav' ? readWav( bytes ) : undefined;
	return read && { ...read, seconds: read.pcm.length / read.sampleRate };
}

/** Returns the refusal of audio that the model does not take, or that is not well-formed. */
export function audioRefusal( request: ChatRequest ): Refusal | undefined {
	const parts = request.messages.flatMap( partsOf );
	const hears = parts.some( ( { type } ) => type === 'input_audio' );
	if ( ! isAudioChatModel( request.model ) ) {
		return hears || wantsSpeech( request )
			? invalid(
					'Audio is not supported with this model.',
					hears ? 'messages' : 'modalities',
					'unsupported_value'
				)
			: undefined;
	}
	const remembers = request.messages.some( ( { audio } ) => audio );
	if ( ! hears && ! remembers && ! wantsSpeech( request ) ) {
		return invalid(
			'This model requires that either input content or output modality contain audio.',
			'model',
			'invalid_value'
		);
	}
	if ( parts.some( ( { type } ) => type === 'image_url' ) ) {
		return invalid(
			'Invalid content type. image_url is only supported by certain models.',
			'messages',
			'unsupported_value'
		);
	}
	if ( request.response_format ) {
		return invalid(
			"Invalid parameter: 'response_format' is not supported with this model.",
			'response_format',
			'unsupported_parameter'
		);
	}
	return speechRefusal( request ) ?? recordingRefusal( parts );
}

function speechRefusal( request: ChatRequest ): Refusal | undefined {
	if ( ! wantsSpeech( request ) ) {
		return undefined;
	}
	const audio = request.audio as
		{ format?: string; voice?: unknown } | undefined;
	if ( ! audio ) {
		return invalid(
			"Missing required parameter: 'audio'. You must provide it when requesting audio output.",
			'audio',
			'missing_required_parameter'
		);
	}
	if ( ! isVoice( audio.voice ) ) {
		return invalid(
			`Invalid value: '${ String( audio.voice ) }'.`,
			'audio.voice',
			'invalid_value'
		);
	}
	if ( request.stream && audio.format !== 'pcm16' ) {
		return invalid(
			`Unsupported value: 'audio.format' does not support '${ audio.format }' when stream=true. Supported values are: 'pcm16'.`,
			'audio.format',
			'unsupported_value'
		);
	}
	return FORMATS.includes( audio.format ?? '' )
		? undefined
		: invalid(
				`Invalid value: '${ audio.format }'. The simulated provider speaks 'wav' and 'pcm16' only.`,
				'audio.format',
				'invalid_value'
			);
}

function recordingRefusal( parts: Part[] ): Refusal | undefined {
	for ( const part of parts ) {
		if ( part.type !== 'input_audio' ) {
			continue;
		}
		const format = String( part.input_audio?.format );
		if ( ! [ 'wav', 'mp3' ].includes( format ) ) {
			return invalid(
				`Invalid value: '${ format }'. Supported values are: 'wav' and 'mp3'.`,
				'messages',
				'invalid_value'
			);
		}
		if ( ! recordingOf( part ) ) {
			return invalid(
				`The data provided for 'input_audio' is not of valid ${ format } format.`,
				'messages',
				'invalid_value'
			);
		}
	}
	return undefined;
}

/** Returns the typed parts of a message. */
export function partsOf( message: ChatMessage ): Part[] {
	return Array.isArray( message.content )
		? ( message.content as Part[] )
		: [];
}
