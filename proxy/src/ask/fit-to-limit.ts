/**
 * Fits an answer to the money that is left: a shorter answer first, then a cheaper model, and a short wait when others are about to give
 * back what they hold.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Reservation, Reserved } from '../ledger/ledger.ts';
import { priceWorstCase } from '../ledger/pricing.ts';
import type { Model } from '../models/catalog.ts';
import type { Target } from '../models/plan.ts';

/** The longest answer in tokens, and the shortest one that says more than a quotation. */
export interface AnswerCaps {
	max: number;
	min: number;
}

/** How long an answer waits for calls in flight to give back what they hold, in milliseconds: as long as a quotation is not slower. */
const MAX_WAIT_MS = 1_200;

/** How often it looks, in milliseconds; chance spreads those who wait. */
const LOOK_MS = 80;

export type Fitted =
	| {
			kind: 'reserved';
			target: Target;
			maxOutputTokens: number;
			reservation: Reservation;
			/** Whether the answer had to be made cheaper than it was meant to be. */
			isFitted: boolean;
	  }
	/** Nothing useful can be had for what is left. */
	| { kind: 'refused' };

/**
 * Reserves the worst case of the first target that fits. `targets` begins with the one that is meant to answer; those after it are tried
 * only when they are cheaper.
 */
export async function reserveWithin( {
	targets,
	inputBound,
	capsOf,
	reserve,
	random,
	signal,
}: {
	targets: readonly [ Target, ...Target[] ];
	inputBound: number;
	capsOf: ( model: Model ) => AnswerCaps;
	reserve: ( target: Target, amountNanoUsd: number ) => Promise< Reserved >;
	random: () => number;
	signal: AbortSignal;
} ): Promise< Fitted > {
	const ladder = cheaperOnly( targets, inputBound, capsOf );
	const waitUntil = performance.now() + MAX_WAIT_MS;
	for (;;) {
		const step = await climbDown( {
			ladder,
			inputBound,
			capsOf,
			reserve,
		} );
		if ( step.kind !== 'wait' ) {
			return step;
		}
		const waitMs = LOOK_MS * ( 0.5 + random() );
		if (
			signal.aborted ||
			performance.now() + waitMs > waitUntil ||
			! ( await waited( waitMs, signal ) )
		) {
			return { kind: 'refused' };
		}
	}
}

/** Keeps the first target, and of the others those that are cheaper than all before. */
function cheaperOnly(
	targets: readonly Target[],
	inputBound: number,
	capsOf: ( model: Model ) => AnswerCaps
): Target[] {
	let lowest = Infinity;
	return targets.filter( ( { model } ) => {
		const price = priceWorstCase( model, inputBound, capsOf( model ).max );
		const isCheaper = price < lowest;
		lowest = Math.min( lowest, price );
		return isCheaper;
	} );
}

async function climbDown( {
	ladder,
	inputBound,
	capsOf,
	reserve,
}: {
	ladder: readonly Target[];
	inputBound: number;
	capsOf: ( model: Model ) => AnswerCaps;
	reserve: ( target: Target, amountNanoUsd: number ) => Promise< Reserved >;
} ): Promise< Fitted | { kind: 'wait' } > {
	let remaining: number | undefined;
	let mayWait = false;
	for ( const target of ladder ) {
		const caps = capsOf( target.model );
		// What is left can change between two looks, so a target gets a second try at the new sum.
		for ( let look = 0; look < 2; look++ ) {
			const cap =
				remaining === undefined
					? caps.max
					: capWithin( {
							model: target.model,
							inputBound,
							caps,
							nanoUsd: remaining,
						} );
			if ( cap === undefined ) {
				break;
			}
			const reserved = await reserve(
				target,
				priceWorstCase( target.model, inputBound, cap )
			);
			if ( reserved.kind === 'reserved' ) {
				return {
					kind: 'reserved',
					target,
					maxOutputTokens: cap,
					reservation: reserved.reservation,
					isFitted: target !== ladder[ 0 ] || cap < caps.max,
				};
			}
			// A kind of use that is used up cannot be made smaller.
			if ( reserved.unit !== 'nanoUsd' ) {
				return { kind: 'refused' };
			}
			remaining = reserved.remaining;
			mayWait ||= reserved.reason === 'wait';
		}
	}
	return { kind: mayWait ? 'wait' : 'refused' };
}

/** Returns the longest answer, in tokens, whose worst case costs no more than `nanoUsd`; undefined when that is too short to be useful. */
export function capWithin( {
	model,
	inputBound,
	caps,
	nanoUsd,
}: {
	model: Model;
	inputBound: number;
	caps: AnswerCaps;
	nanoUsd: number;
} ): number | undefined {
	const fits = ( cap: number ) =>
		priceWorstCase( model, inputBound, cap ) <= nanoUsd;
	if ( caps.max < caps.min || ! fits( caps.min ) ) {
		return undefined;
	}
	let low = caps.min;
	let high = caps.max;
	while ( low < high ) {
		const middle = Math.ceil( ( low + high ) / 2 );
		if ( fits( middle ) ) {
			low = middle;
		} else {
			high = middle - 1;
		}
	}
	return low;
}

/** Waits, and tells whether the answer is still wanted. */
async function waited( ms: number, signal: AbortSignal ): Promise< boolean > {
	try {
		await pause( ms, undefined, { signal } );
		return true;
	} catch {
		return false;
	}
}
