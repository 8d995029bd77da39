/**
 * Holds sound until it may be sent: until there is a session, and money for writing it down.
 */
import { BYTES_PER_MS } from './frames.ts';

/** Frames shorter than this are sent together; in bytes. */
const MIN_FRAME = 20 * BYTES_PER_MS;

/** Sound that waits at most, in bytes; what comes after that is lost. */
const MAX_WAITING = 10_000 * BYTES_PER_MS;

/** The queue of one conversation. */
export class SoundQueue {
	#pieces: Buffer[] = [];
	#bytes = 0;

	get isEmpty(): boolean {
		return this.#bytes === 0;
	}

	/** Whether there is enough for a frame. */
	get isReady(): boolean {
		return this.#bytes >= MIN_FRAME;
	}

	/** Adds sound. */
	add( pcm: Buffer ): void {
		if ( this.#bytes + pcm.byteLength <= MAX_WAITING ) {
			this.#pieces.push( pcm );
			this.#bytes += pcm.byteLength;
		}
	}

	/** Hands over one frame after the other, as long as `send` takes them. */
	drain( send: ( pcm: Buffer ) => boolean ): void {
		for (;;) {
			const [ first ] = this.#pieces;
			if ( ! first ) {
				return;
			}
			const isLong = first.byteLength >= MIN_FRAME;
			const frame = isLong ? first : Buffer.concat( this.#pieces );
			if ( ! send( frame ) ) {
				return;
			}
			this.#pieces.splice( 0, isLong ? 1 : this.#pieces.length );
			this.#bytes -= frame.byteLength;
		}
	}

	/** Drops everything. */
	clear(): void {
		this.#pieces = [];
		this.#bytes = 0;
	}
}
