/**
 * Random comings, goings and endings of people who ask the same: what must hold whatever the order.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	createCoalescing,
	type Shared,
} from '../../../proxy/src/ask/coalesce.ts';
import { RunningTurn } from '../../../proxy/src/ask/running-turn.ts';
import type { Turn } from '../../../proxy/src/ask/turn.ts';

interface Result {
	work: number;
	kind: 'whole' | 'nothing';
}

type Step =
	| { kind: 'ask'; key: number }
	| { kind: 'stop'; who: number }
	| { kind: 'say' | 'whole' | 'nothing' | 'throw'; which: number };

const step: fc.Arbitrary< Step > = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record( {
			kind: fc.constant( 'ask' as const ),
			key: fc.nat( 1 ),
		} ),
	},
	{
		weight: 2,
		arbitrary: fc.record( {
			kind: fc.constant( 'stop' as const ),
			who: fc.nat( 20 ),
		} ),
	},
	{
		weight: 4,
		arbitrary: fc.record( {
			kind: fc.constantFrom( 'say', 'whole', 'nothing', 'throw' ),
			which: fc.nat( 20 ),
		} ),
	}
);

interface Work {
	number: number;
	key: number;
	answer: Turn;
	said: string[];
	end( kind: Result[ 'kind' ] | 'throw' ): void;
	isOpen: boolean;
}

interface Visitor {
	turn: RunningTurn;
	key: number;
	shared: Promise< Shared< Result > | Error >;
	outcome: Shared< Result > | Error | undefined;
	wasStopped: boolean;
}

const nextLoop = () => new Promise( ( resolve ) => setImmediate( resolve ) );

const textOf = ( turn: RunningTurn ) =>
	turn
		.eventsAfter( 0 )
		.map( ( event ) => /"delta":"([^"]*)"/.exec( event )?.[ 1 ] ?? '' );

async function play( steps: Step[] ) {
	const coalescing = createCoalescing< Result >();
	const works: Work[] = [];
	const visitors: Visitor[] = [];

	const open = ( key: number ) => ( answer: Turn ) =>
		new Promise< Result >( ( resolve, reject ) => {
			const work: Work = {
				number: works.length,
				key,
				answer,
				said: [],
				isOpen: true,
				end( kind ) {
					work.isOpen = false;
					if ( kind === 'throw' ) {
						reject( new Error( `work ${ work.number }` ) );
					} else {
						resolve( { work: work.number, kind } );
					}
				},
			};
			works.push( work );
		} );
	const pick = < Of >( list: Of[], index: number ) =>
		list[ index % Math.max( 1, list.length ) ];

	const take = async ( now: Step ) => {
		if ( now.kind === 'ask' ) {
			const id = `v${ visitors.length }`;
			const turn = new RunningTurn( {
				id,
				conversationId: id,
				siteId: 'shop',
				visitorId: id,
				user: undefined,
			} );
			const visitor: Visitor = {
				turn,
				key: now.key,
				outcome: undefined,
				wasStopped: false,
				shared: coalescing
					.share(
						String( now.key ),
						turn,
						open( now.key ),
						( { kind }, attempt ) => kind === 'whole' || attempt > 1
					)
					.catch( ( error: Error ) => error ),
			};
			void visitor.shared.then( ( outcome ) => {
				visitor.outcome = outcome;
			} );
			visitors.push( visitor );
		} else if ( now.kind === 'stop' ) {
			const visitor = pick(
				visitors.filter( ( { outcome } ) => outcome === undefined ),
				now.who
			);
			if ( visitor ) {
				visitor.wasStopped = true;
				visitor.turn.stop();
			}
		} else {
			const work = pick(
				works.filter( ( { isOpen } ) => isOpen ),
				now.which
			);
			if ( work && now.kind === 'say' ) {
				const delta = `${ work.number }.${ work.said.length }`;
				work.said.push( delta );
				work.answer.emit( 'text', { delta } );
			} else if ( work && now.kind !== 'say' ) {
				work.end( now.kind );
			}
		}
		await nextLoop();
	};

	for ( const now of steps ) {
		await take( now );
		for ( const key of [ 0, 1 ] ) {
			// One call for what is wanted, none for what nobody wants any more.
			const calls = works.filter(
				( work ) =>
					work.isOpen &&
					work.key === key &&
					! work.answer.signal.aborted
			);
			const isWanted = visitors.some(
				( visitor ) =>
					visitor.key === key &&
					visitor.outcome === undefined &&
					! visitor.wasStopped
			);
			expect( calls ).toHaveLength( isWanted ? 1 : 0 );
		}
	}
	// Whatever is open comes to its end, and so does everybody.
	while ( works.some( ( { isOpen } ) => isOpen ) ) {
		works
			.filter( ( { isOpen } ) => isOpen )
			.forEach( ( work ) => work.end( 'whole' ) );
		await nextLoop();
	}
	return { works, visitors };
}

describe( 'people who ask the same, in any order', () => {
	it( 'all come to an end with what their work said, in order; each work has one who pays', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array( step, { maxLength: 30 } ),
				async ( steps ) => {
					const { works, visitors } = await play( steps );
					for ( const { turn, outcome, wasStopped } of visitors ) {
						const seen = textOf( turn );
						if ( outcome instanceof Error || ! outcome ) {
							expect( outcome?.message ).toMatch( /^work \d+$/ );
							continue;
						}
						if ( outcome.kind === 'left' ) {
							expect( wasStopped ).toBe( true );
							expect( seen.join( '' ) ).toBe( outcome.text );
						} else {
							const work = works[ outcome.result.work ];
							expect( seen ).toEqual( work?.said );
							// Only who stopped it gets what was stopped.
							expect( work?.answer.signal.aborted ).toBe(
								wasStopped
							);
						}
						expect(
							turn
								.eventsAfter( 0 )
								.map( ( event ) =>
									Number( /^id: (\d+)/.exec( event )?.[ 1 ] )
								)
						).toEqual( seen.map( ( _, index ) => index + 1 ) );
					}
					for ( const { number, answer } of works ) {
						const leaders = visitors.filter(
							( { outcome } ) =>
								outcome &&
								! ( outcome instanceof Error ) &&
								outcome.kind === 'led' &&
								outcome.result.work === number
						);
						expect( leaders.length ).toBeLessThanOrEqual( 1 );
						for ( const { turn } of leaders ) {
							expect( turn.id ).toBe( answer.id );
						}
					}
				}
			),
			{ numRuns: 1_000 }
		);
	} );
} );
