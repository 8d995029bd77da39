/**
 * Adds the sums of days, models, tiers, kinds and cache outcomes up to what an owner wants to see.
 */
import type { UsageRollup } from '../stores/call-store.ts';
import { endsQuestion } from './outcomes.ts';

/** What figures can be kept apart by. */
export const USAGE_DIMENSIONS = [
	'day',
	'model',
	'tier',
	'kind',
	'cache',
] as const;

export type UsageDimension = ( typeof USAGE_DIMENSIONS )[ number ];

/** Sums over calls. Money in nano-dollars. */
export interface UsageSums {
	/** Every record: requests to providers, and questions answered without any. */
	calls: number;
	/** Questions that came to an end; each counts once, however many calls it took. */
	questions: number;
	inputTokens: number;
	outputTokens: number;
	costNanoUsd: number;
	/** What cached answers would have cost otherwise. */
	savedNanoUsd: number;
}

/** Sums, with the value of each dimension they are kept apart by. */
export type UsageRow = UsageSums & Partial< Record< UsageDimension, string > >;

export interface UsageFigures {
	/** By day, then by cost, the dearest first. */
	rows: UsageRow[];
	totals: UsageSums;
}

/** Sums rollups up, apart by the given dimensions. */
export function sumUsage(
	rollups: UsageRollup[],
	by: readonly UsageDimension[]
): UsageFigures {
	const rows = new Map< string, UsageRow >();
	const totals = emptySums();
	for ( const rollup of rollups ) {
		const key = by.map( ( dimension ) => rollup[ dimension ] ).join( '\n' );
		let row = rows.get( key );
		if ( ! row ) {
			row = emptySums();
			for ( const dimension of by ) {
				row[ dimension ] = rollup[ dimension ];
			}
			rows.set( key, row );
		}
		addTo( row, rollup );
		addTo( totals, rollup );
	}
	return {
		rows: [ ...rows.values() ].sort(
			( a, b ) =>
				( a.day ?? '' ).localeCompare( b.day ?? '' ) ||
				b.costNanoUsd - a.costNanoUsd ||
				b.calls - a.calls
		),
		totals,
	};
}

function emptySums(): UsageSums {
	return {
		calls: 0,
		questions: 0,
		inputTokens: 0,
		outputTokens: 0,
		costNanoUsd: 0,
		savedNanoUsd: 0,
	};
}

function addTo( sums: UsageSums, rollup: UsageRollup ): void {
	sums.calls += rollup.calls;
	sums.questions += endsQuestion( rollup ) ? rollup.calls : 0;
	sums.inputTokens += rollup.inputTokens;
	sums.outputTokens += rollup.outputTokens;
	sums.costNanoUsd += rollup.costNanoUsd;
	sums.savedNanoUsd += rollup.savedNanoUsd;
}
