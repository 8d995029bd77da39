/**
 * Says which records end a question: every question has exactly one such record, besides those of attempts that came to nothing.
 */
import type { CallKind, CallOutcome } from '../stores/call-store.ts';

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
