/**
 * Says what writing down speech gives.
 */
import type { AudioFile } from '../../types.ts';
import type { VoiceContext } from '../voice-services.ts';

/** What was heard, or why nothing was. */
export type Heard =
	| {
			kind: 'heard';
			text: string;
			/** BCP 47 tag; undefined when nobody can tell. */
			language: string | undefined;
			costNanoUsd: number;
	  }
	/** Silence, noise, or sounds that are no words. */
	| { kind: 'nothing_heard'; costNanoUsd: number }
	| { kind: 'limit_reached'; costNanoUsd: number }
	| { kind: 'unavailable'; costNanoUsd: number };

export interface Transcriber {
	/** Writes speech down, within the limits. Never throws for what a provider or a limit does. */
	transcribe(
		audio: AudioFile,
		context: VoiceContext,
		options?: {
			/** BCP 47 tag of the page. */
			language?: string | undefined;
			keywords?: readonly string[];
		}
	): Promise< Heard >;
}
