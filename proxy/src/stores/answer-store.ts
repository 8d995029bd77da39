/**
 * Says what a store of answers can do: keep cached answers, what the owner pinned or forbade, and the questions that had no
 * answer.
 */
import type { Mood, Source } from '../types.ts';

/** Everything an exact hit has to agree on. */
export interface AnswerKey {
	siteId: string;
	/** BCP 47 tag of the language that was answered in. */
	language: string;
	/** Names the page or product when the answer depends on it; empty for the whole site. */
	scopeKey: string;
	assistantVersion: string;
	/** The question as `normaliseQuestion` wrote it. */
	normalised: string;
}

/** `cached` was made by answering, `pinned` and `forbidden` are the owner's word. */
export type AnswerStatus = 'cached' | 'pinned' | 'forbidden';

/** An answer as stored. */
export interface StoredAnswer {
	id: string;
	status: AnswerStatus;
	question: string;
	/** Empty for a pinned answer that serves every language. */
	language: string;
	text: string;
	sources: Source[];
	mood: Mood | undefined;
	/** What answering once cost, in nano-dollars. */
	costNanoUsd: number;
	hits: number;
	savedNanoUsd: number;
	createdAt: number;
	lastUsedAt: number;
	/** Milliseconds since the epoch; undefined never expires. */
	expiresAt: number | undefined;
}

/** A document that an answer rests on, as it was. */
export interface AnswerGround {
	documentId: string;
	hash: string;
}

/** A new cached answer. */
export interface NewAnswer extends AnswerKey {
	id: string;
	question: string;
	/** What the question asks about, as `questionTerms` wrote it. */
	terms: string;
	text: string;
	sources: Source[];
	mood: Mood | undefined;
	restsOn: readonly AnswerGround[];
	/** The version of the site's documents that the answer was computed from. */
	knowledgeVersion: number;
	costNanoUsd: number;
	createdAt: number;
	expiresAt: number;
}

/** An answer of the owner. */
export interface OwnedAnswer {
	siteId: string;
	id: string;
	status: 'pinned' | 'forbidden';
	question: string;
	normalised: string;
	language: string;
	text: string;
	sources: Source[];
	createdAt: number;
}

/** Hits of one answer since the last count. */
export interface HitCount {
	siteId: string;
	id: string;
	hits: number;
	lastUsedAt: number;
}

/** What was found for a question. */
export interface FoundAnswers {
	/** The owner's entries for the question, in every language. */
	owned: StoredAnswer[];
	cached: StoredAnswer | undefined;
}

/** Keeps the answers of all sites, each site apart. */
export interface AnswerStore {
	find( key: AnswerKey ): Promise< FoundAnswers >;
	/**
	 * Stores a cached answer in the place of an earlier one with the same key, unless the site's documents have another version
	 * by now, a document it rests on is gone or different, or the owner pinned or forbade the question. Keeps at most
	 * `maxEntries` cached answers of the site: the longest unused go. Returns whether it was stored.
	 */
	remember( answer: NewAnswer, maxEntries: number ): Promise< boolean >;
	/** Stores the owner's entry; an entry with the same id, and cached answers to the same question, go. */
	putOwned( answer: OwnedAnswer ): Promise< void >;
	/** Lists a site's answers, the most used first. */
	list( siteId: string, limit: number ): Promise< StoredAnswer[] >;
	/** Returns whether there was such an answer. */
	delete( siteId: string, id: string ): Promise< boolean >;
	countHits( counts: readonly HitCount[] ): Promise< void >;
	/** Removes what expired before `now`; returns how many. */
	deleteExpired( now: number ): Promise< number >;
}

/** A question that the site had no answer to. */
export interface UnansweredQuestion {
	question: string;
	normalised: string;
	language: string;
	count: number;
	firstAskedAt: number;
	lastAskedAt: number;
}

/** Keeps the questions without an answer. */
export interface UnansweredStore {
	/** Counts the question. Keeps at most `maxEntries` of the site: the longest unasked go. */
	log(
		siteId: string,
		asked: {
			question: string;
			normalised: string;
			language: string;
			at: number;
		},
		maxEntries: number
	): Promise< void >;
	/** Lists a site's questions, the most asked first. */
	list( siteId: string, limit: number ): Promise< UnansweredQuestion[] >;
	/** Returns whether there was such a question. */
	delete( siteId: string, normalised: string ): Promise< boolean >;
}
