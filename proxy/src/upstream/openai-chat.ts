/**
 * Speaks Chat Completions with OpenAI, or with anything that speaks the same, through the `openai` SDK.
 */
import type OpenAI from 'openai';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { ChatPiece, ChatProvider, ChatRequest } from './chat.ts';
import { createPooledFetch } from './pooled-fetch.ts';
import { PooledOpenAI } from './pooled-openai.ts';
import { readChunks } from './read-chunks.ts';
import { toUpstreamError } from './openai-errors.ts';
import { UpstreamError } from './upstream-error.ts';
import { readChatUsage } from './usage.ts';

/** How long a provider may be silent, before its first word or between two words, in milliseconds. */
const SILENCE_MS = 20_000;

/** How long one answer may take in all, in milliseconds; looked at whenever a piece arrives, and silence has its own limit. */
const CALL_MS = 120_000;

/** Makes a provider for one key and address. */
export function createOpenAiChat( {
	apiKey,
	baseUrl,
	silenceMs = SILENCE_MS,
	callMs = CALL_MS,
}: {
	apiKey: string;
	baseUrl: string;
	silenceMs?: number;
	callMs?: number;
} ): ChatProvider {
	const pool = createPooledFetch( {
		headersTimeoutMs: silenceMs,
		bodyTimeoutMs: silenceMs,
	} );
	const client = new PooledOpenAI( {
		apiKey,
		baseURL: baseUrl,
		fetch: pool.fetch,
		// Retries and their cost are decided by us, with the ledger in view.
		maxRetries: 0,
		timeout: callMs,
		logLevel: 'off',
	} );

	return {
		async *stream( request ) {
			const endsAt = performance.now() + callMs;
			try {
				const response = await client.chat.completions
					.create( toBody( request ), { signal: request.signal } )
					.asResponse();
				let hasEnded = false;
				for await ( const chunks of readChunks( response ) ) {
					if ( performance.now() > endsAt ) {
						throw new UpstreamError(
							'timeout',
							'the answer took too long'
						);
					}
					const pieces = chunks.flatMap( toPieces );
					hasEnded ||= pieces.some( ( { kind } ) => kind === 'end' );
					yield pieces;
				}
				if ( ! hasEnded ) {
					throw new UpstreamError(
						'cut',
						'the provider ended its stream without finishing the answer'
					);
				}
			} catch ( error ) {
				throw toUpstreamError( error, request.signal );
			}
		},

		async listModels( signal ) {
			try {
				const page = await client.models.list( { signal } );
				return page.data.map( ( model ) => ( {
					id: model.id,
					shutdownDate: model.shutdown_date ?? undefined,
				} ) );
			} catch ( error ) {
				throw toUpstreamError( error, signal );
			}
		},

		close: () => pool.close(),
	};
}

function toBody( {
	model,
	messages,
	maxOutputTokens,
	promptCacheKey,
}: ChatRequest ): OpenAI.ChatCompletionCreateParamsStreaming {
	return {
		model: model.id,
		messages,
		stream: true,
		stream_options: { include_usage: true },
		max_completion_tokens: maxOutputTokens,
		prompt_cache_key: promptCacheKey,
		store: false,
		...( model.reasoningEffort
			? { reasoning_effort: model.reasoningEffort }
			: {} ),
	};
}

function toPieces( chunk: ChatCompletionChunk ): ChatPiece[] {
	const pieces: ChatPiece[] = [];
	const choice = chunk.choices?.[ 0 ];
	if ( choice?.delta?.content ) {
		pieces.push( { kind: 'text', delta: choice.delta.content } );
	}
	if ( choice?.finish_reason ) {
		pieces.push( { kind: 'end', finishReason: toFinishReason( choice ) } );
	}
	const { usage } = readChatUsage( chunk );
	if ( usage ) {
		pieces.push( { kind: 'usage', usage } );
	}
	return pieces;
}

function toFinishReason(
	choice: ChatCompletionChunk.Choice
): 'stop' | 'length' | 'refused' {
	if ( choice.finish_reason === 'content_filter' || choice.delta?.refusal ) {
		return 'refused';
	}
	return choice.finish_reason === 'length' ? 'length' : 'stop';
}
