/**
 * Reserves money before a call and settles it after. Nothing is sent to a provider without a reservation.
 */
import { randomUUID } from 'node:crypto';
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
import { priceTokens, type TokenUsage } from './pricing.ts';
import { dateIn, siteDayKey, siteMonthKey, windowsOf } from './windows.ts';

/** Longer than any call may last, so that only a crash lets a reservation run out; in milliseconds. */
const RESERVATION_TTL_MS = 10 * 60_000;

/** Money held for one call. It resolves once; later attempts do nothing. */
export interface Reservation {
	readonly amountNanoUsd: number;
	/** Settles with what the provider reported and returns the cost. */
	settle( usage: TokenUsage ): Promise< number >;
	/** Settles a call that ended without usage at an estimate, never above the reserve; returns the cost. */
	settleEstimated( usage: TokenUsage ): Promise< number >;
	/** Settles at the whole reserve, for calls whose hidden work cannot be seen; returns the cost. */
	settleInFull(): Promise< number >;
	/** Frees the money of a call that the provider did not bill. */
	release(): Promise< void >;
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
	const resolveWith = (
		reservationId: string,
		model: Model,
		reservedNanoUsd: number
	): Reservation => {
		const settle = async (
			amountNanoUsd: number,
			usage: TokenUsage | undefined,
			isEstimated: boolean
		): Promise< number > => {
			await store.settle( {
				reservationId,
				amountNanoUsd,
				isEstimated,
				usage,
				now: clock(),
			} );
			return amountNanoUsd;
		};
		return {
			amountNanoUsd: reservedNanoUsd,
			async settle( usage ) {
				const costNanoUsd = priceTokens( model, usage );
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
					Math.min( priceTokens( model, usage ), reservedNanoUsd ),
					usage,
					true
				),
			settleInFull: () => settle( reservedNanoUsd, undefined, true ),
			async release() {
				await store.release( reservationId, clock() );
			},
		};
	};

	return {
		async reserve( { siteId, limits, model, amountNanoUsd, details } ) {
			const reservationId = randomUUID();
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

		entries: ( siteId, limit ) => store.entries( siteId, limit ),
	};
}
