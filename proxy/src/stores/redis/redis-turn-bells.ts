/**
 * Wakes whoever waits for news of a turn.
 */

/** One waiter's bell. It remembers a ring that came while nobody waited. */
export interface Bell {
	/** Resolves at the next ring, after `timeoutMs`, or when the waiter's signal aborts. */
	wait( timeoutMs: number ): Promise< void >;
	/** Takes the bell down. */
	take(): void;
}

export interface Bells {
	hang( turnId: string, signal: AbortSignal ): Bell;
	ring( turnId: string ): void;
}

/** Makes the bells of one proxy. */
export function createBells(): Bells {
	const hanging = new Map< string, Set< () => void > >();
	return {
		hang( turnId, signal ) {
			let hasRung = false;
			let wake = () => {};
			const ring = () => {
				hasRung = true;
				wake();
			};
			const bells = hanging.get( turnId ) ?? new Set();
			bells.add( ring );
			hanging.set( turnId, bells );
			signal.addEventListener( 'abort', ring );
			return {
				async wait( timeoutMs ) {
					if ( ! hasRung ) {
						await new Promise< void >( ( resolve ) => {
							const timer = setTimeout( resolve, timeoutMs );
							wake = () => {
								clearTimeout( timer );
								resolve();
							};
						} );
					}
					hasRung = false;
				},
				take() {
					signal.removeEventListener( 'abort', ring );
					bells.delete( ring );
					if ( bells.size === 0 ) {
						hanging.delete( turnId );
					}
				},
			};
		},
		ring( turnId ) {
			for ( const ring of hanging.get( turnId ) ?? [] ) {
				ring();
			}
		},
	};
}
