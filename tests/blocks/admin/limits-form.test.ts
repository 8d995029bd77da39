/**
 * Checks that the limits an owner types are the limits that are kept, and that saving is announced when it begins.
 */
import { describe, expect, it } from 'vitest';
import {
	isSaving,
	limitsForm,
	percentForField,
	readLimits,
	readPercent,
	USUAL_SOFT_SHARE,
} from '../../../blocks/admin/limits-form.ts';
import { DEFAULT_SETTINGS } from '../../../proxy/src/settings.ts';

const LIMITS = {
	limits: {
		siteDayNanoUsd: 1_000_000_000,
		siteMonthNanoUsd: 20_000_000_000,
		visitorDayNanoUsd: 100_000_000,
		softShare: 0.8,
		imagesDay: 200,
	},
	rateLimits: {
		visitorPerMinute: 20,
		addressPerMinute: 60,
		sitePerMinute: 600,
	},
};

describe( 'the soft limit', () => {
	it( 'is usually where the proxy puts it', () => {
		expect( USUAL_SOFT_SHARE ).toBe( DEFAULT_SETTINGS.limits.softShare );
	} );

	it.each( [
		[ '80', 0.8 ],
		[ ' 82,5 % ', 0.825 ],
		[ '0', 0 ],
		[ '100', 1 ],
		[ '99.99', 0.9999 ],
		[ '007', 0.07 ],
	] )( 'reads %j as %d', ( typed, share ) => {
		expect( readPercent( typed ) ).toBe( share );
	} );

	it.each( [ '', 'most', '-1', '101', '100.01', '0.8.1', '1e1', '12.345' ] )(
		'refuses %j',
		( typed ) => {
			expect( readPercent( typed ) ).toBeUndefined();
			expect(
				readLimits( { ...limitsForm( LIMITS ), softShare: typed } )
			).toBeUndefined();
		}
	);

	it( 'is written so that it is read back', () => {
		for ( let hundredths = 0; hundredths <= 10_000; hundredths++ ) {
			const share = hundredths / 10_000;
			expect( readPercent( percentForField( share ) ) ).toBe( share );
		}
	} );
} );

describe( 'readLimits', () => {
	it( 'reads back what the form was filled with', () => {
		expect( readLimits( limitsForm( LIMITS ) ) ).toEqual( LIMITS );
	} );

	it.each( [
		[ 'visitorPerMinute', '0' ],
		[ 'addressPerMinute', 'many' ],
		[ 'sitePerMinute', '10000001' ],
		[ 'imagesDay', '-1' ],
	] as const )( 'refuses %s of %j', ( name, typed ) => {
		expect(
			readLimits( { ...limitsForm( LIMITS ), [ name ]: typed } )
		).toBeUndefined();
	} );

	it( 'takes no pictures at all for an answer', () => {
		expect(
			readLimits( { ...limitsForm( LIMITS ), imagesDay: '0' } )?.limits
				.imagesDay
		).toBe( 0 );
	} );
} );

describe( 'isSaving', () => {
	const spent = ( day: number, month: number, limitNanoUsd = 100 ) => ( {
		day: { window: '', spentNanoUsd: day, heldNanoUsd: 99, limitNanoUsd },
		month: {
			window: '',
			spentNanoUsd: month,
			heldNanoUsd: 99,
			limitNanoUsd,
		},
	} );

	it.each( [
		[ 'begins above the share of the day', spent( 81, 0 ), true ],
		[ 'begins above the share of the month', spent( 0, 81 ), true ],
		[ 'does not begin at it', spent( 80, 80 ), false ],
		[ 'does not count what is only held', spent( 10, 10 ), false ],
		[
			'has nothing to save where nothing may be spent',
			spent( 0, 0, 0 ),
			false,
		],
	] )( '%s', ( _, usage, expected ) => {
		expect( isSaving( usage, 0.8 ) ).toBe( expected );
	} );

	it( 'never begins at 100 per cent', () => {
		expect( isSaving( spent( 100, 100 ), 1 ) ).toBe( false );
	} );
} );
