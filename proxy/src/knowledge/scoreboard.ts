/**
 * Adds up the scores of passages in arrays that are used again for every search, so that a search allocates next to nothing.
 */
import type { Postings } from '../stores/postings.ts';

/** A ranked passage, with the words it holds as bits. */
export interface Ranked {
	number: number;
	rank: number;
	mask: number;
}

/** The scores of one search. Nothing may be awaited between `clear` and `best`. */
export interface Scoreboard {
	clear(): void;
	/** Adds a word's postings, `factor` times their impact. A passage takes each word once. */
	add( postings: Postings, term: number, factor: number ): void;
	/**
	 * Returns the best passages, all of them or those among `numbers`, best first. A passage's points are multiplied by what
	 * `multiplier` gives for the words it holds; 0 leaves it out.
	 */
	best(
		limit: number,
		numbers: readonly number[] | undefined,
		multiplier: ( mask: number ) => number
	): Ranked[];
}

/** Makes an empty scoreboard, which grows with the largest site it meets. */
export function createScoreboard(): Scoreboard {
	let points = new Float64Array( 1_024 );
	let masks = new Int32Array( 1_024 );
	let touched: number[] = [];

	const grow = ( size: number ): void => {
		const capacity = 2 ** Math.ceil( Math.log2( size ) );
		const morePoints = new Float64Array( capacity );
		morePoints.set( points );
		points = morePoints;
		const moreMasks = new Int32Array( capacity );
		moreMasks.set( masks );
		masks = moreMasks;
	};

	return {
		clear() {
			for ( const number of touched ) {
				points[ number ] = 0;
				masks[ number ] = 0;
			}
			touched = [];
		},

		add( { firstNumber, pairs }, term, factor ) {
			const bit = 1 << term;
			for ( let at = 0; at < pairs.length; at += 2 ) {
				const number = firstNumber + ( pairs[ at ] as number );
				if ( number >= points.length ) {
					grow( number + 1 );
				}
				const mask = masks[ number ] as number;
				if ( ( mask & bit ) === 0 ) {
					if ( mask === 0 ) {
						touched.push( number );
					}
					masks[ number ] = mask | bit;
					points[ number ] =
						( points[ number ] as number ) +
						( pairs[ at + 1 ] as number ) * factor;
				}
			}
		},

		best( limit, numbers, multiplier ) {
			const among = numbers && new Set( numbers );
			const multipliers = new Map< number, number >();
			const found: Ranked[] = [];
			let floor = 0;
			for ( const number of touched ) {
				const mask = masks[ number ] as number;
				let times = multipliers.get( mask );
				if ( times === undefined ) {
					times = multiplier( mask );
					multipliers.set( mask, times );
				}
				const rank = ( points[ number ] as number ) * times;
				if (
					rank > 0 &&
					rank >= floor &&
					( ! among || among.has( number ) )
				) {
					insert( found, limit, { number, rank, mask } );
					floor =
						found.length < limit
							? 0
							: ( found.at( -1 )?.rank ?? 0 );
				}
			}
			return found;
		},
	};
}

/** Keeps the list sorted, best first, lower numbers first among equals, and no longer than `limit`. */
function insert( found: Ranked[], limit: number, next: Ranked ): void {
	let at = found.length;
	while ( at > 0 && isBefore( next, found[ at - 1 ] as Ranked ) ) {
		at--;
	}
	if ( at < limit ) {
		found.splice( at, 0, next );
	}
	if ( found.length > limit ) {
		found.pop();
	}
}

function isBefore( a: Ranked, b: Ranked ): boolean {
	return a.rank > b.rank || ( a.rank === b.rank && a.number < b.number );
}
