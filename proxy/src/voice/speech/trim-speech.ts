/**
 * Takes the silence from both ends of a spoken sentence and fades its ends, so that sentences can be put together without a click.
 */
import { SAMPLE_RATE } from './speech-bounds.ts';

/** Sound on its way through. */
export interface SpeechTrimmer {
	/** Takes 16-bit samples, which may be cut anywhere, and returns those that may be heard. */
	push( pcm: Uint8Array ): Uint8Array;
	/** The sentence is over, or cut: returns its end, faded out. */
	finish(): Uint8Array;
}

/** Sound is looked at in stretches of 10 ms; in a silent one no sample is louder than this (-42 dBFS). */
const STRETCH = SAMPLE_RATE / 100;
const SILENT = 256;

/** So much is kept before the first and after the last loud stretch, because an f or h is quiet; in stretches. */
const KEPT_BEFORE = 6;
const KEPT_AFTER = 8;

/** Half a millisecond more than a period of the lowest voice would take; in samples. */
const FADE = STRETCH;

/** Makes a trimmer for one sentence. */
export function createSpeechTrimmer(): SpeechTrimmer {
	/** What has come and may still turn out to be the end. */
	let held: Int16Array[] = [];
	let loudUntil = 0;
	let isBegun = false;
	let odd: Uint8Array = new Uint8Array( 0 );
	let partial = new Int16Array( 0 );

	const takeStretch = ( stretch: Int16Array ): Int16Array[] => {
		const isLoud = stretch.some(
			( sample ) => sample > SILENT || sample < -SILENT
		);
		held.push( stretch );
		if ( ! isBegun ) {
			if ( ! isLoud ) {
				held = held.slice( -KEPT_BEFORE );
				return [];
			}
			isBegun = true;
			const [ first ] = held;
			if ( first ) {
				fade( first, 'in' );
			}
		}
		if ( ! isLoud ) {
			return [];
		}
		// The loud stretch itself stays until the next one, so that there is something to fade when the sound is cut.
		loudUntil = 1;
		return held.splice( 0, held.length - 1 );
	};

	return {
		push( pcm ) {
			const bytes = odd.length > 0 ? join( [ odd, pcm ] ) : pcm;
			const even = bytes.length - ( bytes.length % 2 );
			odd = bytes.slice( even );
			let samples = joinSamples( [
				partial,
				samplesOf( bytes.subarray( 0, even ) ),
			] );
			const out: Int16Array[] = [];
			while ( samples.length >= STRETCH ) {
				out.push( ...takeStretch( samples.slice( 0, STRETCH ) ) );
				samples = samples.subarray( STRETCH );
			}
			partial = samples.slice();
			return bytesOf( out );
		},
		finish() {
			if ( partial.length > 0 ) {
				const isLoud = partial.some(
					( sample ) => sample > SILENT || sample < -SILENT
				);
				if ( isBegun || isLoud ) {
					const stretch = partial;
					partial = new Int16Array( 0 );
					held.push( stretch );
					loudUntil = isLoud ? held.length : loudUntil;
					isBegun = true;
				}
			}
			if ( ! isBegun ) {
				return new Uint8Array( 0 );
			}
			const end = joinSamples( held.slice( 0, loudUntil + KEPT_AFTER ) );
			held = [];
			fade( end, 'out' );
			return bytesOf( [ end ] );
		},
	};
}

/** Returns so much silence, in whole samples. */
export function silence( ms: number ): Uint8Array {
	return new Uint8Array( Math.round( ( SAMPLE_RATE * ms ) / 1_000 ) * 2 );
}

/** Puts pieces together. */
export function join( pieces: readonly Uint8Array[] ): Uint8Array {
	return pieces.length === 1 && pieces[ 0 ]
		? pieces[ 0 ]
		: Buffer.concat( pieces );
}

/** Makes the first or last samples louder or softer in a line, down to nothing at the end of the sound. */
function fade( samples: Int16Array, direction: 'in' | 'out' ): void {
	const length = Math.min( FADE, samples.length );
	for ( let step = 0; step < length; step++ ) {
		const at = direction === 'in' ? step : samples.length - 1 - step;
		samples[ at ] = Math.round(
			( ( samples[ at ] ?? 0 ) * step ) / length
		);
	}
}

function samplesOf( bytes: Uint8Array ): Int16Array {
	const samples = new Int16Array( bytes.length / 2 );
	const view = new DataView( bytes.buffer, bytes.byteOffset, bytes.length );
	for ( let at = 0; at < samples.length; at++ ) {
		samples[ at ] = view.getInt16( at * 2, true );
	}
	return samples;
}

function bytesOf( pieces: readonly Int16Array[] ): Uint8Array {
	const samples = joinSamples( pieces );
	const bytes = new Uint8Array( samples.length * 2 );
	const view = new DataView( bytes.buffer );
	for ( let at = 0; at < samples.length; at++ ) {
		view.setInt16( at * 2, samples[ at ] ?? 0, true );
	}
	return bytes;
}

function joinSamples( pieces: readonly Int16Array[] ): Int16Array {
	const joined = new Int16Array(
		pieces.reduce( ( sum, { length } ) => sum + length, 0 )
	);
	let at = 0;
	for ( const piece of pieces ) {
		joined.set( piece, at );
		at += piece.length;
	}
	return joined;
}
