/**
 * Says which records end a question: every question has exactly one such record, besides those of attempts that came to nothing.
 */
import type {
	CallKind,
	CallOutcome,
	UsageRollup,
} from '../stores/call-store.ts';

/** Outcomes after which the visitor has an answer, or the sentence that there is none. */
const ENDS_A_QUESTION: ReadonlySet< CallOutcome > = new Set( [
	'answered',
	'stopped',
	'cached',
	'extractive',
	'abstained',
] );

/** Tells whether a record stands for a question that came to its end, not for a step on the way or an attempt that failed. */
export function endsQuestion( call: {
	kind: CallKind;
	outcome: CallOutcome;
} ): boolean {
	return call.kind === 'answer' && ENDS_A_QUESTION.has( call.outcome );
}

/** How questions were answered. */
export interface AnswerCounts {
	total: number;
	/** From the cache, or with the answer of somebody who asked the same at the same moment. */
	cached: number;
	/** In the site's own words, without a model. */
	extractive: number;
	/** Not at all, because the site does not say. */
	unanswered: number;
}

/** Counts the questions behind rollups by how they were answered. */
export function countAnswers( rollups: UsageRollup[] ): AnswerCounts {
	const ended = rollups.filter( endsQuestion );
	const count = ( outcome?: CallOutcome ) =>
		ended.reduce(
			( sum, rollup ) =>
				outcome === undefined || rollup.outcome === outcome
					? sum + rollup.calls
					: sum,
			0
		);
	return {
		total: count(),
		cached: count( 'cached' ),
		extractive: count( 'extractive' ),
		unanswered: count( 'abstained' ),
	};
}
