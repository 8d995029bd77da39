/**
 * Keeps answers in SQLite.
 */
import type {
	AnswerStatus,
	AnswerStore,
	NewAnswer,
	OwnedAnswer,
	StoredAnswer,
} from '../answer-store.ts';
import type { Mood, Source } from '../../types.ts';
import type { Database } from './database.ts';

const COLUMNS = `id, status, question, language, text, sources, mood, cost_nano_usd, hits, created_at, last_used_at, expires_at`;

/** Makes an answer store over an open database. */
export function createSqliteAnswerStore( database: Database ): AnswerStore {
	return {
		async find( key ) {
			// The literal conditions on `status` let SQLite use the partial indexes.
			const owned = database
				.prepare(
					`SELECT ${ COLUMNS } FROM answers WHERE site_id = ? AND normalised = ? AND status <> 'cached'`
				)
				.all( key.siteId, key.normalised );
			const cached = database
				.prepare(
					`SELECT ${ COLUMNS } FROM answers WHERE site_id = ? AND normalised = ?
					AND language = ? AND scope_key = ? AND assistant_version = ? AND status = 'cached'`
				)
				.get(
					key.siteId,
					key.normalised,
					key.language,
					key.scopeKey,
					key.assistantVersion
				);
			return {
				owned: owned.map( readAnswer ),
				cached: cached && readAnswer( cached ),
			};
		},

		remember( answer, maxEntries ) {
			return database.writeSoon( () => {
				if ( ! isStillTrue( database, answer ) ) {
					return false;
				}
				insertCached( database, answer );
				evict( database, answer.siteId, maxEntries );
				return true;
			} );
		},

		putOwned( answer ) {
			return database.write( () => replaceByOwned( database, answer ) );
		},

		async list( siteId, limit ) {
			return database
				.prepare(
					`SELECT ${ COLUMNS } FROM answers WHERE site_id = ? ORDER BY hits DESC, last_used_at DESC, key LIMIT ?`
				)
				.all( siteId, limit )
				.map( readAnswer );
		},

		delete( siteId, id ) {
			return database.write(
				() =>
					Number(
						database
							.prepare(
								'DELETE FROM answers WHERE site_id = ? AND id = ?'
							)
							.run( siteId, id ).changes
					) > 0
			);
		},

		countHits( counts ) {
			return database.write( () => {
				const count = database.prepare(
					'UPDATE answers SET hits = hits + ?, last_used_at = max(last_used_at, ?) WHERE site_id = ? AND id = ?'
				);
				for ( const { siteId, id, hits, lastUsedAt } of counts ) {
					count.run( hits, lastUsedAt, siteId, id );
				}
			} );
		},

		deleteExpired( now ) {
			return database.write( () =>
				Number(
					database
						.prepare( 'DELETE FROM answers WHERE expires_at <= ?' )
						.run( now ).changes
				)
			);
		},
	};
}

/** Whether the site is still as it was when the answer was computed, and the owner has not spoken. */
function isStillTrue( database: Database, answer: NewAnswer ): boolean {
	const site = database
		.prepare( 'SELECT version FROM knowledge_sites WHERE site_id = ?' )
		.get( answer.siteId );
	if ( ( site?.version ?? 0 ) !== answer.knowledgeVersion ) {
		return false;
	}
	const isThere = database.prepare(
		'SELECT 1 FROM documents WHERE site_id = ? AND id = ? AND hash = ?'
	);
	return (
		answer.restsOn.every( ( { documentId, hash } ) =>
			isThere.get( answer.siteId, documentId, hash )
		) &&
		! database
			.prepare(
				`SELECT 1 FROM answers WHERE site_id = ? AND normalised = ? AND status <> 'cached' AND language IN ('', ?)`
			)
			.get( answer.siteId, answer.normalised, answer.language )
	);
}

function insertCached( database: Database, answer: NewAnswer ): void {
	database
		.prepare(
			`DELETE FROM answers WHERE site_id = ? AND normalised = ? AND language = ? AND scope_key = ? AND assistant_version = ? AND status = 'cached'`
		)
		.run(
			answer.siteId,
			answer.normalised,
			answer.language,
			answer.scopeKey,
			answer.assistantVersion
		);
	const { lastInsertRowid } = database
		.prepare(
			`INSERT INTO answers (site_id, id, status, question, normalised, language, scope_key, assistant_version, terms, text,
			sources, mood, cost_nano_usd, hits, created_at, last_used_at, expires_at)
			VALUES (?, ?, 'cached', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`
		)
		.run(
			answer.siteId,
			answer.id,
			answer.question,
			answer.normalised,
			answer.language,
			answer.scopeKey,
			answer.assistantVersion,
			answer.terms,
			answer.text,
			JSON.stringify( answer.sources ),
			answer.mood ?? null,
			answer.costNanoUsd,
			answer.createdAt,
			answer.createdAt,
			answer.expiresAt
		);
	const rest = database.prepare(
		'INSERT OR IGNORE INTO answer_documents (site_id, document_id, answer_key) VALUES (?, ?, ?)'
	);
	for ( const { documentId } of answer.restsOn ) {
		rest.run( answer.siteId, documentId, lastInsertRowid );
	}
}

/** From this many entries on, only one new answer in so many is counted: counting reads all of them. */
const MANY_ENTRIES = 1_000;
const COUNT_ONE_IN = 64;

/** Removes the answers that were not used for longest when there are too many; a large cache may be a few answers larger for a while. */
function evict( database: Database, siteId: string, maxEntries: number ): void {
	if ( maxEntries >= MANY_ENTRIES && Math.random() >= 1 / COUNT_ONE_IN ) {
		return;
	}
	const row = database
		.prepare(
			`SELECT count(*) AS n FROM answers WHERE site_id = ? AND status = 'cached'`
		)
		.get( siteId );
	const surplus = ( row?.n as number ) - maxEntries;
	if ( surplus > 0 ) {
		database
			.prepare(
				`DELETE FROM answers WHERE key IN (SELECT key FROM answers WHERE site_id = ? AND status = 'cached'
				ORDER BY last_used_at, key LIMIT ?)`
			)
			.run( siteId, surplus );
	}
}

function replaceByOwned( database: Database, answer: OwnedAnswer ): void {
	const previous = database
		.prepare(
			'SELECT cost_nano_usd, hits FROM answers WHERE site_id = ? AND id = ?'
		)
		.get( answer.siteId, answer.id );
	database
		.prepare(
			`DELETE FROM answers WHERE site_id = ?1 AND (id = ?2 OR (normalised = ?3 AND (?4 = '' OR language = ?4)
			AND (status = 'cached' OR language = ?4)))`
		)
		.run( answer.siteId, answer.id, answer.normalised, answer.language );
	database
		.prepare(
			`INSERT INTO answers (site_id, id, status, question, normalised, language, scope_key, assistant_version, terms, text,
			sources, mood, cost_nano_usd, hits, created_at, last_used_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, '', '', '', ?, ?, NULL, ?, ?, ?, ?, NULL)`
		)
		.run(
			answer.siteId,
			answer.id,
			answer.status,
			answer.question,
			answer.normalised,
			answer.language,
			answer.text,
			JSON.stringify( answer.sources ),
			previous?.cost_nano_usd ?? 0,
			previous?.hits ?? 0,
			answer.createdAt,
			answer.createdAt
		);
}

function readAnswer( row: Record< string, unknown > ): StoredAnswer {
	const hits = row.hits as number;
	const costNanoUsd = row.cost_nano_usd as number;
	return {
		id: row.id as string,
		status: row.status as AnswerStatus,
		question: row.question as string,
		language: row.language as string,
		text: row.text as string,
		sources: JSON.parse( row.sources as string ) as Source[],
		mood: ( row.mood as Mood | null ) ?? undefined,
		costNanoUsd,
		hits,
		savedNanoUsd: hits * costNanoUsd,
		createdAt: row.created_at as number,
		lastUsedAt: row.last_used_at as number,
		expiresAt: ( row.expires_at as number | null ) ?? undefined,
	};
}
