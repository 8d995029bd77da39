/**
 * A clock that tests move by hand: nothing happens until `advance` is called.
 */

/** Reads like the proxy's `Clock` and moves only when told to. */
export interface HandClock {
	(): number;
	/** Moves time forward and runs the timers that fall due, in order, awaiting each. */
	advance( ms: number ): Promise< void >;
	/** Jumps to a moment without running timers, as a machine does that was asleep. Milliseconds since the Unix epoch. */
	set( ms: number ): void;
	/** Resolves once time has been moved `ms` ahead of now; rejects when the signal aborts. */
	wait( ms: number, signal?: AbortSignal ): Promise< void >;
	/** Calls back once time has been moved `ms` ahead of now; returns what cancels it. */
	after( ms: number, work: () => void | Promise< void > ): () => void;
	/** Number of timers that have not run yet: a test that ends clean leaves none. */
	readonly pending: number;
}

interface Timer {
	dueMs: number;
	work: () => void | Promise< void >;
}

/** Starts a clock; the default moment is a Friday noon in UTC. */
export function createHandClock(
	startMs = Date.UTC( 2026, 10, 20, 12 )
): HandClock {
	let nowMs = startMs;
	const timers = new Set< Timer >();

	const after: HandClock[ 'after' ] = ( ms, work ) => {
		const timer = { dueMs: nowMs + ms, work };
		timers.add( timer );
		return () => void timers.delete( timer );
	};
	const firstDue = ( untilMs: number ): Timer | undefined =>
		[ ...timers ]
			.filter( ( timer ) => timer.dueMs <= untilMs )
			.sort( ( a, b ) => a.dueMs - b.dueMs )[ 0 ];
	const settle = (): Promise< void > =>
		new Promise( ( resolve ) => setImmediate( resolve ) );

	const clock = {
		async advance( ms: number ) {
			const untilMs = nowMs + ms;
			for (
				let timer = firstDue( untilMs );
				timer;
				timer = firstDue( untilMs )
			) {
				timers.delete( timer );
				nowMs = Math.max( nowMs, timer.dueMs );
				await timer.work();
				await settle();
			}
			nowMs = untilMs;
			await settle();
		},
		set( ms: number ) {
			nowMs = ms;
		},
		wait( ms: number, signal?: AbortSignal ) {
			return new Promise< void >( ( resolve, reject ) => {
				const cancel = after( ms, resolve );
				signal?.addEventListener( 'abort', () => {
					cancel();
					reject( signal.reason );
				} );
			} );
		},
		after,
	};
	return Object.defineProperty(
		Object.assign( () => nowMs, clock ),
		'pending',
		{ get: () => timers.size }
	) as HandClock;
}
