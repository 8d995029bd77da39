/**
 * Reads the chunks of a streamed chat completion, all that arrived at once together.
 */
import { createParser } from 'eventsource-parser';
import { errorInside } from './error-reply.ts';
import { UpstreamError } from './upstream-error.ts';

/** One event of a provider is never longer, in characters. */
const MAX_EVENT = 1_000_000;

/** What is read of a chunk. Providers leave out what they like, so everything may be missing. */
export interface ChatChunk {
	choices?: Array< {
		delta?: ChatDelta | null;
		message?: ChatDelta | null;
		finish_reason?: string | null;
		usage?: unknown;
	} > | null;
	usage?: unknown;
	x_groq?: { usage?: unknown };
}

/** What a chunk adds. */
export interface ChatDelta {
	content?: string | null;
	refusal?: string | null;
	reasoning_content?: string | null;
	reasoning?: string | null;
	reasoning_text?: string | null;
	audio?: AudioDelta | null;
}

/** What a chunk adds to a spoken answer. Nothing about it is taken for granted. */
export interface AudioDelta {
	id?: unknown;
	transcript?: unknown;
	/** Base64 of samples. */
	data?: unknown;
	/** Unix seconds. */
	expires_at?: unknown;
}

/**
 * Yields the chunks of each piece of the body together, and throws `UpstreamError` after the last good one for what is not a chunk, for a
 * stream that goes on after `endsAt` (as `performance.now()` counts), and for one that sends nothing but signs of life for `silenceMs`.
 */
export async function* readChunks< Chunk extends object = ChatChunk >(
	body: AsyncIterable< Uint8Array >,
	{ silenceMs, endsAt }: { silenceMs: number; endsAt: number }
): AsyncGenerator< Chunk[] > {
	let silentSince = performance.now();
	let chunks: Chunk[] = [];
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
				chunks.push( chunk as Chunk );
			}
		},
		onError: ( error ) => {
			// The standard lets unknown fields pass; an event without end it does not foresee.
			if ( error.type === 'max-buffer-size-exceeded' ) {
				failure ??= new UpstreamError(
					'garbage',
					'the provider sent an event without end'
				);
			}
		},
	} );
	const decoder = new TextDecoder();
	for await ( const bytes of body ) {
		parser.feed( decoder.decode( bytes, { stream: true } ) );
		const now = performance.now();
		if ( now > endsAt ) {
			throw new UpstreamError( 'timeout', 'the answer took too long' );
		}
		if ( chunks.length > 0 ) {
			const arrived = chunks;
			chunks = [];
			yield arrived;
			// Whoever reads slowly is not the provider's silence.
			silentSince = performance.now();
		} else if ( now - silentSince > silenceMs ) {
			throw new UpstreamError(
				'timeout',
				'the provider sent nothing but signs of life'
			);
		}
		if ( failure ) {
			throw failure;
		}
	}
}

function toChunk( data: string ): ChatChunk | UpstreamError {
	let chunk: ChatChunk & { error?: unknown };
	try {
		chunk = JSON.parse( data );
	} catch {
		return new UpstreamError(
			'garbage',
			'the provider sent what is not JSON'
		);
	}
	if ( typeof chunk !== 'object' || chunk === null ) {
		return new UpstreamError(
			'garbage',
			'the provider sent what is no chunk'
		);
	}
	return chunk.choices && ! chunk.error
		? chunk
		: ( errorInside( chunk, Date.now() ) ?? chunk );
}
