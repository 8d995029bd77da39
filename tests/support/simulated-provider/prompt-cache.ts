/**
 * Simulates the provider's own prompt cache: long prompts that begin alike are charged less, and writing one costs extra.
 */

/** Prompts shorter than this are never cached. */
const MIN_TOKENS = 1_024;
/** The cache works in blocks of this many tokens. */
const BLOCK_TOKENS = 128;
const REMEMBERED_PROMPTS = 32;

/** How the input tokens of one prompt divide. */
export interface CacheShare {
	cachedInput: number;
	cacheWrite: number;
}

/** Remembers the prompts of one model after another and says which part of the next is known. */
export interface PromptCache {
	share( model: string, prompt: string, promptTokens: number ): CacheShare;
	clear(): void;
}

/** Starts an empty prompt cache. */
export function createPromptCache(): PromptCache {
	const prompts = new Map< string, string[] >();
	return {
		share( model, prompt, promptTokens ) {
			if ( promptTokens < MIN_TOKENS ) {
				return { cachedInput: 0, cacheWrite: 0 };
			}
			const known = prompts.get( model ) ?? [];
			const longest = known.reduce(
				( best, earlier ) =>
					Math.max( best, commonPrefixLength( earlier, prompt ) ),
				0
			);
			prompts.set(
				model,
				[ prompt, ...known ].slice( 0, REMEMBERED_PROMPTS )
			);
			const cachedInput = wholeBlocks(
				( promptTokens * longest ) / Math.max( 1, prompt.length )
			);
			return {
				cachedInput,
				cacheWrite: wholeBlocks( promptTokens ) - cachedInput,
			};
		},
		clear() {
			prompts.clear();
		},
	};
}

function wholeBlocks( tokens: number ): number {
	return tokens < MIN_TOKENS
		? 0
		: Math.floor( tokens / BLOCK_TOKENS ) * BLOCK_TOKENS;
}

function commonPrefixLength( a: string, b: string ): number {
	const end = Math.min( a.length, b.length );
	let at = 0;
	while ( at < end && a[ at ] === b[ at ] ) {
		at++;
	}
	return at;
}
