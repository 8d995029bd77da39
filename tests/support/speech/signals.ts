/**
 * Makes sounds that are no speech, and puts sounds together: what a microphone hears in a test.
 */

/** Returns silence. */
export function silence( ms: number, sampleRate = 16_000 ): Int16Array {
	return new Int16Array( lengthOf( ms, sampleRate ) );
}

/** Returns a sine; `level` is its peak, 0 to 1. */
export function tone(
	ms: number,
	{
		hertz = 440,
		level = 0.3,
		sampleRate = 16_000,
	}: { hertz?: number; level?: number; sampleRate?: number } = {}
): Int16Array {
	return Int16Array.from(
		{ length: lengthOf( ms, sampleRate ) },
		( _value, at ) =>
			Math.round(
				32_767 *
					level *
					Math.sin( ( 2 * Math.PI * hertz * at ) / sampleRate )
			)
	);
}

/** Returns white noise, the same every time; `level` is its peak, 0 to 1. */
export function noise(
	ms: number,
	{
		level = 0.1,
		sampleRate = 16_000,
		seed = 1,
	}: { level?: number; sampleRate?: number; seed?: number } = {}
): Int16Array {
	const next = randomNumbers( seed );
	return Int16Array.from( { length: lengthOf( ms, sampleRate ) }, () =>
		Math.round( 32_767 * level * ( 2 * next() - 1 ) )
	);
}

/** Returns a cough: a burst, and breath that fades. */
export function cough( {
	sampleRate = 16_000,
	seed = 1,
}: { sampleRate?: number; seed?: number } = {} ): Int16Array {
	return noise( 320, { level: 0.6, sampleRate, seed } ).map(
		( sample, at ) => {
			const seconds = at / sampleRate;
			const shape =
				seconds < 0.06
					? seconds / 0.06
					: Math.max(
							0.4 * Math.exp( -( seconds - 0.06 ) * 8 ),
							1 - ( seconds - 0.06 ) * 10
						);
			return sample * shape;
		}
	);
}

/** Makes samples so much louder that they are cut off at the top, as by a microphone that is turned up too far. */
export function clipped( pcm: Int16Array, gain = 20 ): Int16Array {
	return scaled( pcm, gain );
}

/** Makes samples louder or quieter; what is too loud is cut off. */
export function scaled( pcm: Int16Array, gain: number ): Int16Array {
	return pcm.map( ( sample ) => limited( Math.round( sample * gain ) ) );
}

/** Lets two sounds be heard at once; the result is as long as the longer one. */
export function mixed( one: Int16Array, other: Int16Array ): Int16Array {
	return Int16Array.from(
		{ length: Math.max( one.length, other.length ) },
		( _value, at ) => limited( ( one[ at ] ?? 0 ) + ( other[ at ] ?? 0 ) )
	);
}

/**
 * Puts sounds one after another; a number is so many milliseconds of silence.
 *
 * Chromium's fake microphone plays one file from the start of the browser on: a test puts all its utterances into one, with
 * the silences between them.
 */
export function joined(
	parts: ReadonlyArray< Int16Array | number >,
	sampleRate = 16_000
): Int16Array {
	const sounds = parts.map( ( part ) =>
		typeof part === 'number' ? silence( part, sampleRate ) : part
	);
	const whole = new Int16Array(
		sounds.reduce( ( sum, sound ) => sum + sound.length, 0 )
	);
	let at = 0;
	for ( const sound of sounds ) {
		whole.set( sound, at );
		at += sound.length;
	}
	return whole;
}

/** Returns the loudness of samples, 0 (silence) to 1 (a square wave at full scale). */
export function loudness( pcm: Int16Array ): number {
	let sum = 0;
	for ( const sample of pcm ) {
		sum += sample * sample;
	}
	return pcm.length === 0 ? 0 : Math.sqrt( sum / pcm.length ) / 32_768;
}

function lengthOf( ms: number, sampleRate: number ): number {
	return Math.round( ( ms * sampleRate ) / 1_000 );
}

function limited( sample: number ): number {
	return Math.max( -32_768, Math.min( 32_767, sample ) );
}

/** Numbers from 0 to 1 that look random and are the same every time (mulberry32). */
function randomNumbers( seed: number ): () => number {
	let state = seed;
	return () => {
		state = ( state + 0x6d2b79f5 ) | 0;
		let mixedBits = Math.imul( state ^ ( state >>> 15 ), 1 | state );
		mixedBits ^=
			mixedBits +
			Math.imul( mixedBits ^ ( mixedBits >>> 7 ), 61 | mixedBits );
		return ( ( mixedBits ^ ( mixedBits >>> 14 ) ) >>> 0 ) / 2 ** 32;
	};
}
