/**
 * Sends a call's frames to its browser, and keeps those that the browser may not have received, so that it can come back and miss nothing.
 */
import { BYTES_PER_MS, type ServerFrame } from './frames.ts';

/** The browser's end of a call. */
export interface LiveClient {
	sendText( text: string ): void;
	sendSound( pcm: Uint8Array ): void;
	/** Asks the other end to say that everything before has arrived. */
	ask( mark: number ): void;
	/** Closes the connection with a code of the WebSocket protocol. */
	close( code: number, reason: string ): void;
}

/** How often the browser is asked what has arrived, in milliseconds. */
const ASK_EVERY_MS = 200;

/** A call's way to its browser. Frames are counted from 1. */
export class Outbox {
	#client: LiveClient | undefined;
	#kept: Array< string | Uint8Array > = [];
	/** Number of the first frame that is kept, and of the next one. */
	#first = 1;
	#next = 1;
	#keptBytes = 0;
	#askedAt = -Infinity;
	#isClosed = false;
	readonly #clock: () => number;

	constructor( clock: () => number ) {
		this.#clock = clock;
	}

	get isAttached(): boolean {
		return this.#client !== undefined;
	}

	/** Milliseconds of sound that may not have arrived. */
	get waitingMs(): number {
		return this.#keptBytes / BYTES_PER_MS;
	}

	/** Takes a browser. With `received`, the number of frames it had, it gets those that it missed. Returns whether all of them were kept. */
	attach( client: LiveClient, received?: number ): boolean {
		this.#client = client;
		this.#askedAt = -Infinity;
		if ( received !== undefined && received < this.#next ) {
			this.arrived( received );
		}
		const isWhole = received === undefined || received >= this.#first - 1;
		for ( const frame of this.#kept ) {
			this.#deliver( frame );
		}
		return isWhole;
	}

	/** Begins to count: what was sent before is not asked for again. */
	begin(): void {
		this.arrived( this.#next - 1 );
		this.#first = 1;
		this.#next = 1;
	}

	/** Tells whether frames go to this browser. */
	holds( client: LiveClient ): boolean {
		return this.#client === client;
	}

	/** Closes the connection to the browser, because another one takes over. */
	leave( reason: string ): void {
		this.#client?.close( 1000, reason );
		this.#client = undefined;
	}

	/** Lets the browser go; frames wait for its return. */
	detach(): void {
		this.#client = undefined;
	}

	/** Sends a control frame. */
	tell( frame: ServerFrame ): void {
		this.#send( JSON.stringify( frame ) );
	}

	/** Sends a control frame that means this moment only: it is not counted, and not sent again. */
	remark( frame: ServerFrame ): void {
		if ( ! this.#isClosed ) {
			this.#deliver( JSON.stringify( frame ) );
		}
	}

	/** Sends sound. */
	play( pcm: Uint8Array ): void {
		if ( this.#isClosed ) {
			return;
		}
		this.#keptBytes += pcm.byteLength;
		this.#send( pcm );
	}

	/** Notes that every frame up to this number has arrived. */
	arrived( number: number ): void {
		const count = Math.min( number + 1 - this.#first, this.#kept.length );
		if ( count <= 0 ) {
			return;
		}
		for ( const frame of this.#kept.splice( 0, count ) ) {
			this.#keptBytes -= typeof frame === 'string' ? 0 : frame.byteLength;
		}
		this.#first += count;
		if ( this.#kept.length > 0 ) {
			this.#ask();
		}
	}

	/** Asks again what has arrived, when something is still unsaid. */
	look(): void {
		if ( this.#kept.length > 0 ) {
			this.#ask();
		}
	}

	/** Closes the connection, if there is one. */
	close( code: number, reason: string ): void {
		this.#isClosed = true;
		this.#client?.close( code, reason );
		this.#client = undefined;
		this.#kept = [];
		this.#keptBytes = 0;
	}

	#send( frame: string | Uint8Array ): void {
		if ( this.#isClosed ) {
			return;
		}
		this.#kept.push( frame );
		this.#next++;
		this.#deliver( frame );
		this.#ask();
	}

	#deliver( frame: string | Uint8Array ): void {
		if ( typeof frame === 'string' ) {
			this.#client?.sendText( frame );
		} else {
			this.#client?.sendSound( frame );
		}
	}

	#ask(): void {
		const now = this.#clock();
		if ( this.#client && now - this.#askedAt >= ASK_EVERY_MS ) {
			this.#askedAt = now;
			this.#client.ask( this.#next - 1 );
		}
	}
}
