/**
 * Chooses whom to ask next in a turn: whoever is well, whoever rests only for a moment, or the same one again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Plan, Target } from '../models/plan.ts';
import { MAX_WAIT_MS, waitBeforeRetry } from '../models/retry-policy.ts';
import type { TargetHealth } from '../models/target-health.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';

/** Timers may be a little early, in milliseconds. */
const EARLY_MS = 5;

/** Over so many milliseconds those are spread who wait for the end of the same pause. */
const SPREAD_MS = 250;

/**
 * Lists the targets that may be called now, best first; `again` comes before them when it is well. When all of them rest, and one only for a
 * moment, that moment is waited for.
 */
export async function readyTargets(
	health: TargetHealth,
	plan: Plan,
	{
		again,
		chance,
		signal,
	}: {
		again: Target | undefined;
		/** From 0 to 1; spreads those who wait for the same target. */
		chance: number;
		signal: AbortSignal;
	}
): Promise< Target[] > {
	const isReady = ( { model }: Target ) => health.restMs( model ) === 0;
	const left = plan.left();
	const ready = left.filter( isReady );
	if ( again && isReady( again ) ) {
		return [ again, ...ready.filter( ( target ) => target !== again ) ];
	}
	if ( ready.length > 0 || left.length === 0 ) {
		return ready;
	}
	const restMs = Math.min(
		...left.map( ( { model } ) => health.restMs( model ) )
	);
	const waitMs = restMs + EARLY_MS + Math.round( SPREAD_MS * chance );
	return restMs <= MAX_WAIT_MS && ( await waited( waitMs, signal ) )
		? left.filter( isReady )
		: [];
}

/** Takes a failure into the plan, and waits if the same target may be asked again; returns it then. */
export async function targetAgain(
	plan: Plan,
	{
		target,
		error,
		failures,
		chance,
		signal,
	}: {
		target: Target;
		error: UpstreamError;
		/** How many calls of the turn have failed, this one included. */
		failures: number;
		/** From 0 to 1. */
		chance: number;
		signal: AbortSignal;
	}
): Promise< Target | undefined > {
	if ( ! plan.failed( target, error.kind ) ) {
		return undefined;
	}
	const waitMs = waitBeforeRetry( {
		failures,
		retryAfterMs: error.retryAfterMs,
		chance,
	} );
	return waitMs !== undefined && ( await waited( waitMs, signal ) )
		? target
		: undefined;
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
