/**
 * Follows a sync from the answers of WordPress: what to show, whether to ask for another batch, and when to give up.
 */
import type { Sync } from './types.ts';

const MAX_ATTEMPTS = 5;
const IDLE_DELAY_MS = 2_000;
const MAX_DELAY_MS = 16_000;

/** A request of the sync card: read, begin or go on, end, or one batch. */
export type SyncRequest = 'load' | 'start' | 'stop' | 'step';

/** What the sync card knows. */
export interface SyncState {
	/** Absent until the first answer. */
	sync?: Sync;
	/** The request whose answer counts; a later one supersedes an earlier one. */
	request?: SyncRequest;
	/** Failed requests in a row. */
	attempts: number;
	/** Whether the last batch moved anything; when not, another process is at work. */
	hasMoved: boolean;
	/** A sentence about the last failed request. */
	error?: string;
}

/** What can happen to a sync as seen from the settings page. */
export type SyncEvent =
	| { type: 'asked'; request: SyncRequest }
	| { type: 'answered'; request: SyncRequest; sync: Sync }
	| { type: 'failed'; request: SyncRequest; error: string };

/** The state before WordPress was asked. */
export const INITIAL_SYNC_STATE: SyncState = { attempts: 0, hasMoved: true };

/** Follows one event. The late answer of a batch that was stopped meanwhile changes nothing. */
export function reduceSync( state: SyncState, event: SyncEvent ): SyncState {
	if ( event.type !== 'asked' && event.request !== state.request ) {
		return state;
	}
	switch ( event.type ) {
		case 'asked': {
			const { error, ...rest } = state;
			// A batch is retried quietly: its last error stays in sight until something moves.
			const kept =
				event.request === 'step' && error !== undefined
					? { error }
					: {};
			const attempts = event.request === 'step' ? state.attempts : 0;
			return { ...rest, ...kept, attempts, request: event.request };
		}
		case 'answered':
			return {
				sync: event.sync,
				attempts: 0,
				hasMoved:
					event.request !== 'step' ||
					handled( event.sync ) !== handled( state.sync ),
			};
		case 'failed': {
			const { request, ...rest } = state;
			return {
				...rest,
				error: event.error,
				attempts: state.attempts + 1,
			};
		}
	}
}

/** Says in how many milliseconds the next batch is due; undefined when none is. */
export function nextStepDelayMs( state: SyncState ): number | undefined {
	const isRunning = state.sync?.status === 'running';
	if ( ! isRunning || state.request || hasGivenUp( state ) ) {
		return undefined;
	}
	if ( state.attempts > 0 ) {
		return Math.min( 1_000 * 2 ** state.attempts, MAX_DELAY_MS );
	}
	return state.hasMoved ? 0 : IDLE_DELAY_MS;
}

/** Says whether so many batches failed in a row that a person should look. */
export function hasGivenUp( state: SyncState ): boolean {
	return state.attempts >= MAX_ATTEMPTS;
}

/** Says how much is done, from 0 to 1; undefined while the total is not known. */
export function syncShare( sync: Sync ): number | undefined {
	return sync.total > 0
		? Math.min( 1, handled( sync ) / sync.total )
		: undefined;
}

/** Rounds progress down to quarters, so that a screen reader hears four announcements and not four hundred. */
export function announcedPercent( sync: Sync ): number {
	return Math.floor( ( syncShare( sync ) ?? 0 ) * 4 ) * 25;
}

function handled( sync: Sync | undefined ): number {
	return sync ? sync.sent + sync.failed : 0;
}
