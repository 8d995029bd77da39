/**
 * Keeps money back for the last words of a conversation, so that a limit never ends it in the middle.
 */
import type { Reservation } from '../../ledger/ledger.ts';
import type { Model } from '../../models/catalog.ts';
import { boundSentence, SENTENCE_CAP } from './answering.ts';
import type { LiveMoney } from './live-money.ts';

/** A reservation must be renewed before the ledger counts it as lost; in milliseconds. */
const RENEW_AFTER_MS = 8 * 60_000;

/** No sentence of the proxy's own is longer, in any of its languages; only its bytes count. */
const LONGEST = 'x'.repeat( 400 );

/** What is kept back. */
export type LastWords = 'warning' | 'goodbye';

/** The money kept back in one conversation. */
export class Farewell {
	readonly #held = new Map<
		LastWords,
		{ reservation: Reservation; at: number }
	>();
	readonly #money: LiveMoney;
	readonly #turnId: string;
	readonly #clock: () => number;
	#isRenewing = false;
	#isClosed = false;

	constructor( money: LiveMoney, turnId: string, clock: () => number ) {
		this.#money = money;
		this.#turnId = turnId;
		this.#clock = clock;
	}

	/** Keeps money back for both; false when there is none. */
	async open( model: Model ): Promise< boolean > {
		return (
			( await this.#hold( 'goodbye', model ) ) &&
			( await this.#hold( 'warning', model ) )
		);
	}

	/** Hands the money over, once. */
	take( words: LastWords ): Reservation | undefined {
		const held = this.#held.get( words );
		this.#held.delete( words );
		return held?.reservation;
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
