/**
 * Changes a list that a person edits row by row. Nothing is changed in place.
 */

/** Replaces the row at a position. */
export function changeRow< Row >(
	rows: readonly Row[],
	index: number,
	row: Row
): Row[] {
	return rows.map( ( old, at ) => ( at === index ? row : old ) );
}

/** Takes a row out. */
export function removeRow< Row >( rows: readonly Row[], index: number ): Row[] {
	return rows.filter( ( _, at ) => at !== index );
}

/** Puts a row back where it was; at the end when the list has become shorter since. */
export function restoreRow< Row >(
	rows: readonly Row[],
	index: number,
	row: Row
): Row[] {
	return [ ...rows.slice( 0, index ), row, ...rows.slice( index ) ];
}

/** Moves a row one place up (-1) or down (1); at the edge it stays. */
export function moveRow< Row >(
	rows: readonly Row[],
	index: number,
	by: -1 | 1
): Row[] {
	const next = [ ...rows ];
	const [ moved ] = next.splice( index, 1 );
	const to = index + by;
	if ( moved === undefined || to < 0 || to > next.length ) {
		return [ ...rows ];
	}
	next.splice( to, 0, moved );
	return next;
}
