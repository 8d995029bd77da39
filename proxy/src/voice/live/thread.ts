/**
 * Keeps what was said in a live conversation: for the next search, for the next session, and in the store beside what was written.
 */
import type { PastTurn } from '../../stores/conversation-store.ts';
import type { Exchange } from './exchange.ts';
import type { LiveCaller, LiveServices } from './live-services.ts';

/** How many earlier exchanges a search and a new session are shown. */
const MAX_PAST_TURNS = 6;

/** The thread of one conversation. */
export class Thread {
	/** What was said so far, oldest first. */
	readonly history: PastTurn[];
	/** How many exchanges were kept. */
	keptCount = 0;
	#isForgotten = false;
	readonly #services: Pick< LiveServices, 'thread' >;
	readonly #caller: LiveCaller;
	readonly #conversationId: string;

	constructor( {
		services,
		caller,
		conversationId,
		history,
	}: {
		services: Pick< LiveServices, 'thread' >;
		caller: LiveCaller;
		conversationId: string;
		history: PastTurn[];
	} ) {
		this.#services = services;
		this.#caller = caller;
		this.#conversationId = conversationId;
		this.history = history;
	}

	/** Keeps nothing from now on. */
	forget(): void {
		this.#isForgotten = true;
	}

	/** Keeps an exchange that is over. One without a question only asked the visitor to say it again. */
	keep( exchange: Exchange ): void {
		const { id, question, answer, askedAt, costNanoUsd } = exchange;
		if ( question === '' || this.#isForgotten ) {
			return;
		}
		this.keptCount++;
		this.history.push( { question, answer } );
		this.history.splice(
			0,
			Math.max( 0, this.history.length - MAX_PAST_TURNS )
		);
		void this.#services.thread.save( this.#caller, {
			id,
			conversationId: this.#conversationId,
			question,
			answer,
			sources: exchange.finding?.sources ?? [],
			finishReason: exchange.isSpoken ? exchange.finishReason : 'stopped',
			costNanoUsd,
			askedAt,
		} );
	}
}
