/**
 * Tells silence and hiss from speech, before anybody is paid for listening to them.
 */

/** The length of what is measured at a time, in seconds; a vowel is longer, a click is shorter. */
const FRAME_SECONDS = 0.02;

/** A sound that is to count lasts so many frames; a click does not. */
const SOUND_FRAMES = 5;

/** Below this level there is nothing that a microphone heard, in decibels of full scale. */
const NOTHING_DB = -72;

/** A sound below this level has to stand out from its own floor; what is louder is let through whatever it is, in decibels of full scale. */
const QUIET_DB = -40;

/** Speech rises at least so far above the quietest tenth of the recording, in decibels; hiss and hum stay as they are. */
const STANDS_OUT_DB = 6;

/** Tells whether nothing but silence, hiss or hum is in mono samples of 16 bits. Quiet speech is not silent. */
export function isSilent( samples: Int16Array, sampleRate: number ): boolean {
	const levels = frameLevels(
		samples,
		Math.round( sampleRate * FRAME_SECONDS )
	);
	if ( levels.length === 0 ) {
		return true;
	}
	const loudest = loudestSound( levels );
	const floor = levels.toSorted()[
		Math.floor( levels.length / 10 )
	] as number;
	return (
		loudest < NOTHING_DB ||
		( loudest < QUIET_DB && loudest - floor < STANDS_OUT_DB )
	);
}

/** Measures each frame around its own mean, so that a constant offset counts as nothing; in decibels of full scale. */
function frameLevels( samples: Int16Array, size: number ): Float32Array {
	const levels = new Float32Array( Math.floor( samples.length / size ) );
	for ( let frame = 0; frame < levels.length; frame++ ) {
		let sum = 0;
		let squares = 0;
		for ( let at = frame * size; at < ( frame + 1 ) * size; at++ ) {
			const sample = samples[ at ] as number;
			sum += sample;
			squares += sample * sample;
		}
		const variance = Math.max( 0, squares / size - ( sum / size ) ** 2 );
		levels[ frame ] = 10 * Math.log10( variance / 32_768 ** 2 + 1e-12 );
	}
	return levels;
}

/** Returns the level of the loudest sound that lasts: the highest median of neighbouring frames. */
function loudestSound( levels: Float32Array ): number {
	const count = Math.min( SOUND_FRAMES, levels.length );
	let loudest = -Infinity;
	for ( let at = 0; at + count <= levels.length; at++ ) {
		const median = levels.slice( at, at + count ).sort()[
			count >> 1
		] as number;
		loudest = Math.max( loudest, median );
	}
	return loudest;
}
