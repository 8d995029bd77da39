/**
 * Ties stored speech to the documents that it rests on, so that it goes with them.
 */
import {
	isReading,
	type SpeechGround,
	type StoredSpeech,
} from '../speech-store.ts';
import type { Database } from './database.ts';

/** Tells whether the documents are still there, and as they were where that matters. */
export function isStillThere(
	database: Database,
	{ siteId }: StoredSpeech,
	restsOn: readonly SpeechGround[]
): boolean {
	const isThere = database.prepare(
		'SELECT 1 FROM documents WHERE site_id = ? AND id = ? AND hash = ifnull(?, hash)'
	);
	return restsOn.every( ( ground ) =>
		isThere.get(
			siteId,
			ground.documentId,
			'hash' in ground ? ground.hash : null
		)
	);
}

/** Notes what speech rests on. */
export function tie(
	database: Database,
	{ siteId, id }: StoredSpeech,
	restsOn: readonly SpeechGround[]
): void {
	const insertTie = database.prepare(
		'INSERT OR IGNORE INTO speech_documents (site_id, document_id, speech_id, is_reading) VALUES (?, ?, ?, ?)'
	);
	for ( const ground of restsOn ) {
		insertTie.run(
			siteId,
			ground.documentId,
			id,
			Number( isReading( ground ) )
		);
	}
}

/** Drops the speech that a change of documents makes untrue. Runs inside the transaction of that change; the files go when the store is tidied. */
export function dropSpeech(
	database: Database,
	siteId: string,
	{
		removed,
		changed,
	}: { removed: readonly string[]; changed: readonly string[] }
): void {
	const drop = database.prepare(
		`DELETE FROM speech WHERE id IN
		(SELECT speech_id FROM speech_documents WHERE site_id = ? AND document_id = ? AND is_reading <= ?)`
	);
	for ( const id of removed ) {
		drop.run( siteId, id, 1 );
	}
	for ( const id of changed ) {
		drop.run( siteId, id, 0 );
	}
}
