/**
 * Tells when a site has spent so much of a limit that its owner should know.
 */
import type { Ledger } from '../ledger/ledger.ts';
import { isEconomyMode } from '../models/router.ts';
import type { Settings } from '../settings.ts';
import type { Check } from './check.ts';

/** With less than this share left the next answer hardly fits, so the limit counts as reached. */
const REACHED_SHARE = 0.99;

/** Checks the limits of the day and of the month; what is in order is not listed. */
export async function checkLimits(
	ledger: Pick< Ledger, 'report' >,
	siteId: string,
	limits: Settings[ 'limits' ]
): Promise< Check[] > {
	const report = await ledger.report( siteId, limits );
	return [
		...checkLimit( report.day, 'today', limits.softShare ),
		...checkLimit( report.month, 'this month', limits.softShare ),
	];
}

function checkLimit(
	{
		window,
		spentNanoUsd,
		limitNanoUsd,
	}: { window: string; spentNanoUsd: number; limitNanoUsd: number },
	when: string,
	softShare: number
): Check[] {
	// Whoever allows nothing wants no message that nothing is left.
	const share = limitNanoUsd > 0 ? spentNanoUsd / limitNanoUsd : 0;
	if ( share >= REACHED_SHARE ) {
		return [
			{
				id: `limit:${ window }`,
				occasion: `limit-reached:${ window }`,
				status: 'warning',
				message: `The spending limit for ${ when } is reached. Visitors get saved answers and quotations from the site.`,
				remedy: 'Raise the limit if that is too early, or leave it as it is.',
			},
		];
	}
	return isEconomyMode( share, softShare )
		? [
				{
					id: `limit:${ window }`,
					occasion: `limit-near:${ window }`,
					status: 'warning',
					message: `${ Math.floor( share * 100 ) } % of the spending limit for ${ when } is spent. Answers come from the cheapest models and are shorter from here on.`,
					remedy: 'Raise the limit if that is too early, or leave it as it is.',
				},
			]
		: [];
}
