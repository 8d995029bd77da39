/**
 * Says which model answers in place of one that was switched off.
 */

/** What has to be known about a model to find its successor. */
export interface Succession {
	/** The day from 00:00 UTC of which it is gone, `YYYY-MM-DD`. */
	shutdownDate: string | undefined;
	successor: string | undefined;
}

/**
 * Follows the successors until one is there on `today` (`YYYY-MM-DD`, UTC). Returns undefined when the last of them is gone too, or the
 * next is unknown.
 */
export function livingSuccessor(
	id: string,
	successionOf: ( id: string ) => Succession | undefined,
	today: string
): string | undefined {
	const seen = new Set< string >();
	let current: string | undefined = id;
	while ( current !== undefined && ! seen.has( current ) ) {
		seen.add( current );
		const succession = successionOf( current );
		if ( ! succession ) {
			return undefined;
		}
		if ( ! isGone( succession.shutdownDate, today ) ) {
			return current;
		}
		current = succession.successor;
	}
	return undefined;
}

/** Tells whether a model is gone on a day; both are `YYYY-MM-DD`, which compares as text. */
export function isGone(
	shutdownDate: string | undefined,
	today: string
): boolean {
	return shutdownDate !== undefined && shutdownDate <= today;
}

/** Returns the day of a moment in UTC, as `YYYY-MM-DD`. */
export function utcDay( time: number ): string {
	return new Date( time ).toISOString().slice( 0, 10 );
}
