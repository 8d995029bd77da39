/**
 * Knows how much of its limits a site has spent, without asking the book for every question.
 */
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.ts';
import { isEconomyMode } from '../models/router.ts';
import type { Settings } from '../settings.ts';
import type { Clock } from '../types.ts';

/** How old a figure may be, in milliseconds: the soft limit is a matter of minutes, the hard one is held by the reservation itself. */
const FRESH_MS = 1_000;

/** How long nobody asks again after the book could not be read, in milliseconds. */
const AWAY_MS = 5_000;

/** For so many sites a figure is remembered. */
const MAX_SITES = 1_000;

/** Returns the largest share of a site's daily and monthly limit that is spent, from 0; more than 1 when a limit was lowered later. */
export type SpentShare = (
	siteId: string,
	limits: Settings[ 'limits' ]
) => Promise< number >;

/** Makes the function over the ledger. It never rejects: a book that cannot be read lets nothing be reserved either. */
export function createSpentShare( {
	ledger,
	clock,
	log,
}: {
	ledger: Pick< Ledger, 'report' >;
	clock: Clock;
	log: Logger;
} ): SpentShare {
	const known = new LRUCache<
		string,
		{
			limits: Settings[ 'limits' ];
			at: number;
			until: number;
			share: Promise< number >;
		}
	>( { max: MAX_SITES } );
	const told = new LRUCache< string, true >( { max: 2 * MAX_SITES } );

	const read = async (
		siteId: string,
		limits: Settings[ 'limits' ]
	): Promise< number > => {
		const { day, month } = await ledger.report( siteId, limits );
		let share = 0;
		for ( const { window, spentNanoUsd, limitNanoUsd } of [ day, month ] ) {
			// What is only held counts for nothing here: it is the worst case, and most of it comes back.
			const ofWindow = limitNanoUsd > 0 ? spentNanoUsd / limitNanoUsd : 0;
			share = Math.max( share, ofWindow );
			const occasion = `${ siteId } ${ window }`;
			if (
				isEconomyMode( ofWindow, limits.softShare ) &&
				! told.has( occasion )
			) {
				told.set( occasion, true );
				log.warn(
					{ siteId, window, spentNanoUsd, limitNanoUsd },
					'the soft limit is passed: answers come from the cheapest tier and are shorter'
				);
			}
		}
		return share;
	};

	return ( siteId, limits ) => {
		const now = clock();
		const last = known.get( siteId );
		if ( last?.limits === limits && now >= last.at && now < last.until ) {
			return last.share;
		}
		const entry = {
			limits,
			at: now,
			until: now + FRESH_MS,
			share: read( siteId, limits ).catch( ( error: unknown ) => {
				// A store that is away takes long to say so: one question finds out, and the others go on without.
				entry.until = clock() + AWAY_MS;
				log.error(
					{ siteId, err: error },
					'the ledger cannot be read'
				);
				return 0;
			} ),
		};
		known.set( siteId, entry );
		return entry.share;
	};
}
