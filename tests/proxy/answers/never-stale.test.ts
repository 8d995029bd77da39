/**
 * Looks for stale answers in the SQLite store.
 */
import { openInMemory } from '../knowledge/open-sqlite.ts';
import { describeNeverStale } from './never-stale-contract.ts';

describeNeverStale( 'SQLite', openInMemory, {
	seeds: [ 1, 2, 3 ],
	edits: 400,
} );
