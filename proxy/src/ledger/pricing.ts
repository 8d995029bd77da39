/**
 * Turns tokens into nano-dollars. The only place where money is computed.
 */
import type { Model } from '../models/catalog.ts';

/** What a provider reported for one call. Cached and written tokens are part of `inputTokens`. */
export interface TokenUsage {
	inputTokens: number;
	cachedInputTokens: number;
	cacheWriteTokens: number;
	/** Includes hidden reasoning. */
	outputTokens: number;
}

/** Above this many input tokens OpenAI prices the whole request at twice the input and one and a half times the output price. */
const LONG_CONTEXT_TOKENS = 272_000;

/**
 * Prices one text call in nano-dollars, rounded up to the next one.
 *
 * A price per million dollars-tokens has at most nine decimals, so the sum is exact in integers: tokens × nano-dollars per million tokens.
 * A cached or written token without a price of its own costs as much as a plain one.
 */
export function priceTokens( model: Model, usage: TokenUsage ): number {
	const rates = model.usdPerMillion;
	const cached = clamp( usage.cachedInputTokens, usage.inputTokens );
	const written = clamp( usage.cacheWriteTokens, usage.inputTokens - cached );
	const plain = usage.inputTokens - cached - written;
	const input =
		BigInt( plain ) * nano( rates.textIn ) +
		BigInt( cached ) * nano( rates.textCachedIn ?? rates.textIn ) +
		BigInt( written ) * nano( rates.textCacheWrite ?? rates.textIn );
	const output = BigInt( usage.outputTokens ) * nano( rates.textOut );
	const isLong = usage.inputTokens > LONG_CONTEXT_TOKENS;
	const total = isLong ? ( input * 4n + output * 3n ) / 2n : input + output;
	return Number( ( total + 999_999n ) / 1_000_000n );
}

/** Prices the worst case of a call: every input token at the dearest input price, the whole output cap used. */
export function priceWorstCase(
	model: Model,
	inputTokens: number,
	maxOutputTokens: number
): number {
	const { textIn, textCacheWrite = 0 } = model.usdPerMillion;
	const isWriteDearer = textCacheWrite > textIn;
	return priceTokens( model, {
		inputTokens,
		cachedInputTokens: 0,
		cacheWriteTokens: isWriteDearer ? inputTokens : 0,
		outputTokens: maxOutputTokens,
	} );
}

/** Tokens that a chat message costs besides its text (role, separators), generously. */
const TOKENS_PER_MESSAGE = 16;

/**
 * Bounds the tokens of chat messages from above. A byte-level tokenizer never makes more tokens than the text has bytes in UTF-8,
 * so this holds for every model, whatever its vocabulary.
 */
export function boundInputTokens(
	messages: ReadonlyArray< { content: string } >
): number {
	let tokens = TOKENS_PER_MESSAGE;
	for ( const { content } of messages ) {
		tokens += Buffer.byteLength( content ) + TOKENS_PER_MESSAGE;
	}
	return tokens;
}

/** Nano-dollars per million tokens, as an integer. */
function nano( usdPerMillion: number ): bigint {
	return BigInt( Math.round( usdPerMillion * 1_000_000_000 ) );
}

function clamp( value: number, max: number ): number {
	return Math.min( Math.max( 0, value ), max );
}
