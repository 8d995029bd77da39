/**
 * Estimates what a call will consume before it is made. An estimate is for planning and for comparing with the bill; money is reserved by
 * bounds, which are always higher (`boundInputTokens`, `priceWorstUsage`).
 */
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

/** Estimates the tokens of pictures by the rule of their model; one without a known rule is taken for the newest family. */
export function estimateImages(
	{ imageTokens = 'gpt-5.6' }: Pick< Model, 'imageTokens' >,
	images: readonly EstimatedImage[]
): number {
	return images.reduce(
		( sum, { detail, ...size } ) =>
			sum + countImageTokens( imageTokens, size, detail ),
		0
	);
}

/** Bytes of UTF-8 that a token has on the average, in prose of any language and in code: the scripts differ less in bytes than in characters. */
const BYTES_PER_TOKEN = 4.2;

/** Estimates the tokens of messages from their length alone, within a factor of two for prose and code. Costs next to nothing. */
export function roughTokens(
	messages: ReadonlyArray< { content: string } >
): number {
	return messages.reduce(
		( sum, { content } ) =>
			sum +
			TOKENS_PER_MESSAGE +
			Math.ceil( Buffer.byteLength( content ) / BYTES_PER_TOKEN ),
		TOKENS_TO_START_REPLY
	);
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
