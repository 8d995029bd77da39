/**
 * Keeps the audio a client has sent and that is no part of the conversation yet.
 */
import { samplesOf } from '../../speech/index.ts';
import { SPEECH_RATE } from '../voice-services.ts';

const SAMPLES_PER_MS = SPEECH_RATE / 1_000;

/** Samples with their place in the session. */
export interface InputAudio {
	/** How much audio the session has had, in milliseconds. */
	readonly totalMs: number;
	/** How much is waiting. */
	readonly waitingMs: number;
	append( pcm: Int16Array ): void;
	/** Takes out what lies between two times of the session, and forgets everything before; without times all of it. */
	take( fromMs?: number, toMs?: number ): Int16Array;
	clear(): void;
}

/** Reads base64 as samples; undefined when it is no base64, or no whole number of samples. */
export function readAppended( audio: unknown ): Int16Array | undefined {
	if (
		typeof audio !== 'string' ||
		! /^[A-Za-z0-9+/]*={0,2}$/.test( audio )
	) {
		return undefined;
	}
	const bytes = Buffer.from( audio, 'base64' );
	return bytes.length % 2 === 0 ? samplesOf( bytes ) : undefined;
}

/** Starts without any audio. */
export function createInputAudio(): InputAudio {
	let pieces: Int16Array[] = [];
	let waiting = 0;
	let total = 0;

	const whole = (): Int16Array => {
		const all = new Int16Array( waiting );
		let at = 0;
		for ( const piece of pieces ) {
			all.set( piece, at );
			at += piece.length;
		}
		return all;
	};
	return {
		get totalMs() {
			return total / SAMPLES_PER_MS;
		},
		get waitingMs() {
			return waiting / SAMPLES_PER_MS;
		},
		append( pcm ) {
			pieces.push( pcm );
			waiting += pcm.length;
			total += pcm.length;
		},
		take( fromMs, toMs ) {
			const all = whole();
			const start = total - waiting;
			const from = placeOf( fromMs, start, 0, all.length );
			const to = placeOf( toMs, start, all.length, all.length );
			const rest = all.slice( to );
			pieces = rest.length > 0 ? [ rest ] : [];
			waiting = rest.length;
			return all.slice( from, to );
		},
		clear() {
			pieces = [];
			waiting = 0;
		},
	};
}

function placeOf(
	atMs: number | undefined,
	start: number,
	otherwise: number,
	end: number
): number {
	return atMs === undefined
		? otherwise
		: Math.max(
				0,
				Math.min( end, Math.round( atMs * SAMPLES_PER_MS ) - start )
			);
}
