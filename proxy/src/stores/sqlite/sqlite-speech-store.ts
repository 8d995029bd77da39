/**
 * Keeps stored speech: what is known of it in SQLite, and each sound in a file of its own.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpeechStore, StoredSpeech } from '../speech-store.ts';
import type { Database } from './database.ts';
import { isStillThere, tie } from './sqlite-speech-documents.ts';

/** What of one site is kept on disk, in bytes. */
const MAX_BYTES_PER_SITE = 256 * 1024 * 1024;

/** A file that no row names, older than this in milliseconds, is left over from a crash; a younger one may be in the making. */
const LEFT_OVER_MS = 600_000;

/** Only such a name is ever that of a file. */
const ID = /^[0-9a-f]{32}$/;

const COLUMNS =
	'id, site_id, mime_type, bytes, duration_ms, sentences, cost_nano_usd, created_at';

/** A store of speech that may have something to clear away. */
export interface SqliteSpeechStore extends SpeechStore {
	/** Resolves when what a crash left over is removed. */
	readonly cleared: Promise< void >;
}

/**
 * Makes a store over an open database, with the sounds in `<dataDir>/speech`; beside a database in memory in a temporary folder. The folder is
 * made with the first sound.
 */
export function createSqliteSpeechStore(
	database: Database,
	dataDir: string
): SqliteSpeechStore {
	let folder = dataDir === ':memory:' ? undefined : join( dataDir, 'speech' );
	const folderPath = (): string => {
		folder ??= mkdtempSync( join( tmpdir(), 'docent-speech-' ) );
		return folder;
	};
	const pathOf = ( id: string ): string => {
		if ( ! ID.test( id ) ) {
			throw new RangeError( 'Speech has an id of 32 hex digits.' );
		}
		return join( folderPath(), `${ id }.wav` );
	};
	const rowOf = ( id: string ) =>
		database
			.prepare( `SELECT ${ COLUMNS } FROM speech WHERE id = ?` )
			.get( id );
	/** Removes files whose rows are gone. One that cannot be removed is left over for the next start. */
	const removeFiles = async ( ids: readonly string[] ): Promise< void > => {
		await Promise.all(
			ids.map( ( id ) =>
				rm( pathOf( id ), { force: true } ).catch( () => undefined )
			)
		);
	};
	const forget = ( id: string ): Promise< unknown > =>
		database.writeSoon( () =>
			database.prepare( 'DELETE FROM speech WHERE id = ?' ).run( id )
		);

	/** Writes a file whole or not at all, through every crash. */
	const writeFile = async (
		path: string,
		audio: Uint8Array
	): Promise< void > => {
		await mkdir( folderPath(), { recursive: true } );
		const temporary = `${ path }.${ randomBytes( 6 ).toString( 'hex' ) }.part`;
		try {
			const file = await open( temporary, 'wx', 0o600 );
			try {
				await file.writeFile( audio );
				await file.sync();
			} finally {
				await file.close();
			}
			await rename( temporary, path );
			await syncFolder( folderPath() );
		} catch ( error ) {
			await rm( temporary, { force: true } );
			throw error;
		}
	};

	const clear = async (): Promise< void > => {
		if ( folder === undefined ) {
			return;
		}
		const names = await readdir( folder ).catch( () => [] );
		for ( const name of names ) {
			const id = /^([0-9a-f]{32})\.wav$/.exec( name )?.[ 1 ];
			if ( ! /^[0-9a-f]{32}\.wav(\.[0-9a-f]{12}\.part)?$/.test( name ) ) {
				continue;
			}
			const path = join( folder, name );
			try {
				const { mtimeMs } = await stat( path );
				if (
					Date.now() - mtimeMs > LEFT_OVER_MS &&
					( id === undefined || ! rowOf( id ) )
				) {
					await rm( path, { force: true } );
				}
			} catch {
				// Another proxy on the same folder was faster, or the store was closed.
			}
		}
	};
	const cleared = clear();

	return {
		maxBytesPerSite: MAX_BYTES_PER_SITE,
		cleared,

		async find( siteId, id, now ) {
			const row = rowOf( id );
			if ( ! row || row.site_id !== siteId ) {
				return undefined;
			}
			await database.writeSoon( () =>
				database
					.prepare(
						'UPDATE speech SET last_used_at = max(last_used_at, ?) WHERE id = ?'
					)
					.run( now, id )
			);
			return readRow( row );
		},

		async open( id ) {
			const row = rowOf( id );
			return row && readRow( row );
		},

		async read( { id }, start, end ) {
			let file;
			try {
				file = await open( pathOf( id ), 'r' );
			} catch ( error ) {
				if ( isMissing( error ) ) {
					// The sound is gone without its row, so that it may be made again.
					await forget( id );
					return undefined;
				}
				throw error;
			}
			try {
				const buffer = Buffer.alloc( Math.max( 0, end - start + 1 ) );
				const { bytesRead } = await file.read(
					buffer,
					0,
					buffer.length,
					start
				);
				return bytesRead === buffer.length ? buffer : undefined;
			} finally {
				await file.close();
			}
		},

		async add( speech, audio, maxBytes, restsOn = [] ) {
			if ( audio.length > maxBytes || rowOf( speech.id ) ) {
				return;
			}
			await writeFile( pathOf( speech.id ), audio );
			const gone = await database.write( () => {
				if ( ! isStillThere( database, speech, restsOn ) ) {
					return [ speech.id ];
				}
				insert( database, speech, audio.length );
				tie( database, speech, restsOn );
				return evict( database, speech, maxBytes );
			} );
			await removeFiles( gone );
		},

		async deleteUnusedSince( time ) {
			const deleted = await database.write( () =>
				database
					.prepare(
						'DELETE FROM speech WHERE last_used_at < ? RETURNING id'
					)
					.all( time )
					.map( ( row ) => row.id as string )
			);
			await removeFiles( deleted );
			// Speech that went with its document left its file behind.
			await clear();
			return deleted.length;
		},
	};
}

function insert(
	database: Database,
	speech: StoredSpeech,
	bytes: number
): void {
	database
		.prepare(
			`INSERT OR IGNORE INTO speech (${ COLUMNS }, last_used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
		)
		.run(
			speech.id,
			speech.siteId,
			speech.mimeType,
			bytes,
			speech.durationMs,
			JSON.stringify( speech.sentences ),
			speech.costNanoUsd,
			speech.createdAt,
			speech.createdAt
		);
}

/** Deletes the rows of the longest unheard speech until the rest fits, and returns their ids; what came now stays. */
function evict(
	database: Database,
	{ siteId, id }: StoredSpeech,
	maxBytes: number
): string[] {
	let total = Number(
		database
			.prepare(
				'SELECT sum(bytes) AS total FROM speech WHERE site_id = ?'
			)
			.get( siteId )?.total ?? 0
	);
	const evicted: string[] = [];
	if ( total <= maxBytes ) {
		return evicted;
	}
	const oldest = database
		.prepare(
			'SELECT id, bytes FROM speech WHERE site_id = ? AND id <> ? ORDER BY last_used_at, id'
		)
		.iterate( siteId, id );
	for ( const row of oldest ) {
		if ( total <= maxBytes ) {
			break;
		}
		total -= Number( row.bytes );
		evicted.push( String( row.id ) );
	}
	const remove = database.prepare( 'DELETE FROM speech WHERE id = ?' );
	for ( const gone of evicted ) {
		remove.run( gone );
	}
	return evicted;
}

function readRow( row: Record< string, unknown > ): StoredSpeech {
	return {
		id: row.id as string,
		siteId: row.site_id as string,
		mimeType: row.mime_type as string,
		bytes: row.bytes as number,
		durationMs: row.duration_ms as number,
		sentences: JSON.parse(
			row.sentences as string
		) as StoredSpeech[ 'sentences' ],
		costNanoUsd: row.cost_nano_usd as number,
		createdAt: row.created_at as number,
	};
}

/** Makes a rename last through a loss of power, where the system can. */
async function syncFolder( path: string ): Promise< void > {
	const folder = await open( path, 'r' );
	try {
		await folder.sync();
	} catch {
		// Some systems cannot; a file that is lost is made again.
	} finally {
		await folder.close();
	}
}

function isMissing( error: unknown ): boolean {
	return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
