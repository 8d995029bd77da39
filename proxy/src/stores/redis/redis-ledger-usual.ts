/**
 * Adds up a group of steps of the ledger that holds nothing unusual, so that Redis need not look at each of them.
 */
import type { AmountList } from './redis-ledger-format.ts';

/** What a step does when everything is as its proxy believes: a new reservation, or the end of one that it made. */
export interface UsualStep {
	kind: 'reserve' | 'end';
	id: string;
	/** The record of the reservation. */
	record: string;
	/** The entry of the book. */
	line: string;
	/** Keys and numbers of units; of a reservation with the limits. */
	windows: ReadonlyArray<
		readonly [ key: string, unit: number, limit?: number ]
	>;
	/** What is held from now on, or was held until now. */
	held: AmountList;
	/** What is spent now; of a reservation nothing. */
	spent: AmountList;
}

/** A group as the script takes it. */
export interface UsualGroup {
	args: string[];
	/** Keys and units of the windows, in the order in which the script replies what they count. */
	windows: Array< [ key: string, unit: number ] >;
}

interface Sum {
	unit: number;
	limit: number | undefined;
	spent: number;
	held: number;
	freed: number;
}

/** Writes a group; undefined when it names a reservation or a window in two ways, or needs more than a number can hold. */
export function writeUsual(
	steps: readonly UsualStep[]
): UsualGroup | undefined {
	const sums = new Map< string, Sum >();
	const ids = new Set< string >();
	const newRecords: string[] = [];
	const newIds: string[] = [];
	const endIds: string[] = [];
	const endRecords: string[] = [];
	const lines: string[] = [];
	for ( const { kind, id, record, line, windows, held, spent } of steps ) {
		ids.add( id );
		lines.push( line );
		if ( kind === 'reserve' ) {
			newRecords.push( id, record );
			newIds.push( id );
		} else {
			endIds.push( id );
			endRecords.push( record );
		}
		for ( const [ key, unit, limit ] of windows ) {
			let sum = sums.get( key );
			if ( ! sum ) {
				sum = { unit, limit: undefined, spent: 0, held: 0, freed: 0 };
				sums.set( key, sum );
			} else if ( sum.unit !== unit ) {
				return undefined;
			}
			const amount = held[ unit - 1 ] as number;
			if ( kind === 'reserve' ) {
				sum.held += amount;
				sum.limit = Math.min( limit ?? 0, sum.limit ?? Infinity );
			} else {
				sum.freed += amount;
				sum.spent += spent[ unit - 1 ] as number;
			}
		}
	}
	const all = [ ...sums.values() ];
	const isSafe = all.every( ( { spent, held, freed } ) =>
		Number.isSafeInteger( spent + held + freed )
	);
	if ( ids.size < steps.length || ! isSafe || all.length === 0 ) {
		return undefined;
	}
	return {
		args: [
			String( all.length ),
			String( newIds.length ),
			String( endIds.length ),
			...sums.keys(),
			...all.map( ( { unit } ) => String( unit ) ),
			...all.map( ( { limit } ) => String( limit ?? '-' ) ),
			...all.map( ( { spent } ) => String( spent ) ),
			...all.map( ( { held } ) => String( held ) ),
			...all.map( ( { freed } ) => String( freed ) ),
			...newRecords,
			...newIds,
			...endIds,
			...endRecords,
			...lines,
		],
		windows: Array.from( sums, ( [ key, { unit } ] ) => [ key, unit ] ),
	};
}
