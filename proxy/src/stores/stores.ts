/**
 * Names everything that is kept, whatever it is kept in.
 */
import type { AnswerStore, UnansweredStore } from './answer-store.ts';
import type { CallStore } from './call-store.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { KnowledgeStore } from './knowledge-store.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { RateLimitStore } from './rate-limit-store.ts';
import type { SiteStore } from './site-store.ts';
import type { SpeechStore } from './speech-store.ts';
import type { TurnStore } from './turn-store.ts';

/** All stores of one proxy: a SQLite file of its own, or a Redis that several proxies share. */
export interface Stores {
	readonly kind: 'sqlite' | 'redis';
	sites: SiteStore;
	knowledge: KnowledgeStore;
	answers: AnswerStore;
	unanswered: UnansweredStore;
	conversations: ConversationStore;
	ledger: LedgerStore;
	calls: CallStore;
	speech: SpeechStore;
	rateLimits: RateLimitStore;
	/** Absent where one proxy works alone. */
	turns: TurnStore | undefined;
	/** Resolves when something could be read; rejects with what is wrong. */
	checkReadable(): Promise< void >;
	/** Resolves when something could be written; rejects with what is wrong. */
	checkWritable(): Promise< void >;
	/** Writes what is waiting and lets go. */
	close(): Promise< void >;
}
