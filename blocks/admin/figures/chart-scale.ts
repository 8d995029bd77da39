/**
 * Chooses where a chart ends, so that its labels are round numbers.
 */

/** The smallest top: a hundredth of a cent, in nano-dollars. */
const SMALLEST = 100_000;

/** Returns the first of 1, 2, 5, 10, 20, 50, … that is not below the highest value, in nano-dollars. */
export function chartTop( highestNanoUsd: number ): number {
	if ( highestNanoUsd <= SMALLEST ) {
		return SMALLEST;
	}
	const power = 10 ** Math.floor( Math.log10( highestNanoUsd ) );
	const factor = [ 1, 2, 5, 10 ].find(
		( step ) => step * power >= highestNanoUsd
	);
	return ( factor ?? 10 ) * power;
}
