/**
 * Opens the ledger of a data folder for a process of its own.
 */
import { openDatabase } from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteLedgerStore } from '../../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';
import type { OpenLedger } from './ledger-worker.ts';

export const openLedger: OpenLedger = async ( dataDir ) => {
	const database = openDatabase( dataDir );
	return {
		store: createSqliteLedgerStore( database ),
		close: async () => database.close(),
	};
};
