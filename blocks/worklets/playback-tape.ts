/**
 * Holds what a playback was given, so that it can be heard, heard again and gone back in.
 */

/** Samples a second of everything that is played. */
export const TAPE_RATE = 24_000;

/** One second each: nothing is ever moved, as the audio thread has no time for that. */
const BLOCK = TAPE_RATE;

/** A stretch of samples without holes, `begin` to `end`, counted from the beginning of the speech. */
export class Tape {
	readonly #blocks = new Map< number, Int16Array >();
	begin = 0;
	end = 0;

	/** Adds samples at the end. */
	write( pcm: Int16Array ): void {
		for ( let done = 0; done < pcm.length; ) {
			const index = Math.floor( this.end / BLOCK );
			let block = this.#blocks.get( index );
			if ( ! block ) {
				block = new Int16Array( BLOCK );
				this.#blocks.set( index, block );
			}
			const at = this.end % BLOCK;
			const count = Math.min( BLOCK - at, pcm.length - done );
			block.set( pcm.subarray( done, done + count ), at );
			done += count;
			this.end += count;
		}
	}

	/** Copies samples from `at` on into `out` as -1 to 1; what is not on the tape is silence. */
	copy( at: number, out: Float32Array ): void {
		for ( let i = 0; i < out.length; ) {
			const index = Math.floor( ( at + i ) / BLOCK );
			const block = this.#blocks.get( index );
			const stop = Math.min( out.length, ( index + 1 ) * BLOCK - at );
			for ( ; i < stop; i++ ) {
				const place = at + i;
				out[ i ] =
					block && place >= this.begin && place < this.end
						? ( block[ place - index * BLOCK ] ?? 0 ) / 32768
						: 0;
			}
		}
	}

	/** Drops everything from `at` on; with a place that is not on the tape, the tape begins anew there. */
	cut( at: number ): void {
		if ( at < this.begin || at > this.end ) {
			this.#blocks.clear();
			this.begin = at;
		}
		this.end = at;
		for ( const index of this.#blocks.keys() ) {
			if ( index * BLOCK >= at ) {
				this.#blocks.delete( index );
			}
		}
	}

	/** Lets go of what lies before `at`. */
	forget( at: number ): void {
		const first = Math.min(
			Math.floor( at / BLOCK ),
			Math.floor( this.end / BLOCK )
		);
		for ( const index of this.#blocks.keys() ) {
			if ( index < first ) {
				this.#blocks.delete( index );
			}
		}
		this.begin = Math.max( this.begin, first * BLOCK );
	}
}
