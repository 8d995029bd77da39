/**
 * Keeps the questions without an answer in SQLite.
 */
import type { UnansweredQuestion, UnansweredStore } from '../answer-store.ts';
import type { Database } from './database.ts';

/** Makes a store of unanswered questions over an open database. */
export function createSqliteUnansweredStore(
	database: Database
): UnansweredStore {
	return {
		log( siteId, { question, normalised, language, at }, maxEntries ) {
			return database.write( () => {
				database
					.prepare(
						`INSERT INTO unanswered (site_id, normalised, question, language, count, first_asked_at, last_asked_at)
						VALUES (?, ?, ?, ?, 1, ?, ?)
						ON CONFLICT DO UPDATE SET count = count + 1, question = excluded.question, language = excluded.language,
						last_asked_at = excluded.last_asked_at`
					)
					.run( siteId, normalised, question, language, at, at );
				database
					.prepare(
						`DELETE FROM unanswered WHERE site_id = ?1 AND normalised IN (SELECT normalised FROM unanswered
						WHERE site_id = ?1 ORDER BY last_asked_at DESC, normalised LIMIT -1 OFFSET ?2)`
					)
					.run( siteId, maxEntries );
			} );
		},

		async list( siteId, limit ) {
			return database
				.prepare(
					`SELECT question, normalised, language, count, first_asked_at, last_asked_at FROM unanswered
					WHERE site_id = ? ORDER BY count DESC, last_asked_at DESC, normalised LIMIT ?`
				)
				.all( siteId, limit )
				.map( ( row ): UnansweredQuestion => ( {
					question: row.question as string,
					normalised: row.normalised as string,
					language: row.language as string,
					count: row.count as number,
					firstAskedAt: row.first_asked_at as number,
					lastAskedAt: row.last_asked_at as number,
				} ) );
		},

		delete( siteId, normalised ) {
			return database.write(
				() =>
					Number(
						database
							.prepare(
								'DELETE FROM unanswered WHERE site_id = ? AND normalised = ?'
							)
							.run( siteId, normalised ).changes
					) > 0
			);
		},
	};
}
