/**
 * Reads what providers report about a call's consumption, one function a kind of reply. What they send is not trusted: a reading never comes
 * out lower than its parts prove, and what cannot be relied on is undefined, with the reason.
 */
import type { ServiceTier, Usage } from '../ledger/usage.ts';
import { splitTokens, type Carried, type ReportPaths } from './token-report.ts';
import { usageFields, valueAt } from './usage-fields.ts';

export type { Carried } from './token-report.ts';

/** What a provider's report came to. */
export interface UsageReading {
	/** Undefined when there is no report or nothing in it can be relied on; the call is then settled without it. */
	usage: Usage | undefined;
	/** What was wrong with the report, in words for the log, without anything that the provider wrote; empty when nothing was. */
	doubts: string[];
}

/** No single call costs more dollars. */
const MAX_USD = 10_000;

const NOTHING: UsageReading = { usage: undefined, doubts: [] };

/** The compatible providers' own names stand beside OpenAI's: DeepSeek's hits and misses, Moonshot's `cached_tokens`. */
const CHAT: ReportPaths = {
	input: [ 'prompt_tokens' ],
	output: [ 'completion_tokens' ],
	total: [ 'total_tokens' ],
	textIn: [ 'prompt_tokens_details.text_tokens' ],
	imageIn: [
		'prompt_tokens_details.image_tokens',
		'prompt_tokens_details.video_tokens',
	],
	audioIn: [ 'prompt_tokens_details.audio_tokens' ],
	cached: [
		'prompt_tokens_details.cached_tokens',
		'prompt_cache_hit_tokens',
		'cached_tokens',
	],
	uncached: [ 'prompt_cache_miss_tokens' ],
	written: [
		'prompt_tokens_details.cache_write_tokens',
		'prompt_tokens_details.cache_creation_input_tokens',
	],
	writtenShort: [
		'prompt_tokens_details.cache_write_tokens_details.ttl_30m_tokens',
	],
	writtenLong: [
		'prompt_tokens_details.cache_write_tokens_details.ttl_12h_tokens',
	],
	textOut: [ 'completion_tokens_details.text_tokens' ],
	audioOut: [ 'completion_tokens_details.audio_tokens' ],
	reasoning: [ 'completion_tokens_details.reasoning_tokens' ],
};

/**
 * Reads a chat completion, or any chunk of a stream. The usage may stand in `usage`, in `x_groq.usage` (Groq) or in the choice (Moonshot);
 * OpenRouter adds what the call cost.
 */
export function readChatUsage(
	reply: unknown,
	carried?: Carried
): UsageReading {
	const report = chatReport( reply );
	if ( report === undefined ) {
		return NOTHING;
	}
	const fields = usageFields( report );
	const usage = splitTokens( fields, CHAT, carried );
	if ( ! usage || ! hasInput( usage ) ) {
		return refused( fields.doubts );
	}
	const cost = fields.amount( 'cost', MAX_USD ) ?? 0;
	// With a key of one's own OpenRouter's cost is only its fee, and the model's maker sends a bill besides.
	const own =
		valueAt( report, 'is_byok' ) === true
			? ( fields.amount(
					'cost_details.upstream_inference_cost',
					MAX_USD
				) ?? 0 )
			: 0;
	const reported = dollars( cost ) + dollars( own );
	return {
		usage: {
			...usage,
			...serviceTier( valueAt( reply, 'service_tier' ) ),
			...( reported > 0 ? { reportedNanoUsd: reported } : {} ),
		},
		doubts: fields.doubts,
	};
}

/** Every chunk of every stream passes here, and all but the last have nothing. */
function chatReport( reply: unknown ): object | undefined {
	if ( typeof reply !== 'object' || reply === null ) {
		return undefined;
	}
	const { usage, x_groq: groq, choices } = reply as Record< string, unknown >;
	if ( typeof usage === 'object' && usage !== null ) {
		return usage;
	}
	return (
		( groq ? found( groq, 'usage' ) : undefined ) ??
		( Array.isArray( choices )
			? found( choices[ 0 ], 'usage' )
			: undefined )
	);
}

const RESPONSES: ReportPaths = {
	input: [ 'input_tokens' ],
	output: [ 'output_tokens' ],
	total: [ 'total_tokens' ],
	cached: [ 'input_tokens_details.cached_tokens' ],
	written: [ 'input_tokens_details.cache_write_tokens' ],
	writtenShort: [
		'input_tokens_details.cache_write_tokens_details.ttl_30m_tokens',
	],
	writtenLong: [
		'input_tokens_details.cache_write_tokens_details.ttl_12h_tokens',
	],
	reasoning: [ 'output_tokens_details.reasoning_tokens' ],
};

/** Reads a reply of `/v1/responses`, or the event that ends its stream. */
export function readResponsesUsage( reply: unknown ): UsageReading {
	const response = found( reply, 'response' ) ?? reply;
	return readTokens( response, RESPONSES );
}

/** Reads a reply of `/v1/decisions`, where only the input is billed. */
export function readDecisionUsage( reply: unknown ): UsageReading {
	return readTokens( reply, { ...RESPONSES }, { output_tokens: 0 } );
}

/** Reads a reply of `/v1/embeddings`. */
export function readEmbeddingUsage( reply: unknown ): UsageReading {
	const paths = {
		input: [ 'prompt_tokens', 'total_tokens', 'input_tokens' ],
		output: [ 'completion_tokens' ],
	};
	return readTokens( reply, paths, { completion_tokens: 0 } );
}

const TRANSCRIPTION: ReportPaths = {
	input: [ 'input_tokens' ],
	output: [ 'output_tokens' ],
	total: [ 'total_tokens' ],
	textIn: [ 'input_token_details.text_tokens' ],
	audioIn: [ 'input_token_details.audio_tokens' ],
};

/**
 * Reads a transcription, the event that ends its stream, or a realtime session's `conversation.item.input_audio_transcription.completed`:
 * by tokens or by duration, as the model is billed.
 */
export function readTranscriptionUsage( reply: unknown ): UsageReading {
	if (
		valueAt( reply, 'usage.type' ) === 'duration' ||
		valueAt( reply, 'usage.seconds' ) !== undefined
	) {
		return readSeconds( reply, 'usage.seconds' );
	}
	// Compatible providers give the length of the recording and nothing else.
	if ( ! found( reply, 'usage' ) && valueAt( reply, 'duration' ) ) {
		return readSeconds( reply, 'duration' );
	}
	return readTokens( reply, TRANSCRIPTION, {}, { audioIn: true } );
}

/** Reads `speech.audio.done`, which ends streamed speech; speech that is not streamed has no report. */
export function readSpeechUsage( event: unknown ): UsageReading {
	const paths = {
		input: [ 'input_tokens' ],
		output: [ 'output_tokens' ],
		total: [ 'total_tokens' ],
	};
	return readTokens( event, paths, {}, { audioOut: true } );
}

const REALTIME: ReportPaths = {
	input: [ 'input_tokens' ],
	output: [ 'output_tokens' ],
	total: [ 'total_tokens' ],
	textIn: [ 'input_token_details.text_tokens' ],
	imageIn: [ 'input_token_details.image_tokens' ],
	audioIn: [ 'input_token_details.audio_tokens' ],
	cached: [ 'input_token_details.cached_tokens' ],
	textCached: [ 'input_token_details.cached_tokens_details.text_tokens' ],
	imageCached: [ 'input_token_details.cached_tokens_details.image_tokens' ],
	audioCached: [ 'input_token_details.cached_tokens_details.audio_tokens' ],
	textOut: [ 'output_token_details.text_tokens' ],
	audioOut: [ 'output_token_details.audio_tokens' ],
};

/** Reads `response.done` of a realtime session. Each one bills the whole conversation again; the session is the sum of all. */
export function readRealtimeUsage(
	event: unknown,
	carried: Carried = { audioIn: true, audioOut: true }
): UsageReading {
	const response = found( event, 'response' ) ?? event;
	const reading = readTokens( response, REALTIME, {}, carried );
	// A reply that was cancelled or failed before it began has an honest zero.
	return reading.usage === undefined &&
		valueAt( response, 'status' ) !== 'completed' &&
		valueAt( response, 'usage.total_tokens' ) === 0
		? { usage: {}, doubts: [] }
		: reading;
}

/** Reads `session.usage.updated` and `session.closed` of a live session: seconds since its start, so that the last report counts alone. */
export function readLiveUsage( event: unknown ): UsageReading {
	return readSeconds( event, 'usage.seconds' );
}

/** Moderation is free, whatever was moderated. */
export function readModerationUsage(): UsageReading {
	return { usage: {}, doubts: [] };
}

function readTokens(
	reply: unknown,
	paths: ReportPaths,
	defaults: Record< string, number > = {},
	carried: Carried = {}
): UsageReading {
	const report = found( reply, 'usage' );
	if ( report === undefined ) {
		return NOTHING;
	}
	const fields = usageFields( { ...defaults, ...report } );
	const usage = splitTokens( fields, paths, carried );
	return usage && hasInput( usage )
		? {
				usage: {
					...usage,
					...serviceTier( valueAt( reply, 'service_tier' ) ),
				},
				doubts: fields.doubts,
			}
		: refused( fields.doubts );
}

function readSeconds( reply: unknown, path: string ): UsageReading {
	const fields = usageFields( reply );
	const seconds = fields.amount( path );
	return {
		usage: seconds === undefined ? undefined : { seconds },
		doubts: fields.doubts,
	};
}

function refused( doubts: string[] ): UsageReading {
	return {
		usage: undefined,
		doubts:
			doubts.length > 0
				? doubts
				: [ 'the report says that nothing was read' ],
	};
}

/** Nothing can be answered without reading anything: a report that says so is no report. */
function hasInput( usage: Usage ): boolean {
	return Object.keys( usage ).some( ( unit ) => ! unit.endsWith( 'Out' ) );
}

/** Providers name the tier that served the call; only these have another price than the standard. */
function serviceTier( name: unknown ): { serviceTier?: ServiceTier } {
	switch ( name ) {
		case 'batch':
		case 'flex':
			return { serviceTier: name };
		case 'priority':
		case 'fast':
		case 'ultrafast':
			return { serviceTier: 'fast' };
		default:
			return {};
	}
}

/** Turns dollars into nano-dollars, rounded up; a millionth of a nano-dollar above a whole one is the floating point's. */
function dollars( usd: number ): number {
	return Math.ceil( Number( ( usd * 1_000_000_000 ).toFixed( 3 ) ) );
}

function found( reply: unknown, path: string ): object | undefined {
	const value = valueAt( reply, path );
	return typeof value === 'object' && value !== null ? value : undefined;
}
