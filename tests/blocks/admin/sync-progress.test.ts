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

function after( ...events: SyncEvent[] ) {
	return events.reduce( reduceSync, INITIAL_SYNC_STATE );
}

const failure: SyncEvent = { type: 'failed', error: 'The proxy is away.' };
const step: SyncEvent = { type: 'asked', request: 'step' };

describe( 'a running sync', () => {
	it( 'asks for the next batch at once after one that moved', () => {
		const state = after(
			{ type: 'answered', sync: sync() },
			step,
			{ type: 'answered', sync: sync( { sent: 20 } ) }
		);
		expect( nextStepDelayMs( state ) ).toBe( 0 );
	} );

	it( 'waits before the next batch when the last one moved nothing', () => {
		const state = after(
			{ type: 'answered', sync: sync( { sent: 20 } ) },
			step,
			{ type: 'answered', sync: sync( { sent: 20 } ) }
		);
		expect( nextStepDelayMs( state ) ).toBe( 2_000 );
	} );

	it( 'counts a failed document as moved', () => {
		const state = after(
			{ type: 'answered', sync: sync( { sent: 20 } ) },
			{ type: 'answered', sync: sync( { sent: 20, failed: 1 } ) }
		);
		expect( nextStepDelayMs( state ) ).toBe( 0 );
	} );

	it( 'asks for nothing while a request is on its way', () => {
		const state = after( { type: 'answered', sync: sync() }, step );
		expect( nextStepDelayMs( state ) ).toBeUndefined();
	} );

	it.each( [ 'idle', 'stopped', 'failed', 'done' ] as const )(
		'asks for nothing once it is %s',
		( status ) => {
			const state = after( {
				type: 'answered',
				sync: sync( { status } ),
			} );
			expect( nextStepDelayMs( state ) ).toBeUndefined();
		}
	);
} );

describe( 'failed requests', () => {
	it( 'are repeated more and more slowly, then left to a person', () => {
		let state = after( { type: 'answered', sync: sync() } );
		const delays = [];
		while ( ! hasGivenUp( state ) ) {
			state = reduceSync( reduceSync( state, step ), failure );
			delays.push( nextStepDelayMs( state ) );
		}
		expect( delays ).toEqual( [
			2_000,
			4_000,
			8_000,
			16_000,
			undefined,
		] );
		expect( state.error ).toBe( 'The proxy is away.' );
	} );

	it( 'stay in sight while a batch is repeated', () => {
		const state = after(
			{ type: 'answered', sync: sync() },
			step,
			failure,
			step
		);
		expect( state.error ).toBe( 'The proxy is away.' );
	} );

	it( 'are forgotten with the first answer', () => {
		const state = after(
			{ type: 'answered', sync: sync() },
			step,
			failure,
			step,
			{ type: 'answered', sync: sync( { sent: 1 } ) }
		);
		expect( state.error ).toBeUndefined();
		expect( nextStepDelayMs( state ) ).toBe( 0 );
	} );

	it( 'are forgotten when the owner starts again', () => {
		const state = after( failure, failure, {
			type: 'asked',
			request: 'start',
		} );
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
