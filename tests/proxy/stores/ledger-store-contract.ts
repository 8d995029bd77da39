/**
 * Says what every ledger store must do, whatever it is made of.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
	LedgerStore,
	ReserveRequest,
} from '../../../proxy/src/stores/ledger-store.ts';

const details = { model: 'm', tier: 'economy', visitorId: 'v', turnId: 't' };

let next = 0;
const request = (
	amountNanoUsd: number,
	limits: Record< string, number >,
	overrides: Partial< ReserveRequest > = {}
): ReserveRequest => ( {
	reservationId: `r${ ++next }`,
	siteId: 'shop',
	windows: Object.entries( limits ).map( ( [ key, limitNanoUsd ] ) => ( {
		key,
		limitNanoUsd,
	} ) ),
	amountNanoUsd,
	now: 1_000,
	expiresAt: 2_000,
	details,
	...overrides,
} );

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

		const settle = ( reservationId: string, amountNanoUsd: number ) =>
			store.settle( {
				reservationId,
				amountNanoUsd,
				isEstimated: false,
				usage: undefined,
				now: 1_500,
			} );

		it( 'holds in every window or in none', async () => {
			const refused = await store.reserve(
				request( 60, { day: 100, visitor: 50 } )
			);
			expect( refused ).toMatchObject( {
				kind: 'refused',
				windowKey: 'visitor',
				reason: 'too_large',
			} );
			expect( await store.balance( 'day' ) ).toEqual( {
				spentNanoUsd: 0,
				heldNanoUsd: 0,
			} );
		} );

		it( 'settles once: the second settle, release and expiry change nothing', async () => {
			const reservation = request( 60, { day: 100 } );
			await store.reserve( reservation );
			expect( await settle( reservation.reservationId, 25 ) ).toBe(
				true
			);
			expect( await settle( reservation.reservationId, 25 ) ).toBe(
				false
			);
			expect(
				await store.release( reservation.reservationId, 1_600 )
			).toBe( false );
			expect( await store.expire( 9_999 ) ).toBe( 0 );
			expect( await store.balance( 'day' ) ).toEqual( {
				spentNanoUsd: 25,
				heldNanoUsd: 0,
			} );
		} );

		it( 'tells "too large" from "wait" from "spent"', async () => {
			const first = request( 60, { day: 100 } );
			await store.reserve( first );
			const reason = async ( amount: number ) => {
				const outcome = await store.reserve(
					request( amount, { day: 100 } )
				);
				return outcome.kind === 'refused'
					? outcome.reason
					: outcome.kind;
			};
			expect( await reason( 101 ) ).toBe( 'too_large' );
			expect( await reason( 50 ) ).toBe( 'wait' );
			await settle( first.reservationId, 60 );
			expect( await reason( 50 ) ).toBe( 'spent' );
		} );

		it( 'counts a reservation that ran out as spent', async () => {
			await store.reserve( request( 60, { day: 100 } ) );
			expect( await store.expire( 1_999 ) ).toBe( 0 );
			expect( await store.expire( 2_000 ) ).toBe( 1 );
			expect( await store.balance( 'day' ) ).toEqual( {
				spentNanoUsd: 60,
				heldNanoUsd: 0,
			} );
		} );

		it( 'frees a release completely', async () => {
			const reservation = request( 60, { day: 100 } );
			await store.reserve( reservation );
			await store.release( reservation.reservationId, 1_500 );
			expect( await store.balance( 'day' ) ).toEqual( {
				spentNanoUsd: 0,
				heldNanoUsd: 0,
			} );
		} );

		it( 'writes every step into the book', async () => {
			const reservation = request( 60, { day: 100 } );
			await store.reserve( reservation );
			await settle( reservation.reservationId, 25 );
			const entries = await store.entries( 'shop', 10 );
			expect(
				entries.map( ( { kind, amountNanoUsd, model } ) => [
					kind,
					amountNanoUsd,
					model,
				] )
			).toEqual( [
				[ 'settle', 25, 'm' ],
				[ 'reserve', 60, 'm' ],
			] );
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
			expect( ( await store.balance( 'day' ) ).heldNanoUsd ).toBe(
				142 * 7
			);
		} );

		it( 'keeps spent and held within every limit in any order of steps, and at rest holds nothing', async () => {
			await fc.assert(
				fc.asyncProperty(
					fc.array(
						fc.record( {
							amount: fc.integer( { min: 0, max: 60 } ),
							share: fc.double( { min: 0, max: 1, noNaN: true } ),
							end: fc.constantFrom(
								'settle',
								'release',
								'expire'
							),
						} ),
						{ maxLength: 30 }
					),
					fc.integer( { min: 0, max: 200 } ),
					async ( steps, limit ) => {
						const day = `day${ ++next }`;
						let settled = 0;
						await Promise.all(
							steps.map( async ( { amount, share, end } ) => {
								const reservation = request( amount, {
									[ day ]: limit,
									[ `${ day }-month` ]: limit * 2,
								} );
								const outcome =
									await store.reserve( reservation );
								const { spentNanoUsd, heldNanoUsd } =
									await store.balance( day );
								expect(
									spentNanoUsd + heldNanoUsd
								).toBeLessThanOrEqual( limit );
								if ( outcome.kind === 'refused' ) {
									return;
								}
								if ( end === 'settle' ) {
									const cost = Math.floor( amount * share );
									settled += cost;
									await settle(
										reservation.reservationId,
										cost
									);
								} else if ( end === 'release' ) {
									await store.release(
										reservation.reservationId,
										1_500
									);
								} else {
									settled += amount;
								}
							} )
						);
						await store.expire( 5_000 );
						expect( await store.balance( day ) ).toEqual( {
							spentNanoUsd: settled,
							heldNanoUsd: 0,
						} );
					}
				),
				{ numRuns: 60 }
			);
		} );
	} );
}
