/**
 * Finds out which site a step of the ledger is for, and keeps the steps in the order in which they were asked for meanwhile.
 */
import type { RedisConnection } from './connection.ts';
import { LEDGER_SITES, ledgerKeys } from './redis-ledger-format.ts';
import type { LedgerStep, StepResult } from './redis-ledger-group.ts';
import type { LedgerGroups } from './redis-ledger-groups.ts';

export interface LedgerSites {
	/** Lists the sites that have a ledger. */
	all(): Promise< string[] >;
	withWindow( key: string ): Promise< string | undefined >;
	/** Finds the site of a reservation that is open or ran out. */
	withReservation( id: string ): Promise< string | undefined >;
	/** Runs a step, after those that still look for their site. */
	run( siteId: string, step: LedgerStep ): Promise< StepResult >;
	/** Looks, and then starts steps with what was found; later steps come after them. */
	runAfter< T >(
		look: () => Promise< T >,
		start: ( found: T ) => Promise< StepResult >
	): Promise< StepResult >;
}

/** Makes the finder over the sites in a Redis. */
export function createLedgerSites(
	connection: RedisConnection,
	groups: LedgerGroups
): LedgerSites {
	let lookup: Promise< void > | undefined;
	const all = (): Promise< string[] > =>
		connection.command( [ 'SMEMBERS', LEDGER_SITES ] );
	/** Finds the site that has a field in one of some hashes. */
	const find = async (
		hashes: ReadonlyArray< 'windows' | 'open' | 'lapsed' >,
		field: string
	): Promise< string | undefined > => {
		const siteIds = await all();
		const found = await Promise.all(
			siteIds.map( async ( siteId ) => {
				const keys = ledgerKeys( siteId );
				const isThere = await Promise.all(
					hashes.map( ( hash ) =>
						connection.command< number >( [
							'HEXISTS',
							keys[ hash ],
							field,
						] )
					)
				);
				return isThere.includes( 1 );
			} )
		);
		return siteIds[ found.indexOf( true ) ];
	};
	return {
		all,
		withWindow: ( key ) => find( [ 'windows' ], key ),
		withReservation: ( id ) => find( [ 'open', 'lapsed' ], id ),
		run: ( siteId, step ) =>
			lookup
				? lookup.then( () => groups.run( siteId, step ) )
				: groups.run( siteId, step ),
		async runAfter( look, start ) {
			// In an object, so that who waits for the lookup does not wait for the step.
			const placed = ( lookup ?? Promise.resolve() ).then( async () => {
				// What is still on its way may be what is looked for.
				await groups.caughtUp();
				return { result: start( await look() ) };
			} );
			const mine = placed.then(
				() => undefined,
				() => undefined
			);
			lookup = mine;
			void mine.then( () => {
				if ( lookup === mine ) {
					lookup = undefined;
				}
			} );
			return ( await placed ).result;
		},
	};
}
