/**
 * Bounds from above what something that is to be said reads. A token has at least one byte.
 */
import { VERBATIM } from './instructions.ts';
import type { InputBound } from './live-money.ts';
import { TOKENS_PER_ITEM, type LiveSession } from './session.ts';

/** Bounds what an answer reads: its instructions, and all that the conversation holds. */
export function boundInput(
	{ textTokens, audioTokens }: LiveSession,
	instructions: string
): InputBound {
	return {
		textIn:
			Buffer.byteLength( instructions ) + textTokens + TOKENS_PER_ITEM,
		audioIn: audioTokens,
	};
}

/** Bounds what saying a sentence reads, beside the conversation. */
export function boundSentence( sentence: string ): InputBound {
	return {
		textIn:
			Buffer.byteLength( sentence ) +
			Buffer.byteLength( VERBATIM ) +
			2 * TOKENS_PER_ITEM,
		audioIn: 0,
	};
}
