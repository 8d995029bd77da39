/**
 * Estimates what a call will consume before it is made. An estimate is for planning and for comparing with the bill; money is reserved by
 * bounds, which are always higher (`boundInputTokens`, `priceWorstUsage`).
 */
import type { Logger } from 'pino';
import {
	countImageTokens,
	type ImageDetail,
	type ImageSize,
} from '../images/image-tokens.ts';
import type { Model } from '../models/catalog.ts';
import { inputTokens, type Usage } from './usage.ts';

/** Counts the tokens of texts with the vocabulary `o200k_base`, which OpenAI's models share since GPT-4o; later ones are close to it. */
export interface TokenCounter {
	text( text: string ): number;
	/** Counts a conversation with everything that frames it, by the provider's published rule. */
	chat(
		messages: ReadonlyArray< {
			role: string;
			content: string;
			name?: string;
		} >
	): number;
}

/** Tokens that frame every message, that a name costs besides itself, and that start the reply (OpenAI cookbook, "How to count tokens"). */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_NAME = 1;
const TOKENS_TO_START_REPLY = 3;

/**
 * The tokenizer's work grows with the square of an unbroken run of letters (43 s for 100,000 Chinese characters), so a text is counted in
 * pieces of so many characters. Each cut inside a word costs one token at most.
 */
const PIECE_CHARACTERS = 256;

/** Runs of letters that the tokenizer remembers; its own default keeps any visitor's text in memory for good. */
const REMEMBERED_RUNS = 5_000;

/** Words such as `<|endoftext|>` are text like any other when a visitor writes them. */
const AS_TEXT = { disallowedSpecial: new Set< string >() };

let counter: Promise< TokenCounter > | undefined;

/** Loads the tokenizer at its first use; it takes some 75 MB of memory and half a second. */
export function loadTokenCounter(): Promise< TokenCounter > {
	counter ??= import( 'gpt-tokenizer/encoding/o200k_base' ).then(
		( { countTokens, setMergeCacheSize } ) => {
			setMergeCacheSize( REMEMBERED_RUNS );
			const text = ( whole: string ) => {
				let tokens = 0;
				for ( const piece of pieces( whole ) ) {
					tokens += countTokens( piece, AS_TEXT );
				}
				return tokens;
			};
			return {
				text,
				chat: ( messages ) =>
					messages.reduce(
						( sum, { role, content, name } ) =>
							sum +
							TOKENS_PER_MESSAGE +
							text( role ) +
							text( content ) +
							( name === undefined
								? 0
								: text( name ) + TOKENS_PER_NAME ),
						TOKENS_TO_START_REPLY
					),
			};
		}
	);
	return counter;
}

/** Cuts a text into pieces, before a blank where there is one: there the tokenizer would cut as well. */
function* pieces( text: string ): Generator< string > {
	let start = 0;
	while ( text.length - start > PIECE_CHARACTERS ) {
		let end = start + PIECE_CHARACTERS;
		const blank = text.lastIndexOf( ' ', end );
		if ( blank > start + PIECE_CHARACTERS / 2 ) {
			end = blank;
		} else if ( isHighSurrogate( text.charCodeAt( end - 1 ) ) ) {
			end += 1;
		}
		yield text.slice( start, end );
		start = end;
	}
	yield text.slice( start );
}

function isHighSurrogate( code: number ): boolean {
	return code >= 0xd800 && code <= 0xdbff;
}

/** A picture of a request. */
export interface EstimatedImage extends ImageSize {
	detail?: ImageDetail;
}

/** Estimates what a chat request reads. A model without a known rule for pictures is taken for the newest family. */
export function estimateChat(
	tokens: TokenCounter,
	model: Pick< Model, 'imageTokens' >,
	messages: Parameters< TokenCounter[ 'chat' ] >[ 0 ],
	images: readonly EstimatedImage[] = []
): Usage {
	return {
		textIn: tokens.chat( messages ),
		...( images.length === 0
			? {}
			: {
					imageIn: images.reduce(
						( sum, { detail, ...size } ) =>
							sum +
							countImageTokens(
								model.imageTokens ?? 'gpt-5.6',
								size,
								detail
							),
						0
					),
				} ),
	};
}

/** Audio tokens a second at OpenAI: one for 100 ms heard, one for 50 ms spoken. */
const AUDIO_TOKENS_HEARD_PER_SECOND = 10;
const AUDIO_TOKENS_SPOKEN_PER_SECOND = 20;

/** Estimates the audio of a call from its length. */
export function estimateAudio( {
	heardSeconds = 0,
	spokenSeconds = 0,
}: {
	heardSeconds?: number;
	spokenSeconds?: number;
} ): Usage {
	return {
		audioIn: Math.ceil( heardSeconds * AUDIO_TOKENS_HEARD_PER_SECOND ),
		audioOut: Math.ceil( spokenSeconds * AUDIO_TOKENS_SPOKEN_PER_SECOND ),
	};
}

/** Bytes of UTF-8 that a token has on the average, in prose of any language and in code: the scripts differ less in bytes than in characters. */
const BYTES_PER_TOKEN = 4.2;

/** Estimates the tokens of a text from its length alone, within a factor of two for prose and code. Costs nothing. */
export function roughTokens( bytes: number ): number {
	return Math.ceil( bytes / BYTES_PER_TOKEN );
}

/** How far an estimate was from the bill. */
export interface Drift {
	estimatedTokens: number;
	reportedTokens: number;
	/** Above 1 when more was billed than estimated. */
	factor: number;
}

/** Estimates are wrong from this factor on, up or down. */
const MAX_FACTOR = 2;

/** Differences of so few tokens are the frame of the messages, whatever the factor. */
const MIN_DIFFERENCE_TOKENS = 64;

/** Compares the input that was estimated with the input that was reported; undefined when they agree within a factor of two. */
export function findDrift(
	estimatedTokens: number,
	usage: Usage
): Drift | undefined {
	const reportedTokens = inputTokens( usage );
	const factor = reportedTokens / Math.max( 1, estimatedTokens );
	return Math.abs( reportedTokens - estimatedTokens ) >
		MIN_DIFFERENCE_TOKENS &&
		( factor > MAX_FACTOR || factor < 1 / MAX_FACTOR )
		? { estimatedTokens, reportedTokens, factor }
		: undefined;
}

/** A call that was settled with what the provider reported. */
export interface SettledCall {
	model: Pick< Model, 'id' | 'imageTokens' >;
	messages: ReadonlyArray< { role: string; content: string } >;
	images?: readonly EstimatedImage[];
	usage: Usage;
}

/**
 * Makes the check that logs every settled call whose input was billed at more than twice or less than half of its estimate. Most calls are
 * found in order by their length alone; only for the others the tokenizer is loaded, so that it stays out of memory where nothing is wrong.
 * Never throws; resolves to what was logged.
 */
export function createEstimateCheck( {
	log,
	load = loadTokenCounter,
}: {
	log: Pick< Logger, 'warn' >;
	load?: () => Promise< TokenCounter >;
} ): ( call: SettledCall ) => Promise< Drift | undefined > {
	return async ( { model, messages, images = [], usage } ) => {
		try {
			if ( images.length === 0 ) {
				const bytes = messages.reduce(
					( sum, { content } ) => sum + Buffer.byteLength( content ),
					0
				);
				const frame = messages.length * ( TOKENS_PER_MESSAGE + 1 );
				if ( ! findDrift( roughTokens( bytes ) + frame, usage ) ) {
					return undefined;
				}
			}
			const estimate = estimateChat(
				await load(),
				model,
				messages,
				images
			);
			const drift = findDrift( inputTokens( estimate ), usage );
			if ( drift ) {
				log.warn(
					{ model: model.id, ...drift },
					'the provider billed an input far from its estimate'
				);
			}
			return drift;
		} catch ( error ) {
			log.warn(
				{ model: model.id, err: error },
				'the estimate of a call cannot be checked'
			);
			return undefined;
		}
	};
}
