/**
 * The ledger in the plainest form: maps and sums, one step after the other. What a store does is compared with it.
 */
import type {
	Amounts,
	LedgerStore,
	Resolution,
	ReserveRequest,
	SpendingWindow,
	WindowBalance,
} from '../../../proxy/src/stores/ledger-store.ts';

type Correction = Parameters< LedgerStore[ 'correct' ] >[ 0 ];

interface Known {
	request: ReserveRequest;
	state: 'open' | 'expired' | 'closed';
}

/** Makes an empty model; its methods answer what a store must answer. */
export function createLedgerModel() {
	const balances = new Map< string, WindowBalance >();
	const known = new Map< string, Known >();

	const balance = ( key: string ): WindowBalance =>
		balances.get( key ) ?? { spent: 0, held: 0 };
	const change = (
		windows: readonly SpendingWindow[],
		part: keyof WindowBalance,
		amounts: Amounts,
		sign: number
	) => {
		for ( const { key, unit } of windows ) {
			const next = { ...balance( key ) };
			next[ part ] += sign * ( amounts[ unit ] ?? 0 );
			balances.set( key, next );
		}
	};

	const resolve = ( id: string, amounts: Amounts ): Resolution => {
		const reservation = known.get( id );
		if ( ! reservation || reservation.state === 'closed' ) {
			return 'ignored';
		}
		const { request, state } = reservation;
		const wasOpen = state === 'open';
		change(
			request.windows,
			wasOpen ? 'held' : 'spent',
			request.amounts,
			-1
		);
		change( request.windows, 'spent', amounts, 1 );
		reservation.state = 'closed';
		return wasOpen ? 'resolved' : 'reconciled';
	};

	return {
		balance,
		get keys() {
			return [ ...balances.keys() ];
		},
		get open() {
			return [ ...known.values() ].filter(
				( { state } ) => state === 'open'
			).length;
		},
		reserve(
			request: ReserveRequest
		): 'reserved' | 'refused' | 'duplicate' {
			if ( known.has( request.reservationId ) ) {
				return 'duplicate';
			}
			for ( const { key, unit, limit } of request.windows ) {
				const { spent, held } = balance( key );
				if ( spent + held + ( request.amounts[ unit ] ?? 0 ) > limit ) {
					return 'refused';
				}
			}
			change( request.windows, 'held', request.amounts, 1 );
			known.set( request.reservationId, { request, state: 'open' } );
			return 'reserved';
		},
		settle: resolve,
		release: ( id: string ) => resolve( id, { nanoUsd: 0 } ),
		expire( now: number ): number {
			let count = 0;
			for ( const reservation of known.values() ) {
				const { request, state } = reservation;
				if ( state === 'open' && request.expiresAt <= now ) {
					change( request.windows, 'held', request.amounts, -1 );
					change( request.windows, 'spent', request.amounts, 1 );
					reservation.state = 'expired';
					count++;
				}
			}
			return count;
		},
		correct( { windows, nanoUsd }: Correction ): void {
			for ( const { key } of windows ) {
				const { spent, held } = balance( key );
				balances.set( key, {
					spent: Math.max( 0, spent + nanoUsd ),
					held,
				} );
			}
		},
	};
}
