/**
 * Tells a visitor how a conversation stands, and says its last words. Money is kept back for those, so that a limit never ends it in the
 * middle.
 */
import type { Reservation } from '../../ledger/ledger.ts';
import type { Model } from '../../models/catalog.ts';
import { SENTENCE_CAP, type Answering } from './answering.ts';
import type { ServerFrame } from './frames.ts';
import { boundSentence } from './input-bound.ts';
import type { LiveMoney } from './live-money.ts';
import type { Outbox } from './outbox.ts';
import { livePhrase, type LivePhrase } from './phrases.ts';

/** A reservation must be renewed before the ledger counts it as lost; in milliseconds. */
const RENEW_AFTER_MS = 8 * 60_000;

/** No sentence of the proxy's own is longer, in any of its languages; only its bytes count. */
const LONGEST = 'x'.repeat( 400 );

type LastWords = 'warning' | 'goodbye';

type NoticeCode = Extract< ServerFrame, { type: 'notice' } >[ 'code' ];

/** The notices and the last words of one conversation. */
export class Farewell {
	readonly #held = new Map<
		LastWords,
		{ reservation: Reservation; at: number }
	>();
	readonly #told = new Set< NoticeCode >();
	readonly #money: LiveMoney;
	readonly #outbox: Outbox;
	readonly #answering: Answering;
	readonly #turnId: string;
	readonly #clock: () => number;
	#isRenewing = false;
	#isClosed = false;

	constructor( {
		money,
		outbox,
		answering,
		turnId,
		clock,
	}: {
		money: LiveMoney;
		outbox: Outbox;
		answering: Answering;
		turnId: string;
		clock: () => number;
	} ) {
		this.#money = money;
		this.#outbox = outbox;
		this.#answering = answering;
		this.#turnId = turnId;
		this.#clock = clock;
	}

	/** Tells something in writing: once, except that the connection may be lost several times. */
	notice( code: NoticeCode, name: LivePhrase ): void {
		if ( ! this.#told.has( code ) || code === 'reconnecting' ) {
			this.#told.add( code );
			this.#outbox.tell( {
				type: 'notice',
				code,
				message: livePhrase( name, this.#answering.language ),
			} );
		}
	}

	/** Tells the visitor that it is nearly over: in writing, and once aloud. */
	warn( code: 'time_nearly_over' | 'limit_nearly_reached' ): void {
		const name =
			code === 'time_nearly_over'
				? 'timeNearlyOver'
				: 'limitNearlyReached';
		this.notice( code, name );
		this.#say( 'warning', name );
	}

	/** Says goodbye at the next quiet moment; false when there is no money for it any more. */
	goodbye( reason: 'time' | 'limit' ): boolean {
		const name = reason === 'time' ? 'timeOver' : 'limitReached';
		if ( reason === 'limit' ) {
			this.notice( 'limit_reached', name );
		}
		return this.#say( 'goodbye', name );
	}

	/** Keeps money back for the last words; false when there is none. */
	async open( model: Model ): Promise< boolean > {
		return (
			( await this.#hold( 'goodbye', model ) ) &&
			( await this.#hold( 'warning', model ) )
		);
	}

	/** Renews what would run out. */
	async look( model: Model ): Promise< void > {
		if ( this.#isRenewing ) {
			return;
		}
		this.#isRenewing = true;
		for ( const [ words, { reservation, at } ] of this.#held ) {
			if ( this.#clock() - at > RENEW_AFTER_MS ) {
				this.#money.giveBack( reservation );
				this.#held.delete( words );
				await this.#hold( words, model );
			}
		}
		this.#isRenewing = false;
	}

	/** Gives back what was not needed. */
	close(): void {
		this.#isClosed = true;
		for ( const { reservation } of this.#held.values() ) {
			this.#money.giveBack( reservation );
		}
		this.#held.clear();
	}

	#say( words: LastWords, name: LivePhrase ): boolean {
		const held = this.#held.get( words );
		this.#held.delete( words );
		if ( held ) {
			this.#answering.say( {
				purpose: words,
				text: livePhrase( name, this.#answering.language ),
				reservation: held.reservation,
			} );
		}
		return held !== undefined;
	}

	async #hold( words: LastWords, model: Model ): Promise< boolean > {
		const funded = await this.#money.fund(
			model,
			boundSentence( LONGEST ),
			{ max: SENTENCE_CAP, min: SENTENCE_CAP },
			this.#turnId
		);
		if ( funded.kind === 'refused' ) {
			return false;
		}
		if ( this.#isClosed ) {
			this.#money.giveBack( funded.reservation );
			return false;
		}
		this.#held.set( words, {
			reservation: funded.reservation,
			at: this.#clock(),
		} );
		return true;
	}
}
