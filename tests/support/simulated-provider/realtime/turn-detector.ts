/**
 * Hears in a stream of samples when somebody begins to speak and when they have finished, by loudness alone.
 */
import { SPEECH_RATE } from '../voice-services.ts';

/** How turns are detected, as a session has it; `null` leaves turns to the client. */
export interface TurnDetection {
	type: 'server_vad' | 'semantic_vad';
	threshold?: number;
	prefix_padding_ms?: number;
	silence_duration_ms?: number;
	eagerness?: 'low' | 'medium' | 'high' | 'auto';
	create_response?: boolean;
	interrupt_response?: boolean;
}

/** What was heard. Times are milliseconds of audio since the session began. */
export interface TurnEdge {
	kind: 'started' | 'stopped';
	/** Where the audio of the turn begins or ends, padding and silence included. */
	atMs: number;
}

/** Listens. */
export interface TurnDetector {
	readonly isSpeaking: boolean;
	/** Takes the next samples. */
	feed( pcm: Int16Array ): TurnEdge[];
	/** Forgets a turn that has begun. */
	reset(): void;
}

const FRAME_MS = 20;
const FRAME = ( SPEECH_RATE * FRAME_MS ) / 1_000;
/** So many loud frames in a row are speech; fewer are a click. */
const ONSET_FRAMES = 3;
const PREFIX_MS = 300;
const SILENCE_MS = 500;

/** A semantic detector knows a finished sentence sooner when it is eager: stands for that by shorter silences. */
const EAGERNESS_MS = { low: 1_200, medium: 700, high: 400, auto: 700 };

/** Starts listening; `startMs` is how much audio the session had before. */
export function createTurnDetector(
	settings: TurnDetection,
	startMs = 0
): TurnDetector {
	const prefixMs = settings.prefix_padding_ms ?? PREFIX_MS;
	const silenceMs =
		settings.type === 'semantic_vad'
			? EAGERNESS_MS[ settings.eagerness ?? 'auto' ]
			: ( settings.silence_duration_ms ?? SILENCE_MS );
	// The usual threshold of 0.5 hears what is louder than 40 dB below full scale.
	const level =
		32_768 * 10 ** ( ( -50 + 20 * ( settings.threshold ?? 0.5 ) ) / 20 );
	let rest = new Int16Array( 0 );
	let nowMs = startMs;
	let loudFrames = 0;
	let quietMs = 0;
	let isSpeaking = false;
	let earliestMs = startMs;

	const hearFrame = ( frame: Int16Array ): TurnEdge | undefined => {
		const isLoud = rms( frame ) >= level;
		nowMs += FRAME_MS;
		loudFrames = isLoud ? loudFrames + 1 : 0;
		quietMs = isLoud ? 0 : quietMs + FRAME_MS;
		if ( ! isSpeaking && loudFrames >= ONSET_FRAMES ) {
			isSpeaking = true;
			const onsetMs = nowMs - loudFrames * FRAME_MS;
			return {
				kind: 'started',
				atMs: Math.max( earliestMs, onsetMs - prefixMs ),
			};
		}
		if ( isSpeaking && quietMs >= silenceMs ) {
			isSpeaking = false;
			earliestMs = nowMs;
			return { kind: 'stopped', atMs: nowMs };
		}
		return undefined;
	};

	return {
		get isSpeaking() {
			return isSpeaking;
		},
		feed( pcm ) {
			const samples = new Int16Array( rest.length + pcm.length );
			samples.set( rest );
			samples.set( pcm, rest.length );
			const edges: TurnEdge[] = [];
			let at = 0;
			for ( ; at + FRAME <= samples.length; at += FRAME ) {
				const edge = hearFrame( samples.subarray( at, at + FRAME ) );
				if ( edge ) {
					edges.push( edge );
				}
			}
			rest = samples.slice( at );
			return edges;
		},
		reset() {
			isSpeaking = false;
			loudFrames = 0;
			quietMs = 0;
			earliestMs = nowMs;
		},
	};
}

function rms( frame: Int16Array ): number {
	let sum = 0;
	for ( const sample of frame ) {
		sum += sample * sample;
	}
	return Math.sqrt( sum / frame.length );
}
