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
	/** What was asked under the visitor's key; empty without a key. */
	fingerprint: string;
	/** The proxy that works on it, named by the store that found it. */
	proxy?: string;
}

/** What making a turn known came to. */
export type BeginOutcome =
	| { kind: 'begun' }
	/** Some proxy works on this very turn, or did a moment ago: the client repeats itself. */
	| { kind: 'known'; turn: SharedTurn }
	| { kind: 'conversation_busy' }
	| { kind: 'too_many' };

/**
 * What another proxy wants of the one that works on a turn. `read` is repeated as long as somebody there reads; `left` ends it.
 */
export type TurnRequest = 'stop' | 'read' | 'left';

/** Hears what other proxies want of this one. */
export interface TurnListeners {
	/** Somebody wants something of a turn of this proxy; `from` is the proxy that asks. */
	onRequest( turnId: string, request: TurnRequest, from: string ): void;
	/** A conversation is to be forgotten, wherever its turns are. */
	onForget( siteId: string, visitorId: string, conversationId: string ): void;
}

export interface TurnStore {
	/** Makes a turn known, if its conversation is free and the visitor has fewer than `maxPerVisitor` running. */
	begin( turn: SharedTurn, maxPerVisitor: number ): Promise< BeginOutcome >;
	/**
	 * Adds events in the wire format of Server-Sent Events, the first with the id `firstId`, and wakes the proxies in `readers`.
	 * Adding what is there already changes nothing.
	 */
	append(
		turn: SharedTurn,
		firstId: number,
		events: readonly string[],
		readers: readonly string[]
	): Promise< void >;
	/** Frees the conversation. The turn can be found for a minute yet, or not at all. */
	end( turn: SharedTurn, options: { isFindable: boolean } ): Promise< void >;
	/** Finds a turn of a visitor that some proxy works on, or that ended a moment ago. */
	find(
		siteId: string,
		visitorId: string,
		turnId: string
	): Promise< SharedTurn | undefined >;
	/**
	 * Yields all events of a turn, past and future, until the last one. Counts as a reader until `signal` aborts. Throws when the
	 * proxy that worked on the turn fell silent, or when the store did.
	 */
	follow( turn: SharedTurn, signal: AbortSignal ): AsyncIterable< string[] >;
	/** Tells the proxy that works on a turn. Resolves when it was heard, or when that proxy is dead. */
	request( turn: SharedTurn, request: TurnRequest ): Promise< void >;
	/** Tells every proxy that a visitor's conversation is to be forgotten; returns whether a question of it was being answered. */
	forget(
		siteId: string,
		visitorId: string,
		conversationId: string
	): Promise< boolean >;
	/** Names who hears what other proxies want of this one. */
	listen( listeners: TurnListeners ): void;
	/** Lets go of this proxy's turns. */
	close(): Promise< void >;
}
