/**
 * Turns what a visitor said into a question in words, and tells the visitor what was heard.
 */
import { DocentError } from '../errors.ts';
import type { AudioFile } from '../types.ts';
import type { Transcriber } from '../voice/transcription/transcriber.ts';
import type { VoiceContext } from '../voice/voice-services.ts';
import type { RunningTurn } from './running-turn.ts';

/** A question that was heard. */
export interface HeardQuestion {
	/** What was typed beside it comes first. */
	text: string;
	/** BCP 47 tag; undefined when nobody can tell. */
	language: string | undefined;
	costNanoUsd: number;
}

/** Writes a spoken question down. Throws `nothing_heard`, or `voice_unavailable` when there is nobody to hear it or no money left for it. */
export async function hearQuestion(
	transcriber: Transcriber | undefined,
	turn: RunningTurn,
	context: VoiceContext,
	{
		audio,
		typed,
		language,
	}: { audio: AudioFile; typed: string; language: string | undefined }
): Promise< HeardQuestion > {
	const heard = ( await transcriber?.transcribe( audio, context, {
		language,
	} ) ) ?? { kind: 'unavailable', costNanoUsd: 0 };
	switch ( heard.kind ) {
		case 'heard': {
			turn.emit( 'transcript', {
				text: heard.text,
				language: heard.language ?? '',
			} );
			const { text, language: spoken, costNanoUsd } = heard;
			return {
				text: typed === '' ? text : `${ typed }\n${ text }`,
				language: spoken,
				costNanoUsd,
			};
		}
		case 'nothing_heard':
			throw new DocentError(
				'nothing_heard',
				'No words could be made out. Please say it again, or type it.'
			);
		case 'limit_reached':
			throw new DocentError(
				'voice_unavailable',
				'Today’s limit for spoken questions is reached. Please type your question.'
			);
		case 'unavailable':
			throw new DocentError(
				'voice_unavailable',
				'Spoken questions cannot be understood right now. Please type your question.'
			);
	}
}
