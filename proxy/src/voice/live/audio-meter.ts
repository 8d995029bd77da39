/**
 * Bounds how much sound a browser may send: what people speak in real time, a little faster, after a burst of what they said while connecting.
 */
import { BYTES_PER_MS } from './frames.ts';

/** What was said while connecting, in milliseconds of sound. */
const BURST_MS = 10_000;

/** How much faster than real time sound may come. */
const SPEED = 1.5;

/** So many frames a second are more than frames of 20 milliseconds, sent at that speed, need; and so many at once. */
const FRAMES_PER_SECOND = 150;
const FRAMES_AT_ONCE = 1_000;

/** Dropping so many frames is patience enough. */
const MAX_DROPPED = 500;

/** What to do with a frame. */
export type Measured = 'take' | 'drop' | 'flood';

/** The allowance of one connection. */
export class AudioMeter {
	#soundMs = BURST_MS;
	#frames = FRAMES_AT_ONCE;
	#dropped = 0;
	#at: number;

	constructor( now: number ) {
		this.#at = now;
	}

	/** Counts a frame of so many bytes. */
	take( bytes: number, now: number ): Measured {
		const passed = Math.max( 0, now - this.#at );
		this.#at = now;
		this.#soundMs = Math.min( BURST_MS, this.#soundMs + passed * SPEED );
		this.#frames = Math.min(
			FRAMES_AT_ONCE,
			this.#frames + ( passed * FRAMES_PER_SECOND ) / 1_000
		);
		const ms = bytes / BYTES_PER_MS;
		if ( ms > this.#soundMs || this.#frames < 1 ) {
			return ++this.#dropped > MAX_DROPPED ? 'flood' : 'drop';
		}
		this.#soundMs -= ms;
		this.#frames--;
		return 'take';
	}
}
