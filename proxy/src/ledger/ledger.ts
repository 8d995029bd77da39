/**
 * Reserves money before a call and settles it after. Nothing is sent to a provider without a reservation.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Model } from '../models/catalog.ts';
import type { Settings } from '../settings.ts';
import type {
	Amounts,
	CallDetails,
	LedgerStore,
	Resolution,
	ReserveOutcome,
	SettleRequest,
} from '../stores/ledger-store.ts';
import type { Clock } from '../types.ts';
import { createOpenReservations } from './open-reservations.ts';
import { createOwedEndings } from './owed-endings.ts';
import { priceUsage } from './pricing.ts';
import { report, type SpendingReport } from './report.ts';
import { readStoredUsage, type Usage } from './usage.ts';
import { windowsOf } from './windows.ts';

/** Longer than any call may last, so that only a crash lets a reservation run out; in milliseconds. */
const RESERVATION_TTL_MS = 10 * 60_000;

/** What a call came to. Until `saved` resolves the whole reserve stays held, and a crash makes it count in full. */
export interface Settlement {
	costNanoUsd: number;
	saved: Promise< Resolution >;
}

/** What a call took besides money; a unit that is left out counts as much as was reserved. */
export type Used = Partial< Omit< Amounts, 'nanoUsd' > >;

/** Money held for one call. It resolves once; later attempts do nothing. */
export interface Reservation {
	readonly id: string;
	readonly amountNanoUsd: number;
	/** Settles with what the provider reported. */
	settle( usage: Usage, used?: Used ): Settlement;
	/** Settles a call that ended without usage at an estimate, never above the reserve. */
	settleEstimated( usage: Usage, used?: Used ): Settlement;
	/** Settles at the whole reserve, for calls whose hidden work cannot be seen. */
	settleInFull(): Settlement;
	/** Frees the money of a call that the provider did not bill. */
	release(): Settlement;
}

export type Reserved =
	| { kind: 'reserved'; reservation: Reservation }
	| Extract< ReserveOutcome, { kind: 'refused' } >;

/** A call that is about to be made. Give its worst case as money alone, or as amounts when it takes voice or images as well. */
export type ReserveOptions = {
	siteId: string;
	limits: Settings[ 'limits' ];
	model: Model;
	details: CallDetails;
} & (
	| { amountNanoUsd: number; amounts?: never }
	| { amounts: Amounts; amountNanoUsd?: never }
);

export interface Ledger {
	/** Reservations of this process that are neither settled, released nor run out. */
	readonly openCount: number;
	/** Rejects when the book cannot be written, and with a `RangeError` when a number is none that can be counted. */
	reserve( options: ReserveOptions ): Promise< Reserved >;
	/** Resolves reservations that a crash left behind; call it at the start and from time to time. */
	expire(): Promise< number >;
	report(
		siteId: string,
		limits: Settings[ 'limits' ]
	): Promise< SpendingReport >;
	entries: LedgerStore[ 'entries' ];
}

/** Makes the ledger over a store. */
export function createLedger( {
	store,
	clock,
	log,
	onUnpriced = () => {},
}: {
	store: LedgerStore;
	clock: Clock;
	log: Logger;
	/** Is told the id of a model whose usage has no price. */
	onUnpriced?: ( modelId: string ) => void;
} ): Ledger {
	// Ids that rise keep the index of the book in order, so that a commit touches few of its pages.
	const process = randomBytes( 8 ).toString( 'hex' );
	let count = 0;
	const nextId = () =>
		`${ process }-${ String( ++count ).padStart( 12, '0' ) }`;

	const open = createOpenReservations();
	const owed = createOwedEndings();

	const end = (
		reservationId: string,
		ending: () => Promise< Resolution >
	): Promise< Resolution > =>
		open.closing( reservationId, owed.run( reservationId, ending ) );

	const resolveWith = (
		reservationId: string,
		model: Model,
		reserved: Amounts
	): Reservation => {
		const save = (
			costNanoUsd: number,
			usage: Usage | undefined,
			used: Used,
			isEstimated: boolean
		): Settlement => {
			const request: SettleRequest = {
				reservationId,
				amounts: { ...reserved, ...used, nanoUsd: costNanoUsd },
				isEstimated,
				usage,
				now: clock(),
			};
			return {
				costNanoUsd,
				saved: end( reservationId, () => store.settle( request ) ),
			};
		};
		const settleInFull = ( usage?: Usage ) =>
			save( reserved.nanoUsd, usage, {}, true );

		/** Prices usage; undefined when no price comes out of it, whatever a provider reported. */
		const price = ( usage: Usage ): number | undefined => {
			try {
				const costNanoUsd = priceUsage( model, usage );
				if (
					countsNothingLess( usage ) &&
					Number.isSafeInteger( costNanoUsd ) &&
					costNanoUsd >= 0
				) {
					return costNanoUsd;
				}
			} catch {
				// Below the same is said for a price that is no amount.
			}
			onUnpriced( model.id );
			log.error(
				{ model: model.id, usage },
				'a call reported usage that has no price, and counts as much as was reserved for it'
			);
			return undefined;
		};

		return {
			id: reservationId,
			amountNanoUsd: reserved.nanoUsd,
			settle( usage, used = {} ) {
				const costNanoUsd = price( usage );
				if ( costNanoUsd === undefined ) {
					return settleInFull( usage );
				}
				const amounts = {
					costNanoUsd,
					reservedNanoUsd: reserved.nanoUsd,
				};
				if ( costNanoUsd > reserved.nanoUsd ) {
					// The provider's word is the truth even when it exceeds our bound; the owner must be able to see it.
					log.error(
						{ model: model.id, ...amounts },
						'a call cost more than its reserve'
					);
				} else if ( costNanoUsd * 2 < reserved.nanoUsd ) {
					log.debug(
						{ model: model.id, ...amounts },
						'a call cost less than half its reserve'
					);
				}
				return save( costNanoUsd, usage, used, false );
			},
			settleEstimated( usage, used = {} ) {
				const costNanoUsd = price( usage ) ?? reserved.nanoUsd;
				return save(
					Math.min( costNanoUsd, reserved.nanoUsd ),
					usage,
					used,
					true
				);
			},
			settleInFull: () => settleInFull(),
			release() {
				const now = clock();
				return {
					costNanoUsd: 0,
					saved: end( reservationId, () =>
						store.release( reservationId, now )
					),
				};
			},
		};
	};

	return {
		get openCount() {
			return open.count( clock() );
		},

		async reserve( { siteId, limits, model, details, ...worstCase } ) {
			const amounts = worstCase.amounts ?? {
				nanoUsd: worstCase.amountNanoUsd,
			};
			const reservationId = nextId();
			const now = clock();
			const request = {
				reservationId,
				siteId,
				windows: windowsOf( {
					siteId,
					visitorId: details.visitorId,
					limits,
					amounts,
					now,
				} ),
				amounts,
				now,
				expiresAt: now + RESERVATION_TTL_MS,
				details,
			};
			const outcome = await store
				.reserve( request )
				.catch( ( error: unknown ) => {
					// It may have been written although nobody said so. Nothing is sent, so nothing must stay held for it.
					void store.release( reservationId, now ).catch( () => {} );
					throw error;
				} );
			switch ( outcome.kind ) {
				case 'reserved':
					open.add( reservationId, request.expiresAt );
					return {
						kind: 'reserved',
						reservation: resolveWith(
							reservationId,
							model,
							amounts
						),
					};
				case 'refused':
					return outcome;
				case 'duplicate':
					// Ids are made here and never used again: only a broken store says so, and nothing is spent on its word.
					throw new Error(
						`the reservation ${ reservationId } is in the book already`
					);
			}
		},

		async expire() {
			// What a full disk kept from being entered must not run out first.
			await owed.retry();
			// Nobody need ever look at the count; what could not be settled would stay in it.
			open.count( clock() );
			return store.expire( clock() );
		},
		report: ( siteId, limits ) => report( store, siteId, limits, clock() ),
		async entries( siteId, limit ) {
			const entries = await store.entries( siteId, limit );
			return entries.map( ( entry ) => ( {
				...entry,
				usage: readStoredUsage( entry.usage ),
			} ) );
		},
	};
}

/** Tells whether every number of a usage is one: no provider takes tokens back. */
function countsNothingLess( usage: Usage ): boolean {
	return Object.values( usage ).every(
		( value ) =>
			typeof value !== 'number' || ( value >= 0 && value < Infinity )
	);
}
