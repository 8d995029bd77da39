/**
 * Names everything the simulated provider can be told to do with a request, and gives each fault a short constructor.
 */
import type { BilledTokens } from './prices.ts';
import type { ChatRequest } from './chat-request.ts';
import type { VoiceBehaviour } from './voice-behaviour.ts';

/** The `usage` object as the wire has it. */
export interface WireUsage {
	prompt_tokens: number;
	completion_tokens: number;
	total_tokens: number;
	prompt_tokens_details?: Record< string, number >;
	completion_tokens_details?: Record< string, number >;
}

/** How the pieces of an answer come, and what becomes of them on the way. */
export interface Delivery {
	firstChunkDelayMs?: number;
	chunkDelayMs?: number;
	/** Pours every byte of the reply out at this rate. */
	bytesPerSecond?: number;
	/** Stops after this many pieces: with a well-formed end, with a closed socket, or with a reset. */
	cut?: { afterChunks: number; how: 'end' | 'close' | 'reset' };
	/** Falls silent after this many pieces (0: before the first), for good or for a time. */
	stall?: { afterChunks: number; forMs?: number };
	/** Sends this instead of well-formed pieces; `afterChunks` good ones come first. */
	garbage?: { afterChunks: number; bytes: string };
}

/** Answers. All parts are optional: an empty object is the default reply. */
export interface Reply extends Delivery {
	kind?: 'reply';
	/** The whole text; default: a sentence of the passages in the prompt, and the trailer if the prompt asks for it. */
	text?: string | ( ( request: ChatRequest ) => string );
	/** Number of content chunks, or the exact deltas (which then are the text). Default: one chunk a token. */
	chunks?: number | string[];
	/** Reasoning that is sent before the text in the field of the provider's dialect; OpenAI sends none. */
	thought?: string;
	/** Hidden tokens, billed as output, used up before the first chunk. */
	reasoningTokens?: number;
	/** Bills and reports these instead of what was counted. */
	tokens?: Partial< BilledTokens >;
	/** Reports these figures although the bill says otherwise; `null` leaves the usage out. */
	reportedUsage?: Partial< WireUsage > | null;
	finishReason?: 'stop' | 'length' | 'content_filter';
	refusal?: string;
}

/** Refuses with a status and the provider's error body. Costs nothing. */
export interface Refusal {
	kind: 'refusal';
	status: number;
	error: {
		message: string;
		type: string;
		code: string | null;
		param?: string | null;
	};
	retryAfterSeconds?: number;
	retryAfterMs?: number;
	/** Sends this body instead of the error as JSON, for example the HTML page of a load balancer. */
	body?: string;
	contentType?: string;
	delayMs?: number;
}

/** Breaks the exchange before any well-formed reply. The prompt is billed: the model had it. */
export interface Breakage {
	kind:
		| 'garbage-body'
		| 'empty-stream'
		| 'silence'
		| 'endless-headers'
		| 'reset';
	/** Sent as the body of a `garbage-body`. */
	body?: string;
}

/** What to do with a question to a chat or decision route; `when` limits it to the requests it fits. */
export type ChatBehaviour = ( Reply | Refusal | Breakage ) & {
	for?: 'chat';
	when?: ( request: ChatRequest ) => boolean;
};

/** What to do with a request; without `for` it is meant for chat. */
export type Behaviour = ChatBehaviour | VoiceBehaviour;

function refusal(
	status: number,
	type: string,
	code: string | null,
	message: string,
	more: Partial< Refusal > = {}
): Refusal {
	return {
		kind: 'refusal',
		status,
		error: { message, type, code, param: null },
		...more,
	};
}

/** Faults by name, ready to be scripted. */
export const faults = {
	unauthorized: () =>
		refusal(
			401,
			'invalid_request_error',
			'invalid_api_key',
			'Incorrect API key provided. You can find your API key in the dashboard.'
		),
	forbidden: () =>
		refusal(
			403,
			'request_forbidden',
			'unsupported_country_region_territory',
			'Country, region, or territory not supported'
		),
	modelNotFound: ( model = 'gpt-0' ) =>
		refusal(
			404,
			'invalid_request_error',
			'model_not_found',
			`The model \`${ model }\` does not exist or you do not have access to it.`
		),
	rateLimited: (
		wait: { retryAfterSeconds?: number; retryAfterMs?: number } = {}
	) =>
		refusal(
			429,
			'tokens',
			'rate_limit_exceeded',
			'Rate limit reached for tokens per min (TPM).',
			wait
		),
	outOfQuota: () =>
		refusal(
			429,
			'insufficient_quota',
			'insufficient_quota',
			'You exceeded your current quota, please check your plan and billing details.'
		),
	serverError: () =>
		refusal(
			500,
			'server_error',
			null,
			'The server had an error while processing your request. Sorry about that!'
		),
	overloaded: ( wait: { retryAfterSeconds?: number } = {} ) =>
		refusal(
			503,
			'service_unavailable_error',
			'server_is_overloaded',
			'The engine is currently overloaded, please try again later.',
			wait
		),
	badGateway: () =>
		refusal( 502, 'server_error', null, 'Bad gateway', {
			body: '<html><body><h1>502 Bad Gateway</h1></body></html>',
			contentType: 'text/html',
		} ),
	garbageBody: ( body = '{"id": "chatcmpl-' ): Breakage => ( {
		kind: 'garbage-body',
		body,
	} ),
	garbageStream: (
		afterChunks = 0,
		bytes = 'data: {"choices": [{"delta": \u0000\n\n'
	): Reply => ( { garbage: { afterChunks, bytes } } ),
	emptyStream: (): Breakage => ( { kind: 'empty-stream' } ),
	cutAfter: (
		afterChunks: number,
		how: 'end' | 'close' | 'reset' = 'reset'
	): Reply => ( { cut: { afterChunks, how } } ),
	stall: ( afterChunks = 0, forMs?: number ): Reply => ( {
		stall: { afterChunks, ...( forMs === undefined ? {} : { forMs } ) },
	} ),
	silence: (): Breakage => ( { kind: 'silence' } ),
	endlessHeaders: (): Breakage => ( { kind: 'endless-headers' } ),
	reset: (): Breakage => ( { kind: 'reset' } ),
	slowDrip: ( bytesPerSecond: number ): Reply => ( { bytesPerSecond } ),
	wrongUsage: ( reportedUsage: Partial< WireUsage > | null ): Reply => ( {
		reportedUsage,
	} ),
	hugeChunk: ( bytes = 8 * 1024 * 1024 ): Reply => ( {
		chunks: [ 'x'.repeat( bytes ) ],
	} ),
} as const;
