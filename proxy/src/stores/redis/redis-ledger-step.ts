/**
 * Writes the steps of the ledger as the script takes them, and reads what they came to.
 */
import { refusalOf } from '../ledger-rules.ts';
import type { Resolution, ReserveRequest } from '../ledger-store.ts';
import {
	correctPayload,
	reservePayload,
	resolvePayload,
	toList,
	unitNumber,
	type AmountList,
} from './redis-ledger-format.ts';
import type { LedgerStep, StepResult } from './redis-ledger-group.ts';
import type { LedgerMemory } from './redis-ledger-memory.ts';

/** Amounts of a release. */
export const NOTHING: AmountList = [ 0, 0, 0 ];

/** Makes the step that holds the amounts, and remembers what it held. */
export function reserveStep(
	request: ReserveRequest,
	memory: LedgerMemory
): LedgerStep {
	const { reservationId, siteId, now, windows } = request;
	const amounts = toList( request.amounts );
	const list = amounts.join( ' ' );
	const keys = windows.map( ( { key } ) => key ).join( '\t' );
	const record = `${ request.expiresAt } ${ list } ${ keys }`;
	const line = `reserve\n${ reservationId }\n${ list }\n${ keys }\n${ reservePayload( request.details, now ) }`;
	const numbered = windows.map(
		( { key, unit, limit } ) => [ key, unitNumber( unit ), limit ] as const
	);
	return {
		isReserve: true,
		now,
		usual: () => ( {
			kind: 'reserve',
			id: reservationId,
			record,
			line,
			windows: numbered,
			held: amounts,
			spent: NOTHING,
		} ),
		encode( _epoch, names ) {
			names.id( reservationId );
			const wanted = numbered.map(
				( [ key, unit, limit ] ) =>
					`${ names.window( key, unit ) }:${ unit }:${ limit }:${ amounts[ unit - 1 ] }`
			);
			return [
				`r ${ reservationId } ${ request.expiresAt } ${ wanted.join( ',' ) }`,
				line,
				'',
			];
		},
		onDone( result, epoch ) {
			if ( result === 1 ) {
				memory.keep( reservationId, {
					siteId,
					epoch,
					amounts,
					record,
					windows: numbered.map( ( [ key, unit ] ) => [ key, unit ] ),
				} );
			}
		},
	};
}

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
	const list = amounts.join( ' ' );
	const rest = `${ list }\n\n${ payload }`;
	return {
		isReserve: false,
		now,
		usual( epoch ) {
			const made = memory.reservationOf( reservationId );
			return made?.epoch === epoch
				? {
						kind: 'end',
						id: reservationId,
						record: made.record,
						line: `${ kind }\n${ reservationId }\n${ rest }`,
						windows: made.windows,
						held: made.amounts,
						spent: amounts,
					}
				: undefined;
		},
		encode( epoch, names ) {
			const made = memory.reservationOf( reservationId );
			names.id( reservationId );
			// Named beforehand, the windows of all steps are read at once.
			for ( const [ key, unit ] of made?.windows ?? [] ) {
				names.window( key, unit );
			}
			return [
				`s ${ kind } ${ reservationId } ${ list } 0`,
				rest,
				made === undefined || made.epoch === epoch
					? ''
					: JSON.stringify( [
							made.amounts,
							made.windows,
							correctPayload(
								reservationId,
								'settled after Redis had forgotten the reservation',
								now
							),
						] ),
			];
		},
		onDone( result ) {
			if ( typeof result === 'number' && result >= 0 ) {
				memory.drop( reservationId );
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
		encode( _epoch, names ) {
			names.id( reservationId );
			return [
				`s release ${ reservationId } 0 0 0 1`,
				`0 0 0\n\n${ payload }`,
				'',
			];
		},
	};
}

/** Makes the step that lets reservations run out, which looked as if they were due. */
export const expireStep = (
	ids: readonly string[],
	now: number
): LedgerStep => ( {
	isReserve: false,
	now,
	encode: () => [ `x ${ now }`, ids.join( ' ' ), '' ],
} );

/** Makes the step that forgets reservations which ran out before a time. */
export const forgetStep = (
	ids: readonly string[],
	time: number,
	now: number
): LedgerStep => ( {
	isReserve: false,
	now,
	encode: () => [ `y ${ time }`, ids.join( ' ' ), '' ],
} );

/** Makes the step that corrects what is spent in windows of money. */
export const correctStep = (
	windowKeys: readonly string[],
	nanoUsd: number,
	payload: string,
	now: number
): LedgerStep => ( {
	isReserve: false,
	now,
	encode( _epoch, names ) {
		const unit = unitNumber( 'nanoUsd' );
		const list = windowKeys.map(
			( key ) => `${ names.window( key, unit ) }:${ unit }`
		);
		return [ `k ${ nanoUsd } ${ list.join( ',' ) }`, payload, '' ];
	},
} );

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
