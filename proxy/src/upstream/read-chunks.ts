/**
 * Reads the chunks of a streamed chat completion. The SDK's own reader passes every chunk through five asynchronous generators, which costs more
 * than the rest of an answer; this one takes all that arrived at once.
 */
import { createParser } from 'eventsource-parser';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { UpstreamError } from './upstream-error.ts';

/** One event of a provider is never longer, in characters. */
const MAX_EVENT = 1_000_000;

/** Yields the chunks of each piece of the body together, and throws `UpstreamError` after the last good one for what is not a chunk. */
export async function* readChunks(
	response: Response
): AsyncGenerator< ChatCompletionChunk[] > {
	let chunks: ChatCompletionChunk[] = [];
	let failure: UpstreamError | undefined;
	const parser = createParser( {
		maxBufferSize: MAX_EVENT,
		onEvent: ( { data } ) => {
			if ( data === '[DONE]' || failure ) {
				return;
			}
			const chunk = toChunk( data );
			if ( chunk instanceof UpstreamError ) {
				failure = chunk;
			} else {
				chunks.push( chunk );
			}
		},
		onError: ( error ) => {
			// The standard lets unknown fields pass; an event without end it does not foresee.
			if ( error.type === 'max-buffer-size-exceeded' ) {
				failure ??= new UpstreamError( 'garbage', error.message, {
					cause: error,
				} );
			}
		},
	} );
	const decoder = new TextDecoder();
	for await ( const bytes of response.body ?? [] ) {
		parser.feed( decoder.decode( bytes, { stream: true } ) );
		if ( chunks.length > 0 ) {
			const arrived = chunks;
			chunks = [];
			yield arrived;
		}
		if ( failure ) {
			throw failure;
		}
	}
}

function toChunk( data: string ): ChatCompletionChunk | UpstreamError {
	let chunk: ChatCompletionChunk & { error?: unknown };
	try {
		chunk = JSON.parse( data );
	} catch ( cause ) {
		return new UpstreamError(
			'garbage',
			'the provider sent what is not JSON',
			{
				cause,
			}
		);
	}
	if ( typeof chunk !== 'object' || chunk === null ) {
		return new UpstreamError(
			'garbage',
			'the provider sent what is no chunk'
		);
	}
	return chunk.error
		? new UpstreamError(
				'cut',
				'the provider reported an error in its stream'
			)
		: chunk;
}
