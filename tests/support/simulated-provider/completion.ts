/**
 * Plans one completion: the text, how it is cut into chunks, what it costs and what the wire says about it.
 */
import type { Reply, WireUsage } from './behaviour.ts';
import { type ChatRequest, messageText } from './chat-request.ts';
import { groundedReply } from './grounded-reply.ts';
import { type BilledTokens, PRICES } from './prices.ts';
import type { PromptCache } from './prompt-cache.ts';
import {
	countPromptTokens,
	countTokens,
	tokenize,
	truncateToTokens,
} from './tokens.ts';

/** A completion before it is sent. */
export interface CompletionPlan {
	id: string;
	created: number;
	model: string;
	deltas: string[];
	/** Output tokens that are billed once delta `i` has been produced, hidden reasoning included. */
	outputAfter( deltaCount: number ): number;
	/** The input share of the bill; output starts at the hidden reasoning. */
	startTokens: BilledTokens;
	finishReason: string;
	refusal: string | null;
	/** What the last chunk reports; `null` when the behaviour leaves it out. */
	usage: WireUsage | null;
}

/** Works out what the model would say to a request. */
export function planCompletion( options: {
	request: ChatRequest;
	reply: Reply;
	promptCache: PromptCache | undefined;
	id: string;
	createdAtSeconds: number;
} ): CompletionPlan {
	const { request, reply } = options;
	const reasoning = reply.reasoningTokens ?? 0;
	const whole = wholeText( request, reply );
	const cap =
		request.max_completion_tokens ??
		request.max_tokens ??
		PRICES[ request.model ]?.maxOutputTokens ??
		Infinity;
	const kept = truncateToTokens( whole, Math.max( 0, cap - reasoning ) );
	const deltas = cutIntoDeltas( kept.text, reply.chunks, kept.isCut );
	const counted = countInput( request, options.promptCache );
	const tokens: BilledTokens = {
		...counted,
		output: Math.min( cap, reasoning ) + kept.tokens,
		...reply.tokens,
	};
	return {
		id: options.id,
		created: options.createdAtSeconds,
		model: request.model,
		deltas,
		outputAfter: outputMeter( deltas, tokens.output, reasoning ),
		startTokens: {
			...tokens,
			output: Math.min( reasoning, tokens.output ),
		},
		finishReason: reply.finishReason ?? ( kept.isCut ? 'length' : 'stop' ),
		refusal: reply.refusal ?? null,
		usage:
			reply.reportedUsage === null
				? null
				: {
						...wireUsage( tokens, reasoning ),
						...reply.reportedUsage,
					},
	};
}

function wholeText( request: ChatRequest, reply: Reply ): string {
	if ( Array.isArray( reply.chunks ) ) {
		return reply.chunks.join( '' );
	}
	if ( typeof reply.text === 'function' ) {
		return reply.text( request );
	}
	return reply.text ?? groundedReply( request );
}

function cutIntoDeltas(
	text: string,
	chunks: Reply[ 'chunks' ],
	isCut: boolean
): string[] {
	if ( Array.isArray( chunks ) && ! isCut ) {
		return chunks;
	}
	const pieces = tokenize( text ).map( ( piece ) => piece.text );
	const count = typeof chunks === 'number' ? chunks : pieces.length;
	const deltas: string[] = [];
	for ( let i = 0; i < count; i++ ) {
		const from = Math.floor( ( pieces.length * i ) / count );
		const to = Math.floor( ( pieces.length * ( i + 1 ) ) / count );
		deltas.push( pieces.slice( from, to ).join( '' ) );
	}
	return deltas;
}

function countInput(
	request: ChatRequest,
	promptCache: PromptCache | undefined
): Omit< BilledTokens, 'output' > {
	const texts = request.messages.map( messageText );
	const all = countPromptTokens( texts );
	const { cachedInput, cacheWrite } = promptCache?.share(
		request.model,
		texts.join( '\n' ),
		all
	) ?? { cachedInput: 0, cacheWrite: 0 };
	return { input: all - cachedInput - cacheWrite, cachedInput, cacheWrite };
}

/** Output is metered delta by delta, so that a reply that is cut is billed for what was produced. */
function outputMeter(
	deltas: string[],
	total: number,
	reasoning: number
): ( deltaCount: number ) => number {
	const cumulative: number[] = [ Math.min( reasoning, total ) ];
	let produced = reasoning;
	for ( const delta of deltas ) {
		produced += countTokens( delta );
		cumulative.push( Math.min( produced, total ) );
	}
	return ( deltaCount ) =>
		deltaCount >= deltas.length
			? total
			: ( cumulative[ deltaCount ] ?? total );
}

function wireUsage( tokens: BilledTokens, reasoning: number ): WireUsage {
	const prompt = tokens.input + tokens.cachedInput + tokens.cacheWrite;
	return {
		prompt_tokens: prompt,
		completion_tokens: tokens.output,
		total_tokens: prompt + tokens.output,
		prompt_tokens_details: {
			cached_tokens: tokens.cachedInput,
			cache_write_tokens: tokens.cacheWrite,
			audio_tokens: 0,
		},
		completion_tokens_details: {
			reasoning_tokens: Math.min( reasoning, tokens.output ),
			audio_tokens: 0,
			accepted_prediction_tokens: 0,
			rejected_prediction_tokens: 0,
		},
	};
}
