/**
 * Turns 24 kHz into the rate of the page's sound by windowed-sinc interpolation, so that nothing depends on the rate a browser likes.
 */
import { TAPE_RATE } from './playback-tape.ts';

/** Samples looked at for each one made. */
const TAPS = 16;
const HALF = TAPS / 2;

/** Places between two samples for which weights are kept; between these it is linear. */
const PHASES = 64;

/** Pulls samples of one rate and gives samples of another. */
export class Resampler {
	readonly #step: number;
	readonly #weights: Float32Array;
	/** Kept twice in a row, so that the last `TAPS` samples always lie side by side. */
	readonly #recent = new Float32Array( 2 * TAPS );
	#head = 0;
	#phase = 0;

	constructor( rate: number ) {
		this.#step = TAPE_RATE / rate;
		this.#weights = weightsFor( this.#step > 1 ? 0.95 / this.#step : 1 );
	}

	/** Forgets the past and begins with the next sample that `pull` gives. */
	begin( pull: () => number ): void {
		this.#recent.fill( 0 );
		this.#phase = 0;
		for ( let ahead = 0; ahead <= HALF; ahead++ ) {
			this.#take( pull() );
		}
	}

	/** Gives the next sample; `pull` is asked for as many as that takes. */
	next( pull: () => number ): number {
		const place = this.#phase * PHASES;
		const row = Math.floor( place );
		const between = place - row;
		let low = 0;
		let high = 0;
		for ( let tap = 0; tap < TAPS; tap++ ) {
			const value = this.#recent[ this.#head + tap ] ?? 0;
			low += value * ( this.#weights[ row * TAPS + tap ] ?? 0 );
			high += value * ( this.#weights[ ( row + 1 ) * TAPS + tap ] ?? 0 );
		}
		this.#phase += this.#step;
		while ( this.#phase >= 1 ) {
			this.#phase -= 1;
			this.#take( pull() );
		}
		return low + ( high - low ) * between;
	}

	#take( value: number ): void {
		this.#recent[ this.#head ] = value;
		this.#recent[ this.#head + TAPS ] = value;
		this.#head = ( this.#head + 1 ) % TAPS;
	}
}

/** Makes the weights of every phase: a sinc under a Blackman window. `cutoff` is a share of the lower rate's half. */
function weightsFor( cutoff: number ): Float32Array {
	const weights = new Float32Array( ( PHASES + 1 ) * TAPS );
	for ( let row = 0; row <= PHASES; row++ ) {
		let sum = 0;
		const values = Array.from( { length: TAPS }, ( _, tap ) => {
			const x = tap - HALF + 1 - row / PHASES;
			const angle = Math.PI * x * cutoff;
			const turn = ( Math.PI * x ) / HALF;
			const window =
				0.42 + 0.5 * Math.cos( turn ) + 0.08 * Math.cos( 2 * turn );
			const value =
				( Math.abs( angle ) < 1e-9 ? 1 : Math.sin( angle ) / angle ) *
				window;
			sum += value;
			return value;
		} );
		values.forEach( ( value, tap ) => {
			weights[ row * TAPS + tap ] = value / sum;
		} );
	}
	return weights;
}
