/**
 * Shapes chunks and refusals the ways several dialects have in common.
 */
import type { WireUsage } from './behaviour.ts';
import type { Dialect, PlainChunk } from './dialect.ts';
import { priceOf } from './prices.ts';

/** Changes the first choice of a chunk. */
export function withChoice(
	chunk: PlainChunk,
	change: ( choice: PlainChunk[ 'choices' ][ number ] ) => object
): PlainChunk {
	return {
		...chunk,
		choices: chunk.choices.map(
			( choice ) => change( choice ) as PlainChunk[ 'choices' ][ number ]
		),
	};
}

/** Puts the usage into the chunk that ends the text, and sends none after it. */
export function usageAtTheFinish(
	part: string,
	chunk: PlainChunk,
	usage: unknown
): PlainChunk[] {
	if ( part === 'usage' ) {
		return [];
	}
	return [
		part === 'finish' ? ( { ...chunk, usage } as PlainChunk ) : chunk,
	];
}

/** Refuses a role that the provider does not know. */
export function refuseRole(
	role: string
): NonNullable< Dialect[ 'refuses' ] > {
	return ( { messages } ) =>
		Array.isArray( messages ) &&
		messages.some( ( message ) => message?.role === role )
			? {
					kind: 'refusal',
					status: 422,
					error: {
						message: `messages: unknown variant \`${ role }\`, expected one of \`system\`, \`user\`, \`assistant\`, \`tool\``,
						type: 'invalid_request_error',
						code: 'invalid_request_error',
					},
				}
			: undefined;
}

/** Sends reasoning in a field of this name. */
export function thoughtAs( name: string ): NonNullable< Dialect[ 'shape' ] > {
	return ( part, chunk ) => [
		part === 'thought'
			? withChoice( chunk, ( { delta, ...choice } ) => ( {
					...choice,
					delta: { content: null, [ name ]: delta.thought },
				} ) )
			: chunk,
	];
}

/** Reports what DeepSeek's own cache had in fields of its own. */
export function deepSeekUsage( usage: WireUsage ): object {
	const hit = usage.prompt_tokens_details?.cached_tokens ?? 0;
	return {
		prompt_tokens: usage.prompt_tokens,
		completion_tokens: usage.completion_tokens,
		total_tokens: usage.total_tokens,
		prompt_cache_hit_tokens: hit,
		prompt_cache_miss_tokens: usage.prompt_tokens - hit,
	};
}

/** Says what a call cost, in dollars, as routers do. */
export function costInUsd( model: string, usage: WireUsage ): number {
	const cachedInput = usage.prompt_tokens_details?.cached_tokens ?? 0;
	return (
		priceOf( model, {
			input: usage.prompt_tokens - cachedInput,
			cachedInput,
			cacheWrite: 0,
			output: usage.completion_tokens,
		} ) / 1_000_000_000
	);
}
