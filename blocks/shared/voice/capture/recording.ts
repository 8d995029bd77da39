/**
 * One recording, from the tap to its end: opens the microphone, collects what it hears, ends at the limit, and says how it came out.
 */
import type { CaptureFrame } from './frame.ts';
import { WorkletMissing } from './microphone.ts';
import type { Microphone, MicrophoneHooks } from './microphone.ts';
import { refusalBefore, refusalOf } from './refusal.ts';
import type { Refusal, Surroundings } from './refusal.ts';
import { encodeWav } from './wav.ts';

/** Samples a second: what speech recognition works with. */
export const SAMPLE_RATE = 16_000;
/** A warning comes this long before the limit. */
export const WARNING_MS = 10_000;
/** Shorter than this is a slip of the finger. */
const SHORTEST_MS = 300;
/** Nothing louder than this is a microphone that is switched off. */
const SILENT_PEAK = 0.002;
/** A microphone that hands over nothing is not waited for longer than the limit and this. */
const STALL_MS = 3_000;

export type RecordingOutcome =
	| { kind: 'recorded'; wav: Blob; durationMs: number }
	| { kind: 'cancelled' | 'too_short' | 'silent' }
	| { kind: 'refused'; refusal: Refusal };

export interface Recording {
	/** Whether the microphone hears by now. */
	readonly isLive: boolean;
	/** What was heard so far. */
	readonly durationMs: number;
	readonly isMuted: boolean;
	readonly outcome: Promise< RecordingOutcome >;
	/** Ends it and keeps what was said; before the microphone is open it is cancelled. */
	finish(): void;
	cancel(): void;
}

/** Begins a recording; never rejects. */
export function startRecording( {
	open,
	claim,
	surroundings,
	maxMs,
	onLevel,
	onChange,
}: {
	open: ( hooks: MicrophoneHooks ) => Promise< Microphone >;
	/** Resolves to undefined while somebody else records. */
	claim: () => Promise< ( () => void ) | undefined >;
	surroundings: Surroundings;
	/** The longest recording, in milliseconds. */
	maxMs: number;
	/** Hears 50 times a second how loud it is: RMS, 0 to 1. */
	onLevel: ( rms: number ) => void;
	/** Hears that the microphone is open, that it was muted or no longer is, and that the limit is near. */
	onChange: ( recording: Recording ) => void;
} ): Recording {
	const frames: CaptureFrame[ 'samples' ][] = [];
	let samples = 0;
	let peak = 0;
	let isLive = false;
	let isMuted = false;
	let isWarned = false;
	let isCancelled = false;
	let end: ( how: 'finish' | 'cancel' ) => void = () => {};
	const ended = new Promise< 'finish' | 'cancel' >( ( resolve ) => {
		end = resolve;
	} );
	const durationMs = () => ( samples / SAMPLE_RATE ) * 1_000;

	function take( frame: CaptureFrame ): void {
		frames.push( frame.samples );
		samples += frame.samples.length;
		peak = Math.max( peak, frame.peak );
		onLevel( frame.rms );
		if ( ! isWarned && durationMs() >= maxMs - WARNING_MS ) {
			isWarned = true;
			onChange( recording );
		}
		if ( durationMs() >= maxMs ) {
			end( 'finish' );
		}
	}

	async function record(): Promise< RecordingOutcome > {
		const refusal = refusalBefore( surroundings );
		if ( refusal ) {
			return { kind: 'refused', refusal };
		}
		const giveBack = await claim();
		if ( ! giveBack ) {
			return { kind: 'refused', refusal: 'elsewhere' };
		}
		let timer: ReturnType< typeof setTimeout > | undefined;
		try {
			const microphone = await open( {
				onFrame: take,
				onGone: () => end( 'finish' ),
				onMute( value ) {
					isMuted = value;
					onChange( recording );
				},
			} );
			if ( isCancelled ) {
				void microphone.close();
				return { kind: 'cancelled' };
			}
			isLive = true;
			onChange( recording );
			timer = setTimeout( () => end( 'finish' ), maxMs + STALL_MS );
			const how = await ended;
			isLive = false;
			const lastFrame = microphone.close();
			if ( how === 'cancel' ) {
				return { kind: 'cancelled' };
			}
			await lastFrame;
			if ( durationMs() < SHORTEST_MS ) {
				return { kind: 'too_short' };
			}
			return peak < SILENT_PEAK
				? { kind: 'silent' }
				: {
						kind: 'recorded',
						wav: encodeWav( frames, SAMPLE_RATE ),
						durationMs: durationMs(),
					};
		} catch ( error ) {
			return {
				kind: 'refused',
				refusal:
					error instanceof WorkletMissing
						? 'unreachable'
						: await refusalOf( error, surroundings ),
			};
		} finally {
			clearTimeout( timer );
			giveBack();
		}
	}

	// Told at once, even while the browser still asks for the microphone.
	const cancelled = new Promise< RecordingOutcome >( ( resolve ) => {
		void ended.then( ( how ) => {
			if ( how === 'cancel' ) {
				isCancelled = true;
				resolve( { kind: 'cancelled' } );
			}
		} );
	} );
	const recording: Recording = {
		get isLive() {
			return isLive;
		},
		get durationMs() {
			return durationMs();
		},
		get isMuted() {
			return isMuted;
		},
		finish: () => end( isLive ? 'finish' : 'cancel' ),
		cancel: () => end( 'cancel' ),
		outcome: Promise.race( [ record(), cancelled ] ),
	};
	return recording;
}
