/**
 * Counts days on the calendar, as `YYYY-MM-DD`.
 */

const DAY_MS = 86_400_000;

/** The choices of a period, in days. */
export const PERIODS = [ 7, 30, 90 ] as const;

/** Returns the first of the last `days` days, counted from the date that this computer has now. */
export function firstOfLastDays( days: number, now = new Date() ): string {
	const today = [ now.getFullYear(), now.getMonth() + 1, now.getDate() ]
		.map( ( part ) => String( part ).padStart( 2, '0' ) )
		.join( '-' );
	return shift( today, 1 - days );
}

/** Lists every day from one to the other, both included. */
export function daysBetween( from: string, to: string ): string[] {
	const days: string[] = [];
	for ( let day = from; day <= to; day = shift( day, 1 ) ) {
		days.push( day );
	}
	return days;
}

function shift( day: string, days: number ): string {
	// A day of the calendar has no time zone; counting in UTC meets no daylight saving.
	return new Date( Date.parse( `${ day }T00:00:00Z` ) + days * DAY_MS )
		.toISOString()
		.slice( 0, 10 );
}
