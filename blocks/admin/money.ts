/**
 * Turns the dollars an owner types into the integer nano-dollars that limits are kept in, and back.
 */

const NANO_PER_USD = 1_000_000_000;
const DECIMALS = 9;

/** The largest limit the proxy takes: one million US dollars. */
export const MAX_LIMIT_NANO_USD = 1_000_000 * NANO_PER_USD;

/** Why an amount could not be read. */
export type AmountProblem =
	'empty' | 'not-a-number' | 'ambiguous' | 'too-large' | 'too-fine';

/** An amount as typed: read, or refused for one reason. */
export type ParsedAmount =
	| { isValid: true; nanoUsd: number }
	| { isValid: false; problem: AmountProblem };

/**
 * Reads an amount such as `1`, `0.50`, `0,50` or `$2`. A comma before exactly three digits could mean a thousand or
 * a decimal, and a limit is no place to guess, so it is refused.
 */
export function parseUsd( typed: string ): ParsedAmount {
	const text = typed.replace( /\s|\$|usd/gi, '' );
	if ( text === '' ) {
		return { isValid: false, problem: 'empty' };
	}
	const match = /^(\d*)(?:([.,])(\d*))?$/.exec( text );
	const [ , whole = '', separator, fraction = '' ] = match ?? [];
	if ( ! match || whole + fraction === '' ) {
		return { isValid: false, problem: 'not-a-number' };
	}
	if ( separator === ',' && fraction.length === 3 ) {
		return { isValid: false, problem: 'ambiguous' };
	}
	if ( fraction.replace( /0+$/, '' ).length > DECIMALS ) {
		return { isValid: false, problem: 'too-fine' };
	}
	const nanoUsd =
		Number( whole ) * NANO_PER_USD +
		Number( fraction.slice( 0, DECIMALS ).padEnd( DECIMALS, '0' ) );
	return nanoUsd > MAX_LIMIT_NANO_USD
		? { isValid: false, problem: 'too-large' }
		: { isValid: true, nanoUsd };
}

/** Writes an amount for a text field: at least two decimals, no trailing zeros after them, no rounding. */
export function usdForField( nanoUsd: number ): string {
	const whole = Math.floor( nanoUsd / NANO_PER_USD );
	const fraction = String( nanoUsd % NANO_PER_USD )
		.padStart( DECIMALS, '0' )
		.replace( /0{1,7}$/, '' );
	return `${ whole }.${ fraction }`;
}

/** Writes an amount for reading. Amounts under a cent keep two significant digits, so that they never look free. */
export function formatUsd( nanoUsd: number, locale?: string ): string {
	const usd = nanoUsd / NANO_PER_USD;
	const isTiny = usd > 0 && usd < 0.01;
	return new Intl.NumberFormat( locale, {
		style: 'currency',
		currency: 'USD',
		...( isTiny
			? { maximumSignificantDigits: 2 }
			: { minimumFractionDigits: 2, maximumFractionDigits: 2 } ),
	} ).format( usd );
}

/** Says how much of a limit is used, from 0 to 1. A limit of zero is always used up. */
export function usedShare(
	spentNanoUsd: number,
	limitNanoUsd: number
): number {
	return limitNanoUsd <= 0
		? 1
		: Math.min( 1, Math.max( 0, spentNanoUsd / limitNanoUsd ) );
}
