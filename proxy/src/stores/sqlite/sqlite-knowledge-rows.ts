/**
 * Reads and writes the rows that both reading and changing a site's documents need.
 */
import type { SiteIndex } from '../knowledge-store.ts';
import type { Database } from './database.ts';

/** Reads what there is of a site; a site without a row has nothing at version 0. */
export function readSite( database: Database, siteId: string ): SiteIndex {
	const row = database
		.prepare(
			'SELECT version, passage_count, document_count, languages FROM knowledge_sites WHERE site_id = ?'
		)
		.get( siteId );
	return row
		? {
				version: row.version as number,
				passageCount: row.passage_count as number,
				documentCount: row.document_count as number,
				languages:
					row.languages === ''
						? []
						: ( row.languages as string ).split( ' ' ),
			}
		: { version: 0, passageCount: 0, documentCount: 0, languages: [] };
}

/** Writes what there is of a site. */
export function writeSite(
	database: Database,
	siteId: string,
	{ version, passageCount, documentCount, languages }: SiteIndex
): void {
	database
		.prepare(
			`INSERT INTO knowledge_sites (site_id, version, passage_count, document_count, languages) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET version = excluded.version, passage_count = excluded.passage_count,
			document_count = excluded.document_count, languages = excluded.languages`
		)
		.run(
			siteId,
			version,
			passageCount,
			documentCount,
			languages.join( ' ' )
		);
}

/** Reads which languages the documents of a site are in. */
export function storedLanguages(
	database: Database,
	siteId: string
): string[] {
	return database
		.prepare(
			'SELECT DISTINCT base_language AS language FROM documents WHERE site_id = ?'
		)
		.all( siteId )
		.map( ( row ) => row.language as string );
}

/** Reads the numbers of a document's passages, in the order of the text. */
export function documentNumbers( database: Database, key: number ): number[] {
	return database
		.prepare(
			'SELECT number FROM passages WHERE document_key = ? ORDER BY number'
		)
		.all( key )
		.map( ( row ) => row.number as number );
}
