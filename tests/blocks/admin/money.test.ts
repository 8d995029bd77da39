/**
 * Checks that a limit an owner types is the limit that is kept, to the nano-dollar.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	formatUsd,
	MAX_LIMIT_NANO_USD,
	parseUsd,
	usdForField,
	usedShare,
} from '../../../blocks/admin/money.ts';

describe( 'parseUsd', () => {
	it.each( [
		[ '1', 1_000_000_000 ],
		[ '0', 0 ],
		[ '0.1', 100_000_000 ],
		[ '.5', 500_000_000 ],
		[ '2.', 2_000_000_000 ],
		[ '0,50', 500_000_000 ],
		[ ' $ 1.25 ', 1_250_000_000 ],
		[ '3 USD', 3_000_000_000 ],
		[ '0.000000001', 1 ],
		[ '0.1000000000000', 100_000_000 ],
		[ '1000000', MAX_LIMIT_NANO_USD ],
	] )( 'reads %j as %i nano-dollars', ( typed, nanoUsd ) => {
		expect( parseUsd( typed ) ).toEqual( { isValid: true, nanoUsd } );
	} );

	it.each( [
		[ '', 'empty' ],
		[ '  ', 'empty' ],
		[ '$', 'empty' ],
		[ '-1', 'not-a-number' ],
		[ 'one', 'not-a-number' ],
		[ '.', 'not-a-number' ],
		[ '1.2.3', 'not-a-number' ],
		[ '1e3', 'not-a-number' ],
		[ '1,000', 'ambiguous' ],
		[ '0.0000000001', 'too-fine' ],
		[ '1000000.01', 'too-large' ],
		[ '9'.repeat( 400 ), 'too-large' ],
	] )( 'refuses %j as %s', ( typed, problem ) => {
		expect( parseUsd( typed ) ).toEqual( { isValid: false, problem } );
	} );

	it( 'reads back every amount it writes into a field', () => {
		fc.assert(
			fc.property(
				fc.integer( { min: 0, max: MAX_LIMIT_NANO_USD } ),
				( nanoUsd ) => {
					expect( parseUsd( usdForField( nanoUsd ) ) ).toEqual( {
						isValid: true,
						nanoUsd,
					} );
				}
			)
		);
	} );
} );

describe( 'usdForField', () => {
	it.each( [
		[ 0, '0.00' ],
		[ 1_000_000_000, '1.00' ],
		[ 100_000_000, '0.10' ],
		[ 1, '0.000000001' ],
		[ 1_230_500_000, '1.2305' ],
	] )( 'writes %i as %s', ( nanoUsd, text ) => {
		expect( usdForField( nanoUsd ) ).toBe( text );
	} );
} );

describe( 'formatUsd', () => {
	it.each( [
		[ 0, '$0.00' ],
		[ 123_456, '$0.00012' ],
		[ 12_000_000, '$0.01' ],
		[ 1_999_000_000, '$2.00' ],
		[ 20_000_000_000_000, '$20,000.00' ],
	] )( 'writes %i as %s', ( nanoUsd, text ) => {
		expect( formatUsd( nanoUsd, 'en-US' ) ).toBe( text );
	} );
} );

describe( 'usedShare', () => {
	it( 'is full when the limit is zero, because nothing may be spent', () => {
		expect( usedShare( 0, 0 ) ).toBe( 1 );
	} );

	it( 'stays between nothing and all', () => {
		expect( usedShare( 5, 10 ) ).toBe( 0.5 );
		expect( usedShare( 20, 10 ) ).toBe( 1 );
		expect( usedShare( -1, 10 ) ).toBe( 0 );
	} );
} );
