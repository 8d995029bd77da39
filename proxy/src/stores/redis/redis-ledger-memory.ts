/**
 * Remembers what this proxy saw of the ledger, so that a Redis which forgets (flushed, restarted from an old snapshot, replaced by a
 * replica that was behind) can be told what was spent.
 */
import { LRUCache } from 'lru-cache';
import type { AmountList } from './redis-ledger-format.ts';

/** So many windows and reservations are remembered at most. */
const MAX_WINDOWS = 50_000;
const MAX_RESERVATIONS = 100_000;

/** A reservation that this proxy made and has not seen resolved. */
export interface OwnReservation {
	siteId: string;
	/** The epoch of the site's ledger in which it was made. */
	epoch: string;
	amounts: AmountList;
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
	reservations: LRUCache< string, OwnReservation >;
}

/** Makes a memory with nothing in it. */
export function createLedgerMemory(): LedgerMemory {
	const windows = new LRUCache<
		string,
		{ siteId: string; window: RememberedWindow }
	>( { max: MAX_WINDOWS } );
	const sites = new LRUCache< string, string >( { max: MAX_WINDOWS } );
	return {
		learn( siteId, moved, version ) {
			for ( let index = 0; index < moved.length; index += 3 ) {
				const key = moved[ index ] as string;
				sites.set( key, siteId );
				windows.set( `${ siteId }\n${ key }`, {
					siteId,
					window: [
						key,
						moved[ index + 1 ] as number,
						moved[ index + 2 ] as number,
						version,
					],
				} );
			}
		},
		recall: ( siteId ) =>
			[ ...windows.values() ]
				.filter( ( window ) => window.siteId === siteId )
				.map( ( { window } ) => window ),
		siteOfWindow: ( key ) => sites.get( key ),
		reservations: new LRUCache( { max: MAX_RESERVATIONS } ),
	};
}
