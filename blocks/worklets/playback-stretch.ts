/**
 * Reads a tape faster or slower without changing the pitch: waveform-similarity overlap-add (WSOLA, Verhelst and Roelands 1993).
 */
import type { Tape } from './playback-tape.ts';

/** Samples made at a time, and the length of a crossfade: 13 ms hold one period of the deepest voices. */
const HOP = 320;

/** How far around the wanted place a similar waveform is looked for, and how far the reading may drift before it jumps. */
const REACH = 320;

/** The last samples before the end are faded, as speech may be cut anywhere. */
const TAIL = 96;

/** A reading head. At speed 1 it gives exactly what is on the tape. */
export class Stretch {
	readonly #tape: Tape;
	readonly #hop = new Float32Array( HOP );
	readonly #onward = new Float32Array( HOP );
	readonly #around = new Float32Array( 2 * REACH + HOP );
	/** Where in `#hop` the next sample is, and where its samples end. */
	#read = 0;
	#filled = 0;
	/** Where on the tape the sound goes on by itself. */
	#next = 0;
	/** Where on the tape it should be by now. */
	#wanted = 0;
	/** Length of the fade at the end, once the end is known. */
	#tail = 0;
	speed = 1;

	constructor( tape: Tape ) {
		this.#tape = tape;
	}

	/** The place on the tape that is being read; never goes back by itself, although slow reading repeats some of the sound. */
	get position(): number {
		return Math.min(
			this.#tape.end,
			this.#wanted - ( this.#filled - this.#read ) * this.speed
		);
	}

	/** How many samples can still be given before the tape must have more. */
	get left(): number {
		return this.#tape.end - this.#next + this.#filled - this.#read;
	}

	/** Goes to a place on the tape. */
	seek( at: number ): void {
		this.#next = at;
		this.#wanted = at;
		this.#read = 0;
		this.#filled = 0;
	}

	/** Gives the next sample, `undefined` at the end of the tape. With `isWhole` the tape ends here for good, and the end is faded. */
	sample( isWhole: boolean ): number | undefined {
		if ( this.#read === this.#filled && ! this.#fill() ) {
			return undefined;
		}
		const { left } = this;
		const value = this.#hop[ this.#read++ ] ?? 0;
		if ( ! isWhole ) {
			this.#tail = 0;
			return value;
		}
		// The end may be told when it is nearer than that.
		this.#tail ||= Math.min( TAIL, left );
		return left < this.#tail ? ( value * left ) / this.#tail : value;
	}

	#fill(): boolean {
		const { end } = this.#tape;
		this.#read = 0;
		this.#filled = 0;
		const drift = this.#wanted - this.#next;
		if ( this.speed === 1 && Math.abs( drift ) <= 2 * REACH ) {
			// What little is left of a drift may stay.
			this.#wanted = this.#next;
		} else if ( Math.abs( drift ) >= REACH && this.#jump() ) {
			this.#filled = HOP;
		}
		if ( this.#filled === 0 ) {
			this.#filled = Math.max( 0, Math.min( HOP, end - this.#next ) );
			this.#tape.copy(
				this.#next,
				this.#hop.subarray( 0, this.#filled )
			);
			this.#next += this.#filled;
		}
		this.#wanted += this.#filled * this.speed;
		return this.#filled > 0;
	}

	/** Crossfades from where the sound goes on by itself to the most similar place around the wanted one. */
	#jump(): boolean {
		const { begin, end } = this.#tape;
		const first = Math.max( begin, Math.round( this.#wanted ) - REACH );
		const last = Math.min( end - HOP, Math.round( this.#wanted ) + REACH );
		if ( last < first || this.#next + HOP > end ) {
			return false;
		}
		const onward = this.#onward;
		const around = this.#around;
		this.#tape.copy( this.#next, onward );
		this.#tape.copy( first, around );
		// Every fourth place by every fourth sample finds the neighbourhood; the rest is looked at closely.
		const rough = best( onward, around, 0, last - first, 4 );
		const offset = best(
			onward,
			around,
			Math.max( 0, rough - 3 ),
			Math.min( last - first, rough + 3 ),
			1
		);
		for ( let i = 0; i < HOP; i++ ) {
			const share = ( i + 0.5 ) / HOP;
			this.#hop[ i ] =
				( onward[ i ] ?? 0 ) * ( 1 - share ) +
				( around[ offset + i ] ?? 0 ) * share;
		}
		this.#next = first + offset + HOP;
		return true;
	}
}

/** Finds the offset at which `around` is most like `onward`, by normalised correlation. */
function best(
	onward: Float32Array,
	around: Float32Array,
	from: number,
	to: number,
	stride: number
): number {
	let found = from;
	let highest = -Infinity;
	for ( let offset = from; offset <= to; offset += stride ) {
		let product = 0;
		let energy = 1e-6;
		for ( let i = 0; i < HOP; i += stride ) {
			const value = around[ offset + i ] ?? 0;
			product += ( onward[ i ] ?? 0 ) * value;
			energy += value * value;
		}
		const likeness = product / Math.sqrt( energy );
		if ( likeness > highest ) {
			highest = likeness;
			found = offset;
		}
	}
	return found;
}
