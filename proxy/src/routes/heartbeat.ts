/**
 * Gives every open stream a sign of life from one timer, so that nobody in between takes a quiet connection for dead.
 */

/** How often a sign of life goes out, in milliseconds. */
const INTERVAL_MS = 10_000;

export interface Heartbeat {
	/** Calls `beat` at every interval until the returned function is called. */
	add( beat: () => void ): () => void;
	stop(): void;
}

/** Starts the timer. It does not keep the process alive. */
export function createHeartbeat( intervalMs = INTERVAL_MS ): Heartbeat {
	const beats = new Set< () => void >();
	const timer = setInterval( () => {
		for ( const beat of beats ) {
			beat();
		}
	}, intervalMs ).unref();
	return {
		add( beat ) {
			beats.add( beat );
			return () => {
				beats.delete( beat );
			};
		},
		stop: () => clearInterval( timer ),
	};
}
