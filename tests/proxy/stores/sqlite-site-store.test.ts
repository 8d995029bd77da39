/**
 * Puts the SQLite store of sites through its contract.
 */
import { openDatabase } from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteSiteStore } from '../../../proxy/src/stores/sqlite/sqlite-site-store.ts';
import { describeSiteStore } from './site-store-contract.ts';

describeSiteStore( 'SQLite', async () => {
	const database = openDatabase( ':memory:' );
	return {
		store: createSqliteSiteStore( database ),
		close: async () => database.close(),
	};
} );
