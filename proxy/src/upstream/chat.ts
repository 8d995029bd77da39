/**
 * Says what the rest of the proxy may ask of a provider of chat answers.
 */
import type { Usage } from '../ledger/usage.ts';
import type { Model } from '../models/catalog.ts';

export interface ChatMessage {
	role: 'system' | 'user' | 'assistant';
	content: string;
}

export interface ChatRequest {
	model: Model;
	messages: ChatMessage[];
	maxOutputTokens: number;
	/** Groups calls with the same beginning, for the provider's own prompt cache. */
	promptCacheKey: string;
	signal: AbortSignal;
}

/** A piece of an answer. The last piece is `end`; a stream without it was cut. */
export type ChatPiece =
	| { kind: 'text'; delta: string }
	| { kind: 'usage'; usage: Usage }
	| { kind: 'end'; finishReason: 'stop' | 'length' | 'refused' };

export interface ChatProvider {
	/** Streams one answer, in groups of pieces that arrived together. Throws `UpstreamError`, and nothing else. */
	stream( request: ChatRequest ): AsyncIterable< ChatPiece[] >;
	/** Lists the ids of the models that the key may use. Throws `UpstreamError`. */
	listModels( signal: AbortSignal ): Promise< string[] >;
	close(): Promise< void >;
}
