/**
 * Says what the catalog's files may hold: the shape of a model, its prices and what it can do.
 */
import { z } from 'zod';
import { IMAGE_RULES } from '../images/image-tokens.ts';
import { SERVICE_TIERS } from '../ledger/usage.ts';

const usd = z.number().min( 0 ).max( 1_000_000 );
const factor = z.number().min( 0.01 ).max( 100 );

/**
 * Dollars per million tokens, by kind. A cached or written kind without a price of its own costs as much as the plain one, and pictures
 * without one cost as much as text, as they do with chat models.
 */
const ratesSchema = z.strictObject( {
	textIn: usd.optional(),
	textCachedIn: usd.optional(),
	textCacheWrite: usd.optional(),
	/** For what is kept longer than usual (12 hours at OpenAI); left out: twice the usual write. */
	textCacheWriteLong: usd.optional(),
	textOut: usd.optional(),
	imageIn: usd.optional(),
	imageCachedIn: usd.optional(),
	audioIn: usd.optional(),
	audioCachedIn: usd.optional(),
	audioOut: usd.optional(),
} );

export type Rates = z.infer< typeof ratesSchema >;

/** What a whole request costs when its input is longer than `aboveInputTokens`: factors on the usual prices, or prices of their own. */
const longContextSchema = z.strictObject( {
	aboveInputTokens: z.number().int().positive(),
	inputFactor: factor.default( 1 ),
	outputFactor: factor.default( 1 ),
	usdPerMillion: ratesSchema.default( {} ),
} );

/** Fields that say what a model costs, at one time. */
const priceFields = {
	usdPerMillion: ratesSchema.default( {} ),
	usdPerMinute: usd.optional(),
	usdPerMillionCharacters: usd.optional(),
};

/** The shape of {@link priceFields} from a day on; the whole block replaces the one before. */
const priceChangeSchema = z.strictObject( {
	/** A day (from 00:00 UTC) or a moment. */
	effectiveAt: z.union( [
		z.iso.date(),
		z.iso.datetime( { offset: true } ),
	] ),
	...priceFields,
} );

/** Which of the provider's routes a model is called by. */
export const MODEL_APIS = [
	'chat',
	'realtime',
	'live',
	'embeddings',
	'transcriptions',
	'speech',
	'moderations',
	'decisions',
] as const;

export type ModelApi = ( typeof MODEL_APIS )[ number ];

const EFFORTS = [
	'none',
	'minimal',
	'low',
	'medium',
	'high',
	'xhigh',
	'max',
] as const;

/** What a model can do besides taking and giving its modalities. What is left out, it cannot. */
const capabilitiesSchema = z.strictObject( {
	/** Takes function tools. */
	tools: z.boolean().default( false ),
	/** Takes tools only while it does not reason (Chat Completions of GPT-5.4 and later). */
	toolsNeedEffortNone: z.boolean().default( false ),
	structuredOutputs: z.boolean().default( false ),
	/** Values that it takes as `reasoning_effort`; empty: it does not reason. */
	reasoningEfforts: z.array( z.enum( EFFORTS ) ).default( [] ),
	/** Answers only as a stream (Qwen-Omni). */
	mustStream: z.boolean().default( false ),
	/** The only format in which it streams audio; left out: any. */
	streamedAudioFormat: z.enum( [ 'pcm16' ] ).optional(),
	/** Gives no audio unless it streams (OpenRouter). */
	audioNeedsStream: z.boolean().default( false ),
	/** Names of its voices, the one for want of another first; empty: whatever is asked for is sent. */
	voices: z.array( z.string() ).default( [] ),
	/** How `/audio/transcriptions` is told what is likely to be said: `keywords[]` and `languages[]`, or `prompt` and `language`. */
	transcriptionHints: z
		.enum( [ 'keywords', 'prompt', 'none' ] )
		.default( 'prompt' ),
	/** Whether `/audio/speech` streams events, of which the last one reports usage. */
	speechEvents: z.boolean().default( false ),
	/** Whether `/audio/speech` takes words about how to speak. */
	speechInstructions: z.boolean().default( false ),
	/** The field that caps its answer, where that is not the one its provider takes otherwise. */
	outputCap: z
		.enum( [ 'max_completion_tokens', 'max_tokens', 'max_output_tokens' ] )
		.optional(),
} );

/** One model as a catalog's file names it. */
export const modelSchema = z.object( {
	/** The name of the provider, as in the providers file; `openai` is the default one. */
	provider: z.string().min( 1 ).max( 64 ).default( 'openai' ),
	/** What the provider calls it; left out: its id in the catalog. */
	upstreamId: z.string().min( 1 ).max( 200 ).optional(),
	/** Left out: what its role says, and otherwise `chat`. */
	api: z.enum( MODEL_APIS ).optional(),
	modalities: z.object( {
		in: z.array( z.enum( [ 'text', 'image', 'audio', 'video' ] ) ),
		out: z.array( z.enum( [ 'text', 'audio', 'embedding' ] ) ),
	} ),
	/** Input and output together. */
	contextTokens: z.number().int().positive(),
	maxOutputTokens: z.number().int().min( 0 ),
	/** From 00:00 UTC of this day on the successor is used in its place, or nothing. */
	shutdownDate: z.iso.date().optional(),
	successor: z.string().optional(),
	/** Models that are tried after it, wherever it is a target. */
	fallback: z.array( z.string() ).default( [] ),
	/** Sent as `reasoning_effort` when present; `none` means that no hidden tokens are billed. */
	reasoningEffort: z.enum( EFFORTS ).optional(),
	capabilities: capabilitiesSchema.default( capabilitiesSchema.parse( {} ) ),
	/** How its pictures count; left out: as the dearest known rule, so that an estimate is never too low. */
	imageTokens: z.enum( IMAGE_RULES ).optional(),
	...priceFields,
	/** Ascending thresholds; the last one that is exceeded holds. */
	longContext: z.array( longContextSchema ).optional(),
	/** Left out: 1, and 2 for `fast`. */
	serviceTierFactors: z
		.partialRecord( z.enum( SERVICE_TIERS ), factor )
		.optional(),
	/** On all its prices when the provider's address is a regional one. */
	regionalFactor: factor.optional(),
	/** Prices that begin later than the ones above, in any order. */
	priceChanges: z.array( priceChangeSchema ).default( [] ),
	/** The owner's word that a price far from every known one is right. */
	confirmUnusualPrice: z.boolean().default( false ),
} );

export type ModelEntry = z.infer< typeof modelSchema >;

/** Fields of a model, to tell what a file names that nobody reads. */
export const MODEL_FIELDS: ReadonlySet< string > = new Set(
	Object.keys( modelSchema.shape )
);

/** Tiers from the cheapest to the dearest. */
export const TIERS = [ 'economy', 'standard', 'premium' ] as const;
export type Tier = ( typeof TIERS )[ number ];

/** What models are used for besides the tiers of chat, each with the routes that can serve it, the usual one first. */
export const ROLE_APIS = {
	embedding: [ 'embeddings' ],
	transcription: [ 'transcriptions', 'chat' ],
	speech: [ 'speech', 'realtime', 'chat' ],
	audioChat: [ 'chat' ],
	realtime: [ 'realtime' ],
	moderation: [ 'moderations' ],
	decision: [ 'decisions', 'chat' ],
} as const satisfies Record< string, readonly [ ModelApi, ...ModelApi[] ] >;

export type Role = keyof typeof ROLE_APIS;
export const ROLES = Object.keys( ROLE_APIS ) as [ Role, ...Role[] ];

/** A file as the owner writes it; models are looked at one by one, so that each problem names its entry. */
export const fileSchema = z.object( {
	models: z
		.record( z.string(), z.record( z.string(), z.unknown() ) )
		.default( {} ),
	tiers: z
		.partialRecord( z.enum( TIERS ), z.array( z.string() ) )
		.default( {} ),
	roles: z.partialRecord( z.enum( ROLES ), z.string() ).default( {} ),
} );

export type CatalogFile = z.infer< typeof fileSchema >;

/** What a model costs at one time, everything that is left out filled in. */
export interface Prices {
	usdPerMillion: Rates;
	usdPerMinute: number | undefined;
	usdPerMillionCharacters: number | undefined;
	longContext: ReadonlyArray< z.infer< typeof longContextSchema > >;
	serviceTierFactors: Readonly<
		Record< ( typeof SERVICE_TIERS )[ number ], number >
	>;
	/** 1 unless the provider's address is a regional one. */
	regionalFactor: number;
}

/** A model with the prices of one moment. */
export interface Model
	extends
		Prices,
		Omit<
			ModelEntry,
			| keyof Prices
			| 'priceChanges'
			| 'confirmUnusualPrice'
			| 'upstreamId'
			| 'api'
		> {
	id: string;
	/** What the provider calls it. */
	upstreamId: string;
	api: ModelApi;
}
