/**
 * Tests what the figures of the owner are drawn from.
 */
import { describe, expect, it } from 'vitest';
import { chartTop } from '../../../blocks/admin/figures/chart-scale.ts';
import {
	daysBetween,
	firstOfLastDays,
} from '../../../blocks/admin/figures/period.ts';
import { shownTab } from '../../../blocks/admin/tabs.tsx';

describe( 'the top of a chart', () => {
	it.each( [
		[ 0, 100_000 ],
		[ 99_999, 100_000 ],
		[ 100_001, 200_000 ],
		[ 2_000_000, 2_000_000 ],
		[ 2_000_001, 5_000_000 ],
		[ 7_300_000_000, 10_000_000_000 ],
	] )( 'for at most %d nano-dollars is %d', ( highest, top ) => {
		expect( chartTop( highest ) ).toBe( top );
	} );
} );

describe( 'a period', () => {
	it( 'of one day is today', () => {
		expect( firstOfLastDays( 1, new Date( 2026, 2, 1, 23, 59 ) ) ).toBe(
			'2026-03-01'
		);
	} );

	it( 'goes back over the end of a month and of a year', () => {
		expect( firstOfLastDays( 2, new Date( 2028, 2, 1 ) ) ).toBe(
			'2028-02-29'
		);
		expect( firstOfLastDays( 30, new Date( 2026, 0, 15 ) ) ).toBe(
			'2025-12-17'
		);
	} );

	it( 'lists every day once, over the change of the clocks too', () => {
		expect( daysBetween( '2026-03-28', '2026-03-30' ) ).toEqual( [
			'2026-03-28',
			'2026-03-29',
			'2026-03-30',
		] );
		expect( daysBetween( '2026-03-30', '2026-03-28' ) ).toEqual( [] );
	} );
} );

describe( 'the view of an address', () => {
	it.each( [
		[ '', 'setup' ],
		[ '?page=docent', 'setup' ],
		[ '?page=docent&tab=figures', 'figures' ],
		[ '?page=docent&tab=<script>', 'setup' ],
	] )( '%s is %s', ( query, tab ) => {
		expect( shownTab( query ) ).toBe( tab );
	} );
} );
