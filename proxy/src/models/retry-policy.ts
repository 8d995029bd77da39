/**
 * Says what a failed call calls for, by its kind: the same target again, another one, or a pause of the target or of its provider.
 */
import type { UpstreamErrorKind } from '../upstream/upstream-error.ts';

/** What to do after a failure, while nothing was shown yet. */
export interface RetryRule {
	/** Where an answer may still come from: the same target, another model of the provider, another provider, or nowhere. */
	next: 'same' | 'target' | 'provider' | 'nothing';
	/** What the failure says about the target's health. */
	health:
		| 'nothing'
		| 'failure'
		/** Of the whole provider: no model of it can be reached. */
		| 'provider_failure'
		/** The target is well, and wants fewer calls. */
		| 'rest_target'
		| 'pause_target'
		| 'pause_provider';
	/** How long to stay away when the kind of failure says so, in milliseconds; longer when the provider asks for it. */
	pauseMs?: number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * One row a kind. Where the provider may have billed (a cut, silence, garbage) the same target is not asked again: it would be paid for
 * the same failure twice.
 */
export const RETRY_RULES: Readonly< Record< UpstreamErrorKind, RetryRule > > = {
	// Nothing but the key or the account can be wrong, and each model of the provider has the same.
	auth: {
		next: 'provider',
		health: 'pause_provider',
		pauseMs: 5 * MINUTE_MS,
	},
	quota: {
		next: 'provider',
		health: 'pause_provider',
		pauseMs: 5 * MINUTE_MS,
	},
	model_gone: { next: 'target', health: 'pause_target', pauseMs: HOUR_MS },
	// Limits of rate are kept for each model; the provider says how long, and another model answers at once.
	rate: { next: 'target', health: 'rest_target', pauseMs: 1_000 },
	unavailable: { next: 'same', health: 'failure' },
	network: { next: 'same', health: 'provider_failure' },
	timeout: { next: 'target', health: 'failure' },
	cut: { next: 'target', health: 'failure' },
	garbage: { next: 'target', health: 'failure' },
	// Another model may see the request otherwise; the request is to blame, not the target.
	refused: { next: 'target', health: 'nothing' },
	// Our own queue: the provider is well.
	busy: { next: 'provider', health: 'nothing' },
	aborted: { next: 'nothing', health: 'nothing' },
};

/** The longest wait that a visitor is asked for before the same target is tried again, in milliseconds. */
export const MAX_WAIT_MS = 2_000;

/** The first back-off, in milliseconds; it doubles with each failure. */
const BACK_OFF_MS = 250;

/** The longest pause that a provider can ask for, in milliseconds. */
const MAX_PAUSE_MS = 10 * MINUTE_MS;

/**
 * Returns how long to wait before the same target is asked again, or undefined when that is longer than a visitor waits. Full jitter:
 * anything between nothing and the back-off, but never less than the provider asked for.
 */
export function waitBeforeRetry( {
	failures,
	retryAfterMs,
	chance,
}: {
	/** How many attempts of the turn have failed, from 1. */
	failures: number;
	retryAfterMs?: number | undefined;
	/** From 0 to 1. */
	chance: number;
} ): number | undefined {
	const backOff = BACK_OFF_MS * 2 ** Math.min( failures - 1, 3 );
	const asked = askedFor( retryAfterMs );
	const wait = asked + Math.round( backOff * chance );
	return wait <= MAX_WAIT_MS ? wait : undefined;
}

/** Returns how long to stay away from a target or provider, in milliseconds. */
export function pauseAfter(
	rule: RetryRule,
	retryAfterMs: number | undefined
): number {
	return Math.max(
		rule.pauseMs ?? 0,
		Math.min( MAX_PAUSE_MS, askedFor( retryAfterMs ) )
	);
}

/** Reads what a provider asks for; what is no time counts as nothing. */
function askedFor( retryAfterMs: number | undefined ): number {
	return retryAfterMs !== undefined && retryAfterMs > 0 ? retryAfterMs : 0;
}
