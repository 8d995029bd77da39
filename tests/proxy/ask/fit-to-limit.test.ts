import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	capWithin,
	reserveWithin,
} from '../../../proxy/src/ask/fit-to-limit.ts';
import type {
	Reservation,
	Reserved,
} from '../../../proxy/src/ledger/ledger.ts';
import { priceWorstCase } from '../../../proxy/src/ledger/pricing.ts';
import { loadCatalog, type Model } from '../../../proxy/src/models/catalog.ts';
import type { Target } from '../../../proxy/src/models/plan.ts';

const catalog = loadCatalog( undefined );
const target = ( id: string ): Target => ( {
	model: catalog.model( id ) as Model,
	tier: 'economy',
} );
const LUNA = target( 'gpt-6-luna' );
const TERRA = target( 'gpt-6.1-terra' );
const SOL = target( 'gpt-6.1-sol' );
const CAPS = { max: 700, min: 120 };

describe( 'the longest answer for a sum', () => {
	it( 'fits into it, and one token more would not', () => {
		fc.assert(
			fc.property(
				fc.constantFrom( LUNA, TERRA, SOL ),
				fc.integer( { min: 0, max: 400_000 } ),
				fc.integer( { min: 0, max: 2_000_000_000 } ),
				( { model }, inputBound, nanoUsd ) => {
					const cap = capWithin( {
						model,
						inputBound,
						caps: CAPS,
						nanoUsd,
					} );
					const price = ( tokens: number ) =>
						priceWorstCase( model, inputBound, tokens );
					if ( cap === undefined ) {
						expect( price( CAPS.min ) ).toBeGreaterThan( nanoUsd );
						return;
					}
					expect( cap ).toBeGreaterThanOrEqual( CAPS.min );
					expect( cap ).toBeLessThanOrEqual( CAPS.max );
					expect( price( cap ) ).toBeLessThanOrEqual( nanoUsd );
					if ( cap < CAPS.max ) {
						expect( price( cap + 1 ) ).toBeGreaterThan( nanoUsd );
					}
				}
			)
		);
	} );

	it( 'is none for a model whose longest answer is shorter than a useful one', () => {
		expect(
			capWithin( {
				model: LUNA.model,
				inputBound: 0,
				caps: { max: 100, min: 120 },
				nanoUsd: 1e12,
			} )
		).toBeUndefined();
	} );
} );

/** A purse that refuses like the ledger does, and whose content can change between two looks. */
function purse(
	contents: number[],
	reason: 'spent' | 'wait' | 'too_large' = 'spent'
) {
	const asked: Array< { id: string; nanoUsd: number } > = [];
	let look = 0;
	const reserve = async (
		{ model }: Target,
		nanoUsd: number
	): Promise< Reserved > => {
		asked.push( { id: model.id, nanoUsd } );
		const remaining =
			contents[ Math.min( look++, contents.length - 1 ) ] ?? 0;
		return nanoUsd <= remaining
			? { kind: 'reserved', reservation: {} as Reservation }
			: {
					kind: 'refused',
					reason,
					windowKey: 'site',
					unit: 'nanoUsd',
					remaining,
				};
	};
	return { asked, reserve };
}
const fit = (
	targets: [ Target, ...Target[] ],
	reserve: Parameters< typeof reserveWithin >[ 0 ][ 'reserve' ],
	signal = new AbortController().signal
) =>
	reserveWithin( {
		targets,
		inputBound: 4_000,
		capsOf: () => CAPS,
		reserve,
		random: () => 0,
		signal,
	} );
const worst = ( { model }: Target, tokens: number ) =>
	priceWorstCase( model, 4_000, tokens );

describe( 'fitting an answer', () => {
	it( 'whatever is left: what is reserved was there, and nothing is refused that could be had', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.shuffledSubarray( [ LUNA, TERRA, SOL ], { minLength: 1 } ),
				fc.integer( { min: 0, max: 60_000_000 } ),
				async ( targets, left ) => {
					const { reserve } = purse( [ left ] );
					const fitted = await fit(
						targets as [ Target, ...Target[] ],
						reserve
					);
					const wanted = targets[ 0 ] as Target;
					const cheapest = Math.min(
						...targets.map( ( one ) => worst( one, CAPS.min ) )
					);
					if ( fitted.kind === 'refused' ) {
						expect( cheapest ).toBeGreaterThan( left );
						return;
					}
					expect(
						worst( fitted.target, fitted.maxOutputTokens )
					).toBeLessThanOrEqual( left );
					expect( fitted.isFitted ).toBe(
						fitted.target !== wanted ||
							fitted.maxOutputTokens < CAPS.max
					);
					// A shorter answer of the wanted model comes before a cheaper model.
					if ( worst( wanted, CAPS.min ) <= left ) {
						expect( fitted.target ).toBe( wanted );
					}
				}
			)
		);
	} );

	it( 'looks again when less is left than a moment before', async () => {
		const { reserve, asked } = purse( [
			worst( LUNA, 600 ),
			worst( LUNA, 300 ),
			worst( LUNA, 300 ),
		] );
		expect( await fit( [ LUNA ], reserve ) ).toMatchObject( {
			kind: 'refused',
		} );
		// Two looks a target: the full answer and the fitted one. A third would be a race that others can win for ever.
		expect( asked ).toHaveLength( 2 );
	} );

	it( 'never asks for a dearer model because a cheaper one does not fit', async () => {
		const { reserve, asked } = purse( [ 0 ] );
		await fit( [ LUNA, SOL, TERRA ], reserve );
		expect( new Set( asked.map( ( { id } ) => id ) ) ).toEqual(
			new Set( [ 'gpt-6-luna' ] )
		);
	} );

	it( 'does not wait for what is spent or too large for the whole limit', async () => {
		for ( const reason of [ 'spent', 'too_large' ] as const ) {
			const { reserve, asked } = purse( [ 0 ], reason );
			expect( ( await fit( [ LUNA ], reserve ) ).kind ).toBe( 'refused' );
			expect( asked ).toHaveLength( 1 );
		}
	} );

	it( 'waits for what others hold, and takes it when they give it back', async () => {
		const { reserve, asked } = purse(
			[ 0, 0, worst( LUNA, 700 ) ],
			'wait'
		);
		expect( await fit( [ LUNA ], reserve ) ).toMatchObject( {
			kind: 'reserved',
			maxOutputTokens: 700,
			isFitted: false,
		} );
		expect( asked ).toHaveLength( 3 );
	} );

	it( 'stops waiting when nobody wants the answer any more', async () => {
		const { reserve, asked } = purse( [ 0 ], 'wait' );
		const stop = new AbortController();
		const fitted = fit( [ LUNA ], reserve, stop.signal );
		stop.abort();
		expect( ( await fitted ).kind ).toBe( 'refused' );
		expect( asked ).toHaveLength( 1 );
	} );

	it( 'gives up at once when a kind of use is used up: no answer is small enough for that', async () => {
		let looks = 0;
		const fitted = await fit( [ LUNA, TERRA ], async () => {
			looks++;
			return {
				kind: 'refused',
				reason: 'wait',
				windowKey: 'images',
				unit: 'images',
				remaining: 0,
			};
		} );
		expect( fitted.kind ).toBe( 'refused' );
		expect( looks ).toBe( 1 );
	} );
} );
