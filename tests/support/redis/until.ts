/**
 * Waits for states of a Redis connection.
 */
import type {
	RedisConnection,
	RedisState,
} from '../../../proxy/src/stores/redis/connection.ts';

/** Resolves when the connection is in a state; the test's own time limit is the end of the waiting. */
export function until(
	connection: RedisConnection,
	kind: RedisState[ 'kind' ]
): Promise< void > {
	return new Promise( ( resolve ) => {
		if ( connection.state.kind === kind ) {
			resolve();
			return;
		}
		const end = connection.onChange( ( state ) => {
			if ( state.kind === kind ) {
				end();
				resolve();
			}
		} );
	} );
}

/** Runs work until it succeeds, a few times a second at most, and returns what it gave. */
export async function untilItWorks< T >(
	work: () => Promise< T >,
	limitMs = 10_000
): Promise< T > {
	const endsAt = performance.now() + limitMs;
	for (;;) {
		try {
			return await work();
		} catch ( error ) {
			if ( performance.now() > endsAt ) {
				throw error;
			}
			await new Promise( ( resolve ) => setTimeout( resolve, 50 ) );
		}
	}
}
