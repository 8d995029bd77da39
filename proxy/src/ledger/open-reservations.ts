/**
 * Counts the reservations of this process that are neither settled, released nor run out.
 */

/** Costs next to nothing for each call: it is counted only when somebody asks. */
export interface OpenReservations {
	add( reservationId: string, expiresAt: number ): void;
	/** Takes a reservation away once the book says that it is closed; when that fails it stays until it runs out. */
	closing< Saved >(
		reservationId: string,
		saved: Promise< Saved >
	): Promise< Saved >;
	/** Forgets what has run out and counts the rest. */
	count( now: number ): number;
}

/** Starts with none. */
export function createOpenReservations(): OpenReservations {
	const expiries = new Map< string, number >();
	return {
		add( reservationId, expiresAt ) {
			expiries.set( reservationId, expiresAt );
		},
		closing( reservationId, saved ) {
			saved.then(
				() => expiries.delete( reservationId ),
				() => {}
			);
			return saved;
		},
		count( now ) {
			for ( const [ reservationId, expiresAt ] of expiries ) {
				if ( expiresAt <= now ) {
					expiries.delete( reservationId );
				}
			}
			return expiries.size;
		},
	};
}
