/**
 * Changes the sample rate of speech: a polyphase filter with a Kaiser-windowed sinc, which lets 85 % of the smaller band through and keeps
 * what would fold back into it 60 dB down.
 */

import type { Steps } from './in-turns.ts';

/** How far down the stop band is, in decibels. */
const STOP_BAND_DB = 60;

/** Where the pass band ends, as a share of the smaller of the two bands; the stop band begins at its end. */
const PASS_SHARE = 0.85;

/** Rates without a small common ratio are read at the nearest of so many phases; the error is about as small as that of 16-bit samples. */
const MAX_PHASES = 2_048;

/** Samples that are made at a time, so that no whole recording stands in memory in another form. */
const BLOCK = 1_024;

/** Fills an array with the samples from an index on, each from -1 to 1. */
export type ReadSamples = ( from: number, into: Float32Array ) => void;

/** Resamples `length` mono samples that `read` gives, from one rate to another in hertz, to 16 bits. */
export function* resample( {
	read,
	length,
	fromRate,
	toRate,
}: {
	read: ReadSamples;
	length: number;
	fromRate: number;
	toRate: number;
} ): Steps< Int16Array > {
	const made = new Int16Array( Math.round( ( length * toRate ) / fromRate ) );
	const { taps, phases, kernel } = yield* designKernel( fromRate, toRate );
	const before = taps / 2 - 1;
	const step = fromRate / toRate;
	const window = new Float32Array( Math.ceil( BLOCK * step ) + taps + 1 );
	for ( let start = 0; start < made.length; start += BLOCK ) {
		const end = Math.min( made.length, start + BLOCK );
		const firstIndex = Math.floor( ( start * fromRate ) / toRate ) - before;
		readPadded( read, length, firstIndex, window );
		for ( let index = start; index < end; index++ ) {
			const position = ( index * fromRate ) / toRate;
			let whole = Math.floor( position );
			let phase = Math.round( ( position - whole ) * phases );
			if ( phase === phases ) {
				phase = 0;
				whole++;
			}
			const at = whole - before - firstIndex;
			const row = phase * taps;
			let sum = 0;
			for ( let tap = 0; tap < taps; tap++ ) {
				sum +=
					( window[ at + tap ] as number ) *
					( kernel[ row + tap ] as number );
			}
			made[ index ] = toInt16( sum );
		}
		yield;
	}
	return made;
}

/** Turns a sample from -1 to 1 into one of 16 bits; what is louder is cut off. */
export function toInt16( sample: number ): number {
	return Math.max(
		-32_768,
		Math.min( 32_767, Math.round( sample * 32_768 ) )
	);
}

/** Reads a stretch that may begin before the first sample and end after the last, where there is silence. */
function readPadded(
	read: ReadSamples,
	length: number,
	from: number,
	into: Float32Array
): void {
	into.fill( 0 );
	const first = Math.max( 0, from );
	const last = Math.min( length, from + into.length );
	if ( last > first ) {
		read( first, into.subarray( first - from, last - from ) );
	}
}

interface Kernel {
	taps: number;
	phases: number;
	/** One row of taps for each phase. */
	kernel: Float32Array;
}

/** Designs the filter after Kaiser: its length follows from the stop band and from the width of the transition. */
function* designKernel( fromRate: number, toRate: number ): Steps< Kernel > {
	const band = Math.min( fromRate, toRate ) / 2;
	const transition = ( band * ( 1 - PASS_SHARE ) ) / fromRate;
	const cutoff = ( band * ( 1 + PASS_SHARE ) ) / 2 / fromRate;
	const beta = 0.1102 * ( STOP_BAND_DB - 8.7 );
	const half = Math.ceil(
		( STOP_BAND_DB - 7.95 ) / ( 14.36 * transition ) / 2
	);
	const taps = half * 2;
	const phases = Math.min( MAX_PHASES, toRate / divisor( fromRate, toRate ) );
	const kernel = new Float32Array( taps * phases );
	const highest = bessel( beta );
	for ( let phase = 0; phase < phases; phase++ ) {
		const row = kernel.subarray( phase * taps, ( phase + 1 ) * taps );
		let sum = 0;
		for ( let tap = 0; tap < taps; tap++ ) {
			const distance = tap - ( half - 1 ) - phase / phases;
			const value =
				( sinc( 2 * cutoff * distance ) *
					kaiser( distance / half, beta ) ) /
				highest;
			row[ tap ] = value;
			sum += value;
		}
		// Each phase alone keeps a steady level as it is.
		for ( let tap = 0; tap < taps; tap++ ) {
			row[ tap ] = ( row[ tap ] as number ) / sum;
		}
		yield;
	}
	return { taps, phases, kernel };
}

function sinc( x: number ): number {
	return x === 0 ? 1 : Math.sin( Math.PI * x ) / ( Math.PI * x );
}

/** Kaiser's window, up to its height. */
function kaiser( x: number, beta: number ): number {
	return x <= -1 || x >= 1 ? 0 : bessel( beta * Math.sqrt( 1 - x * x ) );
}

/** The modified Bessel function of the first kind and order zero, by its series. */
function bessel( x: number ): number {
	let term = 1;
	let sum = 1;
	for ( let k = 1; term > sum * 1e-10; k++ ) {
		term *= ( x / 2 / k ) ** 2;
		sum += term;
	}
	return sum;
}

function divisor( a: number, b: number ): number {
	return b === 0 ? a : divisor( b, a % b );
}
