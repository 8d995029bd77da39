/**
 * Does long work in small steps: at once, or in turns with everything else that the process does.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** So long others wait at most, in milliseconds: a tenth of what a listener would notice. */
const SLICE_MS = 5;

/** Work that may be put aside at each `yield`. */
export type Steps< Result > = Generator< void, Result, void >;

/** Does all of it at once. */
export function atOnce< Result >( steps: Steps< Result > ): Result {
	for (;;) {
		const { done, value } = steps.next();
		if ( done ) {
			return value;
		}
	}
}

/** Does a little of it at a time. */
export async function inTurns< Result >(
	steps: Steps< Result >
): Promise< Result > {
	let until = performance.now() + SLICE_MS;
	for (;;) {
		const { done, value } = steps.next();
		if ( done ) {
			return value;
		}
		if ( performance.now() > until ) {
			await nextTurn();
			until = performance.now() + SLICE_MS;
		}
	}
}
