/**
 * Looks at the ends of spoken sentences: no silence, no click, and nothing of the voice lost.
 */
import { describe, expect, it } from 'vitest';
import { createSpeechTrimmer } from '../../../../proxy/src/voice/speech/trim-speech.ts';

const RATE = 24_000;
const MS = RATE / 1_000;

const tone = ( ms: number, level = 0.3 ) =>
	Int16Array.from( { length: ms * MS }, ( _, at ) =>
		Math.round(
			level * 32_767 * Math.sin( ( 2 * Math.PI * 220 * at ) / RATE )
		)
	);
const quiet = ( ms: number ) => new Int16Array( ms * MS );
const join = ( ...parts: Int16Array[] ) =>
	Int16Array.from( parts.flatMap( ( part ) => [ ...part ] ) );

/** Sends samples through in pieces of so many bytes. */
const trim = ( samples: Int16Array, pieceBytes: number ) => {
	const bytes = new Uint8Array( samples.buffer );
	const trimmer = createSpeechTrimmer();
	const out: Uint8Array[] = [];
	for ( let at = 0; at < bytes.length; at += pieceBytes ) {
		out.push( trimmer.push( bytes.subarray( at, at + pieceBytes ) ) );
	}
	out.push( trimmer.finish() );
	const all = Buffer.concat( out );
	return Int16Array.from( { length: all.length / 2 }, ( _, at ) =>
		all.readInt16LE( at * 2 )
	);
};

describe( 'a spoken sentence', () => {
	it.each( [ 1, 7, 480, 4_801, 1_000_000 ] )(
		'loses its silence but for a moment, in pieces of %i bytes',
		( pieceBytes ) => {
			const out = trim(
				join(
					quiet( 500 ),
					tone( 300 ),
					quiet( 400 ),
					tone( 200 ),
					quiet( 900 )
				),
				pieceBytes
			);
			const ms = out.length / MS;
			// The pause inside stays whole.
			expect( ms ).toBeGreaterThanOrEqual( 900 );
			expect( ms ).toBeLessThanOrEqual( 900 + 60 + 90 );
		}
	);

	it( 'is the same in whatever pieces it comes', () => {
		const sound = join( quiet( 33 ), tone( 321 ), quiet( 47 ) );
		const whole = trim( sound, 1_000_000 );
		for ( const size of [ 1, 3, 479, 960 ] ) {
			expect( trim( sound, size ) ).toEqual( whole );
		}
	} );

	it( 'begins and ends at nothing, even when it was cut in the middle of a tone', () => {
		const out = trim( tone( 205 ), 960 );
		expect( Math.abs( out[ 0 ] ?? NaN ) ).toBe( 0 );
		expect( Math.abs( out.at( -1 ) ?? NaN ) ).toBe( 0 );
		const loud = tone( 205 );
		const usual = Math.max(
			...loud
				.slice( 1 )
				.map( ( sample, at ) =>
					Math.abs( sample - ( loud[ at ] ?? 0 ) )
				)
		);
		const largest = Math.max(
			...out
				.slice( 1 )
				.map( ( sample, at ) =>
					Math.abs( sample - ( out[ at ] ?? 0 ) )
				)
		);
		expect( largest ).toBeLessThanOrEqual( usual * 1.1 );
	} );

	it( 'keeps its loudness', () => {
		const out = trim( join( quiet( 100 ), tone( 300 ) ), 960 );
		const middle = out.slice( 100 * MS, 250 * MS );
		expect( Math.max( ...middle ) ).toBe( Math.max( ...tone( 300 ) ) );
	} );

	it( 'of nothing but silence is nothing', () => {
		expect( trim( quiet( 800 ), 960 ) ).toHaveLength( 0 );
	} );
} );
