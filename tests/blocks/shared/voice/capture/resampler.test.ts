/**
 * The change of rate: tones keep their height and loudness, what does not fit is taken out, and a minute stays a minute.
 */
import { describe, expect, it } from 'vitest';
import { createResampler } from '../../../../../blocks/shared/voice/capture/resampler.ts';

/** What a quantum of an audio worklet brings. */
const QUANTUM = 128;

function resampled(
	from: number,
	to: number,
	seconds: number,
	signal: ( time: number ) => number
): Float32Array {
	const resample = createResampler( from, to );
	const pieces: Float32Array[] = [];
	for ( let first = 0; first < from * seconds; first += QUANTUM ) {
		pieces.push(
			resample(
				Float32Array.from( { length: QUANTUM }, ( _, index ) =>
					signal( ( first + index ) / from )
				)
			)
		);
	}
	const output = new Float32Array(
		pieces.reduce( ( sum, { length } ) => sum + length, 0 )
	);
	let at = 0;
	for ( const piece of pieces ) {
		output.set( piece, at );
		at += piece.length;
	}
	return output;
}

const tone = ( hertz: number ) => ( time: number ) =>
	0.5 * Math.sin( 2 * Math.PI * hertz * time );

/** Leaves out the beginning and the end, where the filter fills. */
const middleOf = ( samples: Float32Array ) => samples.subarray( 2_000, -2_000 );

/** Loudness against a tone of 0.5, in decibels. */
function decibels( samples: Float32Array ): number {
	const middle = middleOf( samples );
	const power =
		middle.reduce( ( sum, sample ) => sum + sample * sample, 0 ) /
		middle.length;
	return 10 * Math.log10( power / 0.125 );
}

/** Height of a tone from its zero crossings. */
function hertzOf( samples: Float32Array, rate: number ): number {
	const middle = middleOf( samples );
	let crossings = 0;
	for ( let index = 1; index < middle.length; index++ ) {
		if (
			( middle[ index - 1 ] ?? 0 ) < 0 &&
			( middle[ index ] ?? 0 ) >= 0
		) {
			crossings++;
		}
	}
	return ( crossings * rate ) / middle.length;
}

const RATES: Array< [ from: number, to: number ] > = [
	[ 48_000, 16_000 ],
	[ 44_100, 16_000 ],
	[ 96_000, 16_000 ],
	[ 48_000, 24_000 ],
	[ 44_100, 24_000 ],
	[ 16_000, 24_000 ],
	[ 8_000, 16_000 ],
];

describe.each( RATES )( 'from %i Hz to %i Hz', ( from, to ) => {
	it.each( [ 100, 440, 3_000 ] )(
		'a tone of %i Hz keeps its height and loudness',
		( hertz ) => {
			const output = resampled( from, to, 2, tone( hertz ) );
			expect( Math.abs( decibels( output ) ) ).toBeLessThan( 0.1 );
			expect( Math.abs( hertzOf( output, to ) - hertz ) ).toBeLessThan(
				1
			);
		}
	);

	it( 'a minute of sound is a minute of samples', () => {
		const output = resampled( from, to, 60, () => 0 );
		expect( Math.abs( output.length - 60 * to ) ).toBeLessThan( to / 100 );
	} );
} );

describe( 'a tone above half the new rate', () => {
	it.each( [
		[ 48_000, 16_000, 8_400 ],
		[ 48_000, 16_000, 11_000 ],
		[ 48_000, 16_000, 15_000 ],
		[ 48_000, 16_000, 20_000 ],
		[ 44_100, 16_000, 9_000 ],
		[ 44_100, 16_000, 16_500 ],
		[ 48_000, 24_000, 12_600 ],
		[ 48_000, 24_000, 20_000 ],
	] )(
		'from %i Hz to %i Hz at %i Hz leaves less than -40 dB',
		( from, to, hertz ) => {
			expect(
				decibels( resampled( from, to, 2, tone( hertz ) ) )
			).toBeLessThan( -60 );
		}
	);
} );

it( 'speech up to 6.5 kHz passes unchanged', () => {
	expect(
		Math.abs( decibels( resampled( 48_000, 16_000, 2, tone( 6_500 ) ) ) )
	).toBeLessThan( 0.1 );
} );

it( 'an equal rate changes nothing', () => {
	const samples = Float32Array.of( 0.1, -0.2, 0.3 );
	expect( createResampler( 16_000, 16_000 )( samples ) ).toEqual( samples );
} );
