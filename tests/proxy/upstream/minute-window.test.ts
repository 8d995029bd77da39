import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMinuteWindow } from '../../../proxy/src/upstream/minute-window.ts';

const MINUTE = 60_000;

describe( 'a window of a minute', () => {
	it( 'never lets more than its limit into any sixty seconds, and never waits for ever', () => {
		fc.assert(
			fc.property(
				fc.integer( { min: 1, max: 50 } ),
				fc.array(
					fc.record( {
						pauseMs: fc.integer( { min: 0, max: 20_000 } ),
						amount: fc.integer( { min: 1, max: 20 } ),
					} ),
					{ maxLength: 120 }
				),
				fc.integer( { min: 0, max: 1e9 } ),
				( limit, calls, start ) => {
					const window = createMinuteWindow( limit );
					const sent: Array< { at: number; amount: number } > = [];
					let now = start;
					for ( const { pauseMs, amount } of calls ) {
						now += pauseMs;
						const waitMs = window.waitMs( amount, now );
						expect( waitMs ).toBeLessThanOrEqual( MINUTE + 1_000 );
						now += waitMs;
						expect( window.waitMs( amount, now ) ).toBe( 0 );
						window.add( amount, now );
						sent.push( {
							at: now,
							amount: Math.min( amount, limit ),
						} );
						const inMinute = sent
							.filter( ( { at } ) => at > now - MINUTE )
							.reduce( ( sum, one ) => sum + one.amount, 0 );
						expect( inMinute ).toBeLessThanOrEqual( limit );
					}
				}
			)
		);
	} );

	it( 'is empty again after a long silence', () => {
		const window = createMinuteWindow( 2 );
		window.add( 2, 10 );
		expect( window.waitMs( 1, 10 ) ).toBeGreaterThan( 59_000 );
		expect( window.waitMs( 2, 10_000_000 ) ).toBe( 0 );
	} );
} );
