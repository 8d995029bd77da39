/**
 * Decides whether something that failed may be tried again: a circuit breaker as a pure state machine. Time and chance are passed in.
 *
 * An own one rather than a library: those wrap one promise, while an answer is a stream whose outcome is known long after it began, one
 * failure may close a whole provider, and an abort or a spending limit must count as nothing at all.
 */

/** When a breaker opens and for how long; times in milliseconds. */
export interface BreakerOptions {
	/** So many failures in a row open it. */
	consecutiveFailures: number;
	/** So large a share of failures inside the window opens it, once there were enough calls to tell. */
	failureShare: number;
	minCalls: number;
	windowMs: number;
	/** How long it stays open the first time; twice as long after each failed probe, up to the most. */
	coolDownMs: number;
	maxCoolDownMs: number;
	/** A probe that has not ended after so long is given up, and another one may go. */
	probeMs: number;
}

export const BREAKER_OPTIONS: BreakerOptions = {
	consecutiveFailures: 3,
	failureShare: 0.5,
	minCalls: 10,
	windowMs: 60_000,
	coolDownMs: 5_000,
	maxCoolDownMs: 300_000,
	probeMs: 130_000,
};

/** The window is counted in so many pieces. */
const PIECES = 6;

interface Piece {
	at: number;
	calls: number;
	failures: number;
}

/** What a breaker knows. */
export interface BreakerState {
	kind: 'closed' | 'open' | 'half_open';
	/** When it got into this state or began to rest, in milliseconds since the epoch. */
	since: number;
	/** When an open one lets a probe through, and a closed one that rests lets calls through again. */
	until: number;
	/** When the probe of a half-open one began. */
	probeAt: number;
	failuresInARow: number;
	/** How often it has opened without a success in between. */
	openings: number;
	pieces: readonly Piece[];
}

/** What happens to a breaker. */
export type BreakerEvent =
	/** A call is about to begin. */
	| { type: 'begin' }
	| { type: 'success' }
	| { type: 'failure' }
	/** A call ended in a way that says nothing: stopped by the visitor, refused by our own limits. */
	| { type: 'nothing' }
	/** The failure leaves no doubt: stay away for at least so long, in milliseconds. */
	| { type: 'open'; forMs: number }
	/** It is well but asks for a pause of so long, in milliseconds. */
	| { type: 'rest'; forMs: number };

/** The state before anything happened. */
export const NEW_BREAKER: BreakerState = {
	kind: 'closed',
	since: 0,
	until: 0,
	probeAt: 0,
	failuresInARow: 0,
	openings: 0,
	pieces: [],
};

/** Tells whether a call may begin. */
export function mayBegin(
	state: BreakerState,
	now: number,
	{ probeMs }: BreakerOptions = BREAKER_OPTIONS
): boolean {
	// A clock that was set back would make a pause longer than anybody meant.
	if ( now < state.since ) {
		return true;
	}
	return state.kind === 'half_open'
		? now >= state.probeAt + probeMs
		: now >= state.until;
}

/** Returns the state after an event. `chance` is from 0 to 1 and spreads the cool-downs of several proxies. */
export function nextState(
	state: BreakerState,
	event: BreakerEvent,
	now: number,
	chance: number,
	options: BreakerOptions = BREAKER_OPTIONS
): BreakerState {
	switch ( event.type ) {
		case 'begin':
			// Whoever comes after the cool-down is the probe; everybody else goes on waiting.
			return state.kind === 'closed'
				? state
				: { ...state, kind: 'half_open', since: now, probeAt: now };
		case 'nothing':
			// The probe told nothing: the next call is one.
			return state.kind === 'half_open'
				? { ...state, kind: 'open', since: now, until: now }
				: state;
		case 'success':
			return state.kind === 'open'
				? // A call from before the opening; what came after it weighs more.
					state
				: {
						...NEW_BREAKER,
						since: state.kind === 'closed' ? state.since : now,
						until: state.kind === 'closed' ? state.until : 0,
						pieces:
							state.kind === 'closed'
								? count( state.pieces, now, 0, options )
								: [],
					};
		case 'failure':
			return fail( state, now, chance, options );
		case 'open':
			return {
				...state,
				kind: 'open',
				since: now,
				until: pauseUntil( state, event.forMs, now, chance ),
				openings: state.openings + 1,
			};
		case 'rest':
			return {
				...state,
				// The provider spoke, so a probe has told what it had to.
				kind: state.kind === 'half_open' ? 'closed' : state.kind,
				since: now,
				until: pauseUntil( state, event.forMs, now, chance ),
			};
	}
}

/** A pause never ends before one that was asked for earlier; a little chance keeps several proxies from coming back in one moment. */
function pauseUntil(
	state: BreakerState,
	forMs: number,
	now: number,
	chance: number
): number {
	return Math.max(
		state.kind === 'half_open' || now < state.since ? 0 : state.until,
		now + Math.ceil( forMs * ( 1 + chance / 10 ) )
	);
}

function fail(
	state: BreakerState,
	now: number,
	chance: number,
	options: BreakerOptions
): BreakerState {
	if ( state.kind === 'open' ) {
		return state;
	}
	const counted = {
		...state,
		failuresInARow: state.failuresInARow + 1,
		pieces: count( state.pieces, now, 1, options ),
	};
	if ( state.kind === 'closed' && ! isTooMuch( counted, options ) ) {
		return counted;
	}
	const coolDownMs = Math.min(
		options.maxCoolDownMs,
		options.coolDownMs * 2 ** Math.min( state.openings, 16 )
	);
	return {
		...counted,
		kind: 'open',
		since: now,
		// Between the half and the whole of it, so that several proxies do not come back in one moment.
		until: now + Math.ceil( coolDownMs * ( 0.5 + chance / 2 ) ),
		openings: state.openings + 1,
		pieces: [],
	};
}

function isTooMuch(
	{ failuresInARow, pieces }: BreakerState,
	options: BreakerOptions
): boolean {
	const calls = pieces.reduce( ( sum, piece ) => sum + piece.calls, 0 );
	const failures = pieces.reduce( ( sum, piece ) => sum + piece.failures, 0 );
	return (
		failuresInARow >= options.consecutiveFailures ||
		( calls >= options.minCalls &&
			failures >= calls * options.failureShare )
	);
}

/** Counts a call in the piece of the window that is now, and drops those that are over. */
function count(
	pieces: readonly Piece[],
	now: number,
	failures: 0 | 1,
	{ windowMs }: BreakerOptions
): Piece[] {
	const lengthMs = windowMs / PIECES;
	const at = Math.floor( now / lengthMs ) * lengthMs;
	// A clock that jumps back leaves pieces in the future behind; they are dropped as well.
	const kept = pieces.filter(
		( piece ) => piece.at > at - windowMs && piece.at < at
	);
	const current = pieces.find( ( piece ) => piece.at === at ) ?? {
		at,
		calls: 0,
		failures: 0,
	};
	return [
		...kept,
		{
			at,
			calls: current.calls + 1,
			failures: current.failures + failures,
		},
	];
}
