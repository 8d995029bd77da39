/**
 * Reads which part of a file a request asks for (RFC 9110, section 14).
 */

/** Both ends included. */
export interface ByteRange {
	start: number;
	end: number;
}

/**
 * Reads a `Range` header against a file of `size` bytes: `whole` when there is none, or one that may be ignored (other units, several
 * ranges, not well-formed), `unsatisfiable` when it lies behind the end.
 */
export function readRange(
	header: string | undefined,
	size: number
): ByteRange | 'whole' | 'unsatisfiable' {
	const [ , from, to ] =
		/^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec( header ?? '' ) ?? [];
	if ( from === undefined || to === undefined || from + to === '' ) {
		return 'whole';
	}
	if ( from === '' ) {
		const length = Math.min( Number( to ), size );
		return length > 0
			? { start: size - length, end: size - 1 }
			: 'unsatisfiable';
	}
	const start = Number( from );
	const end = to === '' ? size - 1 : Math.min( Number( to ), size - 1 );
	if ( to !== '' && Number( to ) < start ) {
		return 'whole';
	}
	return start < size ? { start, end } : 'unsatisfiable';
}

/** Tells whether an `If-None-Match` header names a tag, weak or strong. */
export function matchesTag( header: string | undefined, tag: string ): boolean {
	return (
		header !== undefined &&
		header
			.split( ',' )
			.map( ( one ) => one.trim().replace( /^W\//, '' ) )
			.some( ( one ) => one === tag || one === '*' )
	);
}
