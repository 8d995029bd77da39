/**
 * Turns what a call consumed into nano-dollars. The only place where money is computed.
 */
import type { Model, Prices, Rates } from '../models/catalog.ts';
import {
	inputTokens,
	USAGE_UNITS,
	type Usage,
	type UsageUnit,
} from './usage.ts';

/** A model as far as its price goes. */
export type PricedModel = Pick< Model, 'id' | keyof Prices >;

/** Says that a model has no price for something: a call that would use it must not run. */
export class UnknownPriceError extends Error {
	readonly unit: UsageUnit;

	constructor( modelId: string, unit: UsageUnit ) {
		super(
			`${ modelId } has no price for ${ unit }: name one in DOCENT_MODELS_FILE`
		);
		this.name = 'UnknownPriceError';
		this.unit = unit;
	}
}

/** Sums are kept in parts of a nano-dollar, so that tokens (by the million) and milliseconds (by the minute) both come out whole. */
const PARTS = 3_000_000n;
const PARTS_PER_MILLION = PARTS / 1_000_000n;
const PARTS_PER_MINUTE = PARTS / 60_000n;

/** Factors have at most this many decimals in whole numbers. */
const FACTOR_SCALE = 1_000_000n;

/** A nano-dollar in the unit of a sum after its three factors. */
const ONE_NANO_USD = PARTS * FACTOR_SCALE ** 3n;

/**
 * Prices one call in nano-dollars, rounded up once to the next one.
 *
 * Exact, because it is computed in integers: prices have at most nine decimals, factors six, and time counts in milliseconds. A router that
 * says what a call cost is believed when that is more. Throws {@link UnknownPriceError} rather than counting zero.
 */
export function priceUsage( model: PricedModel, usage: Usage ): number {
	const tokens = inputTokens( usage );
	return priceAt(
		model,
		model.longContext.findLast(
			( { aboveInputTokens } ) => tokens > aboveInputTokens
		),
		usage
	);
}

/**
 * Prices the worst case of a text call: every input token at the dearest input price, the whole output cap used. Never below the price of
 * any usage within the bounds, whatever its cached and written shares and whether or not it counts as long.
 */
export function priceWorstCase(
	model: PricedModel,
	inputBound: number,
	maxOutputTokens: number
): number {
	return priceWorstUsage( model, {
		textIn: inputBound,
		textOut: maxOutputTokens,
	} );
}

/** Input kinds of one sort: a token of the first may turn out to be any of them. */
const SORTS = [
	[ 'textIn', 'textCachedIn', 'textCacheWrite', 'textCacheWriteLong' ],
	[ 'imageIn', 'imageCachedIn' ],
	[ 'audioIn', 'audioCachedIn' ],
] as const satisfies ReadonlyArray< readonly UsageUnit[] >;

/**
 * Prices a bound of any kind of call: `bound` names plain units (`textIn`, `audioIn`, `seconds` …), and each counts at the dearest price
 * that a token of its sort can have. Throws {@link UnknownPriceError}.
 */
export function priceWorstUsage( model: PricedModel, bound: Usage ): number {
	const tokens = inputTokens( bound );
	// A shorter input than the bound may fall under any of the thresholds below it.
	const possible = model.longContext.filter(
		( { aboveInputTokens } ) => tokens > aboveInputTokens
	);
	return Math.max(
		...[ undefined, ...possible ].map( ( long ) => {
			const rates = ratesOf( model, long );
			const worst: Usage = { ...bound };
			for ( const [ plain, ...others ] of SORTS ) {
				const rate = ( unit: UsageUnit ) =>
					rateOf( model, rates, unit ) ?? 0;
				const dearest = others
					.filter( isAsked )
					.reduce< UsageUnit >(
						( best, unit ) =>
							rate( unit ) > rate( best ) ? unit : best,
						plain
					);
				const amount = bound[ plain ] ?? 0;
				if ( amount > 0 && dearest !== plain ) {
					delete worst[ plain ];
					worst[ dearest ] = amount + ( bound[ dearest ] ?? 0 );
				}
			}
			return priceAt( model, long, worst );
		} )
	);
}

/** Nobody is billed for long caching who did not ask for it, and the proxy never does. */
function isAsked( unit: UsageUnit ): boolean {
	return unit !== 'textCacheWriteLong';
}

type LongContext = Prices[ 'longContext' ][ number ] | undefined;

function ratesOf( model: PricedModel, long: LongContext ): Rates {
	return long
		? { ...model.usdPerMillion, ...long.usdPerMillion }
		: model.usdPerMillion;
}

function priceAt(
	model: PricedModel,
	long: LongContext,
	usage: Usage
): number {
	const rates = ratesOf( model, long );
	let input = 0n;
	let output = 0n;
	for ( const unit of USAGE_UNITS ) {
		const amount = usage[ unit ] ?? 0;
		if ( amount > 0 ) {
			const cost = costOf( model, rates, unit, amount );
			if ( unit === 'textOut' || unit === 'audioOut' ) {
				output += cost;
			} else {
				input += cost;
			}
		}
	}
	const inputFactor = long?.inputFactor ?? 1;
	const outputFactor = long?.outputFactor ?? 1;
	const factor = model.serviceTierFactors[ usage.serviceTier ?? 'standard' ];
	const isPlain =
		inputFactor === 1 &&
		outputFactor === 1 &&
		factor === 1 &&
		model.regionalFactor === 1;
	const nanoUsd = isPlain
		? roundUp( input + output, PARTS )
		: roundUp(
				( input * scaled( inputFactor ) +
					output * scaled( outputFactor ) ) *
					scaled( factor ) *
					scaled( model.regionalFactor ),
				ONE_NANO_USD
			);
	return Math.max( nanoUsd, usage.reportedNanoUsd ?? 0 );
}

function costOf(
	model: PricedModel,
	rates: Rates,
	unit: UsageUnit,
	amount: number
): bigint {
	const rate = rateOf( model, rates, unit );
	if ( rate === undefined ) {
		throw new UnknownPriceError( model.id, unit );
	}
	return unit === 'seconds'
		? // Rounded to the microsecond first: 0.57 s are not a breath more than 570 ms.
			BigInt( Math.ceil( Math.round( amount * 1_000_000 ) / 1_000 ) ) *
				nano( rate ) *
				PARTS_PER_MINUTE
		: BigInt( Math.ceil( amount ) ) * nano( rate ) * PARTS_PER_MILLION;
}

/**
 * Returns the price of a unit in dollars: per million tokens or characters, per minute for `seconds`. A kind without a price of its own costs
 * what the plain kind costs, and a picture what text costs.
 */
function rateOf(
	model: PricedModel,
	rates: Rates,
	unit: UsageUnit
): number | undefined {
	switch ( unit ) {
		case 'textIn':
		case 'textOut':
		case 'audioIn':
		case 'audioOut':
			return rates[ unit ];
		case 'textCachedIn':
			return rates.textCachedIn ?? rates.textIn;
		case 'textCacheWrite':
			return rates.textCacheWrite ?? rates.textIn;
		case 'textCacheWriteLong':
			return (
				rates.textCacheWriteLong ??
				twice( rates.textCacheWrite ?? rates.textIn )
			);
		case 'imageIn':
			return rates.imageIn ?? rates.textIn;
		case 'imageCachedIn':
			return (
				rates.imageCachedIn ??
				rates.imageIn ??
				rates.textCachedIn ??
				rates.textIn
			);
		case 'audioCachedIn':
			return rates.audioCachedIn ?? rates.audioIn;
		case 'seconds':
			return model.usdPerMinute;
		case 'characters':
			return model.usdPerMillionCharacters;
	}
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

function twice( rate: number | undefined ): number | undefined {
	return rate === undefined ? undefined : rate * 2;
}

/** The catalog has few different prices, and each is asked for at every call. */
const nanoOf = new Map< number, bigint >();

/** Dollars as an integer of nano-dollars; a price that is not zero never becomes zero. */
function nano( usd: number ): bigint {
	let value = nanoOf.get( usd );
	if ( value === undefined ) {
		const rounded = BigInt( Math.round( usd * 1_000_000_000 ) );
		value = rounded === 0n && usd > 0 ? 1n : rounded;
		nanoOf.set( usd, value );
	}
	return value;
}

function roundUp( sum: bigint, one: bigint ): number {
	return Number( ( sum + one - 1n ) / one );
}

function scaled( factor: number ): bigint {
	return BigInt( Math.round( factor * Number( FACTOR_SCALE ) ) );
}
