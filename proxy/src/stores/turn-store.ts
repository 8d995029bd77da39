/**
 * Says how several proxies share the turns that are running: who works on a turn, its events, and the word to stop. A single
 * proxy needs no such store.
 */

/** Whose a running turn is. */
export interface SharedTurn {
	turnId: string;
	conversationId: string;
	siteId: string;
	visitorId: string;
}

export interface TurnStore {
	/** Makes a turn known; false when the conversation has another running turn. Forgotten by itself when its worker is silent for long. */
	begin( turn: SharedTurn ): Promise< boolean >;
	/** Adds events in the wire format of Server-Sent Events; the first event of a turn has the id 1. */
	append( turnId: string, events: readonly string[] ): Promise< void >;
	/** Closes a turn; its events can be read for a minute yet. */
	end( turnId: string ): Promise< void >;
	/** Finds a turn of a visitor that any proxy is working on, or ended a moment ago. */
	find(
		siteId: string,
		visitorId: string,
		turnId: string
	): Promise< SharedTurn | undefined >;
	/**
	 * Follows the events after the one with the id `afterId`, past and future, until the turn is closed. Counts as a reader, so that
	 * the worker does not give up. Throws when the worker fell silent.
	 */
	follow(
		turnId: string,
		afterId: number,
		signal: AbortSignal
	): AsyncIterable< string[] >;
	/** Tells the proxy that works on the turn to stop. */
	stop( turnId: string ): Promise< void >;
	/** Calls back when another proxy asks for one of our turns to stop, or has a reader for it. */
	onRequest(
		listener: ( turnId: string, request: 'stop' | 'read' ) => void
	): void;
}
