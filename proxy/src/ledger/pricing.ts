/**
 * Turns what a call consumed into nano-dollars. The only place where money is computed.
 */
import type { Model } from '../models/catalog.ts';
import {
	inputTokens,
	USAGE_UNITS,
	type Usage,
	type UsageUnit,
} from './usage.ts';

/** Above this many input tokens OpenAI prices the whole request at twice the input and one and a half times the output price. */
const LONG_CONTEXT_TOKENS = 272_000;

/** Says that a model has no price for something: a call that would use it must not run. */
export class UnknownPriceError extends Error {
	constructor( modelId: string, unit: UsageUnit ) {
		super(
			`${ modelId } has no price for ${ unit }: name one in DOCENT_MODELS_FILE`
		);
		this.name = 'UnknownPriceError';
	}
}

/**
 * Prices one call in nano-dollars, rounded up once to the next one.
 *
 * Exact, because it is computed in integers: prices have at most nine decimals, and time counts in milliseconds. A cached or written token
 * without a price of its own costs as much as a plain one. Throws {@link UnknownPriceError} rather than counting zero.
 */
export function priceUsage( model: Model, usage: Usage ): number {
	let input = 0n;
	let output = 0n;
	for ( const unit of USAGE_UNITS ) {
		const amount = usage[ unit ] ?? 0;
		if ( amount > 0 ) {
			const cost = costOf( model, unit, amount );
			if ( unit === 'textOut' || unit === 'audioOut' ) {
				output += cost;
			} else {
				input += cost;
			}
		}
	}
	const isLong = inputTokens( usage ) > LONG_CONTEXT_TOKENS;
	const total = isLong ? ( input * 4n + output * 3n ) / 2n : input + output;
	return Math.max(
		Number( ( total + PARTS - 1n ) / PARTS ),
		usage.reportedNanoUsd ?? 0
	);
}

/** Amounts of money inside a sum are in parts of a nano-dollar, so that tokens (by the million) and milliseconds (by the minute) both come out whole. */
const PARTS = 3_000_000n;
const PARTS_PER_MILLION = PARTS / 1_000_000n;
const PARTS_PER_MINUTE = PARTS / 60_000n;

function costOf( model: Model, unit: UsageUnit, amount: number ): bigint {
	const rate = rateOf( model, unit );
	if ( rate === undefined ) {
		throw new UnknownPriceError( model.id, unit );
	}
	return unit === 'seconds'
		? BigInt( Math.ceil( amount * 1_000 ) ) *
				nano( rate ) *
				PARTS_PER_MINUTE
		: BigInt( Math.ceil( amount ) ) * nano( rate ) * PARTS_PER_MILLION;
}

/** Returns the price of a unit in dollars: per million tokens or characters, per minute for `seconds`. */
function rateOf( model: Model, unit: UsageUnit ): number | undefined {
	const rates = model.usdPerMillion;
	const written = rates.textCacheWrite ?? rates.textIn;
	switch ( unit ) {
		case 'textIn':
		case 'textOut':
		case 'audioIn':
		case 'audioOut':
			return rates[ unit ];
		case 'textCachedIn':
			return rates.textCachedIn ?? rates.textIn;
		case 'textCacheWrite':
			return written;
		case 'textCacheWriteLong':
			return 2 * written;
		case 'imageIn':
			return rates.imageIn ?? rates.textIn;
		case 'imageCachedIn':
			return rates.imageIn ?? rates.textCachedIn ?? rates.textIn;
		case 'audioCachedIn':
			return rates.audioIn;
		case 'seconds':
			return model.usdPerMinute;
		case 'characters':
			return model.usdPerMillionCharacters;
	}
}

/** Prices the worst case of a call: every input token at the dearest input price, the whole output cap used. */
export function priceWorstCase(
	model: Model,
	inputBound: number,
	maxOutputTokens: number
): number {
	const { textIn, textCacheWrite = 0 } = model.usdPerMillion;
	return priceUsage( model, {
		[ textCacheWrite > textIn ? 'textCacheWrite' : 'textIn' ]: inputBound,
		textOut: maxOutputTokens,
	} );
}

/** Tokens that a chat message costs besides its text (role, separators), generously. */
const TOKENS_PER_MESSAGE = 16;

/**
 * Bounds the tokens of chat messages from above. A byte-level tokenizer never makes more tokens than the text has bytes in UTF-8,
 * so this holds for every model, whatever its vocabulary.
 */
export function boundInputTokens(
	messages: ReadonlyArray< { content: string } >
): number {
	let tokens = TOKENS_PER_MESSAGE;
	for ( const { content } of messages ) {
		tokens += Buffer.byteLength( content ) + TOKENS_PER_MESSAGE;
	}
	return tokens;
}

/** Dollars as an integer of nano-dollars; a price that is not zero never becomes zero. */
function nano( usd: number ): bigint {
	const rounded = BigInt( Math.round( usd * 1_000_000_000 ) );
	return rounded === 0n && usd > 0 ? 1n : rounded;
}
