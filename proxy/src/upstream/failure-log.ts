/**
 * Remembers the last failures of each model in real traffic, so that the owner learns of them without a test.
 */
import type { Clock } from '../types.ts';
import type { FailureCode } from './diagnosis.ts';

/** Failures older than this say nothing about today, in milliseconds. */
const REMEMBERED_MS = 86_400_000;

/** More different failures than this are not kept; the oldest go. */
const MAX_ENTRIES = 500;

/** One way in which calls to one model failed. Times in milliseconds since the epoch. */
export interface TargetFailure {
	provider: string;
	model: string;
	code: FailureCode;
	/** How often since `firstAt`, which is never more than a day before `lastAt`. */
	count: number;
	firstAt: number;
	lastAt: number;
	/** When a call to the model last succeeded after that; undefined when none did. */
	healedAt: number | undefined;
}

/** The failures of all models, in one process. */
export interface FailureLog {
	failed( provider: string, model: string, code: FailureCode ): void;
	succeeded( provider: string, model: string ): void;
	/** Lists what failed within the last day, newest first. */
	list(): TargetFailure[];
}

/** Makes an empty log; `clock` is in milliseconds since the epoch. */
export function createFailureLog( clock: Clock ): FailureLog {
	/** By provider and model, then by code; the order is that of the last failure. */
	const targets = new Map< string, Map< FailureCode, TargetFailure > >();
	let size = 0;

	const forgetOldest = () => {
		for ( const [ key, failures ] of targets ) {
			for ( const code of failures.keys() ) {
				failures.delete( code );
				size--;
				if ( failures.size === 0 ) {
					targets.delete( key );
				}
				return;
			}
		}
	};

	return {
		failed( provider, model, code ) {
			const now = clock();
			const key = `${ provider } ${ model }`;
			const failures = targets.get( key ) ?? new Map();
			const known: TargetFailure | undefined = failures.get( code );
			const isFresh =
				known !== undefined && now - known.firstAt < REMEMBERED_MS;
			// Taken out and put back, so that the order stays that of the last failure.
			targets.delete( key );
			targets.set( key, failures );
			failures.delete( code );
			failures.set( code, {
				provider,
				model,
				code,
				count: isFresh ? known.count + 1 : 1,
				firstAt: isFresh ? known.firstAt : now,
				lastAt: now,
				healedAt: undefined,
			} );
			if ( known === undefined && ++size > MAX_ENTRIES ) {
				forgetOldest();
			}
		},
		succeeded( provider, model ) {
			const failures =
				targets.size > 0 && targets.get( `${ provider } ${ model }` );
			for ( const failure of failures ? failures.values() : [] ) {
				failure.healedAt = clock();
			}
		},
		list() {
			const since = clock() - REMEMBERED_MS;
			return [ ...targets.values() ]
				.flatMap( ( failures ) => [ ...failures.values() ] )
				.filter( ( { lastAt } ) => lastAt >= since )
				.sort( ( a, b ) => b.lastAt - a.lastAt );
		},
	};
}
