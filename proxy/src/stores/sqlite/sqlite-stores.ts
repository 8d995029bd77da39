/**
 * Keeps everything in one SQLite file, which one proxy has to itself (or shares with others on the same machine).
 */
import { createMemoryRateLimitStore } from '../memory/memory-rate-limit-store.ts';
import type { Stores } from '../stores.ts';
import { openDatabase } from './database.ts';
import { createSqliteAnswerStore } from './sqlite-answer-store.ts';
import { createSqliteCallStore } from './sqlite-call-store.ts';
import { createSqliteConversationStore } from './sqlite-conversation-store.ts';
import { createSqliteKnowledgeStore } from './sqlite-knowledge-store.ts';
import { createSqliteLedgerStore } from './sqlite-ledger-store.ts';
import { createSqliteSiteStore } from './sqlite-site-store.ts';
import { createSqliteSpeechStore } from './sqlite-speech-store.ts';
import { createSqliteUnansweredStore } from './sqlite-unanswered-store.ts';

/** Opens the file in a data folder, and makes it when there is none. Throws when the folder cannot be used. */
export function openSqliteStores( dataDir: string ): Stores {
	const database = openDatabase( dataDir );
	return {
		kind: 'sqlite',
		sites: createSqliteSiteStore( database ),
		knowledge: createSqliteKnowledgeStore( database ),
		answers: createSqliteAnswerStore( database ),
		unanswered: createSqliteUnansweredStore( database ),
		conversations: createSqliteConversationStore( database ),
		ledger: createSqliteLedgerStore( database ),
		calls: createSqliteCallStore( database ),
		speech: createSqliteSpeechStore( database, dataDir ),
		rateLimits: createMemoryRateLimitStore(),
		turns: undefined,
		async checkReadable() {
			database.prepare( 'SELECT 1' ).get();
		},
		checkWritable: () => database.write( () => undefined ),
		async close() {
			database.close();
		},
	};
}
