import { describe, expect, it } from 'vitest';
import {
	boundInputTokens,
	priceUsage,
	priceWorstCase,
} from '../../../proxy/src/ledger/pricing.ts';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';

const catalog = loadCatalog( undefined );
const [ luna ] = catalog.targets( 'economy' );
const [ terra ] = catalog.targets( 'standard' );
if ( ! luna || ! terra ) {
	throw new Error( 'the shipped catalog has no models' );
}

describe( 'the price of a call', () => {
	it( 'is exact: a million tokens each way cost what the catalog says', () => {
		expect( priceUsage( terra, { textIn: 200_000 } ) ).toBe( 200_000_000 );
		expect( priceUsage( luna, { textOut: 1_000_000 } ) ).toBe(
			500_000_000
		);
	} );

	it( 'prices cached and written tokens once, at their own price', () => {
		// 1,000 tokens: 600 cached (0.01), 300 written (0.125), 100 plain (0.10 USD per million).
		expect(
			priceUsage( luna, {
				textIn: 100,
				textCachedIn: 600,
				textCacheWrite: 300,
			} )
		).toBe( 600 * 10 + 300 * 125 + 100 * 100 );
	} );

	it( 'doubles the input and adds half to the output above 272,000 input tokens', () => {
		expect(
			priceUsage( luna, {
				textIn: 300_000,
				textOut: 1_000,
			} )
		).toBe( 300_000 * 200 + 1_000 * 750 );
	} );

	it( 'rounds up to the next nano-dollar', () => {
		const odd = {
			...luna,
			usdPerMillion: { textIn: 0.000_000_3, textOut: 0 },
		};
		expect( priceUsage( odd, { textIn: 1 } ) ).toBe( 1 );
	} );

	it( 'is never above the worst case for usage within the bounds', () => {
		const worst = priceWorstCase( luna, 1_000, 700 );
		for ( const textCachedIn of [ 0, 400, 1_000 ] ) {
			expect(
				priceUsage( luna, {
					textCachedIn,
					textCacheWrite: 1_000 - textCachedIn,
					textOut: 700,
				} )
			).toBeLessThanOrEqual( worst );
		}
	} );
} );

describe( 'the bound of input tokens', () => {
	it( 'counts bytes, so that Chinese and emoji are covered too', () => {
		const ascii = boundInputTokens( [ { content: 'abc' } ] );
		const chinese = boundInputTokens( [ { content: '退货吗' } ] );
		expect( chinese - ascii ).toBe( 6 );
	} );
} );
