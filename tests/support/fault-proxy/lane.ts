/**
 * Carries the bytes of one direction of one connection, and holds, slows or cuts them as the faults in force say.
 */
import type { Socket } from 'node:net';
import type { Faults } from './index.ts';

interface Parcel {
	bytes: Buffer;
	dueAtMs: number;
}

/** How long a slowed lane sleeps between two portions, in milliseconds. */
const TICK_MS = 10;

/** One direction of one connection. */
export class Lane {
	readonly #options: {
		from: Socket;
		to: Socket;
		faults: () => Faults;
		onPassed: ( count: number ) => void;
		onCut: ( how: Faults[ 'cutHow' ] ) => void;
	};
	#parcels: Parcel[] = [];
	#passed = 0;
	#hasEnded = false;
	#timer: NodeJS.Timeout | undefined;
	#onEmpty: ( () => void ) | undefined;

	constructor( options: {
		from: Socket;
		to: Socket;
		faults: () => Faults;
		onPassed: ( count: number ) => void;
		onCut: ( how: Faults[ 'cutHow' ] ) => void;
	} ) {
		this.#options = options;
		options.from.on( 'data', ( bytes: Buffer ) => {
			this.#parcels.push( {
				bytes,
				dueAtMs:
					performance.now() + ( options.faults().latencyMs ?? 0 ),
			} );
			// While a slowed lane sleeps, new bytes only queue: they must not buy it another portion.
			if ( this.#timer === undefined ) {
				this.#pump();
			}
		} );
		options.from.once( 'end', () => {
			this.#hasEnded = true;
			if ( this.#timer === undefined ) {
				this.#pump();
			}
		} );
		options.from.once( 'close', () => clearTimeout( this.#timer ) );
		options.to.once( 'close', () => clearTimeout( this.#timer ) );
		options.to.on( 'drain', () => options.from.resume() );
	}

	/** Looks again at what is held back, after the faults were changed. */
	faultsChanged(): void {
		this.#pump();
	}

	/** Calls back once nothing is held back any more. */
	whenEmpty( work: () => void ): void {
		this.#onEmpty = work;
		this.#pump();
	}

	#pump(): void {
		clearTimeout( this.#timer );
		this.#timer = undefined;
		const { faults, to } = this.#options;
		const { isPaused, bytesPerSecond } = faults();
		if ( isPaused || to.destroyed ) {
			return;
		}
		let allowance =
			bytesPerSecond === undefined
				? Infinity
				: Math.max(
						1,
						Math.round( ( bytesPerSecond * TICK_MS ) / 1_000 )
					);
		for (
			let parcel = this.#parcels[ 0 ];
			parcel && allowance > 0;
			parcel = this.#parcels[ 0 ]
		) {
			const waitMs = parcel.dueAtMs - performance.now();
			if ( waitMs > 0 ) {
				this.#timer = setTimeout( () => this.#pump(), waitMs );
				return;
			}
			const portion = parcel.bytes.subarray( 0, allowance );
			parcel.bytes = parcel.bytes.subarray( portion.length );
			allowance -= portion.length;
			if ( parcel.bytes.length === 0 ) {
				this.#parcels.shift();
			}
			if ( ! this.#pass( portion ) ) {
				return;
			}
		}
		if ( this.#parcels.length > 0 ) {
			this.#timer = setTimeout(
				() => this.#pump(),
				// Slower than one byte a tick: wait longer rather than round up.
				Math.max( TICK_MS, 1_000 / ( bytesPerSecond ?? 1_000 ) )
			);
			return;
		}
		if ( this.#hasEnded ) {
			to.end();
		}
		this.#onEmpty?.();
	}

	/** Writes a portion, up to the scripted cut; false when the connection was cut. */
	#pass( portion: Buffer ): boolean {
		const { faults, from, to, onPassed, onCut } = this.#options;
		const { cutAfterBytes = Infinity, cutHow } = faults();
		const fitting = portion.subarray(
			0,
			Math.max( 0, cutAfterBytes - this.#passed )
		);
		this.#passed += fitting.length;
		if ( fitting.length > 0 && ! to.write( fitting ) ) {
			from.pause();
		}
		onPassed( fitting.length );
		if ( this.#passed >= cutAfterBytes ) {
			this.#parcels = [];
			// A reset throws away what is still in the buffers, so the last bytes get a turn of the event loop to leave.
			setImmediate( () => onCut( cutHow ) );
			return false;
		}
		return true;
	}
}
