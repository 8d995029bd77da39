/**
 * Reads and writes dollars as people type them, exactly, in nano-dollars.
 */

const USD = /^([+-]?)(\d{1,6})(?:\.(\d{1,9}))?$/;

/** Reads `0.40`, `-1.5` or `12`; undefined for anything else, for more than nine decimals and for a million and more. */
export function parseUsd( text: string ): number | undefined {
	const [ , sign, whole, decimals = '' ] = USD.exec( text ) ?? [];
	if ( whole === undefined ) {
		return undefined;
	}
	const nanoUsd =
		Number( whole ) * 1_000_000_000 + Number( decimals.padEnd( 9, '0' ) );
	// There is no negative zero in money.
	return sign === '-' && nanoUsd > 0 ? -nanoUsd : nanoUsd;
}

/** Writes nano-dollars with as many decimals as they need, and at least two. */
export function formatUsd( nanoUsd: number ): string {
	const digits = String( Math.abs( nanoUsd ) ).padStart( 10, '0' );
	const decimals = digits.slice( -9 ).replace( /0{1,7}$/, '' );
	return `${ nanoUsd < 0 ? '-' : '' }$${ digits.slice( 0, -9 ) }.${ decimals }`;
}
