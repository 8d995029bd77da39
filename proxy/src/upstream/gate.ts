/**
 * Lets calls to one provider through: so many at a time and a minute, visitors first, the rest in a bounded queue.
 */
import type { CallPriority } from './chat.ts';
import { createDrainEstimate } from './drain-estimate.ts';
import { busy, rateLimited, stopped } from './gate-refusals.ts';
import { REAL_TIME, type GateTime } from './gate-time.ts';
import { createLanes, type Lane } from './lanes.ts';
import type { Allowances } from './rate-headers.ts';
import { MAX_HOLD_MS } from './reported-limit.ts';
import { UpstreamError } from './upstream-error.ts';

/** How many calls may wait for one provider. Background calls may take half of the places. */
const MAX_WAITING = 1_000;

/** How long a call may wait, in milliseconds: a visitor looks at the screen meanwhile. */
const MAX_WAIT_MS: Record< CallPriority, number > = {
	visitor: 10_000,
	background: 60_000,
};

/**
 * How long a call may wait for the limits of its model, in milliseconds. A visitor's question had better go to another model at once, which
 * has limits of its own.
 */
const MAX_MODEL_WAIT_MS: Record< CallPriority, number > = {
	visitor: 2_000,
	background: 60_000,
};

/** After so many visitors in a row a background call that waits is let through, or it might wait for ever. */
const VISITORS_IN_A_ROW = 8;

/** Background calls take at most this share of the places at a time, so that a visitor finds one free. */
const BACKGROUND_SHARE = 0.75;

/** A call that wants to be sent. */
export interface GateRequest {
	/** Providers count requests and tokens for each model apart. */
	model: string;
	priority: CallPriority;
	/** What the call may take of a limit on tokens: its input, and the cap of its output. */
	tokens: number;
	signal: AbortSignal;
}

/** The right to send one call. */
export interface Pass {
	/** How long the call waited, in milliseconds. */
	queueMs: number;
	/** Must be called when the head of the reply is there; with what it says about limits. */
	heard( allowances: Allowances ): void;
	/** Must be called when the call has ended, however it did. Does nothing the second time. */
	leave(): void;
}

/** The gate of one provider, in one process. */
export interface Gate {
	/** Calls that were let through and have not left. */
	readonly inFlight: number;
	readonly waiting: number;
	/**
	 * Lets a call through at once, or as soon as there is room. Throws or rejects with an `UpstreamError`, and nothing was sent then: `rate`
	 * when the provider takes no calls to the model for a while, `busy` when our queue is full or the wait too long, `aborted` when the
	 * signal says so.
	 */
	enter( request: GateRequest ): Pass | Promise< Pass >;
	/** Lets no call to a model through for a time, because the provider said so. */
	pause( model: string, ms: number ): void;
}

interface Waiter {
	request: GateRequest;
	lane: Lane< Waiter >;
	since: number;
	until: number;
	settle( outcome: Pass | UpstreamError ): void;
}

/** Makes a gate; limits that are left out are not kept. */
export function createGate( {
	concurrency,
	requestsPerMinute,
	tokensPerMinute,
	maxWaiting = MAX_WAITING,
	maxWaitMs = MAX_WAIT_MS,
	time = REAL_TIME,
}: {
	concurrency: number;
	requestsPerMinute?: number | undefined;
	tokensPerMinute?: number | undefined;
	maxWaiting?: number;
	maxWaitMs?: Record< CallPriority, number >;
	time?: GateTime;
} ): Gate {
	const backgroundPlaces = Math.max(
		1,
		Math.floor( concurrency * BACKGROUND_SHARE )
	);
	const lanes = createLanes< Waiter >( {
		requestsPerMinute,
		tokensPerMinute,
	} );
	const count = { visitor: 0, background: 0 };
	const running = { visitor: 0, background: 0 };
	const drain = createDrainEstimate( concurrency );
	let visitorsInARow = 0;
	let cancelTimer: ( () => void ) | undefined;

	const hasPlace = ( priority: CallPriority ): boolean =>
		running.visitor + running.background < concurrency &&
		( priority === 'visitor' || running.background < backgroundPlaces );

	const admit = (
		{ priority, tokens }: GateRequest,
		lane: Lane< Waiter >,
		since: number,
		now: number
	): Pass => {
		running[ priority ]++;
		visitorsInARow =
			priority === 'visitor' && count.background > 0
				? visitorsInARow + 1
				: 0;
		const unheard = lanes.take( lane, tokens, now );
		let hasLeft = false;
		return {
			queueMs: now - since,
			heard: ( allowances ) => unheard.report( allowances, time.now() ),
			leave() {
				if ( hasLeft ) {
					return;
				}
				hasLeft = true;
				unheard.forget();
				running[ priority ]--;
				drain.ended( time.now() - now );
				if ( count.visitor + count.background > 0 ) {
					pump();
				}
			},
		};
	};

	/** The call of a kind that has waited longest of those that nothing holds back; with the shortest time until one is. */
	const nextOf = (
		priority: CallPriority,
		now: number
	): { waiter: Waiter | undefined; inMs: number } => {
		let waiter: Waiter | undefined;
		let inMs = Infinity;
		for ( const lane of lanes.all() ) {
			const [ first ] = lane.waiting[ priority ];
			if ( first ) {
				const held = lanes.heldMs( lane, first.request.tokens, now );
				inMs = Math.min( inMs, held );
				if (
					held === 0 &&
					( ! waiter || first.since < waiter.since )
				) {
					waiter = first;
				}
			}
		}
		return { waiter, inMs };
	};

	/** Lets as many through as may pass, and comes back when the next one may. */
	const pump = (): void => {
		cancelTimer?.();
		cancelTimer = undefined;
		for (;;) {
			const now = time.now();
			const order: CallPriority[] =
				visitorsInARow >= VISITORS_IN_A_ROW
					? [ 'background', 'visitor' ]
					: [ 'visitor', 'background' ];
			let next: Waiter | undefined;
			let inMs = Infinity;
			for ( const priority of order ) {
				if ( ! next && count[ priority ] > 0 && hasPlace( priority ) ) {
					const found = nextOf( priority, now );
					next = found.waiter;
					inMs = Math.min( inMs, found.inMs );
				}
			}
			if ( ! next ) {
				if ( inMs < Infinity ) {
					cancelTimer = time.after( Math.max( 1, inMs ), pump );
				}
				return;
			}
			next.settle( admit( next.request, next.lane, next.since, now ) );
		}
	};

	const drainMs = (): number =>
		drain.untilRoomMs( count.visitor + count.background );

	/** Makes room for a visitor by sending the newest background call away. */
	const sendOneAway = (): boolean => {
		let newest: Waiter | undefined;
		for ( const lane of lanes.all() ) {
			for ( const waiter of lane.waiting.background ) {
				if ( ! newest || waiter.since >= newest.since ) {
					newest = waiter;
				}
			}
		}
		newest?.settle( busy( drainMs() ) );
		return newest !== undefined;
	};

	const wait = (
		request: GateRequest,
		lane: Lane< Waiter >,
		since: number
	): Promise< Pass > =>
		new Promise( ( resolve, reject ) => {
			const { priority, signal } = request;
			const onAbort = () => waiter.settle( stopped() );
			const cancel = time.after( maxWaitMs[ priority ], () =>
				waiter.settle(
					busy(
						lanes.heldMs( lane, request.tokens, time.now() ) ||
							drainMs()
					)
				)
			);
			const waiter: Waiter = {
				request,
				lane,
				since,
				until: since + maxWaitMs[ priority ],
				settle( outcome ) {
					cancel();
					signal.removeEventListener( 'abort', onAbort );
					lane.waiting[ priority ].delete( waiter );
					count[ priority ]--;
					if ( count.visitor + count.background === 0 ) {
						cancelTimer?.();
					}
					if ( outcome instanceof UpstreamError ) {
						reject( outcome );
					} else {
						resolve( outcome );
					}
				},
			};
			signal.addEventListener( 'abort', onAbort );
			lane.waiting[ priority ].add( waiter );
			count[ priority ]++;
			pump();
		} );

	return {
		get inFlight() {
			return running.visitor + running.background;
		},
		get waiting() {
			return count.visitor + count.background;
		},
		enter( request ) {
			const { model, priority, tokens, signal } = request;
			if ( signal.aborted ) {
				throw stopped();
			}
			const lane = lanes.of( model );
			const now = time.now();
			const held = lanes.heldMs( lane, tokens, now );
			if (
				held === 0 &&
				hasPlace( priority ) &&
				lane.waiting.visitor.size === 0 &&
				( priority === 'visitor' || count.background === 0 )
			) {
				return admit( request, lane, now, now );
			}
			const modelHeld = lanes.modelHeldMs( lane, tokens, now );
			if ( modelHeld > MAX_MODEL_WAIT_MS[ priority ] ) {
				throw rateLimited( modelHeld );
			}
			if ( held > maxWaitMs[ priority ] ) {
				throw busy( held );
			}
			const isFull =
				count.visitor + count.background >= maxWaiting ||
				( priority === 'background' &&
					count.background >= Math.ceil( maxWaiting / 2 ) );
			if ( isFull && ! ( priority === 'visitor' && sendOneAway() ) ) {
				throw busy( drainMs() );
			}
			return wait( request, lane, now );
		},
		pause( model, ms ) {
			const lane = lanes.of( model );
			const until = time.now() + Math.min( ms, MAX_HOLD_MS );
			lane.pausedUntil = Math.max( lane.pausedUntil, until );
			for ( const waiting of Object.values( lane.waiting ) ) {
				for ( const waiter of waiting ) {
					// Whoever cannot be let through in time had better ask elsewhere now.
					if (
						ms > MAX_MODEL_WAIT_MS[ waiter.request.priority ] ||
						waiter.until < until
					) {
						waiter.settle( rateLimited( ms ) );
					}
				}
			}
		},
	};
}
