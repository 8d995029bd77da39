/**
 * Runs work of one kind one after another, in the order it came, so that a removal never overtakes the document it removes.
 */

/** Runs `work` once everything given earlier under the same key has ended. */
export type InOrder = < T >(
	key: string,
	work: () => Promise< T >
) => Promise< T >;

/** Makes the order. A key without work in progress takes no memory. */
export function createOrder(): InOrder {
	const last = new Map< string, Promise< unknown > >();

	return ( key, work ) => {
		const before = last.get( key ) ?? Promise.resolve();
		const result = before.then( work );
		// Who comes after waits for the end, good or bad; the failure itself belongs to the caller.
		const ended = result.then(
			() => undefined,
			() => undefined
		);
		last.set( key, ended );
		void ended.then( () => {
			if ( last.get( key ) === ended ) {
				last.delete( key );
			}
		} );
		return result;
	};
}
