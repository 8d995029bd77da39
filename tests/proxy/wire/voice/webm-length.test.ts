/**
 * The simulated provider measures WebM as browsers record it: without a length in its head.
 */
import { describe, expect, it } from 'vitest';
import { webmSeconds } from '../../../support/simulated-provider/transcriptions/webm-length.ts';

const UNKNOWN = '01ffffffffffffff';

const element = ( id: string, body: Buffer ): Buffer =>
	Buffer.concat( [
		Buffer.from( id, 'hex' ),
		Buffer.from( [ 0x40 | ( body.length >> 8 ), body.length & 0xff ] ),
		body,
	] );

const block = ( atMs: number ): Buffer =>
	element(
		'a3',
		Buffer.from( [ 0x81, atMs >> 8, atMs & 0xff, 0x80, 1, 2, 3 ] )
	);

const cluster = ( startMs: number, ...blocks: Buffer[] ): Buffer =>
	Buffer.concat( [
		Buffer.from( `1f43b675${ UNKNOWN }`, 'hex' ),
		element( 'e7', Buffer.from( [ startMs >> 8, startMs & 0xff ] ) ),
		...blocks,
	] );

const recorded = Buffer.concat( [
	element( '1a45dfa3', Buffer.alloc( 4 ) ),
	Buffer.from( `18538067${ UNKNOWN }`, 'hex' ),
	element( '1549a966', element( '2ad7b1', Buffer.from( '0f4240', 'hex' ) ) ),
	cluster( 0, block( 0 ), block( 20 ), block( 980 ) ),
	cluster( 1_000, block( 0 ), block( 480 ) ),
] );

describe( 'WebM', () => {
	it( 'is as long as its last block says', () => {
		expect( webmSeconds( recorded ) ).toBeCloseTo( 1.5, 5 );
	} );

	it( 'is not measured when it ends inside a block, or holds none', () => {
		expect( webmSeconds( recorded.subarray( 0, -2 ) ) ).toBe( undefined );
		expect( webmSeconds( recorded.subarray( 0, 20 ) ) ).toBe( undefined );
		expect( webmSeconds( Buffer.alloc( 64 ) ) ).toBe( undefined );
	} );
} );
