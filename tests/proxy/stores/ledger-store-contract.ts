/**
 * Says what every ledger store must do, whatever it is made of.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
	Amounts,
	LedgerStore,
	ReserveRequest,
	SpendingWindow,
} from '../../../proxy/src/stores/ledger-store.ts';
import { createLedgerModel } from './ledger-model.ts';
import {
	correctionOf,
	requestOf,
	stepsOver,
	type Step,
} from './ledger-steps.ts';

const details = { model: 'm', tier: 'economy', visitorId: 'v', turnId: 't' };

let next = 0;

/** Makes a request for money in windows named with their limits. */
function request(
	nanoUsd: number,
	limits: Record< string, number >,
	overrides: Partial< ReserveRequest > = {}
): ReserveRequest {
	return {
		reservationId: `r${ ++next }`,
		siteId: 'shop',
		windows: Object.entries( limits ).map( ( [ key, limit ] ) => ( {
			key,
			unit: 'nanoUsd',
			limit,
		} ) ),
		amounts: { nanoUsd },
		now: 1_000,
		expiresAt: 2_000,
		details,
		...overrides,
	};
}

/** Describes the contract for stores that `open` makes empty. */
export function describeLedgerStore(
	name: string,
	open: () => Promise< LedgerStore >
): void {
	describe( `a ledger store in ${ name }`, () => {
		let store: LedgerStore;
		beforeEach( async () => {
			store = await open();
		} );

		const settle = (
			{ reservationId }: ReserveRequest,
			nanoUsd: number,
			now = 1_500
		) =>
			store.settle( {
				reservationId,
				amounts: { nanoUsd },
				isEstimated: false,
				usage: undefined,
				now,
			} );
		const expectSound = async () =>
			expect( ( await store.check() ).problems ).toEqual( [] );

		it( 'holds in every window or in none', async () => {
			const refused = await store.reserve(
				request( 60, { day: 100, visitor: 50 } )
			);
			expect( refused ).toEqual( {
				kind: 'refused',
				reason: 'too_large',
				windowKey: 'visitor',
				unit: 'nanoUsd',
				remaining: 50,
			} );
			expect( await store.balance( 'day' ) ).toEqual( {
				spent: 0,
				held: 0,
			} );
			await expectSound();
		} );

		it( 'settles once (T6): the second settle, release and expiry change nothing', async () => {
			const reservation = request( 60, { day: 100 } );
			await store.reserve( reservation );
			expect( await settle( reservation, 25 ) ).toBe( 'resolved' );
			expect( await settle( reservation, 30 ) ).toBe( 'ignored' );
			expect(
				await store.release( reservation.reservationId, 1_600 )
			).toBe( 'ignored' );
			expect( await store.expire( 9_999 ) ).toBe( 0 );
			expect( await store.balance( 'day' ) ).toEqual( {
				spent: 25,
				held: 0,
			} );
			await expectSound();
		} );

		it( 'settles once when two settles come at the same moment', async () => {
			const reservation = request( 60, { day: 100 } );
			await store.reserve( reservation );
			const outcomes = await Promise.all( [
				settle( reservation, 25 ),
				settle( reservation, 25 ),
				store.release( reservation.reservationId, 1_500 ),
			] );
			expect(
				outcomes.filter( ( outcome ) => outcome === 'resolved' )
			).toHaveLength( 1 );
			await expectSound();
		} );

		it( 'ignores what it never heard of', async () => {
			expect( await settle( request( 1, {} ), 5 ) ).toBe( 'ignored' );
			expect( await store.release( 'never', 1_000 ) ).toBe( 'ignored' );
			expect( ( await store.check() ).entries ).toBe( 0 );
		} );

		it( 'holds nothing for an id that was used before, open or closed, even where there is no room', async () => {
			const reservation = request( 60, { day: 100 } );
			await store.reserve( reservation );
			expect( await store.reserve( reservation ) ).toEqual( {
				kind: 'duplicate',
			} );
			await settle( reservation, 25 );
			expect( await store.reserve( reservation ) ).toEqual( {
				kind: 'duplicate',
			} );
			expect( await store.balance( 'day' ) ).toEqual( {
				spent: 25,
				held: 0,
			} );
			await expectSound();
		} );

		it( 'spends exactly what the provider says, also above the reserve and the limit, and then refuses', async () => {
			const reservation = request( 60, { day: 100 } );
			await store.reserve( reservation );
			expect( await settle( reservation, 130 ) ).toBe( 'resolved' );
			expect( await store.balance( 'day' ) ).toEqual( {
				spent: 130,
				held: 0,
			} );
			expect(
				await store.reserve( request( 1, { day: 100 } ) )
			).toMatchObject( { reason: 'spent', remaining: 0 } );
			await expectSound();
		} );

		it( 'tells "too large" from "wait" from "spent"', async () => {
			const first = request( 60, { day: 100 } );
			await store.reserve( first );
			const reason = async ( amount: number ) => {
				const outcome = await store.reserve(
					request( amount, { day: 100 } )
				);
				return outcome.kind === 'refused'
					? [ outcome.reason, outcome.remaining ]
					: outcome.kind;
			};
			expect( await reason( 101 ) ).toEqual( [ 'too_large', 40 ] );
			expect( await reason( 50 ) ).toEqual( [ 'wait', 40 ] );
			await settle( first, 60 );
			expect( await reason( 50 ) ).toEqual( [ 'spent', 40 ] );
		} );

		it( 'names the window with the least left and the gravest reason when several refuse', async () => {
			await store.reserve( request( 60, { day: 100, month: 100 } ) );
			const spent = request( 30, { visitor: 75 } );
			await store.reserve( spent );
			await settle( spent, 30 );
			expect(
				await store.reserve(
					request( 50, { day: 100, visitor: 75, month: 101 } )
				)
			).toMatchObject( {
				reason: 'spent',
				windowKey: 'day',
				remaining: 40,
			} );
		} );

		it( 'counts kinds of use beside money, and refuses by the one that is used up', async () => {
			const windows: SpendingWindow[] = [
				{ key: 'money', unit: 'nanoUsd', limit: 100 },
				{ key: 'voice', unit: 'voiceSeconds', limit: 60 },
			];
			const call = ( amounts: Amounts ) =>
				request( 0, {}, { windows, amounts } );
			const first = call( { nanoUsd: 40, voiceSeconds: 45 } );
			expect( await store.reserve( first ) ).toEqual( {
				kind: 'reserved',
			} );
			expect(
				await store.reserve( call( { nanoUsd: 70, voiceSeconds: 20 } ) )
			).toEqual( {
				kind: 'refused',
				reason: 'wait',
				windowKey: 'voice',
				unit: 'voiceSeconds',
				remaining: 15,
			} );
			await store.settle( {
				reservationId: first.reservationId,
				amounts: { nanoUsd: 10, voiceSeconds: 12 },
				isEstimated: false,
				usage: undefined,
				now: 1_500,
			} );
			expect( await store.balance( 'money' ) ).toEqual( {
				spent: 10,
				held: 0,
			} );
			expect( await store.balance( 'voice' ) ).toEqual( {
				spent: 12,
				held: 0,
			} );
			await expectSound();
		} );

		it( 'counts a reservation that ran out as spent', async () => {
			await store.reserve( request( 60, { day: 100 } ) );
			expect( await store.expire( 1_999 ) ).toBe( 0 );
			expect( await store.expire( 2_000 ) ).toBe( 1 );
			expect( await store.expire( 2_000 ) ).toBe( 0 );
			expect( await store.balance( 'day' ) ).toEqual( {
				spent: 60,
				held: 0,
			} );
			await expectSound();
		} );

		it( 'reconciles an expired reservation once, by a late settle or a late release', async () => {
			const settled = request( 60, { day: 200 } );
			const released = request( 50, { day: 200 } );
			await store.reserve( settled );
			await store.reserve( released );
			await store.expire( 2_000 );
			expect( await settle( settled, 25, 2_100 ) ).toBe( 'reconciled' );
			expect( await settle( settled, 25, 2_200 ) ).toBe( 'ignored' );
			expect( await store.release( released.reservationId, 2_100 ) ).toBe(
				'reconciled'
			);
			expect( await settle( released, 9, 2_200 ) ).toBe( 'ignored' );
			expect( await store.balance( 'day' ) ).toEqual( {
				spent: 25,
				held: 0,
			} );
			const entries = await store.entries( 'shop', 10 );
			expect(
				entries.map( ( { kind, amounts } ) => [
					kind,
					amounts.nanoUsd,
				] )
			).toEqual( [
				[ 'reconcile', 0 ],
				[ 'reconcile', 25 ],
				...entries
					.slice( 2, 4 )
					.map( ( { amounts } ) => [ 'expire', amounts.nanoUsd ] ),
				[ 'reserve', 50 ],
				[ 'reserve', 60 ],
			] );
			await expectSound();
		} );

		it( 'settles in the windows of the reserve, whatever the time is then', async () => {
			const late = request( 60, { 'day:1': 100 } );
			await store.reserve( late );
			await store.reserve( request( 10, { 'day:2': 100 } ) );
			await settle( late, 25, 1_999 );
			expect( await store.balance( 'day:1' ) ).toEqual( {
				spent: 25,
				held: 0,
			} );
			expect( await store.balance( 'day:2' ) ).toEqual( {
				spent: 0,
				held: 10,
			} );
		} );

		it( 'frees a release completely', async () => {
			const reservation = request( 60, { day: 100 } );
			await store.reserve( reservation );
			expect(
				await store.release( reservation.reservationId, 1_500 )
			).toBe( 'resolved' );
			expect( await store.balance( 'day' ) ).toEqual( {
				spent: 0,
				held: 0,
			} );
			await expectSound();
		} );

		it( 'writes every step into the book, with its windows and what the call was about', async () => {
			const reservation = request( 60, { day: 100, month: 200 } );
			await store.reserve( reservation );
			await store.settle( {
				reservationId: reservation.reservationId,
				amounts: { nanoUsd: 25 },
				isEstimated: true,
				usage: { textIn: 10, textOut: 5 },
				now: 1_500,
			} );
			await store.reserve(
				request( 1, { day: 100 }, { siteId: 'other' } )
			);
			const [ end, beginning, ...rest ] = await store.entries(
				'shop',
				10
			);
			expect( rest ).toEqual( [] );
			const common = {
				...details,
				reservationId: reservation.reservationId,
				siteId: 'shop',
				windowKeys: [ 'day', 'month' ],
			};
			expect( beginning ).toMatchObject( {
				...common,
				kind: 'reserve',
				amounts: { nanoUsd: 60 },
				usage: undefined,
				at: 1_000,
			} );
			expect( end ).toMatchObject( {
				...common,
				kind: 'settle',
				amounts: { nanoUsd: 25 },
				isEstimated: true,
				usage: { textIn: 10, textOut: 5 },
				at: 1_500,
			} );
			expect( await store.entries( 'shop', 1 ) ).toHaveLength( 1 );
		} );

		it( 'corrects what is spent, never below zero, with the reason in the book', async () => {
			for ( const [ limits, spent ] of [
				[ { day: 100, month: 500 }, 70 ],
				[ { month: 500 }, 200 ],
			] as const ) {
				const reservation = request( spent, limits );
				await store.reserve( reservation );
				await settle( reservation, spent );
			}
			await store.correct( {
				siteId: 'shop',
				windows: [
					{ key: 'day', unit: 'nanoUsd' },
					{ key: 'month', unit: 'nanoUsd' },
				],
				nanoUsd: -100,
				reason: 'a price of ten times too much',
				now: 1_600,
			} );
			expect( await store.balance( 'day' ) ).toEqual( {
				spent: 0,
				held: 0,
			} );
			expect( await store.balance( 'month' ) ).toEqual( {
				spent: 170,
				held: 0,
			} );
			const corrections = ( await store.entries( 'shop', 10 ) )
				.filter( ( { kind } ) => kind === 'correct' )
				.map( ( { amounts, windowKeys, reason } ) => ( {
					nanoUsd: amounts.nanoUsd,
					windowKeys,
					reason,
				} ) )
				.sort( ( a, b ) => a.nanoUsd - b.nanoUsd );
			const reason = 'a price of ten times too much';
			expect( corrections ).toEqual( [
				{ nanoUsd: -100, windowKeys: [ 'month' ], reason },
				{ nanoUsd: -70, windowKeys: [ 'day' ], reason },
			] );
			await expectSound();
		} );

		it( 'corrects upwards a window that does not exist yet', async () => {
			await store.correct( {
				siteId: 'shop',
				windows: [ { key: 'fresh', unit: 'nanoUsd' } ],
				nanoUsd: 40,
				reason: 'spent elsewhere',
				now: 1_000,
			} );
			expect( await store.balance( 'fresh' ) ).toEqual( {
				spent: 40,
				held: 0,
			} );
			await expectSound();
		} );

		const NO_COUNTS = [ NaN, -1, 1e18, 0.5, Infinity, -Infinity ];

		it.each( NO_COUNTS )(
			'refuses %d as an amount, a limit, a cost and a time, says which, and writes nothing',
			async ( number ) => {
				const held = request( 5, { day: 100 } );
				await store.reserve( held );
				const before = await store.check();
				await expect(
					store.reserve( request( number, { day: 100 } ) )
				).rejects.toThrow( /amounts\.nanoUsd must be an integer/ );
				await expect(
					store.reserve(
						request(
							0,
							{ day: 100 },
							{ amounts: { nanoUsd: 1, images: number } }
						)
					)
				).rejects.toThrow( /amounts\.images/ );
				await expect(
					store.reserve( request( 1, { day: 100, month: number } ) )
				).rejects.toThrow( /limit of month must be an integer/ );
				await expect(
					store.reserve( request( 1, { day: 100 }, { now: number } ) )
				).rejects.toThrow( RangeError );
				await expect( settle( held, number ) ).rejects.toThrow(
					/amounts\.nanoUsd must be an integer/
				);
				expect( await store.check() ).toEqual( before );
				expect( await settle( held, 3 ) ).toBe( 'resolved' );
			}
		);

		it.each( [ NaN, 1e18, 0.5, -Infinity ] )(
			'refuses a correction of %d',
			async ( nanoUsd ) => {
				await expect(
					store.correct( {
						siteId: 'shop',
						windows: [ { key: 'day', unit: 'nanoUsd' } ],
						nanoUsd,
						reason: 'x',
						now: 1_000,
					} )
				).rejects.toThrow( RangeError );
				expect( ( await store.check() ).entries ).toBe( 0 );
			}
		);

		it( 'refuses a reservation without a window, and one that names a window twice', async () => {
			await expect( store.reserve( request( 1, {} ) ) ).rejects.toThrow(
				RangeError
			);
			const { windows } = request( 1, { day: 100 } );
			await expect(
				store.reserve(
					request( 1, {}, { windows: [ ...windows, ...windows ] } )
				)
			).rejects.toThrow( /twice/ );
		} );

		it( 'never lets a counter leave the safe integers: the step that would is refused, what came with it is not', async () => {
			const limit = Number.MAX_SAFE_INTEGER;
			const huge = request( 1, { day: limit } );
			const second = request( 1, { day: limit } );
			const other = request( 1, { other: limit } );
			await store.reserve( huge );
			await store.reserve( second );
			await store.reserve( other );
			expect( await settle( huge, limit ) ).toBe( 'resolved' );
			const results = await Promise.allSettled( [
				settle( second, limit ),
				settle( other, 1 ),
			] );
			expect( results ).toMatchObject( [
				{ status: 'rejected' },
				{ status: 'fulfilled', value: 'resolved' },
			] );
			expect( await store.balance( 'day' ) ).toEqual( {
				spent: limit,
				held: 1,
			} );
			expect(
				await store.reserve( request( 1, { day: limit } ) )
			).toMatchObject( { kind: 'refused', remaining: 0 } );
			await expectSound();
		} );

		it( 'lets nothing through a limit of zero, and a call that costs nothing through any', async () => {
			expect(
				await store.reserve( request( 1, { day: 0 } ) )
			).toMatchObject( { reason: 'too_large', remaining: 0 } );
			expect( await store.reserve( request( 0, { day: 0 } ) ) ).toEqual( {
				kind: 'reserved',
			} );
		} );

		it( 'admits 1,000 concurrent reservations up to the limit and not one more', async () => {
			const outcomes = await Promise.all(
				Array.from( { length: 1_000 }, () =>
					store.reserve( request( 7, { day: 1_000 } ) )
				)
			);
			const admitted = outcomes.filter(
				( { kind } ) => kind === 'reserved'
			);
			expect( admitted ).toHaveLength( Math.floor( 1_000 / 7 ) );
			expect( ( await store.balance( 'day' ) ).held ).toBe( 142 * 7 );
			expect( await store.check() ).toMatchObject( {
				openReservations: 142,
				problems: [],
			} );
		} );

		it( 'does what the model does, step by step, with time going on and back', async () => {
			await fc.assert(
				fc.asyncProperty( stepsOver( 12, 60 ), async ( steps ) => {
					await followModel( store, steps, 1 );
				} ),
				{ numRuns: 60 }
			);
			await expectSound();
		} );

		it( 'does what the model does when steps come together in groups of any size', async () => {
			await fc.assert(
				fc.asyncProperty(
					stepsOver( 12, 80 ),
					fc.integer( { min: 2, max: 20 } ),
					async ( steps, together ) => {
						await followModel( store, steps, together );
					}
				),
				{ numRuns: 60 }
			);
			await expectSound();
		} );
	} );
}

/** Does steps on the store and on the model, `together` at once, and compares every answer and every counter. */
async function followModel(
	store: LedgerStore,
	steps: Step[],
	together: number
): Promise< void > {
	const prefix = `run${ ++next }`;
	const model = createLedgerModel();
	const openBefore = ( await store.check() ).openReservations;
	let now = 10_000;
	const both = ( step: Step ): [ Promise< unknown >, unknown ] => {
		switch ( step.kind ) {
			case 'reserve': {
				const call = requestOf( prefix, step, now );
				return [
					store.reserve( call ).then( ( { kind } ) => kind ),
					model.reserve( call ),
				];
			}
			case 'settle': {
				const reservationId = `${ prefix }:${ step.id }`;
				return [
					store.settle( {
						reservationId,
						amounts: step.amounts,
						isEstimated: false,
						usage: undefined,
						now,
					} ),
					model.settle( reservationId, step.amounts ),
				];
			}
			case 'release': {
				const reservationId = `${ prefix }:${ step.id }`;
				return [
					store.release( reservationId, now ),
					model.release( reservationId ),
				];
			}
			case 'expire':
				return [ store.expire( now ), model.expire( now ) ];
			case 'correct': {
				const correction = correctionOf( prefix, step, now );
				return [
					store.correct( correction ),
					model.correct( correction ),
				];
			}
			case 'wait':
				now += step.ms;
				return [ Promise.resolve(), undefined ];
		}
	};
	for ( let start = 0; start < steps.length; start += together ) {
		const pairs = steps.slice( start, start + together ).map( both );
		expect(
			await Promise.all( pairs.map( ( [ real ] ) => real ) )
		).toEqual( pairs.map( ( [ , expected ] ) => expected ) );
	}
	for ( const key of model.keys ) {
		expect( await store.balance( key ), key ).toEqual(
			model.balance( key )
		);
	}
	const check = await store.check();
	expect( check.problems ).toEqual( [] );
	expect( check.openReservations - openBefore ).toBe( model.open );
	// The next run begins with nothing open, as this one did.
	await store.expire( now + 1_000_000 );
	for ( const key of model.keys ) {
		expect( ( await store.balance( key ) ).held, key ).toBe( 0 );
	}
}
