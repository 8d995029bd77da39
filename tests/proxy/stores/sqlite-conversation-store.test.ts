/**
 * Puts the SQLite store of conversations through its contract.
 */
import { openDatabase } from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteConversationStore } from '../../../proxy/src/stores/sqlite/sqlite-conversation-store.ts';
import { describeConversationStore } from './conversation-store-contract.ts';

describeConversationStore( 'SQLite', async () => {
	const database = openDatabase( ':memory:' );
	return {
		store: createSqliteConversationStore( database ),
		close: async () => database.close(),
	};
} );
