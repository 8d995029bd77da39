/**
 * Says what a step of the ledger is, and writes a group of them for the scripts.
 */
import {
	writeUsual,
	type UsualGroup,
	type UsualStep,
} from './redis-ledger-usual.ts';

/** What a step came to: a code, or the balances that refused a reservation. */
export type StepResult = number | number[];

/** What the steps of a group name; each is looked up once. */
export interface StepNames {
	/** Names a reservation. */
	id( id: string ): void;
	/** Names a window, and returns its number in the group. */
	window( key: string, unit: number ): number;
}

/** A step as the script takes it. */
export interface LedgerStep {
	/** True for a step that spends: it waits for an open ledger and room in memory. */
	isReserve: boolean;
	now: number;
	/** Writes the step for the epoch that it will run in, as the three texts that the script takes. */
	encode(
		epoch: string,
		names: StepNames
	): [ head: string, body: string, lost: string ];
	/** What it does when everything is as this proxy believes; undefined when the proxy does not know. */
	usual?( epoch: string ): UsualStep | undefined;
	/** Called in the moment the step was done, with the epoch it was done in. */
	onDone?( result: StepResult, epoch: string ): void;
}

/** Writes a group as sums; undefined when a step of it is unusual. */
export function usualOf(
	steps: readonly LedgerStep[],
	epoch: string
): UsualGroup | undefined {
	const usual: UsualStep[] = [];
	for ( const step of steps ) {
		const one = step.usual?.( epoch );
		if ( ! one ) {
			return undefined;
		}
		usual.push( one );
	}
	return writeUsual( usual );
}

/** Writes the steps of a group, and what they name before them. */
export function writeGroup(
	group: readonly LedgerStep[],
	epoch: string
): string[] {
	const ids: string[] = [];
	const numbers = new Map< string, number >();
	const units: string[] = [];
	const names: StepNames = {
		id: ( id ) => void ids.push( id ),
		window( key, unit ) {
			const known = numbers.get( key );
			if ( known !== undefined ) {
				return known;
			}
			numbers.set( key, units.push( String( unit ) ) );
			return units.length;
		},
	};
	const steps = group.flatMap( ( step ) => step.encode( epoch, names ) );
	return [
		String( ids.length ),
		String( numbers.size ),
		String( group.length ),
		...ids,
		...numbers.keys(),
		...units,
		...steps,
	];
}
