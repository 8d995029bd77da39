/**
 * Bounds what speaking a text can take, so that the money is there before a word of it is spoken.
 */
import { priceWorstUsage } from '../../ledger/pricing.ts';
import type { Usage } from '../../ledger/usage.ts';
import type { Model } from '../../models/catalog.ts';
import type { Voice } from '../../types.ts';

/** Samples of one second, and their bytes: mono, 24 kHz, 16 bits. */
export const SAMPLE_RATE = 24_000;
export const BYTES_PER_SECOND = SAMPLE_RATE * 2;

/** Audio tokens that a second of speech takes when it is made (OpenAI's realtime and audio models, November 2026). */
export const TOKENS_PER_SECOND = 20;

/** The slowest reading that is paid for, in characters a second; usual are 14 of an alphabet and 4 to 5 Chinese ones. */
const SLOW_CHARACTERS = 7;
const SLOW_DENSE_CHARACTERS = 2;
/** Each digit and sign may become a word. */
const SLOW_SIGNS = 2;

/** What silence before and after may add, in seconds. */
const SILENCE_SECONDS = 2;

/** What an adapter's own words around the text may take (how to read it), in tokens. */
const FRAME_TOKENS = 800;

const DENSE =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/gu;
const SIGN = /[\p{N}\p{S}]/gu;

/** What one call can take at most. */
export interface SpeechBound {
	/** Whole seconds. */
	seconds: number;
	/** Tokens of audio and text together, at which the provider is told to stop. */
	maxOutputTokens: number;
	/** No fewer tokens than what is read. */
	inputTokens: number;
	nanoUsd: number;
}

/** Bounds a call. Throws `UnknownPriceError` for a model without a price for speech. */
export function boundSpeech(
	model: Model,
	text: string,
	voice: Voice
): SpeechBound {
	const seconds = slowSeconds( text );
	const inputTokens =
		Buffer.byteLength( text ) +
		Buffer.byteLength( voice.instructions ) +
		FRAME_TOKENS;
	const maxOutputTokens =
		seconds * TOKENS_PER_SECOND + Buffer.byteLength( text ) + 32;
	return {
		seconds,
		maxOutputTokens,
		inputTokens,
		nanoUsd: priceWorstUsage(
			model,
			usageOf( model, {
				text,
				seconds,
				inputTokens,
				audioTokens: maxOutputTokens,
			} )
		),
	};
}

/** Estimates what a call took that ended well and without a report: the length of its sound is known. */
export function estimateSpeech(
	model: Model,
	text: string,
	{ inputTokens }: SpeechBound,
	seconds: number
): Usage {
	return usageOf( model, {
		text,
		seconds,
		inputTokens,
		audioTokens:
			Math.ceil( seconds * TOKENS_PER_SECOND ) +
			TOKENS_PER_SECOND +
			( model.api === 'speech' ? 0 : Buffer.byteLength( text ) ),
	} );
}

/** Names the units that a model is billed by: characters, time, or tokens. */
function usageOf(
	model: Model,
	{
		text,
		seconds,
		inputTokens,
		audioTokens,
	}: {
		text: string;
		seconds: number;
		inputTokens: number;
		audioTokens: number;
	}
): Usage {
	if ( model.usdPerMillionCharacters !== undefined ) {
		return { characters: text.length };
	}
	if ( model.usdPerMinute !== undefined ) {
		return { seconds };
	}
	// Text that comes out beside the sound is cheaper than sound, so that all of it counts as sound.
	return { textIn: inputTokens, audioOut: audioTokens };
}

/** Returns how long a text may take when it is read slowly, in whole seconds. */
export function slowSeconds( text: string ): number {
	const dense = text.match( DENSE )?.length ?? 0;
	const signs = text.match( SIGN )?.length ?? 0;
	return Math.ceil(
		SILENCE_SECONDS +
			( text.length - dense - signs ) / SLOW_CHARACTERS +
			dense / SLOW_DENSE_CHARACTERS +
			signs / SLOW_SIGNS
	);
}
