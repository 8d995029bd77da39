/**
 * Says what a store must do to remember conversations and their finished turns.
 */
import type { CacheOutcome, Source } from '../types.ts';

export interface Conversation {
	id: string;
	siteId: string;
	visitorId: string;
	/** Pseudonym of a signed-in person, when the site sent one. */
	user: string | undefined;
}

/** A turn that has ended, however it ended. */
export interface FinishedTurn {
	id: string;
	conversationId: string;
	question: string;
	answer: string;
	sources: Source[];
	finishReason: string;
	cache: CacheOutcome;
	/** The events as they were sent, so that a late reader can have them again. */
	events: string[];
	costNanoUsd: number;
	askedAt: number;
}

/** What was said in an earlier turn. */
export interface PastTurn {
	question: string;
	answer: string;
	/** What the visitor thought of the answer; left out or null: nothing was said. */
	rating?: Rating | null;
}

export type Rating = 'up' | 'down';

/** What one person said and was told, for an export. */
export interface PersonTurn {
	conversationId: string;
	turnId: string;
	question: string;
	answer: string;
	rating: Rating | null;
	remark: string | null;
	askedAt: number;
}

export interface ConversationStore {
	/** Lists the last turns of a visitor's conversation, oldest first; undefined when the visitor has no such conversation. */
	history(
		siteId: string,
		visitorId: string,
		conversationId: string,
		limit: number
	): Promise< PastTurn[] | undefined >;
	/**
	 * Adds a turn, and its conversation when that is new. A store that can forget by itself forgets the conversation `keepMs`
	 * milliseconds after this turn, should nobody tidy up.
	 */
	addTurn(
		conversation: Conversation,
		turn: FinishedTurn,
		keepMs?: number
	): Promise< void >;
	/** Finds a finished turn of a visitor. */
	findTurn(
		siteId: string,
		visitorId: string,
		turnId: string
	): Promise< FinishedTurn | undefined >;
	/** Returns false when the visitor has no such turn. */
	rate(
		siteId: string,
		visitorId: string,
		turnId: string,
		rating: Rating | null,
		remark: string | null
	): Promise< boolean >;
	/** Returns false when the visitor has no such conversation. */
	forget(
		siteId: string,
		visitorId: string,
		conversationId: string
	): Promise< boolean >;
	/** Removes the conversations of a site whose last turn is older. */
	forgetOlderThan( siteId: string, time: number ): Promise< number >;
	exportPerson( siteId: string, user: string ): Promise< PersonTurn[] >;
	erasePerson( siteId: string, user: string ): Promise< number >;
	/** Counts the answers of a site since a time, by how they came about. */
	countAnswers(
		siteId: string,
		since: number
	): Promise<
		Array< { cache: CacheOutcome; finishReason: string; count: number } >
	>;
}
