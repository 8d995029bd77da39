/**
 * Changes the rate of sound without adding tones that were not there: what lies above half the new rate is taken out first.
 */

/** Takes pieces of sound of any length and returns what is ready at the new rate. */
export type Resampler = ( samples: Float32Array ) => Float32Array;

/** Zero crossings of the filter on each side: with the window below, what folds back is quieter than -70 dB. */
const CROSSINGS = 24;
/** Share of half the lower rate that passes; the rest is where the filter falls. */
const PASSED = 0.91;
/** Shape of the Kaiser window: about 80 dB of attenuation. */
const BETA = 8;

/**
 * Creates a resampler. Positions are kept as whole numbers of the rates' common measure, so that an hour of sound is an hour. The sound
 * comes out later by half the filter's length (at most 3 ms).
 */
export function createResampler( from: number, to: number ): Resampler {
	if ( from === to ) {
		return ( samples ) => samples.slice();
	}
	const measure = greatestCommonDivisor( from, to );
	/** Between two output samples lie `step` positions, between two input samples `phases`. */
	const step = from / measure;
	const phases = to / measure;
	const cutoff = PASSED * Math.min( 1, to / from );
	const reach = Math.ceil( CROSSINGS / Math.min( 1, to / from ) );
	const taps = 2 * reach;
	const filters = Array.from( { length: phases }, ( _, phase ) =>
		makeFilter( phase / phases, reach, cutoff )
	);
	let kept = new Float32Array( taps );
	/** Where the next output sample lies, counted in `phases` from the first input sample kept. */
	let position = 0;

	return ( samples ) => {
		const input = new Float32Array( kept.length + samples.length );
		input.set( kept );
		input.set( samples, kept.length );
		const ready = ( input.length - taps ) * phases - position;
		const output = new Float32Array(
			Math.max( 0, Math.ceil( ready / step ) )
		);
		for ( let index = 0; index < output.length; index++ ) {
			const first = Math.floor( position / phases );
			const filter = filters[ position % phases ] as Float32Array;
			let sum = 0;
			for ( let tap = 0; tap < taps; tap++ ) {
				sum += ( input[ first + tap ] ?? 0 ) * ( filter[ tap ] ?? 0 );
			}
			output[ index ] = sum;
			position += step;
		}
		const passed = Math.min(
			Math.floor( position / phases ),
			input.length - taps
		);
		position -= passed * phases;
		kept = input.slice( passed );
		return output;
	};
}

/** Makes the windowed sinc for one place between two input samples; its sum is 1, so that loudness stays. */
function makeFilter(
	fraction: number,
	reach: number,
	cutoff: number
): Float32Array {
	const filter = new Float32Array( 2 * reach );
	let sum = 0;
	for ( let tap = 0; tap < filter.length; tap++ ) {
		const distance = tap - reach + 1 - fraction;
		const angle = Math.PI * cutoff * distance;
		const sinc = angle === 0 ? 1 : Math.sin( angle ) / angle;
		const inside = 1 - ( distance / reach ) ** 2;
		const window = inside > 0 ? bessel( BETA * Math.sqrt( inside ) ) : 0;
		filter[ tap ] = sinc * window;
		sum += filter[ tap ] ?? 0;
	}
	return filter.map( ( value ) => value / sum );
}

/** The modified Bessel function of order zero, as far as the Kaiser window needs it. */
function bessel( x: number ): number {
	let sum = 1;
	let term = 1;
	for ( let k = 1; term > sum * 1e-9; k++ ) {
		term *= ( x / ( 2 * k ) ) ** 2;
		sum += term;
	}
	return sum;
}

function greatestCommonDivisor( a: number, b: number ): number {
	return b === 0 ? a : greatestCommonDivisor( b, a % b );
}
