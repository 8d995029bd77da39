/**
 * Opens knowledge and answers over a SQLite file of their own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnswers } from '../../../proxy/src/answers/answers.ts';
import { createUnanswered } from '../../../proxy/src/answers/unanswered.ts';
import { createKnowledge } from '../../../proxy/src/knowledge/knowledge.ts';
import {
	type Database,
	openDatabase,
} from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteAnswerStore } from '../../../proxy/src/stores/sqlite/sqlite-answer-store.ts';
import { createSqliteKnowledgeStore } from '../../../proxy/src/stores/sqlite/sqlite-knowledge-store.ts';
import { createSqliteUnansweredStore } from '../../../proxy/src/stores/sqlite/sqlite-unanswered-store.ts';
import { createHandClock } from '../../support/clock.ts';
import type { OpenOptions, OpenRooms, Rooms } from './rooms.ts';

/** Opens rooms over a database that is already open. */
export function roomsOver(
	database: Database,
	{
		maxAnswersPerSite,
		maxUnansweredPerSite,
		clock = createHandClock(),
	}: OpenOptions = {}
): Rooms {
	const answers = createAnswers( {
		store: createSqliteAnswerStore( database ),
		clock,
		...( maxAnswersPerSite !== undefined && {
			maxEntriesPerSite: maxAnswersPerSite,
		} ),
	} );
	return {
		knowledge: createKnowledge( {
			store: createSqliteKnowledgeStore( database ),
			clock,
		} ),
		answers,
		unanswered: createUnanswered( {
			store: createSqliteUnansweredStore( database ),
			clock,
			...( maxUnansweredPerSite !== undefined && {
				maxEntriesPerSite: maxUnansweredPerSite,
			} ),
		} ),
		clock,
		async close() {
			await answers.flush();
			database.close();
		},
	};
}

/** Opens rooms in memory. */
export const openInMemory: OpenRooms = async ( options ) =>
	roomsOver( openDatabase( ':memory:' ), options );

/** Makes an empty folder and returns it with what removes it. */
export function temporaryFolder(): { folder: string; remove(): void } {
	const folder = mkdtempSync( join( tmpdir(), 'docent-knowledge-' ) );
	return {
		folder,
		remove: () => rmSync( folder, { recursive: true, force: true } ),
	};
}
