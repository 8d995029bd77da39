/**
 * Counts what an answer in a call uses: the whole conversation before it, of which the provider still has the beginning.
 */
import type { BilledTokens } from '../prices.ts';
import type { PromptUnit } from './conversation.ts';

/** The provider's own cache works in blocks of this many tokens. */
const BLOCK_TOKENS = 64;

/** Counts the input; `seen` names the units of the prompt before, in their order. */
export function countPrompt(
	units: readonly PromptUnit[],
	seen: readonly string[]
): BilledTokens {
	const known = units.findIndex( ( unit, at ) => unit.key !== seen[ at ] );
	const all = sum( units );
	const had = sum( units.slice( 0, known < 0 ? units.length : known ) );
	const cached =
		Math.floor( ( had.text + had.audio + had.image ) / BLOCK_TOKENS ) *
		BLOCK_TOKENS;
	const cachedInput = Math.min( had.text, cached );
	const cachedAudioInput = Math.min( had.audio, cached - cachedInput );
	const cachedImageInput = cached - cachedInput - cachedAudioInput;
	return {
		input: all.text - cachedInput,
		cachedInput,
		cacheWrite: 0,
		output: 0,
		audioInput: all.audio - cachedAudioInput,
		cachedAudioInput,
		imageInput: all.image - cachedImageInput,
		cachedImageInput,
		audioOutput: 0,
	};
}

function sum( units: readonly PromptUnit[] ): Omit< PromptUnit, 'key' > {
	return units.reduce(
		( total, unit ) => ( {
			text: total.text + unit.text,
			audio: total.audio + unit.audio,
			image: total.image + unit.image,
		} ),
		{ text: 0, audio: 0, image: 0 }
	);
}

/** Writes usage as `response.done` reports it. */
export function answerUsage( tokens: BilledTokens ): Record< string, unknown > {
	const {
		input,
		cachedInput,
		audioInput = 0,
		cachedAudioInput = 0,
		imageInput = 0,
		cachedImageInput = 0,
		output,
		audioOutput = 0,
	} = tokens;
	const cached = cachedInput + cachedAudioInput + cachedImageInput;
	const inputTokens = input + audioInput + imageInput + cached;
	const outputTokens = output + audioOutput;
	return {
		total_tokens: inputTokens + outputTokens,
		input_tokens: inputTokens,
		output_tokens: outputTokens,
		input_token_details: {
			text_tokens: input + cachedInput,
			audio_tokens: audioInput + cachedAudioInput,
			image_tokens: imageInput + cachedImageInput,
			cached_tokens: cached,
			cached_tokens_details: {
				text_tokens: cachedInput,
				audio_tokens: cachedAudioInput,
				image_tokens: cachedImageInput,
			},
		},
		output_token_details: {
			text_tokens: output,
			audio_tokens: audioOutput,
		},
	};
}
