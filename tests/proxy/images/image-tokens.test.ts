import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	boundImageTokens,
	countImageTokens,
	IMAGE_RULES,
	type ImageDetail,
	type ImageRule,
} from '../../../proxy/src/images/image-tokens.ts';

const size = ( text: string ) => {
	const [ width = 0, height = 0 ] = text.split( 'x' ).map( Number );
	return { width, height };
};

describe( 'the tokens of a picture', () => {
	// Pixels, then low, high and auto of GPT-5.6, low of GPT-5.4, high of GPT-4o and of GPT-4o mini: the provider's published examples.
	it.each( [
		[ '512x512', 308, 308, 308, 308, 255, 8_500 ],
		[ '1024x1024', 308, 1_229, 1_229, 1_229, 765, 25_501 ],
		[ '1920x1080', 173, 2_448, 2_448, 2_448, 1_105, 36_835 ],
		[ '2048x2048', 308, 3_000, 4_916, 4_916, 765, 25_501 ],
		[ '4032x3024', 231, 2_942, 14_364, 3_687, 765, 25_501 ],
	] )( 'of %s are the published ones', ( pixels, ...expected ) => {
		const asked: Array< [ ImageRule, ImageDetail ] > = [
			[ 'gpt-5.6', 'low' ],
			[ 'gpt-5.6', 'high' ],
			[ 'gpt-5.6', 'auto' ],
			[ 'gpt-5.4', 'low' ],
			[ 'gpt-4o', 'high' ],
			[ 'gpt-4o-mini', 'high' ],
		];
		expect(
			asked.map( ( [ rule, detail ] ) =>
				countImageTokens( rule, size( pixels ), detail )
			)
		).toEqual( expected );
	} );

	it( 'are those of the original when nothing is said, and of high where the original is not taken', () => {
		const photo = size( '4032x3024' );
		expect( countImageTokens( 'gpt-5.6', photo ) ).toBe(
			countImageTokens( 'gpt-5.6', photo, 'original' )
		);
		expect( countImageTokens( 'gpt-5.4', photo ) ).toBe(
			countImageTokens( 'gpt-5.4', photo, 'high' )
		);
		expect( countImageTokens( 'gpt-5.2', photo, 'original' ) ).toBe(
			countImageTokens( 'gpt-5.2', photo, 'high' )
		);
	} );

	it( 'follow the factor of the family: 1.2, 1.5, 1.62', () => {
		const square = size( '1024x1024' );
		expect(
			( [ 'gpt-5-mini', 'gpt-5-nano', 'gpt-4.1-mini' ] as const ).map(
				( rule ) => countImageTokens( rule, square )
			)
		).toEqual( [ 1_229, 1_536, 1_659 ] );
	} );

	it( 'are the base alone for tile models at low detail', () => {
		expect(
			( [ 'gpt-5', 'gpt-4o', 'gpt-4o-mini', 'o1' ] as const ).map(
				( rule ) => countImageTokens( rule, size( '4032x3024' ), 'low' )
			)
		).toEqual( [ 70, 85, 2_833, 75 ] );
	} );

	it( 'never go down when a picture at original detail grows, and stay within the budget of the others', () => {
		const side = fc.integer( { min: 1, max: 12_000 } );
		fc.assert(
			fc.property( side, side, ( width, height ) => {
				const picture = { width, height };
				expect(
					countImageTokens( 'gpt-5.6', picture, 'original' )
				).toBeLessThanOrEqual(
					countImageTokens(
						'gpt-5.6',
						{ width: width + 32, height: height + 32 },
						'original'
					)
				);
				expect(
					countImageTokens( 'gpt-5.6', picture, 'high' )
				).toBeLessThanOrEqual( 3_000 );
				expect(
					countImageTokens( 'gpt-5.6', picture, 'low' )
				).toBeLessThanOrEqual( 308 );
				expect(
					countImageTokens( 'gpt-5.5', picture )
				).toBeLessThanOrEqual( 12_000 );
				for ( const rule of IMAGE_RULES ) {
					const tokens = countImageTokens( rule, picture );
					expect( tokens ).toBeGreaterThan( 0 );
					expect( boundImageTokens( rule, picture ) ).toBeGreaterThan(
						tokens
					);
					expect(
						boundImageTokens( undefined, picture )
					).toBeGreaterThan( tokens );
				}
			} )
		);
	} );

	it.each( [ 0, -1, 1.5, NaN, Infinity, 1e18 ] )(
		'of a picture %d pixels wide do not exist',
		( width ) => {
			expect( () =>
				countImageTokens( 'gpt-5.6', { width, height: 100 } )
			).toThrow( RangeError );
		}
	);
} );
