/**
 * Reserves money before a call and settles it after. Nothing is sent to a provider without a reservation.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Model } from '../models/catalog.ts';
import type { Settings } from '../settings.ts';
import type {
	CallDetails,
	LedgerStore,
	ReserveOutcome,
	WindowBalance,
} from '../stores/ledger-store.ts';
import type { Clock } from '../types.ts';
import { priceUsage } from './pricing.ts';
import { readStoredUsage, type Usage } from './usage.ts';
import { dateIn, siteDayKey, siteMonthKey, windowsOf } from './windows.ts';

/** Longer than any call may last, so that only a crash lets a reservation run out; in milliseconds. */
const RESERVATION_TTL_MS = 10 * 60_000;

/** What a call came to. Until `saved` resolves the whole reserve stays held, and a crash makes it count in full. */
export interface Settlement {
	costNanoUsd: number;
	saved: Promise< unknown >;
}

/** Money held for one call. It resolves once; later attempts do nothing. */
export interface Reservation {
	readonly amountNanoUsd: number;
	/** Settles with what the provider reported. */
	settle( usage: Usage ): Settlement;
	/** Settles a call that ended without usage at an estimate, never above the reserve. */
	settleEstimated( usage: Usage ): Settlement;
	/** Settles at the whole reserve, for calls whose hidden work cannot be seen. */
	settleInFull(): Settlement;
	/** Frees the money of a call that the provider did not bill. */
	release(): Settlement;
}

export type Reserved =
	| { kind: 'reserved'; reservation: Reservation }
	| Extract< ReserveOutcome, { kind: 'refused' } >;

export interface WindowReport extends WindowBalance {
	window: string;
	limitNanoUsd: number;
}

export interface Ledger {
	reserve( options: {
		siteId: string;
		limits: Settings[ 'limits' ];
		model: Model;
		amountNanoUsd: number;
		details: CallDetails;
	} ): Promise< Reserved >;
	/** Resolves reservations that a crash left behind; call it at the start and from time to time. */
	expire(): Promise< number >;
	report(
		siteId: string,
		limits: Settings[ 'limits' ]
	): Promise< { day: WindowReport; month: WindowReport } >;
	entries: LedgerStore[ 'entries' ];
}

/** Makes the ledger over a store. */
export function createLedger( {
	store,
	clock,
	log,
}: {
	store: LedgerStore;
	clock: Clock;
	log: Logger;
} ): Ledger {
	// Ids that rise keep the index of the book in order, so that a commit touches few of its pages.
	const process = randomBytes( 8 ).toString( 'hex' );
	let count = 0;
	const nextId = () =>
		`${ process }-${ String( ++count ).padStart( 12, '0' ) }`;

	const resolveWith = (
		reservationId: string,
		model: Model,
		reservedNanoUsd: number
	): Reservation => {
		const settle = (
			costNanoUsd: number,
			usage: Usage | undefined,
			isEstimated: boolean
		): Settlement => ( {
			costNanoUsd,
			saved: store.settle( {
				reservationId,
				amountNanoUsd: costNanoUsd,
				isEstimated,
				usage,
				now: clock(),
			} ),
		} );
		return {
			amountNanoUsd: reservedNanoUsd,
			settle( usage ) {
				const costNanoUsd = priceUsage( model, usage );
				if ( costNanoUsd > reservedNanoUsd ) {
					// The provider's word is the truth even when it exceeds our bound; the owner must be able to see it.
					log.error(
						{ model: model.id, costNanoUsd, reservedNanoUsd },
						'a call cost more than its reserve'
					);
				} else if ( costNanoUsd * 2 < reservedNanoUsd ) {
					log.debug(
						{ model: model.id, costNanoUsd, reservedNanoUsd },
						'a call cost less than half its reserve'
					);
				}
				return settle( costNanoUsd, usage, false );
			},
			settleEstimated: ( usage ) =>
				settle(
					Math.min( priceUsage( model, usage ), reservedNanoUsd ),
					usage,
					true
				),
			settleInFull: () => settle( reservedNanoUsd, undefined, true ),
			release: () => ( {
				costNanoUsd: 0,
				saved: store.release( reservationId, clock() ),
			} ),
		};
	};

	return {
		async reserve( { siteId, limits, model, amountNanoUsd, details } ) {
			const reservationId = nextId();
			const now = clock();
			const outcome = await store.reserve( {
				reservationId,
				siteId,
				windows: windowsOf( {
					siteId,
					visitorId: details.visitorId,
					limits,
					now,
				} ),
				amountNanoUsd,
				now,
				expiresAt: now + RESERVATION_TTL_MS,
				details,
			} );
			return outcome.kind === 'reserved'
				? {
						kind: 'reserved',
						reservation: resolveWith(
							reservationId,
							model,
							amountNanoUsd
						),
					}
				: outcome;
		},

		expire: () => store.expire( clock() ),

		async report( siteId, limits ) {
			const day = dateIn( limits.timeZone, clock() );
			const month = day.slice( 0, 7 );
			return {
				day: {
					window: day,
					limitNanoUsd: limits.siteDayNanoUsd,
					...( await store.balance( siteDayKey( siteId, day ) ) ),
				},
				month: {
					window: month,
					limitNanoUsd: limits.siteMonthNanoUsd,
					...( await store.balance( siteMonthKey( siteId, month ) ) ),
				},
			};
		},

		async entries( siteId, limit ) {
			const entries = await store.entries( siteId, limit );
			return entries.map( ( entry ) => ( {
				...entry,
				usage: readStoredUsage( entry.usage ),
			} ) );
		},
	};
}
