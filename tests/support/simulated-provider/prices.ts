/**
 * Holds the simulated provider's own price list, kept apart from the proxy's catalog so that one can prove the other wrong.
 */
import { type BilledVoice, voicePriceOf } from './voice-prices.ts';

/** What one model costs, in nano-dollars per million tokens, and how it behaves. */
export interface ModelTerms {
	input: number;
	cachedInput: number;
	/** Writing a prompt into the provider's own cache; equal to `input` where writing is free. */
	cacheWrite: number;
	output: number;
	contextTokens: number;
	maxOutputTokens: number;
	/** `reasoning_effort` values the model takes; an empty list means that it does not reason. */
	efforts: readonly string[];
	shutdownDate: string | null;
	/** Who sells it: the name of a dialect; left out: OpenAI, and Azure. */
	soldBy?: string;
}

const NANO = 1_000_000_000;
const EFFORTS = [ 'none', 'low', 'medium', 'high', 'xhigh', 'max' ] as const;
const WITHOUT_NONE = EFFORTS.slice( 1 );
/** What the open models of OpenAI take, whoever runs them. */
const GPT_OSS = [ 'low', 'medium', 'high' ] as const;

function terms(
	usd: [ input: number, cached: number, write: number, output: number ],
	efforts: readonly string[],
	limits: { contextTokens?: number; maxOutputTokens?: number } = {},
	shutdownDate: string | null = null
): ModelTerms {
	// Prices have at most four decimals, so rounding only removes the error of the floating point.
	const [ input, cachedInput, cacheWrite, output ] = usd.map( ( price ) =>
		Math.round( price * NANO )
	) as [ number, number, number, number ];
	return {
		input,
		cachedInput,
		cacheWrite,
		output,
		contextTokens: limits.contextTokens ?? 1_050_000,
		maxOutputTokens: limits.maxOutputTokens ?? 128_000,
		efforts,
		shutdownDate,
	};
}

const GPT_4 = { contextTokens: 128_000, maxOutputTokens: 16_384 };

/** A model that somebody else sells; its price does not depend on the length of the prompt. */
function soldBy(
	seller: string,
	usd: [ input: number, cached: number, output: number ],
	efforts: readonly string[] = []
): ModelTerms {
	const [ input, cached, output ] = usd;
	return {
		...terms( [ input, cached, input, output ], efforts, GPT_4 ),
		soldBy: seller,
	};
}

/** Models the simulated provider sells, by id (list prices of November 2026). */
export const PRICES: Readonly< Record< string, ModelTerms > > = {
	'gpt-6-luna': terms( [ 0.1, 0.01, 0.125, 0.5 ], EFFORTS ),
	'gpt-6.1-terra': terms( [ 1, 0.05, 1.25, 5 ], EFFORTS ),
	'gpt-6.1-sol': terms( [ 2, 0.1, 2.5, 10 ], WITHOUT_NONE ),
	'gpt-6-sol': terms( [ 2, 0.2, 2.5, 10 ], EFFORTS ),
	'gpt-6-astra': terms( [ 10, 1, 12.5, 50 ], WITHOUT_NONE ),
	'gpt-5.6-luna': terms( [ 0.2, 0.02, 0.25, 1.2 ], EFFORTS ),
	'gpt-5.6-terra': terms( [ 2, 0.2, 2.5, 12 ], EFFORTS ),
	'gpt-5.6-sol': terms( [ 4, 0.4, 5, 20 ], EFFORTS ),
	'gpt-5.5': terms( [ 5, 0.5, 5, 30 ], EFFORTS ),
	'gpt-5.4': terms( [ 2.5, 0.25, 2.5, 15 ], EFFORTS ),
	'gpt-5.4-mini': terms( [ 0.75, 0.075, 0.75, 4.5 ], EFFORTS ),
	'gpt-5.4-nano': terms(
		[ 0.2, 0.02, 0.2, 1.25 ],
		EFFORTS,
		{},
		'2027-04-01'
	),
	'gpt-4o': terms( [ 2.5, 1.25, 2.5, 10 ], [], GPT_4, '2027-01-14' ),
	'gpt-4o-mini': terms( [ 0.15, 0.075, 0.15, 0.6 ], [], GPT_4, '2027-01-14' ),
	'gpt-4.1-mini': terms( [ 0.4, 0.1, 0.4, 1.6 ], [], GPT_4, '2027-01-14' ),
	'qwen3.8-flash': soldBy( 'qwen', [ 0.15, 0.016, 0.47 ] ),
	'openai/gpt-oss-120b': soldBy( 'together', [ 0.15, 0.15, 0.6 ], GPT_OSS ),
	'meta-llama/llama-4-scout': soldBy( 'openrouter', [ 0.1, 0.1, 0.3 ] ),
	'openai/gpt-oss-20b': soldBy( 'groq', [ 0.075, 0.0375, 0.3 ], GPT_OSS ),
	'deepseek-flash': soldBy( 'deepseek', [ 0.3, 0.006, 1.2 ] ),
	'ernie-4.5-turbo': soldBy( 'qianfan', [ 0.11, 0.03, 0.45 ] ),
	'llama3.2': soldBy( 'ollama', [ 0, 0, 0 ] ),
	'house-model': soldBy( 'compatible', [ 0.1, 0.1, 0.5 ] ),
};

/** From this many input tokens on, a whole request costs more (GPT-5.4 and later). */
export const LONG_PROMPT_TOKENS = 272_000;

/** What one request used, by kind of token. The kinds of input do not overlap. */
export interface BilledTokens extends BilledVoice {
	input: number;
	cachedInput: number;
	cacheWrite: number;
	/** Includes reasoning. */
	output: number;
}

/** Computes what a request costs in nano-dollars, rounded up once. */
export function priceOf( model: string, tokens: BilledTokens ): number {
	const voicePrice = voicePriceOf( model, tokens );
	if ( voicePrice !== undefined ) {
		return voicePrice;
	}
	const price = PRICES[ model ];
	if ( ! price ) {
		throw new Error(
			`The simulated provider has no price for ${ model }: add it to prices.ts.`
		);
	}
	const inputCost =
		BigInt( tokens.input ) * BigInt( price.input ) +
		BigInt( tokens.cachedInput ) * BigInt( price.cachedInput ) +
		BigInt( tokens.cacheWrite ) * BigInt( price.cacheWrite );
	const outputCost = BigInt( tokens.output ) * BigInt( price.output );
	const promptTokens = tokens.input + tokens.cachedInput + tokens.cacheWrite;
	// Long prompts: input twice, output one and a half times; doubled here to stay in whole numbers.
	const twice =
		price.soldBy === undefined &&
		price.efforts.length > 0 &&
		promptTokens > LONG_PROMPT_TOKENS
			? inputCost * 4n + outputCost * 3n
			: ( inputCost + outputCost ) * 2n;
	return Number( ( twice + 1_999_999n ) / 2_000_000n );
}
