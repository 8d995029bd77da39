/**
 * Names the spending windows that a call counts against. A window's start is part of its name, so nothing ever has to be reset.
 */
import { LRUCache } from 'lru-cache';
import type { Settings } from '../settings.ts';
import type { Amounts, SpendingWindow } from '../stores/ledger-store.ts';

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

/**
 * Lists the windows that one call counts against: money by day, month and visitor, and the kinds of use that it takes.
 *
 * One visitor has half of the day's voice, and ten minutes at least. A call that no visitor made (`visitorId` is empty) counts for the site alone. The keys name dates and no time zone: an owner who
 * changes the zone and changes it back meets the same windows again, with what was spent in them.
 */
export function windowsOf( options: {
	siteId: string;
	visitorId: string;
	limits: Settings[ 'limits' ];
	amounts: Amounts;
	now: number;
} ): SpendingWindow[] {
	const { siteId, visitorId, limits, amounts } = options;
	const day = dateIn( limits.timeZone, options.now );
	const windows: SpendingWindow[] = [
		{
			key: siteDayKey( siteId, day ),
			unit: 'nanoUsd',
			limit: limits.siteDayNanoUsd,
		},
		{
			key: siteMonthKey( siteId, day.slice( 0, 7 ) ),
			unit: 'nanoUsd',
			limit: limits.siteMonthNanoUsd,
		},
	];
	if ( visitorId !== '' ) {
		windows.push( {
			key: `visitor:${ siteId }:${ visitorId }:day:${ day }`,
			unit: 'nanoUsd',
			limit: limits.visitorDayNanoUsd,
		} );
	}
	if ( amounts.voiceSeconds ) {
		windows.push( {
			key: siteUseKey( siteId, 'voiceSeconds', day ),
			unit: 'voiceSeconds',
			limit: limits.voiceSecondsDay,
		} );
	}
	const visitorSeconds = visitorVoiceSeconds( limits );
	if (
		amounts.voiceSeconds &&
		visitorId !== '' &&
		visitorSeconds < limits.voiceSecondsDay
	) {
		windows.push( {
			key: `${ siteUseKey( siteId, 'voiceSeconds', day ) }:visitor:${ visitorId }`,
			unit: 'voiceSeconds',
			limit: visitorSeconds,
		} );
	}
	if ( amounts.images ) {
		windows.push( {
			key: siteUseKey( siteId, 'images', day ),
			unit: 'images',
			limit: limits.imagesDay,
		} );
	}
	return windows;
}

/** So many seconds of voice anybody may use, and more only as long as this share of the day is left to others. */
const VISITOR_SECONDS = 600;
const VISITOR_SHARE = 0.5;

/** Returns how many seconds of voice one visitor may use in a day: sound costs little, and nobody is to use up everybody's. */
export function visitorVoiceSeconds( {
	voiceSecondsDay,
}: Pick< Settings[ 'limits' ], 'voiceSecondsDay' > ): number {
	return Math.min(
		voiceSecondsDay,
		Math.max(
			VISITOR_SECONDS,
			Math.floor( voiceSecondsDay * VISITOR_SHARE )
		)
	);
}

/** Names the window of a site's money on a day (`YYYY-MM-DD`). */
export function siteDayKey( siteId: string, day: string ): string {
	return `site:${ siteId }:day:${ day }`;
}

/** Names the window of a site's money in a month (`YYYY-MM`). */
export function siteMonthKey( siteId: string, month: string ): string {
	return `site:${ siteId }:month:${ month }`;
}

/** Names the window of a kind of use of a site on a day (`YYYY-MM-DD`). */
export function siteUseKey(
	siteId: string,
	unit: 'voiceSeconds' | 'images',
	day: string
): string {
	return `site:${ siteId }:${ unit }:day:${ day }`;
}

/** Returns the moment at which the current day began in a time zone, in milliseconds, to the minute. */
export function startOfDay( timeZone: string, now: number ): number {
	const today = dateIn( timeZone, now );
	// A day lasts 26 hours at most (Troll in Antarctica); the first minute of today lies between the two ends, and dates only grow.
	let before = now - 27 * 3_600_000;
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
