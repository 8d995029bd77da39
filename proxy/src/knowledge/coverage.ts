/**
 * Weighs how much of a question a passage covers. Search and the fall of cached answers share it, so that an answer falls
 * exactly when its question would find something new.
 */
import type { QuestionTerms } from './question-terms.ts';

/** A passage that covers less than this share of a question is not found. */
export const MIN_COVERAGE = 0.25;

/** A passage that covers less than this is not even near the question. */
export const NEAR_COVERAGE = 0.1;

/** A passage that covers at least this share answers the question, as far as words can tell. */
export const CONFIDENT_COVERAGE = 0.5;

/**
 * Returns how telling a word is: the rarer, the more (inverse document frequency as in BM25, never negative).
 */
export function wordWeight(
	passageCount: number,
	passagesWith: number
): number {
	return Math.log(
		1 + ( passageCount - passagesWith + 0.5 ) / ( passagesWith + 0.5 )
	);
}

/** Returns the share of the question's weight that the words in `mask` carry, in the group where that share is largest. */
export function coverage(
	mask: number,
	{ groups }: QuestionTerms,
	weights: readonly number[]
): number {
	let best = 0;
	for ( const group of groups ) {
		let held = 0;
		let total = 0;
		for ( let at = 0; at < weights.length; at++ ) {
			const bit = 1 << at;
			if ( group & bit ) {
				const weight = weights[ at ] ?? 0;
				total += weight;
				held += mask & bit ? weight : 0;
			}
		}
		best = Math.max( best, total > 0 ? held / total : 0 );
	}
	return best;
}
