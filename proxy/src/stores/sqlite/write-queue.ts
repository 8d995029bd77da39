/**
 * Commits writes in groups, and waits without standing still while another process has the file.
 */
import type { StatementSync } from 'node:sqlite';

/** How long a write that nobody waits for urgently may wait for company, in milliseconds. */
const SOON_MS = 4;

/** How long SQLite itself waits for another process, in milliseconds: nothing else happens in this one meanwhile. */
export const STANDSTILL_MS = 10;

/** After that it is tried again so much later, in milliseconds, drawn anew each time so that two processes do not meet again and again. */
const RETRY_MS = { least: 5, most: 20 };

/** How long a write waits for another process before it is given up, in milliseconds. */
export const GIVE_UP_MS = 5_000;

/** SQLite's code for a file that somebody else has locked. */
const SQLITE_BUSY = 5;

/** Writes of one process that wait for their commit. */
export interface WriteQueue {
	readonly isWaiting: boolean;
	/** See `Database.write`. */
	write< T >( work: () => T ): Promise< T >;
	/** See `Database.writeSoon`. */
	writeSoon< T >( work: () => T ): Promise< T >;
	/** Commits what waits, now; what cannot be committed rejects. */
	finish(): void;
}

interface Queued {
	work: () => unknown;
	since: number;
	resolve( value: unknown ): void;
	reject( reason: unknown ): void;
}

/** Makes an empty queue; `onCommit` is told of each commit. */
export function createWriteQueue(
	prepare: ( sql: string ) => StatementSync,
	onCommit: () => void
): WriteQueue {
	let queue: Queued[] = [];
	let next: NodeJS.Immediate | undefined;
	let soon: NodeJS.Timeout | undefined;
	let retry: NodeJS.Timeout | undefined;

	const flush = (): void => {
		clearImmediate( next );
		clearTimeout( soon );
		clearTimeout( retry );
		next = soon = retry = undefined;
		const group = queue;
		queue = [];
		if ( group.length === 0 ) {
			return;
		}
		commitGroup( prepare, group, ( left, error ) => {
			const now = performance.now();
			for ( const queued of left ) {
				if ( now - queued.since < GIVE_UP_MS ) {
					queue.push( queued );
				} else {
					queued.reject( error );
				}
			}
		} );
		if ( queue.length > 0 ) {
			const { least, most } = RETRY_MS;
			retry = setTimeout(
				flush,
				least + Math.random() * ( most - least )
			);
		} else {
			onCommit();
		}
	};
	const enqueue = < T >( work: () => T ): Promise< T > =>
		new Promise< T >( ( resolve, reject ) => {
			queue.push( {
				work,
				since: performance.now(),
				resolve: resolve as Queued[ 'resolve' ],
				reject,
			} );
		} );

	return {
		get isWaiting() {
			return queue.length > 0;
		},
		write( work ) {
			if ( ! retry ) {
				next ??= setImmediate( flush );
			}
			return enqueue( work );
		},
		writeSoon( work ) {
			if ( ! retry ) {
				soon ??= setTimeout( flush, SOON_MS );
			}
			return enqueue( work );
		},
		finish() {
			for ( const queued of queue ) {
				queued.since = -Infinity;
			}
			flush();
		},
	};
}

/**
 * Runs a group of writes in one transaction. When one of them throws, all are undone and each is run again in a transaction of its own, so
 * that it fails alone: failing is rare, and a savepoint around every write would cost each of them more than its own statements.
 *
 * What has not run because another process has the file is handed to `onBusy`.
 */
function commitGroup(
	prepare: ( sql: string ) => StatementSync,
	group: Queued[],
	onBusy: ( left: Queued[], error: unknown ) => void
): void {
	const values: unknown[] = [];
	try {
		prepare( 'BEGIN IMMEDIATE' ).run();
	} catch ( error ) {
		if ( isBusy( error ) ) {
			onBusy( group, error );
			return;
		}
		for ( const { reject } of group ) {
			reject( error );
		}
		return;
	}
	try {
		for ( const { work } of group ) {
			values.push( work() );
		}
		prepare( 'COMMIT' ).run();
	} catch ( error ) {
		rollBack( prepare );
		if ( group.length === 1 ) {
			group[ 0 ]?.reject( error );
			return;
		}
		for ( const one of group ) {
			commitGroup( prepare, [ one ], onBusy );
		}
		return;
	}
	for ( const [ index, { resolve } ] of group.entries() ) {
		resolve( values[ index ] );
	}
}

/** Tells whether another process has the file. */
export function isBusy( error: unknown ): boolean {
	const { errcode } = error as { errcode?: number };
	return errcode !== undefined && errcode % 256 === SQLITE_BUSY;
}

/** Ends a transaction, whatever state it is in. */
export function rollBack( prepare: ( sql: string ) => StatementSync ): void {
	try {
		prepare( 'ROLLBACK' ).run();
	} catch {
		// SQLite has rolled back by itself (disk full, for example), or never began: there is nothing left to undo.
	}
}
