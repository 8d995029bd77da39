/**
 * Merges lists that are each sorted by time into one, reading only as much of each as is needed.
 */

/** Where a row stands: by time, and among rows of the same millisecond by the order of their adding. */
export interface Place {
	at: number;
	seq: number;
}

/** Reads the next places of one list after (that is: older than) a place, newest first. */
export type ReadPlaces = ( after: Place, limit: number ) => Place[];

/** The first read of each list is so long; every further one four times the last. */
const FIRST_READ = 8;

interface Lane {
	readPlaces: ReadPlaces;
	places: Place[];
	next: number;
	readSize: number;
}

/** Returns the first `limit` places of all lists together after a place, newest first. */
export function mergeNewestFirst(
	lists: ReadPlaces[],
	after: Place,
	limit: number
): Place[] {
	let lanes = lists
		.map( ( readPlaces ): Lane => {
			const readSize = lists.length === 1 ? limit : FIRST_READ;
			return {
				readPlaces,
				places: readPlaces( after, readSize ),
				next: 0,
				readSize,
			};
		} )
		.filter( ( lane ) => lane.places.length > 0 );
	const merged: Place[] = [];
	while ( merged.length < limit && lanes.length > 0 ) {
		const lane = lanes.reduce( ( best, candidate ) =>
			isNewer( headOf( candidate ), headOf( best ) ) ? candidate : best
		);
		merged.push( headOf( lane ) );
		if ( ! advance( lane ) ) {
			lanes = lanes.filter( ( other ) => other !== lane );
		}
	}
	return merged;
}

function headOf( lane: Lane ): Place {
	return lane.places[ lane.next ] as Place;
}

/** Steps to the next place of a lane; false when there is none. */
function advance( lane: Lane ): boolean {
	lane.next++;
	if ( lane.next === lane.places.length ) {
		if ( lane.places.length < lane.readSize ) {
			return false;
		}
		lane.readSize *= 4;
		lane.places = lane.readPlaces(
			lane.places[ lane.next - 1 ] as Place,
			lane.readSize
		);
		lane.next = 0;
	}
	return lane.next < lane.places.length;
}

function isNewer( a: Place, b: Place ): boolean {
	return a.at > b.at || ( a.at === b.at && a.seq > b.seq );
}
