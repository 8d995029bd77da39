/**
 * Says what every store of the call log must do, whatever it is made of.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { DocentError } from '../../../proxy/src/errors.ts';
import type {
	CallFilter,
	CallStore,
	KeptCall,
} from '../../../proxy/src/stores/call-store.ts';

let next = 0;

/** Makes a call; every one has an id and a turn of its own. */
export function call( overrides: Partial< KeptCall > = {} ): KeptCall {
	const id = `r-${ String( ++next ).padStart( 6, '0' ) }`;
	return {
		id,
		siteId: 'shop',
		at: 1_000,
		turnId: `t-${ id }`,
		requestId: 'q-1',
		visitor: 'c0ffee',
		kind: 'answer',
		provider: 'openai',
		model: 'small',
		tier: 'economy',
		reason: 'default',
		attempt: 1,
		cache: 'miss',
		outcome: 'answered',
		errorKind: '',
		usage: { textIn: 100, textOut: 20 },
		isEstimated: false,
		inputTokens: 100,
		outputTokens: 20,
		reservedNanoUsd: 9_000,
		costNanoUsd: 1_000,
		savedNanoUsd: 0,
		queueMs: 0,
		firstTokenMs: 250,
		totalMs: 900,
		features: { coverage: 0.8, length: 31, leansOnHistory: false },
		...overrides,
	};
}

const DAY = '2026-11-20';

/** Describes the contract for stores that `open` makes empty. */
export function describeCallStore(
	name: string,
	open: () => Promise< CallStore >
): void {
	describe( `a call store in ${ name }`, () => {
		let store: CallStore;
		beforeEach( async () => {
			store = await open();
		} );

		const addAll = async ( calls: KeptCall[], day = DAY ) => {
			for ( const one of calls ) {
				await store.add( one, day );
			}
		};
		const idsOf = async ( filter: CallFilter, siteId = 'shop' ) =>
			( await store.list( siteId, filter, { limit: 100 } ) ).calls.map(
				( { id } ) => id
			);
		/** Pages through everything and returns the ids. */
		const walk = async ( filter: CallFilter, limit: number ) => {
			const ids: string[] = [];
			let cursor: string | undefined;
			do {
				const page = await store.list( 'shop', filter, {
					limit,
					cursor,
				} );
				expect( page.calls.length ).toBeLessThanOrEqual( limit );
				ids.push( ...page.calls.map( ( { id } ) => id ) );
				cursor = page.nextCursor;
			} while ( cursor !== undefined );
			return ids;
		};
		const totalCalls = async ( siteId = 'shop' ) =>
			(
				await store.rollups( siteId, '0000-00-00', '9999-99-99' )
			).reduce( ( sum, row ) => sum + row.calls, 0 );

		it( 'gives a call back as it was added', async () => {
			const plain = call();
			const bare = call( {
				at: 999,
				usage: undefined,
				firstTokenMs: undefined,
				features: undefined,
				provider: '',
				model: '',
				tier: 'none',
				cache: 'pinned',
				outcome: 'cached',
				isEstimated: true,
				errorKind: 'provider_rate',
			} );
			await addAll( [ plain, bare ] );
			const { calls, nextCursor } = await store.list(
				'shop',
				{},
				{ limit: 10 }
			);
			expect( calls ).toEqual( [ plain, bare ] );
			expect( nextCursor ).toBeUndefined();
		} );

		it( 'has nothing to list and nothing to sum when nothing was added', async () => {
			expect( await store.list( 'shop', {}, { limit: 5 } ) ).toEqual( {
				calls: [],
				nextCursor: undefined,
			} );
			expect( await store.rollups( 'shop', DAY, DAY ) ).toEqual( [] );
		} );

		it( 'lists the newest first, whatever the order of adding', async () => {
			const calls = [ 5, 1, 4, 2, 3 ].map( ( at ) => call( { at } ) );
			await addAll( calls );
			expect( await idsOf( {} ) ).toEqual(
				[ ...calls ]
					.sort( ( a, b ) => b.at - a.at )
					.map( ( { id } ) => id )
			);
		} );

		it( 'ignores a call whose id it knows, in the list and in the sums', async () => {
			const first = call();
			await addAll( [
				first,
				{ ...first, costNanoUsd: 5_000 },
				{ ...first, model: 'large', outcome: 'failed' },
			] );
			expect( await idsOf( {} ) ).toEqual( [ first.id ] );
			expect( await store.rollups( 'shop', DAY, DAY ) ).toMatchObject( [
				{ calls: 1, costNanoUsd: 1_000 },
			] );
		} );

		it( 'adds many calls at once without losing one', async () => {
			const calls = Array.from( { length: 300 }, ( _, index ) =>
				call( { at: index } )
			);
			await Promise.all( calls.map( ( one ) => store.add( one, DAY ) ) );
			expect( await totalCalls() ).toBe( 300 );
			expect( ( await walk( {}, 64 ) ).sort() ).toEqual(
				calls.map( ( { id } ) => id ).sort()
			);
		} );

		it( 'keeps calls without a turn apart', async () => {
			const first = call( { turnId: '', kind: 'embedding' } );
			const second = call( { turnId: '', kind: 'embedding', at: 900 } );
			await addAll( [ first, second ] );
			expect( await idsOf( { kind: 'embedding' } ) ).toEqual( [
				first.id,
				second.id,
			] );
		} );

		it( 'narrows the list by each part of a filter, and by all together', async () => {
			const wanted = call( {
				at: 50,
				model: 'large',
				tier: 'premium',
				kind: 'image',
				cache: 'coalesced',
				outcome: 'failed',
				turnId: 'the-turn',
			} );
			await addAll( [ call( { at: 10 } ), wanted, call( { at: 90 } ) ] );
			const parts: CallFilter[] = [
				{ from: 50, to: 51 },
				{ model: 'large' },
				{ tier: 'premium' },
				{ kind: 'image' },
				{ cache: 'coalesced' },
				{ outcome: 'failed' },
				{ turnId: 'the-turn' },
			];
			for ( const part of parts ) {
				expect( await idsOf( part ) ).toEqual( [ wanted.id ] );
			}
			const all = Object.assign( {}, ...parts ) as CallFilter;
			expect( await idsOf( all ) ).toEqual( [ wanted.id ] );
			expect( await idsOf( { ...all, model: 'small' } ) ).toEqual( [] );
			expect( await idsOf( { ...all, from: 51 } ) ).toEqual( [] );
			expect( await idsOf( { turnId: 'no-such-turn' } ) ).toEqual( [] );
		} );

		it( 'counts the beginning of a period in and its end out', async () => {
			const calls = [ 10, 20, 30 ].map( ( at ) => call( { at } ) );
			await addAll( calls );
			expect( await idsOf( { from: 10, to: 30 } ) ).toEqual( [
				calls[ 1 ]?.id,
				calls[ 0 ]?.id,
			] );
		} );

		it( 'lists every attempt of one turn, page by page', async () => {
			const attempts = [ 1, 2, 3 ].map( ( attempt ) =>
				call( {
					at: 100 + attempt,
					attempt,
					turnId: 'one',
					outcome: attempt < 3 ? 'failed' : 'answered',
				} )
			);
			await addAll( [ ...attempts, call() ] );
			expect( await walk( { turnId: 'one' }, 2 ) ).toEqual(
				attempts.map( ( { id } ) => id ).reverse()
			);
		} );

		it( 'pages through everything once, also where many calls share a millisecond', async () => {
			const models = [ 'small', 'large', 'huge' ];
			const calls = Array.from( { length: 60 }, ( _, index ) =>
				call( {
					at: Math.floor( index / 20 ),
					model: models[ index % 3 ] as string,
				} )
			);
			await addAll( calls );
			for ( const limit of [ 1, 7, 20, 59, 60, 61 ] ) {
				expect( await walk( {}, limit ) ).toEqual(
					calls.map( ( { id } ) => id ).reverse()
				);
			}
		} );

		it( 'goes on where a page ended, although new calls have come', async () => {
			const old = [ 1, 2, 3, 4 ].map( ( at ) => call( { at } ) );
			await addAll( old );
			const first = await store.list( 'shop', {}, { limit: 2 } );
			await addAll( [ call( { at: 5 } ), call( { at: 6 } ) ] );
			const second = await store.list(
				'shop',
				{},
				{ limit: 2, cursor: first.nextCursor }
			);
			expect( second.calls.map( ( { at } ) => at ) ).toEqual( [ 2, 1 ] );
			expect( second.nextCursor ).toBeUndefined();
		} );

		it( 'refuses a cursor that it did not make', async () => {
			for ( const cursor of [ 'x', '', '1', "1' OR 1", '__' ] ) {
				await expect(
					store.list( 'shop', {}, { limit: 2, cursor } )
				).rejects.toThrow( DocentError );
			}
		} );

		it( 'finds the same as a plain search, for any filter and page size', async () => {
			const values = {
				model: [ 'small', 'large', '' ],
				tier: [ 'economy', 'premium', 'none' ],
				kind: [ 'answer', 'rewrite' ],
				cache: [ 'miss', 'exact' ],
				outcome: [ 'answered', 'failed', 'cached' ],
			} as const;
			const pick = < Value >( list: readonly Value[] ) =>
				fc.constantFrom( ...list );
			const part = < Value >( list: readonly Value[] ) =>
				fc.option( pick( list ), { nil: undefined } );
			const calls = fc
				.sample(
					fc.record( {
						at: fc.integer( { min: 0, max: 40 } ),
						model: pick( values.model ),
						tier: pick( values.tier ),
						kind: pick( values.kind ),
						cache: pick( values.cache ),
						outcome: pick( values.outcome ),
					} ),
					{ numRuns: 120, seed: 7 }
				)
				.map( call );
			await Promise.all( calls.map( ( one ) => store.add( one, DAY ) ) );
			await fc.assert(
				fc.asyncProperty(
					fc.record( {
						from: fc.option( fc.integer( { min: -1, max: 41 } ), {
							nil: undefined,
						} ),
						to: fc.option( fc.integer( { min: -1, max: 41 } ), {
							nil: undefined,
						} ),
						model: part( values.model ),
						tier: part( values.tier ),
						kind: part( values.kind ),
						cache: part( values.cache ),
						outcome: part( values.outcome ),
					} ),
					fc.integer( { min: 1, max: 50 } ),
					async ( filter, limit ) => {
						const { from = -Infinity, to = Infinity } = filter;
						const expected = calls.filter(
							( one ) =>
								one.at >= from &&
								one.at < to &&
								(
									[
										'model',
										'tier',
										'kind',
										'cache',
										'outcome',
									] as const
								 ).every(
									( field ) =>
										filter[ field ] === undefined ||
										filter[ field ] === one[ field ]
								)
						);
						const found = await walk( filter, limit );
						expect( [ ...found ].sort() ).toEqual(
							expected.map( ( { id } ) => id ).sort()
						);
						const times = found.map(
							( id ) =>
								calls.find( ( one ) => one.id === id )
									?.at as number
						);
						expect( times ).toEqual(
							[ ...times ].sort( ( a, b ) => b - a )
						);
					}
				),
				{ numRuns: 60 }
			);
		} );

		it( 'sums by day, model, tier, kind, cache and outcome', async () => {
			await addAll( [
				call(),
				call( { costNanoUsd: 3_000, inputTokens: 50 } ),
				call( { outcome: 'failed', costNanoUsd: 7 } ),
				call( {
					model: '',
					tier: 'none',
					cache: 'exact',
					outcome: 'cached',
					costNanoUsd: 0,
					savedNanoUsd: 1_500,
					inputTokens: 0,
					outputTokens: 0,
				} ),
			] );
			await addAll( [ call() ], '2026-11-21' );
			const rows = await store.rollups( 'shop', DAY, DAY );
			expect( rows ).toHaveLength( 3 );
			expect( rows ).toContainEqual( {
				day: DAY,
				model: 'small',
				tier: 'economy',
				kind: 'answer',
				cache: 'miss',
				outcome: 'answered',
				calls: 2,
				inputTokens: 150,
				outputTokens: 40,
				costNanoUsd: 4_000,
				savedNanoUsd: 0,
			} );
			expect( rows ).toContainEqual(
				expect.objectContaining( {
					cache: 'exact',
					outcome: 'cached',
					calls: 1,
					savedNanoUsd: 1_500,
				} )
			);
			expect(
				( await store.rollups( 'shop', DAY, '2026-11-21' ) ).length
			).toBe( 4 );
			expect(
				await store.rollups( 'shop', '2026-11-22', '2026-12-31' )
			).toEqual( [] );
		} );

		it( 'keeps the sums when the calls are forgotten, and only those that are old enough go', async () => {
			const calls = [ 10, 20, 30 ].map( ( at ) => call( { at } ) );
			await addAll( calls );
			expect( await store.deleteOlderThan( 'shop', 20 ) ).toBe( 1 );
			expect( await store.deleteOlderThan( 'shop', 20 ) ).toBe( 0 );
			expect( await idsOf( {} ) ).toEqual( [
				calls[ 2 ]?.id,
				calls[ 1 ]?.id,
			] );
			expect( await idsOf( { turnId: calls[ 0 ]?.turnId } ) ).toEqual(
				[]
			);
			expect( await totalCalls() ).toBe( 3 );
		} );

		it( 'forgets thousands of calls at once', async () => {
			await Promise.all(
				Array.from( { length: 2_500 }, ( _, index ) =>
					store.add( call( { at: index } ), DAY )
				)
			);
			expect( await store.deleteOlderThan( 'shop', 2_400 ) ).toBe(
				2_400
			);
			expect( await walk( {}, 100 ) ).toHaveLength( 100 );
		} );

		it( 'keeps every site to itself', async () => {
			const mine = call();
			const other = call( { siteId: 'museum', turnId: mine.turnId } );
			await addAll( [ mine, other ] );
			expect( await idsOf( {} ) ).toEqual( [ mine.id ] );
			expect( await idsOf( {}, 'museum' ) ).toEqual( [ other.id ] );
			expect( await idsOf( { turnId: mine.turnId } ) ).toEqual( [
				mine.id,
			] );
			expect( await totalCalls() ).toBe( 1 );
			expect( await store.deleteOlderThan( 'museum', 5_000 ) ).toBe( 1 );
			expect( await idsOf( {} ) ).toEqual( [ mine.id ] );
		} );

		it( 'keeps amounts that need all of 53 bits', async () => {
			const large = 4_503_599_627_370_495;
			await addAll( [
				call( { costNanoUsd: large, savedNanoUsd: 1 } ),
				call( { costNanoUsd: large, savedNanoUsd: 2 } ),
			] );
			expect( await store.rollups( 'shop', DAY, DAY ) ).toMatchObject( [
				{ costNanoUsd: 2 * large, savedNanoUsd: 3 },
			] );
		} );
	} );
}
