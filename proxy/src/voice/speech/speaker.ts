/**
 * Says what speaking a text gives.
 */
import type { SpeechGround, StoredSpeech } from '../../stores/speech-store.ts';
import type { Voice } from '../../types.ts';
import type { VoiceContext } from '../voice-services.ts';

/** A piece of speech on its way to the visitor. */
export interface SpokenPiece {
	/** Counts the sentences from 0. */
	sentence: number;
	/** The sentence as it is spoken; with its first piece only. */
	text?: string;
	/** Mono, 24 kHz, 16 bits, little-endian. */
	pcm: Uint8Array;
}

/** Who speaks what for whom. */
export interface SpeakOptions {
	voice: Voice;
	/** BCP 47 tag of the text. */
	language: string;
	priority: 'visitor' | 'background';
	/** Takes each piece as soon as it may be heard, sentences in their order. */
	show( piece: SpokenPiece ): void;
}

/** What speaking came to. `limit_reached` and `unavailable` leave the rest unspoken. */
export interface Spoken {
	kind: 'spoken' | 'limit_reached' | 'unavailable' | 'stopped';
	costNanoUsd: number;
	/**
	 * Stores the whole speech under its text, when all of it was spoken; resolves to undefined otherwise. It stays no longer than the documents
	 * that it rests on. Never rejects.
	 */
	keep(
		restsOn?: readonly SpeechGround[]
	): Promise< StoredSpeech | undefined >;
}

/** A text being spoken while it is written. */
export interface Speaking {
	/** Adds text as the model writes it, Markdown included. */
	push( delta: string ): void;
	/** No more text comes. Resolves when all is spoken, or nothing more can be; never rejects. */
	finish(): Promise< Spoken >;
}

export interface Speaker {
	/** Finds the stored speech of a whole text in this voice; undefined while the store is away. */
	find(
		siteId: string,
		text: string,
		options: Pick< SpeakOptions, 'voice' | 'language' >
	): Promise< StoredSpeech | undefined >;
	/** Begins to speak, within the limits; the context's signal ends it at once. */
	begin( context: VoiceContext, options: SpeakOptions ): Speaking;
}
