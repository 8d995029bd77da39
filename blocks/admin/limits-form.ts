/**
 * Turns the spending limits into what their form holds, and what was typed there into a patch.
 */
import { parseUsd, usdForField } from './money.ts';
import type { Limits, RateLimits, Usage } from './types.ts';
import { readWhole, type NumberRange } from './whole-number.ts';

/** The limits that are amounts of money, in the order of the form. */
export const MONEY_LIMITS = [
	'siteDayNanoUsd',
	'siteMonthNanoUsd',
	'visitorDayNanoUsd',
] as const;

/** Share of a limit at which a proxy begins to save until an owner says otherwise. */
export const USUAL_SOFT_SHARE = 0.8;

/** The limits that count requests in a minute, in the order of the form, with what the proxy takes. */
export const RATE_RANGES: Record< keyof RateLimits, NumberRange > = {
	visitorPerMinute: { min: 1, max: 1_000_000 },
	addressPerMinute: { min: 1, max: 1_000_000 },
	sitePerMinute: { min: 1, max: 10_000_000 },
};

/** Pictures in a day; 0 allows none. */
export const IMAGES_DAY: NumberRange = { min: 0, max: 1_000_000_000 };

/** All limits of the form. */
export interface AllLimits {
	limits: Limits;
	rateLimits: RateLimits;
}

/** What the form holds, as typed: dollars, per cent, and counts. */
export type LimitsForm = Record< keyof Limits | keyof RateLimits, string >;

/** Fills the form. */
export function limitsForm( { limits, rateLimits }: AllLimits ): LimitsForm {
	return {
		siteDayNanoUsd: usdForField( limits.siteDayNanoUsd ),
		siteMonthNanoUsd: usdForField( limits.siteMonthNanoUsd ),
		visitorDayNanoUsd: usdForField( limits.visitorDayNanoUsd ),
		softShare: percentForField( limits.softShare ),
		imagesDay: String( limits.imagesDay ),
		visitorPerMinute: String( rateLimits.visitorPerMinute ),
		addressPerMinute: String( rateLimits.addressPerMinute ),
		sitePerMinute: String( rateLimits.sitePerMinute ),
	};
}

/** Reads the whole form; undefined when something in it cannot be read. */
export function readLimits( typed: LimitsForm ): AllLimits | undefined {
	const [ siteDay, siteMonth, visitorDay ] = [
		parseUsd( typed.siteDayNanoUsd ),
		parseUsd( typed.siteMonthNanoUsd ),
		parseUsd( typed.visitorDayNanoUsd ),
	];
	const softShare = readPercent( typed.softShare );
	const imagesDay = readWhole( typed.imagesDay, IMAGES_DAY );
	const [ visitorPerMinute, addressPerMinute, sitePerMinute ] = [
		readRate( typed, 'visitorPerMinute' ),
		readRate( typed, 'addressPerMinute' ),
		readRate( typed, 'sitePerMinute' ),
	];
	return siteDay.isValid &&
		siteMonth.isValid &&
		visitorDay.isValid &&
		softShare !== undefined &&
		imagesDay !== undefined &&
		visitorPerMinute !== undefined &&
		addressPerMinute !== undefined &&
		sitePerMinute !== undefined
		? {
				limits: {
					siteDayNanoUsd: siteDay.nanoUsd,
					siteMonthNanoUsd: siteMonth.nanoUsd,
					visitorDayNanoUsd: visitorDay.nanoUsd,
					softShare,
					imagesDay,
				},
				rateLimits: {
					visitorPerMinute,
					addressPerMinute,
					sitePerMinute,
				},
			}
		: undefined;
}

function readRate(
	typed: LimitsForm,
	name: keyof RateLimits
): number | undefined {
	return readWhole( typed[ name ], RATE_RANGES[ name ] );
}

/** Reads a percentage from 0 to 100 with up to two decimals as a share; undefined when it is none. */
export function readPercent( typed: string ): number | undefined {
	const match = /^\s*(\d{1,3})(?:[.,](\d{1,2}))?\s*%?\s*$/.exec( typed );
	if ( ! match ) {
		return undefined;
	}
	const [ , whole = '', fraction = '' ] = match;
	const hundredths = Number( whole + fraction.padEnd( 2, '0' ) );
	return hundredths <= 10_000 ? hundredths / 10_000 : undefined;
}

/** Writes a share for a text field, in per cent. */
export function percentForField( share: number ): string {
	return String( Math.round( share * 10_000 ) / 100 );
}

/** Says whether answers come from the cheapest class because a limit of the site is nearly spent; held money does not count. */
export function isSaving(
	{ day, month }: Pick< Usage, 'day' | 'month' >,
	softShare: number
): boolean {
	return [ day, month ].some(
		( { spentNanoUsd, limitNanoUsd } ) =>
			limitNanoUsd > 0 && spentNanoUsd / limitNanoUsd > softShare
	);
}
