/**
 * Remembers what this proxy saw of the ledger, so that a Redis which forgets (flushed, restarted from an old snapshot, replaced by a
 * replica that was behind) can be told what was spent.
 */
import type { AmountList } from './redis-ledger-format.ts';

/** So many windows of a site, and so many reservations, are remembered at most. */
const MAX_WINDOWS = 20_000;
const MAX_RESERVATIONS = 20_000;

/** A reservation that this proxy made and has not seen resolved. */
export interface OwnReservation {
	siteId: string;
	/** The epoch of the site's ledger in which it was made. */
	epoch: string;
	amounts: AmountList;
	/** How Redis keeps it while it is open. */
	record: string;
	/** Keys with the numbers of their units. */
	windows: Array< [ key: string, unit: number ] >;
}

/** Key, number of the unit, spent and held together, and the version of the book at which that was so. */
export type RememberedWindow = [
	key: string,
	unit: number,
	total: number,
	version: string,
];

export interface LedgerMemory {
	/** Takes in what windows count after a step (key, unit, spent and held together, and so on), and how far the book was then. */
	learn(
		siteId: string,
		moved: ReadonlyArray< string | number >,
		version: string
	): void;
	/** What was learnt about a site's windows. */
	recall( siteId: string ): RememberedWindow[];
	siteOfWindow( key: string ): string | undefined;
	keep( reservationId: string, reservation: OwnReservation ): void;
	reservationOf( reservationId: string ): OwnReservation | undefined;
	drop( reservationId: string ): void;
}

/** Makes a memory with nothing in it. */
export function createLedgerMemory(): LedgerMemory {
	const bySite = new Map< string, Map< string, RememberedWindow > >();
	const reservations = new Map< string, OwnReservation >();
	return {
		learn( siteId, moved, version ) {
			const windows = bySite.get( siteId ) ?? new Map();
			bySite.set( siteId, windows );
			for ( let index = 0; index < moved.length; index += 3 ) {
				const key = moved[ index ] as string;
				// Put in anew, the windows that were used last are the last to be forgotten.
				windows.delete( key );
				windows.set( key, [
					key,
					moved[ index + 1 ] as number,
					moved[ index + 2 ] as number,
					version,
				] );
			}
			shrink( windows, MAX_WINDOWS );
		},
		recall: ( siteId ) => [ ...( bySite.get( siteId )?.values() ?? [] ) ],
		siteOfWindow( key ) {
			for ( const [ siteId, windows ] of bySite ) {
				if ( windows.has( key ) ) {
					return siteId;
				}
			}
			return undefined;
		},
		keep( reservationId, reservation ) {
			reservations.set( reservationId, reservation );
			shrink( reservations, MAX_RESERVATIONS );
		},
		reservationOf: ( reservationId ) => reservations.get( reservationId ),
		drop: ( reservationId ) => void reservations.delete( reservationId ),
	};
}

/** Takes the oldest out until there are no more than so many. */
function shrink( map: Map< string, unknown >, max: number ): void {
	for ( const key of map.keys() ) {
		if ( map.size <= max ) {
			return;
		}
		map.delete( key );
	}
}
