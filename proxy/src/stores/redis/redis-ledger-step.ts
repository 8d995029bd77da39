/**
 * Writes the steps of the ledger as the script takes them, and reads what they came to.
 */
import { refusalOf } from '../ledger-rules.ts';
import type { Resolution, ReserveRequest } from '../ledger-store.ts';
import {
	correctPayload,
	RECONCILE_MS,
	reservePayload,
	resolvePayload,
	toList,
	unitNumber,
	type AmountList,
} from './redis-ledger-format.ts';
import type { LedgerStep, StepResult } from './redis-ledger-groups.ts';
import type { LedgerMemory } from './redis-ledger-memory.ts';

/** Amounts of a release. */
export const NOTHING: AmountList = [ 0, 0, 0 ];

/** Makes the step that holds the amounts, and remembers what it held. */
export function reserveStep(
	request: ReserveRequest,
	memory: LedgerMemory
): LedgerStep {
	const { reservationId, siteId, now } = request;
	const amounts = toList( request.amounts );
	return {
		isReserve: true,
		now,
		encode: () => [
			'r',
			reservationId,
			request.expiresAt,
			amounts,
			request.windows.map( ( { key, unit, limit } ) => [
				key,
				unitNumber( unit ),
				limit,
			] ),
			reservePayload( reservationId, request.details, now ),
		],
		onDone( result, epoch ) {
			if ( result === 1 ) {
				memory.reservations.set( reservationId, {
					siteId,
					epoch,
					amounts,
					windows: request.windows.map( ( { key, unit } ) => [
						key,
						unitNumber( unit ),
					] ),
				} );
			}
		},
	};
}

/** Makes the step that lets reservations run out, so many at once. */
export const expireStep = ( now: number, limit: number ): LedgerStep => ( {
	isReserve: false,
	now,
	encode: () => [ 'x', now, limit, now - RECONCILE_MS ],
} );

/** Makes the step that ends a reservation. */
export function endingStep( {
	kind,
	reservationId,
	amounts,
	payload,
	now,
	memory,
}: {
	kind: 'settle' | 'release';
	reservationId: string;
	amounts: AmountList;
	payload: string;
	now: number;
	memory: LedgerMemory;
} ): LedgerStep {
	return {
		isReserve: false,
		now,
		encode( epoch ) {
			const made = memory.reservations.get( reservationId );
			const lost = made !== undefined &&
				made.epoch !== epoch && [
					made.amounts,
					made.windows,
					correctPayload(
						reservationId,
						'settled after Redis had forgotten the reservation',
						now
					),
				];
			return [ 's', reservationId, kind, amounts, payload, lost, false ];
		},
		onDone( result ) {
			if ( typeof result === 'number' && result >= 0 ) {
				memory.reservations.delete( reservationId );
			}
		},
	};
}

/** Makes the step that releases a reservation if it was made, and forbids it if it comes later. */
export function cancelStep( {
	reservationId,
	now,
}: ReserveRequest ): LedgerStep {
	const payload = resolvePayload( {
		isEstimated: false,
		usage: undefined,
		now,
	} );
	return {
		isReserve: false,
		now,
		encode: () => [
			's',
			reservationId,
			'release',
			NOTHING,
			payload,
			false,
			true,
		],
	};
}

/** Explains a refusal by the balances that the script saw. */
export function refusalFrom(
	{ windows, amounts }: ReserveRequest,
	[ , ...balances ]: number[]
) {
	const refusal = refusalOf( windows, amounts, ( key ) => {
		const index = windows.findIndex( ( window ) => window.key === key );
		return {
			spent: balances[ index * 2 ] ?? 0,
			held: balances[ index * 2 + 1 ] ?? 0,
		};
	} );
	if ( ! refusal ) {
		throw new Error(
			'the ledger in Redis refused what its own rules would take'
		);
	}
	return refusal;
}

/** Names what an ending came to. */
export function resolutionOf( result: StepResult ): Resolution {
	assertCounted( result );
	if ( result === 0 ) {
		return 'ignored';
	}
	return result === 1 ? 'resolved' : 'reconciled';
}

/** Throws a `RangeError` when a step would have taken a counter where it cannot go. */
export function assertCounted( result: StepResult ): void {
	if ( result === -1 ) {
		throw new RangeError( 'a window counts another unit' );
	}
	if ( result === -2 ) {
		throw new RangeError(
			`a window cannot count more than ${ Number.MAX_SAFE_INTEGER }`
		);
	}
}
