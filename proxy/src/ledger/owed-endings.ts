/**
 * Remembers endings of calls that the book did not take, because a disk was full or a file was away, and enters them later. Without that they
 * would count as their whole reserve.
 */

/** So many are remembered at most; the ones beyond count in full when they run out. */
const MAX_OWED = 10_000;

export interface OwedEndings {
	/** Runs an ending, and remembers it when the book does not take it. Settles as the ending does. */
	run< T >( reservationId: string, ending: () => Promise< T > ): Promise< T >;
	/** Tries what is remembered again, oldest first, until the book refuses one more time. Never rejects. */
	retry(): Promise< void >;
}

/** Makes a memory with nothing in it. */
export function createOwedEndings(): OwedEndings {
	const owed = new Map< string, () => Promise< unknown > >();
	return {
		async run( reservationId, ending ) {
			try {
				return await ending();
			} catch ( error ) {
				// A number that cannot be counted will not be counted later either.
				if (
					! ( error instanceof RangeError ) &&
					owed.size < MAX_OWED
				) {
					owed.set( reservationId, ending );
				}
				throw error;
			}
		},
		async retry() {
			for ( const [ reservationId, ending ] of owed ) {
				try {
					await ending();
				} catch {
					return;
				}
				owed.delete( reservationId );
			}
		},
	};
}
