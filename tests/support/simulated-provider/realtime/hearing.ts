/**
 * Writes down what was said in a call, and tells the client when the session asks for it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
	billAudio,
	billText,
	transcriptionUsage,
} from '../transcriptions/answer-transcription.ts';
import { SPEECH_RATE, type VoiceServices } from '../voice-services.ts';
import { newId } from './conversation.ts';
import type { CallWire } from './wire.ts';

const TYPE = 'conversation.item.input_audio_transcription';

/** Listens to one turn; resolves with its words. A session without transcription is told nothing, but the model has heard it. */
export async function listen( {
	itemId,
	pcm,
	transcription,
	wire,
	services,
}: {
	itemId: string;
	pcm: Int16Array;
	transcription: { model: string; language?: string } | undefined;
	wire: CallWire;
	services: VoiceServices;
} ): Promise< string > {
	const seconds = pcm.length / SPEECH_RATE;
	const reply = services.script.next( 'hearing', {
		model: transcription?.model ?? '',
		...( transcription?.language
			? { language: transcription.language }
			: {} ),
		keywords: [],
		isStream: true,
		fileName: itemId,
		seconds,
	} );
	if ( reply.delayMs !== undefined ) {
		await delay( reply.delayMs );
	}
	const text = reply.text ?? ( await services.hear( pcm, SPEECH_RATE ) );
	if ( ! transcription ) {
		return text;
	}
	const place = { item_id: itemId, content_index: 0 };
	if ( reply.fails ) {
		wire.send( {
			type: `${ TYPE }.failed`,
			...place,
			error: { type: 'transcription_error', ...reply.fails },
		} );
		return text;
	}
	const billed = billAudio( services, newId( 'asr' ), {
		model: transcription.model,
		seconds,
	} );
	billText( billed, text );
	for ( const delta of text.match( /\s*\S+/g ) ?? [] ) {
		wire.send( { type: `${ TYPE }.delta`, ...place, delta } );
	}
	wire.send( {
		type: `${ TYPE }.completed`,
		...place,
		transcript: text,
		usage: reply.reportedUsage ?? transcriptionUsage( billed ),
	} );
	return text;
}
