/**
 * Says what the rest of the proxy may ask of a provider of chat answers.
 */
import type { Usage } from '../ledger/usage.ts';
import type { Model } from '../models/catalog.ts';
import type { Decision, DecisionRequest } from './decision.ts';

export interface ChatMessage {
	role: 'system' | 'user' | 'assistant';
	content: string;
}

/** Who waits for the answer: visitors go first where calls have to queue. */
export type CallPriority = 'visitor' | 'background';

export interface ChatRequest {
	model: Model;
	messages: ChatMessage[];
	maxOutputTokens: number;
	/** Groups calls with the same beginning, for the provider's own prompt cache. */
	promptCacheKey: string;
	/** Sent as `X-Client-Request-Id`, so that one id leads through our log and the provider's. */
	requestId?: string | undefined;
	priority: CallPriority;
	/** Is told when the call leaves the queue and is about to be sent, and how long it waited, in milliseconds. */
	onStart?( queueMs: number ): void;
	signal: AbortSignal;
}

/** A piece of an answer. The last piece is `end`; a stream without it was cut. */
export type ChatPiece =
	| { kind: 'text'; delta: string }
	/** Hidden reasoning that arrived and is not shown: billed as output, so an estimate has to count its bytes. */
	| { kind: 'thought'; bytes: number }
	| { kind: 'usage'; usage: Usage }
	| { kind: 'end'; finishReason: FinishReason };

/** Why an answer is complete: said whole, cut at its cap, or refused by the model or a filter. */
export type FinishReason = 'stop' | 'length' | 'refused';

export interface ChatProvider {
	/** Streams one answer, in groups of pieces that arrived together. Throws `UpstreamError`, and nothing else. */
	stream( request: ChatRequest ): AsyncIterable< ChatPiece[] >;
	/** Has a model choose between options (`POST /v1/decisions`). Throws `UpstreamError`, and nothing else. */
	decide( request: DecisionRequest ): Promise< Decision >;
	/** Lists the models that the key may use. Throws `UpstreamError`. */
	listModels( signal: AbortSignal ): Promise< ListedModel[] >;
	close(): Promise< void >;
}

/** A model as the provider lists it. */
export interface ListedModel {
	id: string;
	/** The day on which the provider switches it off, `YYYY-MM-DD`, when it says so. */
	shutdownDate: string | undefined;
}
