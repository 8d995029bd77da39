/**
 * Holds the simulated provider's own prices of models that hear and speak, kept apart from the proxy's catalog.
 */

/** Which route a voice model answers. */
export type VoiceApi = 'chat' | 'realtime' | 'transcription' | 'speech';

/** What a voice model costs: nano-dollars per million tokens, per minute of audio, per million characters. */
export interface VoiceTerms {
	api: VoiceApi;
	input: number;
	cachedInput: number;
	output: number;
	audioInput: number;
	cachedAudioInput: number;
	audioOutput: number;
	imageInput: number;
	cachedImageInput: number;
	perMinute: number;
	perMillionCharacters: number;
	contextTokens: number;
	maxOutputTokens: number;
	shutdownDate: string | null;
}

/** Usage that only voice models have, besides tokens of text. The kinds do not overlap. */
export interface BilledVoice {
	audioInput?: number;
	cachedAudioInput?: number;
	audioOutput?: number;
	imageInput?: number;
	cachedImageInput?: number;
	/** Audio that is paid for by the minute. */
	audioMs?: number;
	characters?: number;
}

const NANO = 1_000_000_000;

function terms(
	api: VoiceApi,
	usd: Partial< Omit< VoiceTerms, 'api' | 'shutdownDate' > >,
	shutdownDate: string | null = null
): VoiceTerms {
	const price = ( value: number | undefined ): number =>
		Math.round( ( value ?? 0 ) * NANO );
	return {
		api,
		input: price( usd.input ),
		cachedInput: price( usd.cachedInput ?? usd.input ),
		output: price( usd.output ),
		audioInput: price( usd.audioInput ),
		cachedAudioInput: price( usd.cachedAudioInput ?? usd.audioInput ),
		audioOutput: price( usd.audioOutput ),
		imageInput: price( usd.imageInput ),
		cachedImageInput: price( usd.cachedImageInput ),
		perMinute: price( usd.perMinute ),
		perMillionCharacters: price( usd.perMillionCharacters ),
		contextTokens: usd.contextTokens ?? 128_000,
		maxOutputTokens: usd.maxOutputTokens ?? 16_384,
		shutdownDate,
	};
}

const REALTIME_2 = {
	input: 4,
	cachedInput: 0.4,
	output: 24,
	audioInput: 32,
	cachedAudioInput: 0.4,
	audioOutput: 64,
	imageInput: 5,
	cachedImageInput: 0.5,
	maxOutputTokens: 32_000,
};

/** Voice models the simulated provider sells, by id, in dollars (list prices of November 2026). */
export const VOICE_PRICES: Readonly< Record< string, VoiceTerms > > = {
	'gpt-audio-1.5': terms( 'chat', {
		input: 2.5,
		output: 10,
		audioInput: 32,
		audioOutput: 64,
	} ),
	'gpt-audio-mini': terms(
		'chat',
		{ input: 0.6, output: 2.4, audioInput: 10, audioOutput: 20 },
		'2027-01-20'
	),
	'gpt-realtime-2.1': terms( 'realtime', REALTIME_2 ),
	'gpt-realtime-2': terms( 'realtime', REALTIME_2 ),
	'gpt-realtime-2.1-mini': terms( 'realtime', {
		input: 0.6,
		cachedInput: 0.06,
		output: 2.4,
		audioInput: 10,
		cachedAudioInput: 0.3,
		audioOutput: 20,
		imageInput: 0.8,
		cachedImageInput: 0.08,
		maxOutputTokens: 32_000,
	} ),
	'gpt-realtime-1.5': terms( 'realtime', {
		...REALTIME_2,
		output: 16,
		contextTokens: 32_000,
		maxOutputTokens: 4_096,
	} ),
	'gpt-transcribe': terms( 'transcription', { perMinute: 0.0045 } ),
	'gpt-live-transcribe': terms( 'transcription', { perMinute: 0.017 } ),
	'gpt-realtime-whisper': terms( 'transcription', { perMinute: 0.017 } ),
	'whisper-1': terms( 'transcription', { perMinute: 0.006 }, '2027-02-26' ),
	'gpt-4o-transcribe': terms(
		'transcription',
		{ input: 2.5, audioInput: 2.5, output: 10 },
		'2027-02-26'
	),
	'gpt-4o-mini-transcribe': terms(
		'transcription',
		{ input: 1.25, audioInput: 1.25, output: 5 },
		'2027-02-26'
	),
	'gpt-4o-mini-tts': terms(
		'speech',
		{ input: 0.6, audioOutput: 12 },
		'2027-01-06'
	),
	'tts-1': terms( 'speech', { perMillionCharacters: 15 }, '2027-01-06' ),
	'tts-1-hd': terms( 'speech', { perMillionCharacters: 30 }, '2027-01-06' ),
};

/** Tokens of a second that is heard (one for 100 ms), and of a second that is spoken (one for 50 ms). */
export const HEARD_TOKENS_PER_SECOND = 10;
export const SPOKEN_TOKENS_PER_SECOND = 20;

/** Computes what a call of a voice model costs in nano-dollars, rounded up once; undefined: the model is no voice model. */
export function voicePriceOf(
	model: string,
	tokens: BilledVoice & {
		input: number;
		cachedInput: number;
		cacheWrite: number;
		output: number;
	}
): number | undefined {
	const price = VOICE_PRICES[ model ];
	if ( ! price ) {
		return undefined;
	}
	const times = ( count: number | undefined, perMillion: number ): bigint =>
		BigInt( count ?? 0 ) * BigInt( perMillion );
	const perMillion =
		times( tokens.input + tokens.cacheWrite, price.input ) +
		times( tokens.cachedInput, price.cachedInput ) +
		times( tokens.output, price.output ) +
		times( tokens.audioInput, price.audioInput ) +
		times( tokens.cachedAudioInput, price.cachedAudioInput ) +
		times( tokens.audioOutput, price.audioOutput ) +
		times( tokens.imageInput, price.imageInput ) +
		times( tokens.cachedImageInput, price.cachedImageInput ) +
		times( tokens.characters, price.perMillionCharacters );
	// In millionths of a sixty-thousandth, so that minutes and tokens add up in whole numbers.
	const whole =
		perMillion * 60_000n +
		times( tokens.audioMs, price.perMinute ) * 1_000_000n;
	const unit = 60_000_000_000n;
	return Number( ( whole + unit - 1n ) / unit );
}
