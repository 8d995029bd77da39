import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateIn, startOfDay } from '../../../proxy/src/ledger/windows.ts';

const HOUR_MS = 3_600_000;

/** Lists how long each local day lasts, in hours, from the start of the first on. */
function hoursOfDays( timeZone: string, from: string, days: number ): number[] {
	let start = startOfDay( timeZone, Date.parse( from ) );
	return Array.from( { length: days }, () => {
		// Thirty hours later it is the next day, whatever the clocks do.
		const next = startOfDay( timeZone, start + 30 * HOUR_MS );
		const hours = ( next - start ) / HOUR_MS;
		start = next;
		return hours;
	} );
}

describe( 'the local day', () => {
	it.each( [
		[ 'Europe/Berlin', '2026-03-28T12:00Z', [ 24, 23, 24 ] ],
		[ 'Europe/Berlin', '2026-10-24T12:00Z', [ 24, 25, 24 ] ],
		[ 'America/New_York', '2026-03-07T12:00Z', [ 24, 23, 24 ] ],
		[ 'America/New_York', '2026-10-31T12:00Z', [ 24, 25, 24 ] ],
		// Clocks that change by half an hour, by two hours, at midnight, or not at all.
		[ 'Australia/Lord_Howe', '2026-04-04T12:00Z', [ 24, 24.5, 24 ] ],
		[ 'Australia/Lord_Howe', '2026-10-02T18:00Z', [ 24, 23.5, 24 ] ],
		[ 'Antarctica/Troll', '2026-03-28T12:00Z', [ 24, 22, 24 ] ],
		[ 'Antarctica/Troll', '2026-10-24T12:00Z', [ 24, 26, 24 ] ],
		[ 'Africa/Cairo', '2026-04-23T12:00Z', [ 24, 23, 24 ] ],
		[ 'Africa/Cairo', '2026-10-29T12:00Z', [ 25, 24, 24 ] ],
		[ 'Asia/Kolkata', '2026-03-28T12:00Z', [ 24, 24, 24 ] ],
	] )( 'of %s around %s lasts %j hours', ( timeZone, from, hours ) => {
		expect( hoursOfDays( timeZone, from, 3 ) ).toEqual( hours );
	} );

	it.each( [
		// Five and three quarters, five and a half, nine and a half before, twelve and three quarters.
		[ 'Asia/Kathmandu', '2026-11-20T18:15:00Z', '2026-11-21' ],
		[ 'Asia/Kolkata', '2026-11-20T18:30:00Z', '2026-11-21' ],
		[ 'Pacific/Marquesas', '2026-11-20T09:30:00Z', '2026-11-20' ],
		[ 'Pacific/Chatham', '2026-06-20T11:15:00Z', '2026-06-21' ],
		[ '+05:30', '2026-11-20T18:30:00Z', '2026-11-21' ],
		// Month ends, the end of the year, and the day that most years leave out.
		[ 'UTC', '2026-12-01T00:00:00Z', '2026-12-01' ],
		[ 'Asia/Tokyo', '2026-12-31T15:00:00Z', '2027-01-01' ],
		[ 'America/Los_Angeles', '2028-02-29T08:00:00Z', '2028-02-29' ],
		[ 'America/Los_Angeles', '2028-03-01T08:00:00Z', '2028-03-01' ],
		[ 'America/Los_Angeles', '2026-03-01T08:00:00Z', '2026-03-01' ],
		// Samoa went to the other side of the date line and had no 30 December 2011.
		[ 'Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31' ],
	] )(
		'of %s begins at %s with %s, and not a minute before',
		( timeZone, at, date ) => {
			const begin = Date.parse( at );
			expect( dateIn( timeZone, begin ) ).toBe( date );
			expect( dateIn( timeZone, begin - 1 ) < date ).toBe( true );
			expect( startOfDay( timeZone, begin + 5 * HOUR_MS ) ).toBe( begin );
		}
	);

	it( 'of any zone at any time begins before now, on a minute, with the date of now, and the minute before has another', () => {
		fc.assert(
			fc.property(
				fc.constantFrom( ...Intl.supportedValuesOf( 'timeZone' ) ),
				fc.integer( {
					min: Date.UTC( 2015, 0 ),
					max: Date.UTC( 2040, 0 ),
				} ),
				( timeZone, now ) => {
					const start = startOfDay( timeZone, now );
					expect( start ).toBeLessThanOrEqual( now );
					expect( start % 60_000 ).toBe( 0 );
					expect( dateIn( timeZone, start ) ).toBe(
						dateIn( timeZone, now )
					);
					expect(
						dateIn( timeZone, start - 60_000 ) <
							dateIn( timeZone, now )
					).toBe( true );
				}
			),
			{ numRuns: 400 }
		);
	} );
} );
