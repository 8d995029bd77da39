import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	BREAKER_OPTIONS,
	mayBegin,
	NEW_BREAKER,
	nextState,
	type BreakerEvent,
	type BreakerState,
} from '../../../proxy/src/models/breaker.ts';

const NOW = 1_800_000_000_000;

/** Applies events at their times. */
function after(
	...steps: Array<
		[ at: number, event: BreakerEvent[ 'type' ], forMs?: number ]
	>
): BreakerState {
	return steps.reduce< BreakerState >(
		( state, [ at, type, forMs = 0 ] ) =>
			nextState( state, { type, forMs } as BreakerEvent, NOW + at, 1 ),
		NEW_BREAKER
	);
}

const may = ( state: BreakerState, at: number ) => mayBegin( state, NOW + at );

describe( 'a breaker', () => {
	it( 'stays closed as long as failures come one by one', () => {
		const state = after(
			[ 0, 'failure' ],
			[ 1, 'failure' ],
			[ 2, 'success' ],
			[ 3, 'failure' ],
			[ 4, 'failure' ]
		);
		expect( state.kind ).toBe( 'closed' );
		expect( may( state, 5 ) ).toBe( true );
	} );

	it( 'opens after three failures in a row, and lets nobody through before the cool-down', () => {
		const state = after(
			[ 0, 'failure' ],
			[ 1, 'failure' ],
			[ 2, 'failure' ]
		);
		expect( state.kind ).toBe( 'open' );
		expect( may( state, 5_001 ) ).toBe( false );
		expect( may( state, 5_002 ) ).toBe( true );
	} );

	it( 'opens when half of the calls of a minute fail, although never three in a row', () => {
		const calls = Array.from(
			{ length: 10 },
			( _, index ): [ number, BreakerEvent[ 'type' ] ] => [
				index * 1_000,
				index % 2 === 0 ? 'success' : 'failure',
			]
		);
		expect( after( ...calls.slice( 0, 9 ) ).kind ).toBe( 'closed' );
		expect( after( ...calls ).kind ).toBe( 'open' );
	} );

	it( 'forgets failures that are older than a minute', () => {
		const calls = Array.from(
			{ length: 40 },
			( _, index ): [ number, BreakerEvent[ 'type' ] ] => [
				index * 15_000,
				index % 2 === 0 ? 'success' : 'failure',
			]
		);
		expect( after( ...calls ).kind ).toBe( 'closed' );
	} );

	it( 'lets one probe through after the cool-down, and closes when it goes well', () => {
		const probing = after(
			[ 0, 'failure' ],
			[ 0, 'failure' ],
			[ 0, 'failure' ],
			[ 5_000, 'begin' ]
		);
		expect( probing.kind ).toBe( 'half_open' );
		expect( may( probing, 5_001 ) ).toBe( false );
		const closed = nextState(
			probing,
			{ type: 'success' },
			NOW + 6_000,
			1
		);
		expect( closed.kind ).toBe( 'closed' );
		expect( may( closed, 6_000 ) ).toBe( true );
	} );

	it( 'waits twice as long after each failed probe, up to five minutes', () => {
		let state = after(
			[ 0, 'failure' ],
			[ 0, 'failure' ],
			[ 0, 'failure' ]
		);
		let at = 0;
		const waits: number[] = [];
		for ( let round = 0; round < 9; round++ ) {
			waits.push( state.until - NOW - at );
			at = state.until - NOW;
			state = nextState( state, { type: 'begin' }, NOW + at, 1 );
			state = nextState( state, { type: 'failure' }, NOW + at, 1 );
		}
		expect( waits ).toEqual( [
			5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000,
			300_000,
		] );
	} );

	it( 'lets the next one probe when a probe said nothing', () => {
		const state = after(
			[ 0, 'open', 1_000 ],
			[ 2_000, 'begin' ],
			[ 2_500, 'nothing' ]
		);
		expect( may( state, 2_500 ) ).toBe( true );
	} );

	it( 'lets the next one probe when a probe never ends', () => {
		const state = after( [ 0, 'open', 1_000 ], [ 2_000, 'begin' ] );
		expect( may( state, 2_000 + BREAKER_OPTIONS.probeMs - 1 ) ).toBe(
			false
		);
		expect( may( state, 2_000 + BREAKER_OPTIONS.probeMs ) ).toBe( true );
	} );

	it( 'rests as long as a provider asks for, and then lets everybody through', () => {
		const state = after( [ 0, 'rest', 1_000 ] );
		expect( state.kind ).toBe( 'closed' );
		expect( may( state, 1_000 ) ).toBe( false );
		expect( may( state, 1_100 ) ).toBe( true );
		expect( after( [ 0, 'rest', 1_000 ], [ 1_100, 'begin' ] ).kind ).toBe(
			'closed'
		);
	} );

	it( 'keeps a pause that was asked for when a call from before it goes well', () => {
		expect(
			may( after( [ 0, 'open', 10_000 ], [ 5, 'success' ] ), 6 )
		).toBe( false );
		expect(
			may( after( [ 0, 'rest', 10_000 ], [ 5, 'success' ] ), 6 )
		).toBe( false );
	} );

	it( 'is not shut for an hour longer when the clock is set back an hour', () => {
		const state = after(
			[ 0, 'failure' ],
			[ 0, 'failure' ],
			[ 0, 'failure' ]
		);
		expect( may( state, -3_600_000 ) ).toBe( true );
		expect( may( after( [ 0, 'open', 3_600_000 ] ), -1 ) ).toBe( true );
	} );

	it( 'spreads the cool-downs of several proxies between the half and the whole', () => {
		fc.assert(
			fc.property(
				fc.double( { min: 0, max: 1, noNaN: true } ),
				( chance ) => {
					let state = NEW_BREAKER;
					for ( let index = 0; index < 3; index++ ) {
						state = nextState(
							state,
							{ type: 'failure' },
							NOW,
							chance
						);
					}
					expect( state.until - NOW ).toBeGreaterThanOrEqual( 2_500 );
					expect( state.until - NOW ).toBeLessThanOrEqual( 5_000 );
				}
			)
		);
	} );
} );

const event = fc.oneof(
	fc
		.constantFrom( 'begin', 'success', 'failure', 'nothing' )
		.map( ( type ) => ( { type } ) as BreakerEvent ),
	fc.record( {
		type: fc.constantFrom( 'open' as const, 'rest' as const ),
		forMs: fc.nat( 600_000 ),
	} )
);
const history = fc.array(
	fc.record( { event, waitMs: fc.integer( { min: -10_000, max: 60_000 } ) } ),
	{ maxLength: 60 }
);

describe( 'whatever happens, a breaker', () => {
	it( 'never stays shut for good: after the longest pause a call may begin', () => {
		fc.assert(
			fc.property( history, ( steps ) => {
				let state = NEW_BREAKER;
				let now = NOW;
				for ( const step of steps ) {
					now += step.waitMs;
					state = nextState( state, step.event, now, 1 );
				}
				expect( mayBegin( state, now + 3_600_000 ) ).toBe( true );
			} )
		);
	} );

	it( 'never has two probes at once', () => {
		fc.assert(
			fc.property( history, ( steps ) => {
				let state = NEW_BREAKER;
				let now = NOW;
				for ( const step of steps ) {
					now += Math.abs( step.waitMs );
					if ( step.event.type === 'begin' ) {
						if (
							mayBegin( state, now ) &&
							state.kind !== 'closed'
						) {
							state = nextState( state, step.event, now, 1 );
							expect( mayBegin( state, now ) ).toBe( false );
						}
					} else {
						state = nextState( state, step.event, now, 1 );
					}
				}
			} )
		);
	} );

	it( 'remembers no more than a minute, however many calls there are', () => {
		fc.assert(
			fc.property( history, ( steps ) => {
				let state = NEW_BREAKER;
				let now = NOW;
				for ( const step of steps ) {
					now += step.waitMs;
					state = nextState( state, step.event, now, 1 );
					expect( state.pieces.length ).toBeLessThanOrEqual( 7 );
				}
			} )
		);
	} );

	it( 'never opens for what says nothing: stops, and refusals of our own limits', () => {
		fc.assert(
			fc.property(
				fc.array( fc.constantFrom( 'begin', 'nothing', 'success' ) ),
				( types ) => {
					let state = NEW_BREAKER;
					for ( const type of types ) {
						state = nextState( state, { type }, NOW, 1 );
						expect( state.kind ).toBe( 'closed' );
					}
				}
			)
		);
	} );
} );
