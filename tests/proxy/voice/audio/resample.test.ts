import { describe, expect, it } from 'vitest';
import { atOnce } from '../../../../proxy/src/voice/audio/in-turns.ts';
import { resample as resampling } from '../../../../proxy/src/voice/audio/resample.ts';

const resample = ( ...options: Parameters< typeof resampling > ) =>
	atOnce( resampling( ...options ) );

const LEVEL = 0.5;

/** Resamples a second of a sine. */
function resampled( hertz: number, fromRate: number, toRate: number ) {
	return resample( {
		read( from, into ) {
			for ( let at = 0; at < into.length; at++ ) {
				into[ at ] =
					LEVEL *
					Math.sin(
						( 2 * Math.PI * hertz * ( from + at ) ) / fromRate
					);
			}
		},
		length: fromRate,
		fromRate,
		toRate,
	} );
}

/** Returns the level of a sound inside its second, in decibels of the sine that went in. */
function levelDb( pcm: Int16Array ): number {
	const inside = pcm.subarray( pcm.length / 10, pcm.length * 0.9 );
	const power =
		inside.reduce( ( sum, sample ) => sum + ( sample / 32_768 ) ** 2, 0 ) /
		inside.length;
	return 10 * Math.log10( power / ( LEVEL ** 2 / 2 ) );
}

describe( 'when the rate goes down to 16 kHz', () => {
	it.each( [
		22_050, 24_000, 32_000, 44_100, 47_999, 48_000, 88_200, 96_000,
	] )(
		'nothing above 8 kHz of %i Hz is heard in another place: 50 dB down',
		( rate ) => {
			for (
				let hertz = 8_050;
				hertz < rate / 2;
				hertz += ( rate / 2 - 8_050 ) / 7.5
			) {
				expect(
					levelDb( resampled( hertz, rate, 16_000 ) )
				).toBeLessThan( -50 );
			}
		}
	);

	it.each( [ 22_050, 44_100, 47_999, 48_000, 96_000 ] )(
		'speech passes as it is: within 0.1 dB up to 6.7 kHz of %i Hz',
		( rate ) => {
			for ( const hertz of [ 60, 440, 3_000, 6_700 ] ) {
				expect(
					Math.abs( levelDb( resampled( hertz, rate, 16_000 ) ) )
				).toBeLessThan( 0.1 );
			}
		}
	);
} );

describe( 'when the rate goes up', () => {
	it.each( [
		[ 8_000, 16_000 ],
		[ 11_025, 16_000 ],
		[ 16_000, 24_000 ],
	] )(
		'from %i to %i Hz, the sound is the same and has no mirror',
		( from, to ) => {
			const hertz = from * 0.4;
			const pcm = resampled( hertz, from, to );
			expect( pcm.length ).toBe( to );
			const rest = pcm.map( ( sample, at ) =>
				Math.round(
					sample -
						LEVEL *
							32_768 *
							Math.sin( ( 2 * Math.PI * hertz * at ) / to )
				)
			);
			expect( levelDb( rest ) ).toBeLessThan( -50 );
		}
	);
} );

describe( 'the length', () => {
	it( 'is that of the sound, to the sample', () => {
		for ( const [ length, rate ] of [
			[ 1, 48_000 ],
			[ 44_101, 44_100 ],
			[ 12_345, 22_050 ],
		] as const ) {
			const pcm = resample( {
				read: ( _from, into ) => into.fill( 0.25 ),
				length,
				fromRate: rate,
				toRate: 16_000,
			} );
			expect( pcm.length ).toBe(
				Math.round( ( length * 16_000 ) / rate )
			);
		}
	} );
} );
