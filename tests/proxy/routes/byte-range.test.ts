/**
 * Reads `Range` headers as RFC 9110 has them, and as clients get them wrong.
 */
import { describe, expect, it } from 'vitest';
import { matchesTag, readRange } from '../../../proxy/src/routes/byte-range.ts';

describe( 'a range of a file of 1,000 bytes', () => {
	it.each( [
		[ 'bytes=0-99', { start: 0, end: 99 } ],
		[ 'bytes=0-', { start: 0, end: 999 } ],
		[ 'bytes=999-', { start: 999, end: 999 } ],
		[ 'bytes=500-5000', { start: 500, end: 999 } ],
		[ 'bytes=-100', { start: 900, end: 999 } ],
		[ 'bytes=-5000', { start: 0, end: 999 } ],
		[ 'Bytes= 1-2 ', { start: 1, end: 2 } ],
		[ 'bytes=1000-', 'unsatisfiable' ],
		[ 'bytes=-0', 'unsatisfiable' ],
		[ undefined, 'whole' ],
		[ 'bytes=-', 'whole' ],
		[ 'bytes=9-3', 'whole' ],
		[ 'bytes=0-1,5-9', 'whole' ],
		[ 'bytes=a-b', 'whole' ],
		[ 'bytes=0-99999999999999999999', 'whole' ],
		[ 'items=0-9', 'whole' ],
	] )( '%j is %j', ( header, range ) => {
		expect( readRange( header, 1_000 ) ).toEqual( range );
	} );
} );

describe( 'a tag', () => {
	it.each( [
		[ '"a"', true ],
		[ 'W/"a"', true ],
		[ '"b", "a"', true ],
		[ '*', true ],
		[ '"b"', false ],
		[ 'a', false ],
		[ undefined, false ],
	] )( 'in If-None-Match: %s is known: %s', ( header, isKnown ) => {
		expect( matchesTag( header, '"a"' ) ).toBe( isKnown );
	} );
} );
