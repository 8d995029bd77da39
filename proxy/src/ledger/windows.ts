/**
 * Names the spending windows that a call counts against. A window's start is part of its name, so nothing ever has to be reset.
 */
import { LRUCache } from 'lru-cache';
import type { Settings } from '../settings.ts';

/** A counter of money with its limit. */
export interface SpendingWindow {
	key: string;
	limitNanoUsd: number;
}

const formats = new Map< string, Intl.DateTimeFormat >();
const dates = new LRUCache< string, string >( { max: 200 } );

/** Returns the date in a time zone as `YYYY-MM-DD`, daylight saving included. */
export function dateIn( timeZone: string, timeMs: number ): string {
	// A minute is the finest step in which a local date can begin, and formatting a date is slow.
	const cacheKey = `${ timeZone } ${ Math.floor( timeMs / 60_000 ) }`;
	let date = dates.get( cacheKey );
	if ( date === undefined ) {
		let format = formats.get( timeZone );
		if ( ! format ) {
			format = new Intl.DateTimeFormat( 'en-CA', {
				timeZone,
				year: 'numeric',
				month: '2-digit',
				day: '2-digit',
			} );
			formats.set( timeZone, format );
		}
		date = format.format( timeMs );
		dates.set( cacheKey, date );
	}
	return date;
}

/** Lists the windows that one call of a visitor counts against. */
export function windowsOf( options: {
	siteId: string;
	visitorId: string;
	limits: Settings[ 'limits' ];
	now: number;
} ): SpendingWindow[] {
	const { siteId, visitorId, limits } = options;
	const day = dateIn( limits.timeZone, options.now );
	return [
		{ key: siteDayKey( siteId, day ), limitNanoUsd: limits.siteDayNanoUsd },
		{
			key: siteMonthKey( siteId, day.slice( 0, 7 ) ),
			limitNanoUsd: limits.siteMonthNanoUsd,
		},
		{
			key: `visitor:${ siteId }:${ visitorId }:day:${ day }`,
			limitNanoUsd: limits.visitorDayNanoUsd,
		},
	];
}

/** Names the window of a site on a day (`YYYY-MM-DD`). */
export function siteDayKey( siteId: string, day: string ): string {
	return `site:${ siteId }:day:${ day }`;
}

/** Names the window of a site in a month (`YYYY-MM`). */
export function siteMonthKey( siteId: string, month: string ): string {
	return `site:${ siteId }:month:${ month }`;
}

/** Returns the moment at which the current day began in a time zone, in milliseconds, to the minute. */
export function startOfDay( timeZone: string, now: number ): number {
	const today = dateIn( timeZone, now );
	// A day lasts 25 hours at most; the first minute of today lies between the two ends, and dates only grow.
	let before = now - 25 * 3_600_000;
	let after = now;
	while ( after - before > 60_000 ) {
		const middle = Math.floor( ( before + after ) / 2 );
		if ( dateIn( timeZone, middle ) === today ) {
			after = middle;
		} else {
			before = middle;
		}
	}
	return after - ( after % 60_000 );
}
