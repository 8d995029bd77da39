/**
 * Keeps the endings of reservations that Redis did not take, and repeats them when it is back.
 */
import { isStoreAway } from '../store-away.ts';
import type { LedgerStep } from './redis-ledger-group.ts';
import type { LedgerGroups } from './redis-ledger-groups.ts';
import type { LedgerGuard } from './redis-ledger-guard.ts';

/** More than these count in full when they run out. */
const MAX_OWED = 10_000;

/** Makes the function that keeps an ending for later. Repeating one that was taken after all changes nothing. */
export function createOwed( {
	groups,
	guard,
}: {
	groups: LedgerGroups;
	guard: LedgerGuard;
} ): ( reservationId: string, siteId: string, step: LedgerStep ) => void {
	const owed = new Map< string, { siteId: string; step: LedgerStep } >();
	const owe = (
		reservationId: string,
		siteId: string,
		step: LedgerStep
	): void => {
		if ( owed.size < MAX_OWED ) {
			owed.set( reservationId, { siteId, step } );
		}
	};
	guard.onBeat( () => {
		for ( const [ reservationId, { siteId, step } ] of owed ) {
			owed.delete( reservationId );
			groups.run( siteId, step ).catch( ( error: unknown ) => {
				if ( isStoreAway( error ) ) {
					owe( reservationId, siteId, step );
				}
			} );
		}
	} );
	return owe;
}
