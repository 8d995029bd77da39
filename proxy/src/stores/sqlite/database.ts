/**
 * Opens the SQLite file, brings its tables up to date and commits writes in groups.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { createCheckpoints, LAST_RESORT_PAGES } from './checkpoints.ts';
import {
	createWriteQueue,
	GIVE_UP_MS,
	isBusy,
	rollBack,
	STANDSTILL_MS,
} from './write-queue.ts';

const FILE_NAME = 'docent.sqlite';
const MIGRATIONS = new URL( './migrations/', import.meta.url );

/** The SQLite file of one proxy, or of several proxies on one machine. */
export interface Database {
	/** Prepares a statement once and keeps it. */
	prepare( sql: string ): StatementSync;
	/**
	 * Runs `work` inside a transaction and resolves after the commit. Work queued in the same turn of the event loop shares
	 * one commit; work that throws is undone alone and rejects alone. `work` may run twice, so it changes nothing but the database.
	 */
	write< T >( work: () => T ): Promise< T >;
	/** Does the same, but joins the next commit of somebody else, if one comes within a few milliseconds. */
	writeSoon< T >( work: () => T ): Promise< T >;
	/** Runs `work` on one consistent snapshot of the file. */
	read< T >( work: () => T ): T;
	/** Commits what is queued and closes the file. */
	close(): void;
}

/** What of a file that is read only can be used. */
export type ReadableDatabase = Pick< Database, 'prepare' | 'read' | 'close' >;

/**
 * Opens (and creates) `docent.sqlite` in `dataDir`; `:memory:` opens a database that lives as long as the process.
 *
 * Throws when the folder cannot be written or the file is from a newer version.
 */
export function openDatabase( dataDir: string ): Database {
	const inMemory = dataDir === ':memory:';
	if ( ! inMemory ) {
		mkdirSync( dataDir, { recursive: true } );
	}
	const sqlite = new DatabaseSync(
		inMemory ? ':memory:' : join( dataDir, FILE_NAME )
	);
	prepareForWriting( sqlite );
	migrate( sqlite );
	return wrap( sqlite );
}

/**
 * Opens the file of a data folder as it is, for tools beside a running proxy: it is neither made nor brought up to date.
 *
 * Throws an error that says what to do when there is no file, or when it is of another version.
 */
export function openExistingDatabase( dataDir: string ): Database {
	const sqlite = openExisting( dataDir, false );
	prepareForWriting( sqlite );
	return wrap( sqlite );
}

/** Does the same for reading only; nothing in the folder changes. */
export function openDatabaseForReading( dataDir: string ): ReadableDatabase {
	return wrap( openExisting( dataDir, true ) );
}

function openExisting( dataDir: string, readOnly: boolean ): DatabaseSync {
	const path = join( dataDir, FILE_NAME );
	if ( ! existsSync( path ) ) {
		throw new Error( `There is no ${ FILE_NAME } in ${ dataDir }.` );
	}
	const sqlite = new DatabaseSync( path, {
		readOnly,
		timeout: GIVE_UP_MS,
	} );
	try {
		const version = versionOf( sqlite );
		const known = migrationFiles().length;
		if ( version > known ) {
			throw new Error( newerVersion( version, known ) );
		}
		if ( version < known ) {
			throw new Error(
				`The data folder was written by an older version of Docent (schema ${ version }, this version knows ${ known }). Start the proxy on it once, which brings it up to date.`
			);
		}
	} catch ( error ) {
		sqlite.close();
		throw error;
	}
	return sqlite;
}

function prepareForWriting( sqlite: DatabaseSync ): void {
	waitAtMost( sqlite, GIVE_UP_MS );
	switchToWal( sqlite );
	// WAL with NORMAL keeps every commit through a crash or kill of the process, which is what the ledger relies on.
	sqlite.exec(
		`PRAGMA synchronous = NORMAL;
		PRAGMA wal_autocheckpoint = ${ LAST_RESORT_PAGES };
		PRAGMA foreign_keys = ON;
		PRAGMA temp_store = MEMORY;`
	);
}

/**
 * Switches a new file to its write-ahead log. When several proxies do so at the same moment, SQLite refuses some of them at once instead of
 * letting them wait, so they wait here.
 */
function switchToWal( sqlite: DatabaseSync ): void {
	const giveUpAt = Date.now() + GIVE_UP_MS;
	for (;;) {
		try {
			sqlite.exec( 'PRAGMA journal_mode = WAL' );
			return;
		} catch ( error ) {
			if ( ! isBusy( error ) || Date.now() > giveUpAt ) {
				throw error;
			}
			Atomics.wait(
				new Int32Array( new SharedArrayBuffer( 4 ) ),
				0,
				0,
				20
			);
		}
	}
}

/** Says how long SQLite waits for another process before it refuses, in milliseconds. */
function waitAtMost( sqlite: DatabaseSync, ms: number ): void {
	sqlite.exec( `PRAGMA busy_timeout = ${ ms }` );
}

/** Gives an open file the ways in which the stores use it. */
function wrap( sqlite: DatabaseSync ): Database {
	waitAtMost( sqlite, STANDSTILL_MS );
	const statements = new Map< string, StatementSync >();
	const prepare = ( sql: string ): StatementSync => {
		let statement = statements.get( sql );
		if ( ! statement ) {
			statement = sqlite.prepare( sql );
			statements.set( sql, statement );
		}
		return statement;
	};

	const queue = createWriteQueue( prepare, () => checkpoints.countCommit() );
	const checkpoints = createCheckpoints( prepare, () => queue.isWaiting );

	return {
		prepare,
		write: queue.write,
		writeSoon: queue.writeSoon,
		read( work ) {
			prepare( 'BEGIN' ).run();
			try {
				return work();
			} finally {
				// Unlike a commit this also ends a transaction whose reading broke off at a damaged page.
				rollBack( prepare );
			}
		},
		close() {
			waitAtMost( sqlite, GIVE_UP_MS );
			queue.finish();
			checkpoints.stop();
			sqlite.close();
		},
	};
}

/** Applies the numbered `.sql` files that the database has not seen yet, all in one transaction. */
function migrate( sqlite: DatabaseSync ): void {
	const files = migrationFiles();
	sqlite.exec( 'BEGIN IMMEDIATE' );
	try {
		const current = versionOf( sqlite );
		if ( current > files.length ) {
			throw new Error( newerVersion( current, files.length ) );
		}
		for ( const file of files.slice( current ) ) {
			sqlite.exec( readFileSync( new URL( file, MIGRATIONS ), 'utf8' ) );
		}
		sqlite.exec( `PRAGMA user_version = ${ files.length }` );
		sqlite.exec( 'COMMIT' );
	} catch ( error ) {
		sqlite.exec( 'ROLLBACK' );
		throw error;
	}
}

function migrationFiles(): string[] {
	return readdirSync( MIGRATIONS )
		.filter( ( name ) => name.endsWith( '.sql' ) )
		.sort();
}

function versionOf( sqlite: DatabaseSync ): number {
	return Number(
		sqlite.prepare( 'PRAGMA user_version' ).get()?.user_version
	);
}

function newerVersion( version: number, known: number ): string {
	return `The data folder was written by a newer version of Docent (schema ${ version }, this version knows ${ known }). Update the proxy or give it another DOCENT_DATA_DIR.`;
}
