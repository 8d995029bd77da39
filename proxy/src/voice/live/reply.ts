/**
 * Follows one thing that the assistant says: what was asked of the provider, what came, how much of it the visitor has heard.
 */
import type { Reservation } from '../../ledger/ledger.ts';
import type { Model } from '../../models/catalog.ts';
import type { Exchange } from './exchange.ts';

/** An item goes on being played a little after its last sound was sent; in milliseconds. */
const PLAYBACK_DELAY_MS = 250;

/** What is said, and why. */
export type Purpose = 'answer' | 'sentence' | 'warning' | 'goodbye';

/** Something to be said. */
export interface ReplyRequest {
	purpose: Purpose;
	/** The question that it answers. */
	exchange?: Exchange;
	/** The instructions of an answer, or the sentence itself. */
	words: string;
	/** How much may be said, in tokens. */
	cap: number;
	reservation: Reservation;
	model: Model;
	/** Whose call it is in the books when it answers no question. */
	turnId: string;
	/** Our name for the request, by which the provider's complaints about it are known. */
	eventId: string;
	now: number;
}

/** One reply, from its request to the end of its sound. Times in milliseconds. */
export class Reply {
	readonly purpose: Purpose;
	readonly exchange: Exchange | undefined;
	readonly reservation: Reservation;
	readonly model: Model;
	readonly turnId: string;
	readonly cap: number;
	readonly eventId: string;
	readonly askedAt: number;
	/** When the provider was heard of last. */
	lastAt: number;
	responseId: string | undefined;
	itemId: string | undefined;
	text = '';
	/** How much of the text was shown. */
	shownLength = 0;
	/** Sound that was passed on. */
	sentMs = 0;
	/** Whether the provider has said all of it. */
	isDone = false;
	/** Whether the provider was told to stop. */
	isCancelled = false;
	/** When it was broken off. */
	cutAt: number | undefined;
	#heardMs = 0;
	#playsFrom: number | undefined;
	#firstAt: number | undefined;

	constructor( request: ReplyRequest ) {
		this.purpose = request.purpose;
		this.exchange = request.exchange;
		this.reservation = request.reservation;
		this.model = request.model;
		this.turnId = request.exchange?.id ?? request.turnId;
		this.cap = request.cap;
		this.eventId = request.eventId;
		this.askedAt = request.now;
		this.lastAt = request.now;
	}

	/** Whether the provider's conversation holds it, or it was said beside the conversation. */
	get isInThread(): boolean {
		return this.purpose === 'answer';
	}

	get isCut(): boolean {
		return this.cutAt !== undefined;
	}

	get hasSound(): boolean {
		return this.#playsFrom !== undefined;
	}

	/** How long the first sound took; undefined when there is none. */
	get firstMs(): number | undefined {
		return this.#firstAt === undefined
			? undefined
			: this.#firstAt - this.askedAt;
	}

	/** Counts sound that is passed on. */
	play( ms: number, now: number ): void {
		this.#firstAt ??= now;
		// Sound that comes late begins when it comes.
		this.#playsFrom = Math.max( this.#playsFrom ?? now, now - this.sentMs );
		this.sentMs += ms;
	}

	/** How much of it has been heard, if the browser plays it as it comes. */
	playedMs( now: number ): number {
		return this.#playsFrom === undefined
			? 0
			: Math.min( this.sentMs, Math.max( 0, now - this.#playsFrom ) );
	}

	/** Whether the visitor hears it, or is about to. */
	isPlaying( now: number ): boolean {
		return (
			! this.isCut &&
			this.#playsFrom !== undefined &&
			( ! this.isDone ||
				now < this.#playsFrom + this.sentMs + PLAYBACK_DELAY_MS )
		);
	}

	/** Notes that it was broken off when so much had been heard, and returns how much that can be. */
	cut( heardMs: number, now: number ): number {
		this.cutAt = now;
		this.#heardMs = Math.floor( Math.min( heardMs, this.sentMs ) );
		return this.#heardMs;
	}

	/** The words that were heard: all of them, or as large a part as was heard of the sound, in whole words. */
	get heardText(): string {
		if ( ! this.isCut || this.#heardMs >= Math.floor( this.sentMs ) ) {
			return this.text;
		}
		const length = Math.floor(
			( this.text.length * this.#heardMs ) / this.sentMs
		);
		const part = this.text.slice( 0, length );
		return /\s/.test( part ) ? part.replace( /\s+\S*$/, '' ) : part;
	}
}
