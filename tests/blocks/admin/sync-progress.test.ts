/**
 * Checks that the settings page keeps a sync going, waits when others work on it, and gives up aloud.
 */
import { describe, expect, it } from 'vitest';
import {
	announcedPercent,
	hasGivenUp,
	INITIAL_SYNC_STATE,
	nextStepDelayMs,
	reduceSync,
	syncShare,
	type SyncEvent,
	type SyncRequest,
} from '../../../blocks/admin/sync-progress.ts';
import type { Sync } from '../../../blocks/admin/types.ts';

function sync( values: Partial< Sync > = {} ): Sync {
	return {
		status: 'running',
		total: 40,
		sent: 0,
		failed: 0,
		startedAt: 1_700_000_000,
		finishedAt: null,
		message: null,
		...values,
	};
}

/** A request and its answer. */
function answer( request: SyncRequest, values: Partial< Sync > ): SyncEvent[] {
	return [
		{ type: 'asked', request },
		{ type: 'answered', request, sync: sync( values ) },
	];
}

/** A batch that failed. */
const failure: SyncEvent[] = [
	{ type: 'asked', request: 'step' },
	{ type: 'failed', request: 'step', error: 'The proxy is away.' },
];

function after( ...events: SyncEvent[][] ) {
	return events.flat().reduce( reduceSync, INITIAL_SYNC_STATE );
}

describe( 'a running sync', () => {
	it( 'goes on after the page was reloaded', () => {
		expect( nextStepDelayMs( after( answer( 'load', {} ) ) ) ).toBe( 0 );
	} );

	it( 'asks for the next batch at once after one that moved', () => {
		const state = after(
			answer( 'start', {} ),
			answer( 'step', { sent: 20 } )
		);
		expect( nextStepDelayMs( state ) ).toBe( 0 );
	} );

	it( 'waits before the next batch when the last one moved nothing', () => {
		const state = after(
			answer( 'load', { sent: 20 } ),
			answer( 'step', { sent: 20 } )
		);
		expect( nextStepDelayMs( state ) ).toBe( 2_000 );
	} );

	it( 'counts a failed document as moved', () => {
		const state = after(
			answer( 'load', { sent: 20 } ),
			answer( 'step', { sent: 20, failed: 1 } )
		);
		expect( nextStepDelayMs( state ) ).toBe( 0 );
	} );

	it( 'asks for nothing while a request is on its way', () => {
		const state = after( answer( 'load', {} ), [
			{ type: 'asked', request: 'step' },
		] );
		expect( nextStepDelayMs( state ) ).toBeUndefined();
	} );

	it.each( [ 'idle', 'stopped', 'failed', 'done' ] as const )(
		'asks for nothing once it is %s',
		( status ) => {
			const state = after( answer( 'step', { status } ) );
			expect( nextStepDelayMs( state ) ).toBeUndefined();
		}
	);

	it( 'stays stopped when the batch that was on its way answers late', () => {
		const late: SyncEvent = {
			type: 'answered',
			request: 'step',
			sync: sync( { sent: 40 } ),
		};
		const state = after(
			answer( 'load', {} ),
			[ { type: 'asked', request: 'step' } ],
			[ { type: 'asked', request: 'stop' } ],
			[ late ]
		);
		expect( state.request ).toBe( 'stop' );
		const stopped = reduceSync( state, {
			type: 'answered',
			request: 'stop',
			sync: sync( { status: 'stopped' } ),
		} );
		expect( reduceSync( stopped, late ).sync?.status ).toBe( 'stopped' );
	} );
} );

describe( 'failed requests', () => {
	it( 'are repeated more and more slowly, then left to a person', () => {
		let state = after( answer( 'load', {} ) );
		const delays = [];
		while ( ! hasGivenUp( state ) ) {
			state = failure.reduce( reduceSync, state );
			delays.push( nextStepDelayMs( state ) );
		}
		expect( delays ).toEqual( [ 2_000, 4_000, 8_000, 16_000, undefined ] );
		expect( state.error ).toBe( 'The proxy is away.' );
	} );

	it( 'stay in sight while a batch is repeated', () => {
		const state = after( answer( 'load', {} ), failure, [
			{ type: 'asked', request: 'step' },
		] );
		expect( state.error ).toBe( 'The proxy is away.' );
	} );

	it( 'are forgotten with the first answer', () => {
		const state = after(
			answer( 'load', {} ),
			failure,
			answer( 'step', { sent: 1 } )
		);
		expect( state.error ).toBeUndefined();
		expect( nextStepDelayMs( state ) ).toBe( 0 );
	} );

	it( 'are forgotten when the owner starts again', () => {
		const state = after( failure, failure, [
			{ type: 'asked', request: 'start' },
		] );
		expect( state ).toMatchObject( { attempts: 0, request: 'start' } );
		expect( state.error ).toBeUndefined();
	} );
} );

describe( 'progress', () => {
	it( 'is unknown while nothing was counted', () => {
		expect( syncShare( sync( { total: 0 } ) ) ).toBeUndefined();
	} );

	it( 'includes what failed, and never passes the whole', () => {
		expect( syncShare( sync( { sent: 10, failed: 10 } ) ) ).toBe( 0.5 );
		expect( syncShare( sync( { sent: 50 } ) ) ).toBe( 1 );
	} );

	it( 'is announced in quarters', () => {
		expect( announcedPercent( sync( { sent: 9 } ) ) ).toBe( 0 );
		expect( announcedPercent( sync( { sent: 29 } ) ) ).toBe( 50 );
		expect( announcedPercent( sync( { sent: 40 } ) ) ).toBe( 100 );
	} );
} );
