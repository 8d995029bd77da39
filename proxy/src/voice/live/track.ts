/**
 * Follows the sound that was sent into one session of a provider: what was silence, what waits for its words, what may yet be billed.
 */

/** A provider that has not heard speech in sound so old will not hear it any more; in milliseconds. */
const SILENCE_AFTER_MS = 10_000;

/** Sound that became an item and waits for its words. */
interface Spoken {
	ms: number;
}

/** Positions in milliseconds from the beginning of the session's sound. */
export class Track {
	sentMs = 0;
	/** Where the sound begins that may still become an item. */
	#from = 0;
	#speechFrom: number | undefined;
	#speechTo: number | undefined;
	readonly #waiting = new Map< string, Spoken >();

	/** Whether the provider hears speech at this moment. */
	get isHearing(): boolean {
		return this.#speechFrom !== undefined && this.#speechTo === undefined;
	}

	/** Whether there is speech that has not become an item. */
	get hasSpeech(): boolean {
		return this.#speechFrom !== undefined;
	}

	/** How much speech the provider has heard and not ended, in milliseconds. */
	get speechMs(): number {
		return this.#speechFrom === undefined
			? 0
			: this.sentMs - this.#speechFrom;
	}

	/** How many items wait for their words. */
	get waitingCount(): number {
		return this.#waiting.size;
	}

	/** Milliseconds of sound that were sent and may yet be billed. */
	get exposedMs(): number {
		return this.sentMs - this.#from + this.waitingMs;
	}

	/** Milliseconds of sound that wait for their words. */
	get waitingMs(): number {
		let ms = 0;
		for ( const item of this.#waiting.values() ) {
			ms += item.ms;
		}
		return ms;
	}

	/** Notes sound that was sent. `mayBeSilence` says that nobody but the provider decides where speech begins. */
	send( ms: number, mayBeSilence: boolean ): void {
		this.sentMs += ms;
		if ( mayBeSilence && this.#speechFrom === undefined ) {
			this.#from = Math.max( this.#from, this.sentMs - SILENCE_AFTER_MS );
		}
	}

	/** Notes that speech began. */
	started( atMs: number ): void {
		this.#speechFrom = this.#within( atMs );
		this.#speechTo = undefined;
		this.#from = this.#speechFrom;
	}

	/** Notes that speech ended. */
	stopped( atMs: number ): void {
		this.#speechTo = this.#within( atMs );
	}

	/** Notes that the sound became an item, and returns how long it is at most. */
	committed( itemId: string ): number {
		const to = this.#speechTo ?? this.sentMs;
		const ms = Math.max( 0, to - this.#from );
		this.#waiting.set( itemId, { ms } );
		this.#from = to;
		this.#speechFrom = undefined;
		this.#speechTo = undefined;
		return ms;
	}

	/** Notes that the sound since the last item was thrown away. */
	cleared(): void {
		this.#from = this.sentMs;
		this.#speechFrom = undefined;
		this.#speechTo = undefined;
	}

	/** Notes that the words of an item came, or will not come; returns how long it was, undefined when it is not known. */
	heard( itemId: string ): number | undefined {
		const item = this.#waiting.get( itemId );
		this.#waiting.delete( itemId );
		return item?.ms;
	}

	/** A position as the provider says it, as far as it can be. */
	#within( atMs: number ): number {
		return Math.min( Math.max( atMs, this.#from ), this.sentMs );
	}
}
