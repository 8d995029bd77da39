/**
 * Adds up the scores of passages in arrays that are used again for every search, so that a search allocates next to nothing.
 */
import type { Postings } from '../stores/postings.ts';

/** A ranked passage. */
export interface Ranked {
	number: number;
	rank: number;
	covered: number;
}

/** Judges a passage by which words it holds (as bits) and its points; undefined leaves it out. */
export type Judge = (
	mask: number,
	points: number
) => { rank: number; covered: number } | undefined;

/** The scores of one search. Nothing may be awaited between `clear` and `best`. */
export interface Scoreboard {
	clear(): void;
	/** Adds a word's postings, `factor` times their impact. A passage takes each word once. */
	add( postings: Postings, term: number, factor: number ): void;
	/** Returns the best passages, all of them or those among `numbers`, best first. */
	best(
		limit: number,
		numbers: readonly number[] | undefined,
		judge: Judge
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

		best( limit, numbers, judge ) {
			const found: Ranked[] = [];
			const among = numbers && new Set( numbers );
			for ( const number of touched ) {
				if ( among && ! among.has( number ) ) {
					continue;
				}
				const judged = judge(
					masks[ number ] as number,
					points[ number ] as number
				);
				if ( judged ) {
					insert( found, limit, { number, ...judged } );
				}
			}
			return found;
		},
	};
}

/** Keeps the list sorted, best first, lower numbers first among equals, and no longer than `limit`. */
function insert( found: Ranked[], limit: number, next: Ranked ): void {
	const last = found[ limit - 1 ];
	if ( last && ! isBefore( next, last ) ) {
		return;
	}
	let at = found.length;
	while ( at > 0 && isBefore( next, found[ at - 1 ] as Ranked ) ) {
		at--;
	}
	found.splice( at, 0, next );
	if ( found.length > limit ) {
		found.pop();
	}
}

function isBefore( a: Ranked, b: Ranked ): boolean {
	return a.rank > b.rank || ( a.rank === b.rank && a.number < b.number );
}
