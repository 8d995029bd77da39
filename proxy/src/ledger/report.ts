/**
 * Tells what a site has spent of its limits, in the windows of now.
 */
import type { Settings } from '../settings.ts';
import type { LedgerStore } from '../stores/ledger-store.ts';
import { dateIn, siteDayKey, siteMonthKey, siteUseKey } from './windows.ts';

/** Money of one window. */
export interface MoneyReport {
	/** `YYYY-MM-DD` or `YYYY-MM`. */
	window: string;
	spentNanoUsd: number;
	heldNanoUsd: number;
	limitNanoUsd: number;
}

/** A kind of use in one window, in seconds or pictures. */
export interface UseReport {
	window: string;
	spent: number;
	held: number;
	limit: number;
}

export interface SpendingReport {
	day: MoneyReport;
	month: MoneyReport;
	voiceSeconds: UseReport;
	images: UseReport;
}

/** Reads the counters of a site. */
export async function report(
	store: LedgerStore,
	siteId: string,
	limits: Settings[ 'limits' ],
	now: number
): Promise< SpendingReport > {
	const day = dateIn( limits.timeZone, now );
	const month = day.slice( 0, 7 );
	const money = async (
		key: string,
		window: string,
		limitNanoUsd: number
	): Promise< MoneyReport > => {
		const { spent, held } = await store.balance( key );
		return {
			window,
			spentNanoUsd: spent,
			heldNanoUsd: held,
			limitNanoUsd,
		};
	};
	const ofUse = async (
		unit: 'voiceSeconds' | 'images',
		limit: number
	): Promise< UseReport > => ( {
		window: day,
		...( await store.balance( siteUseKey( siteId, unit, day ) ) ),
		limit,
	} );
	const [ ofDay, ofMonth, voiceSeconds, images ] = await Promise.all( [
		money( siteDayKey( siteId, day ), day, limits.siteDayNanoUsd ),
		money( siteMonthKey( siteId, month ), month, limits.siteMonthNanoUsd ),
		ofUse( 'voiceSeconds', limits.voiceSecondsDay ),
		ofUse( 'images', limits.imagesDay ),
	] );
	return { day: ofDay, month: ofMonth, voiceSeconds, images };
}
