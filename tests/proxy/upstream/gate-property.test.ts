import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGate, type Pass } from '../../../proxy/src/upstream/gate.ts';
import type { UpstreamError } from '../../../proxy/src/upstream/upstream-error.ts';
import { createHandClock } from '../../support/clock.ts';

/** What callers do. */
const plainStep = fc.oneof(
	fc.record( {
		do: fc.constant( 'enter' as const ),
		model: fc.constantFrom( 'a', 'b' ),
		priority: fc.constantFrom( 'visitor' as const, 'background' as const ),
		tokens: fc.integer( { min: 1, max: 400 } ),
	} ),
	fc.record( { do: fc.constant( 'leave' as const ), which: fc.nat( 50 ) } ),
	fc.record( { do: fc.constant( 'stop' as const ), which: fc.nat( 50 ) } ),
	fc.record( {
		do: fc.constant( 'wait' as const ),
		ms: fc.integer( { min: 1, max: 15_000 } ),
	} )
);

/** The same, and what the provider says. */
const step = fc.oneof(
	{ arbitrary: plainStep, weight: 4 },
	fc.record( {
		do: fc.constant( 'pause' as const ),
		model: fc.constantFrom( 'a', 'b' ),
		ms: fc.integer( { min: 0, max: 5_000 } ),
	} ),
	fc.record( {
		do: fc.constant( 'hear' as const ),
		which: fc.nat( 50 ),
		remaining: fc.integer( { min: 0, max: 5 } ),
		resetMs: fc.integer( { min: 0, max: 20_000 } ),
	} )
);

describe( 'the gate, whatever happens in whatever order', () => {
	it( 'keeps its limits, answers everybody exactly once and ends empty', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.record( {
					concurrency: fc.integer( { min: 1, max: 6 } ),
					requestsPerMinute: fc.option(
						fc.integer( { min: 1, max: 12 } ),
						{ nil: undefined, freq: 1 }
					),
					tokensPerMinute: fc.option(
						fc.integer( { min: 100, max: 2_000 } ),
						{ nil: undefined, freq: 1 }
					),
					maxWaiting: fc.integer( { min: 1, max: 8 } ),
				} ),
				fc.oneof(
					fc.array( plainStep, { maxLength: 80 } ),
					fc.array( step, { maxLength: 80 } )
				),
				async ( limits, steps ) => {
					const clock = createHandClock();
					const gate = createGate( {
						...limits,
						time: { now: clock, after: clock.after },
					} );
					const sentAt: number[] = [];
					const inside: Pass[] = [];
					const stops: AbortController[] = [];
					const isFree =
						limits.requestsPerMinute === undefined &&
						limits.tokensPerMinute === undefined &&
						! steps.some( ( one ) => /pause|hear/.test( one.do ) );
					let visitorsWaiting = 0;
					let asked = 0;
					let answered = 0;
					const check = () => {
						expect( gate.inFlight ).toBe( inside.length );
						expect( gate.inFlight ).toBeLessThanOrEqual(
							limits.concurrency
						);
						expect( gate.waiting ).toBeLessThanOrEqual(
							limits.maxWaiting
						);
						expect( asked - answered ).toBe( gate.waiting );
						// Where only the places are limited, nobody waits beside a free one.
						if ( isFree && visitorsWaiting > 0 ) {
							expect( gate.inFlight ).toBe( limits.concurrency );
						}
						const lastMinute = sentAt.filter(
							( at ) => at > clock() - 60_000
						);
						expect( lastMinute.length ).toBeLessThanOrEqual(
							limits.requestsPerMinute ?? Infinity
						);
					};
					const enter = async ( request: {
						model: string;
						priority: 'visitor' | 'background';
						tokens: number;
					} ) => {
						const stop = new AbortController();
						stops.push( stop );
						const isVisitor = request.priority === 'visitor';
						visitorsWaiting += Number( isVisitor );
						asked++;
						try {
							const pass = await gate.enter( {
								...request,
								signal: stop.signal,
							} );
							sentAt.push( clock() );
							inside.push( pass );
						} catch ( error ) {
							expect( [ 'busy', 'rate', 'aborted' ] ).toContain(
								( error as UpstreamError ).kind
							);
							expect(
								( error as UpstreamError ).isUnbilled
							).toBe( true );
						}
						visitorsWaiting -= Number( isVisitor );
						answered++;
					};
					for ( const one of steps ) {
						if ( one.do === 'enter' ) {
							void enter( one );
						} else if ( one.do === 'leave' ) {
							inside
								.splice(
									one.which % ( inside.length || 1 ),
									1
								)[ 0 ]
								?.leave();
						} else if ( one.do === 'stop' ) {
							stops[ one.which ]?.abort();
						} else if ( one.do === 'pause' ) {
							gate.pause( one.model, one.ms );
						} else if ( one.do === 'hear' ) {
							inside[ one.which ]?.heard( {
								requests: {
									remaining: one.remaining,
									limit: 5,
									resetMs: one.resetMs,
								},
								tokens: undefined,
							} );
						}
						await clock.advance( one.do === 'wait' ? one.ms : 0 );
						check();
					}
					while ( gate.inFlight + gate.waiting > 0 ) {
						inside.splice( 0 ).forEach( ( pass ) => pass.leave() );
						await clock.advance( 5_000 );
						check();
					}
					expect( answered ).toBe( asked );
					expect( clock.pending ).toBe( 0 );
				}
			),
			{ numRuns: 300 }
		);
	} );
} );
