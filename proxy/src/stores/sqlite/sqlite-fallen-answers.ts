/**
 * Drops the cached answers that a change of documents makes untrue. Runs inside the transaction of that change.
 */
import type {
	IndexedDocument,
	KnowledgeChange,
	SiteIndex,
} from '../knowledge-store.ts';
import { BYTES_PER_POSTING } from '../postings.ts';
import type { Database } from './database.ts';

/** Drops the cached answers that rest on one of the documents. */
export function dropResting(
	database: Database,
	siteId: string,
	documentIds: readonly string[]
): number {
	const drop = database.prepare(
		`DELETE FROM answers WHERE status = 'cached' AND key IN
		(SELECT answer_key FROM answer_documents WHERE site_id = ? AND document_id = ?)`
	);
	return documentIds.reduce(
		( dropped, id ) => dropped + Number( drop.run( siteId, id ).changes ),
		0
	);
}

/** Drops the cached answers to questions that the changed documents now speak to. */
export function dropOutdated(
	database: Database,
	siteId: string,
	changed: readonly IndexedDocument[],
	site: SiteIndex,
	{ findOutdated }: KnowledgeChange
): number {
	if ( changed.length === 0 ) {
		return 0;
	}
	const questions = database
		.prepare(
			`SELECT id, terms FROM answers WHERE site_id = ? AND status = 'cached'`
		)
		.all( siteId )
		.map( ( row ) => ( {
			answerId: row.id as string,
			terms: row.terms as string,
		} ) );
	if ( questions.length === 0 ) {
		return 0;
	}
	const lengths = database.prepare(
		'SELECT language, length(postings) AS bytes FROM words WHERE site_id = ? AND word = ?'
	);
	const outdated = findOutdated( changed, questions, {
		passageCount: site.passageCount,
		languages: site.languages,
		passagesWith: ( word, languages ) =>
			lengths
				.all( siteId, word )
				.filter( ( row ) =>
					languages.includes( row.language as string )
				)
				.reduce(
					( sum, row ) =>
						sum + ( row.bytes as number ) / BYTES_PER_POSTING,
					0
				),
	} );
	const drop = database.prepare(
		'DELETE FROM answers WHERE site_id = ? AND id = ?'
	);
	for ( const id of outdated ) {
		drop.run( siteId, id );
	}
	return outdated.length;
}
