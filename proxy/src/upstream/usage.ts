/**
 * Reads what providers report about a call's consumption. What they send is not trusted: a reading never comes out lower than its parts prove.
 */
import type { Usage } from '../ledger/usage.ts';

/** What a provider's report came to. */
export interface UsageReading {
	/** Undefined when there is no report or nothing in it can be used; the call is then settled without it. */
	usage: Usage | undefined;
	/** What was wrong with the report, in words for the log; empty when nothing was. */
	doubts: string[];
}

/** Reads the usage of a chat completion, or of the chunk of a stream that carries it. */
export function readChatUsage( reply: unknown ): UsageReading {
	const { usage } = ( reply ?? {} ) as {
		usage?: {
			prompt_tokens: number;
			completion_tokens: number;
			prompt_tokens_details?: {
				cached_tokens?: number;
				cache_write_tokens?: number;
			};
		};
	};
	if ( ! usage ) {
		return { usage: undefined, doubts: [] };
	}
	const details = usage.prompt_tokens_details;
	const cached = details?.cached_tokens ?? 0;
	const written = details?.cache_write_tokens ?? 0;
	return {
		usage: {
			textIn: Math.max( 0, usage.prompt_tokens - cached - written ),
			...( cached > 0 ? { textCachedIn: cached } : {} ),
			...( written > 0 ? { textCacheWrite: written } : {} ),
			textOut: usage.completion_tokens,
		},
		doubts: [],
	};
}
