/**
 * Copies the write-ahead log into the file when nobody waits for a commit. Left to itself SQLite does so in the middle of one, and waits for
 * the disk once more in the one after it: a few milliseconds that every fortieth visitor would wait for.
 */
import type { StatementSync } from 'node:sqlite';

/** After so many commits (a few thousand pages at most) it is time. */
const COMMITS = 250;

/** After so many it is done although somebody waits. */
const COMMITS_AT_MOST = 1_000;

/** How long it may wait for a moment of rest, in milliseconds. */
const WAIT_MS = 20;

/** Pages in the log (40 MB) at which SQLite steps in after all. */
export const LAST_RESORT_PAGES = 10_000;

/** Keeps count of commits. */
export interface Checkpoints {
	countCommit(): void;
	stop(): void;
}

/** Starts counting; `isBusy` tells whether somebody waits for a commit. */
export function createCheckpoints(
	prepare: ( sql: string ) => StatementSync,
	isBusy: () => boolean
): Checkpoints {
	let commits = 0;
	let timer: NodeJS.Timeout | undefined;

	const wait = () => {
		timer = setTimeout( copyUnlessBusy, WAIT_MS ).unref();
	};
	const copyUnlessBusy = () => {
		timer = undefined;
		if ( isBusy() && commits < COMMITS_AT_MOST ) {
			wait();
			return;
		}
		commits = 0;
		try {
			prepare( 'PRAGMA wal_checkpoint(PASSIVE)' ).get();
			beginLogAnew();
		} catch {
			// A disk that is full or failing says so to the next commit, which somebody waits for. Here nothing is lost.
		}
	};
	/** Writes the version that the file has already: the first commit of a new log waits for the disk, so this one is it. */
	const beginLogAnew = () => {
		const row = prepare( 'PRAGMA user_version' ).get();
		prepare( `PRAGMA user_version = ${ row?.user_version }` ).get();
	};

	return {
		countCommit() {
			if ( ++commits >= COMMITS && ! timer ) {
				wait();
			}
		},
		stop() {
			clearTimeout( timer );
		},
	};
}
