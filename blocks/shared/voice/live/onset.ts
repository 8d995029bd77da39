/**
 * Hears from the levels of the microphone, and from whether they hum, that somebody begins to speak; cheap enough for every 20 ms.
 */
import type { CaptureFrame } from '../capture/frame.ts';

/** Speech stands out of the room by so much, and by more while the assistant speaks. In decibels. */
const MARGIN_DB = 9;
const STRICT_MARGIN_DB = 13;
const ECHO_MARGIN_DB = 4;

/** Once it has begun, speech may be quieter by this much: the assistant is quieter as well. */
const EASE_DB = 4;

/** Quieter than this is nobody who speaks into this microphone, in decibels of full scale. */
const LOWEST_DB = -46;

/** The least that comes back of what the loudspeaker says, and how far an echo that was louder is forgotten in a frame; in decibels. */
const LEAST_ECHO_DB = -40;
const FORGET_DB = 0.1;

/** For so many frames of the assistant's voice it is only learnt how loud its echo is: 400 ms. */
const LEARN_FRAMES = 20;

/** Quieter than this there is nothing to learn from, in decibels. */
const AUDIBLE_DB = -30;

/** What was nothing after all may have been an echo: so much more is expected from then on. In decibels. */
const DOUBT_DB = 3;

/** Loud frames in a row that may be speech: 40 ms. */
const ONSET_FRAMES = 2;

/**
 * Frames from the onset on that confirm it, most of them loud, and so many voiced: 140 ms, because the way of the sound and of the silence takes
 * 60 ms more, and whoever interrupts is heard within 200 (`npm run bench -- --only voice`). A cough is loud and does not hum.
 */
const CONFIRM_FRAMES = 7;
const LOUD_FRAMES = 5;
const VOICED_FRAMES = 4;

/** After so many quiet frames, or so many that do not hum, it was nothing: 160 and 700 ms. */
const QUIET_FRAMES = 8;
const NOTHING_FRAMES = 35;

/** How alike a frame must be to itself a pitch period later to be a voice, 0 to 1. */
const VOICED = 0.55;

/** What becomes of what was heard. */
export type Onset = 'onset' | 'speech' | 'nothing';

export interface OnsetDetector {
	/**
	 * Takes the next 20 ms of the microphone. `playedRms` is the loudness (0 to 1) of what the loudspeaker says around now, 0 when nothing.
	 * `onset` is followed by `speech` or `nothing`.
	 */
	hear( frame: CaptureFrame, playedRms: number ): Onset | undefined;
	/** Forgets an onset that is not decided. */
	reset(): void;
}

/** Creates it for one microphone. */
export function createOnsetDetector(): OnsetDetector {
	let floorDb = -60;
	let echoDb = LEAST_ECHO_DB;
	let learnt = 0;
	let loudInRow = 0;
	/** Counts frames since the onset; undefined without one. */
	let since: number | undefined;
	let loud = 0;
	let voiced = 0;
	let quiet = 0;
	let before: Int16Array = new Int16Array( 0 );

	function begin(): void {
		since = loud = voiced = quiet = 0;
	}

	function reset(): void {
		since = undefined;
		loudInRow = 0;
	}

	return {
		reset,
		hear( { samples, rms }, playedRms ) {
			const db = decibels( rms );
			const playedDb = decibels( playedRms );
			const isPlaying = playedRms > 0;
			const wanted = isPlaying
				? Math.max(
						floorDb + STRICT_MARGIN_DB,
						playedDb + echoDb + ECHO_MARGIN_DB
					)
				: floorDb + MARGIN_DB;
			const isAudible = playedDb > AUDIBLE_DB;
			if ( isAudible && learnt < LEARN_FRAMES ) {
				learnt++;
				echoDb = Math.max( echoDb, db - playedDb );
			}
			const isLoud =
				db + ( since === undefined ? 0 : EASE_DB ) >
					Math.max( wanted, LOWEST_DB ) &&
				! ( isPlaying && learnt < LEARN_FRAMES );
			const hums = isLoud && isVoiced( before, samples );
			before = samples;
			loudInRow = isLoud ? loudInRow + 1 : 0;
			if ( since === undefined ) {
				if ( ! isLoud ) {
					// A room grows loud slowly, and is quiet at once.
					floorDb += isPlaying
						? 0
						: ( db - floorDb ) * ( db < floorDb ? 0.2 : 0.02 );
					floorDb = Math.max( -75, floorDb );
				} else if ( ! isPlaying ) {
					floorDb += 0.05;
				}
				if ( isAudible && ! isLoud ) {
					echoDb = Math.max(
						LEAST_ECHO_DB,
						db - playedDb,
						echoDb - FORGET_DB
					);
				}
				if ( loudInRow < ONSET_FRAMES ) {
					return undefined;
				}
				begin();
				voiced += Number( hums );
				return 'onset';
			}
			since++;
			loud += Number( isLoud );
			voiced += Number( hums );
			quiet = isLoud ? 0 : quiet + 1;
			if (
				since >= CONFIRM_FRAMES - ONSET_FRAMES &&
				loud >= LOUD_FRAMES - ONSET_FRAMES &&
				voiced >= VOICED_FRAMES
			) {
				reset();
				return 'speech';
			}
			if ( quiet >= QUIET_FRAMES || since >= NOTHING_FRAMES ) {
				if ( since >= NOTHING_FRAMES ) {
					// Loud all the time and no voice: that is how the room is now.
					floorDb = Math.max( floorDb, db - MARGIN_DB );
				}
				echoDb += isPlaying ? DOUBT_DB : 0;
				reset();
				return 'nothing';
			}
			return undefined;
		},
	};
}

/** Root mean square (0 to 1) in decibels of full scale. */
export const decibels = ( rms: number ): number =>
	20 * Math.log10( Math.max( rms, 1e-5 ) );

/** Tells whether two frames hum together: normalised autocorrelation at the pitches of voices, 80 to 400 Hz at 24 kHz, every third sample. */
function isVoiced( before: Int16Array, samples: Int16Array ): boolean {
	const STEP = 3;
	const all: number[] = [];
	for ( const part of [ before, samples ] ) {
		for ( let index = 0; index + STEP <= part.length; index += STEP ) {
			// The mean of three keeps hiss from hiding the voice.
			all.push(
				( part[ index ] ?? 0 ) +
					( part[ index + 1 ] ?? 0 ) +
					( part[ index + 2 ] ?? 0 )
			);
		}
	}
	for ( let lag = 20; lag <= 100; lag++ ) {
		let product = 0;
		let own = 1;
		let other = 1;
		for ( let index = lag; index < all.length; index++ ) {
			const one = all[ index ] ?? 0;
			const two = all[ index - lag ] ?? 0;
			product += one * two;
			own += one * one;
			other += two * two;
		}
		if ( product / Math.sqrt( own * other ) > VOICED ) {
			return true;
		}
	}
	return false;
}
