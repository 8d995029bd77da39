/**
 * Bounds how much text a recording can become, so that a chat model that writes it down is stopped there and the money for it is known.
 */
import type { Model } from '../models/catalog.ts';
import type { AudioFile } from '../types.ts';

/** Nobody says more in a second, in tokens of text. */
const TEXT_TOKENS_PER_SECOND = 10;

/** However short the speech is, the cap leaves room for a few words. */
const LEAST_TEXT_TOKENS = 64;

/** Returns the most tokens of text that a model is let write for a recording. */
export function transcriptCap(
	{ maxOutputTokens }: Model,
	{ seconds }: AudioFile
): number {
	return Math.max(
		LEAST_TEXT_TOKENS,
		Math.min(
			Math.ceil( seconds * TEXT_TOKENS_PER_SECOND ),
			maxOutputTokens || Infinity
		)
	);
}
