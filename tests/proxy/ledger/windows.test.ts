import { describe, expect, it } from 'vitest';
import {
	dateIn,
	startOfDay,
	windowsOf,
} from '../../../proxy/src/ledger/windows.ts';
import {
	DEFAULT_SETTINGS,
	settingsPatchSchema,
} from '../../../proxy/src/settings.ts';

describe( 'spending windows', () => {
	it( 'begin at midnight of the site, not of the server', () => {
		const lateInUtc = Date.parse( '2026-11-20T23:30:00Z' );
		expect( dateIn( 'UTC', lateInUtc ) ).toBe( '2026-11-20' );
		expect( dateIn( 'Asia/Shanghai', lateInUtc ) ).toBe( '2026-11-21' );
		expect( dateIn( 'America/New_York', lateInUtc ) ).toBe( '2026-11-20' );
	} );

	it( 'keep to the local day where the clocks change', () => {
		// In Berlin 2026-10-25 has 25 hours; the second 02:30 still belongs to it.
		expect(
			dateIn( 'Europe/Berlin', Date.parse( '2026-10-25T01:30:00Z' ) )
		).toBe( '2026-10-25' );
		expect(
			dateIn( 'Europe/Berlin', Date.parse( '2026-10-25T22:59:59Z' ) )
		).toBe( '2026-10-25' );
		expect(
			dateIn( 'Europe/Berlin', Date.parse( '2026-10-25T23:00:00Z' ) )
		).toBe( '2026-10-26' );
	} );

	it( 'find the minute at which the day began, on long and short days too', () => {
		for ( const [ now, start ] of [
			[ '2026-10-25T22:00:00Z', '2026-10-24T22:00:00.000Z' ],
			[ '2026-03-29T20:00:00Z', '2026-03-28T23:00:00.000Z' ],
			[ '2026-11-20T12:00:00Z', '2026-11-19T23:00:00.000Z' ],
		] as const ) {
			expect(
				new Date(
					startOfDay( 'Europe/Berlin', Date.parse( now ) )
				).toISOString()
			).toBe( start );
		}
	} );

	it( 'count a call for the site by day and month, and for the visitor by day', () => {
		const keys = windowsOf( {
			siteId: 'shop',
			visitorId: 'v1',
			limits: DEFAULT_SETTINGS.limits,
			amounts: { nanoUsd: 1 },
			now: Date.parse( '2026-11-20T12:00:00Z' ),
		} ).map( ( window ) => window.key );
		expect( keys ).toEqual( [
			'site:shop:day:2026-11-20',
			'site:shop:month:2026-11',
			'visitor:shop:v1:day:2026-11-20',
		] );
	} );

	it.each( [
		[ 1_800, 900 ],
		[ 1_000, 600 ],
		[ 600, 600 ],
		[ 60, 60 ],
		[ 0, 0 ],
	] )(
		'of the %i seconds of voice in a day leave one visitor %i',
		( voiceSecondsDay, mine ) => {
			const limits = { ...DEFAULT_SETTINGS.limits, voiceSecondsDay };
			const seconds = ( visitorId: string ) =>
				windowsOf( {
					siteId: 'shop',
					visitorId,
					limits,
					amounts: { nanoUsd: 1, voiceSeconds: 5 },
					now: Date.parse( '2026-11-20T12:00:00Z' ),
				} ).filter( ( { unit } ) => unit === 'voiceSeconds' );
			expect(
				Math.min( ...seconds( 'v1' ).map( ( { limit } ) => limit ) )
			).toBe( mine );
			// Nobody's work counts for the site alone.
			expect( seconds( '' ).map( ( { limit } ) => limit ) ).toEqual( [
				voiceSecondsDay,
			] );
			expect(
				new Set( seconds( 'v1' ).map( ( { key } ) => key ) ).size
			).toBe( seconds( 'v1' ).length );
		}
	);
} );

describe( 'a limit of an owner', () => {
	it.each( [ NaN, -1, 1e18, 0.5, Infinity, '5', null ] )(
		'of %s is refused by name, before anything is written',
		( limit ) => {
			for ( const name of [
				'siteDayNanoUsd',
				'siteMonthNanoUsd',
				'visitorDayNanoUsd',
				'voiceSecondsDay',
				'imagesDay',
			] ) {
				const { error } = settingsPatchSchema.safeParse( {
					limits: { [ name ]: limit },
				} );
				expect( error?.issues[ 0 ] ).toMatchObject( {
					path: [ 'limits', name ],
				} );
			}
		}
	);

	it( 'may be zero', () => {
		const { success } = settingsPatchSchema.safeParse( {
			limits: { siteDayNanoUsd: 0, voiceSecondsDay: 0, imagesDay: 0 },
		} );
		expect( success ).toBe( true );
	} );
} );
