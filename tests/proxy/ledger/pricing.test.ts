import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	boundInputTokens,
	priceUsage,
	priceWorstCase,
	priceWorstUsage,
	UnknownPriceError,
} from '../../../proxy/src/ledger/pricing.ts';
import {
	addUsage,
	readStoredUsage,
	USAGE_UNITS,
	type Usage,
} from '../../../proxy/src/ledger/usage.ts';
import { loadCatalog, type Model } from '../../../proxy/src/models/catalog.ts';

const catalog = loadCatalog( undefined );
const model = ( id: string, at?: number ): Model => {
	const found = catalog.model( id, at );
	if ( ! found ) {
		throw new Error( `the shipped catalog lacks ${ id }` );
	}
	return found;
};
const luna = model( 'gpt-6-luna' );

describe( 'the price of a call', () => {
	it( 'is exact: a million tokens each way cost what the catalog says', () => {
		expect(
			priceUsage( model( 'gpt-6.1-terra' ), { textIn: 200_000 } )
		).toBe( 200_000_000 );
		expect( priceUsage( luna, { textOut: 1_000_000 } ) ).toBe(
			500_000_000
		);
	} );

	it( 'T25: prices cached and written tokens once, at their own price', () => {
		expect(
			priceUsage( luna, {
				textIn: 100,
				textCachedIn: 600,
				textCacheWrite: 300,
			} )
		).toBe( 600 * 10 + 300 * 125 + 100 * 100 );
		// Kept for twelve hours: its own price where there is one, twice the usual write elsewhere.
		expect(
			priceUsage( model( 'gpt-6.1-terra' ), {
				textCacheWriteLong: 1_000,
			} )
		).toBe( 2_500_000 );
		expect( priceUsage( luna, { textCacheWriteLong: 1_000 } ) ).toBe(
			250_000
		);
	} );

	it( 'T27: moves for every unit there is, with a model that is billed by it', () => {
		const billed: Array< [ string, Usage, number ] > = [
			[ 'gpt-6-luna', { textIn: 1_000 }, 100_000 ],
			[ 'gpt-6-luna', { textCachedIn: 1_000 }, 10_000 ],
			[ 'gpt-6-luna', { textCacheWrite: 1_000 }, 125_000 ],
			[ 'gpt-6.1-terra', { textCacheWriteLong: 1_000 }, 2_500_000 ],
			[ 'gpt-6-luna', { textOut: 1_000 }, 500_000 ],
			[ 'gpt-realtime-2.1', { imageIn: 1_000 }, 5_000_000 ],
			[ 'gpt-realtime-2.1', { imageCachedIn: 1_000 }, 500_000 ],
			[ 'gpt-audio-1.5', { audioIn: 1_000 }, 32_000_000 ],
			[ 'gpt-realtime-2.1', { audioCachedIn: 1_000 }, 400_000 ],
			[ 'gpt-audio-1.5', { audioOut: 1_000 }, 64_000_000 ],
			[ 'gpt-transcribe', { seconds: 60 }, 4_500_000 ],
			[ 'gpt-live-1', { seconds: 90 }, 75_000_000 ],
			[ 'tts-1', { characters: 4_096 }, 61_440_000 ],
		];
		for ( const [ id, usage, nanoUsd ] of billed ) {
			expect( priceUsage( model( id ), usage ) ).toBe( nanoUsd );
		}
		expect(
			new Set( billed.flatMap( ( [ , usage ] ) => Object.keys( usage ) ) )
		).toEqual( new Set( USAGE_UNITS ) );
	} );

	it( 'T27: of three spoken answers is what the provider asks for them', () => {
		// Twenty seconds each: 40 tokens in, 400 tokens of audio out.
		const spoken = { textIn: 40, audioOut: 400 };
		const cost = priceUsage( model( 'gpt-4o-mini-tts' ), spoken );
		expect( cost ).toBe( 40 * 600 + 400 * 12_000 );
	} );

	it( 'counts a picture as text for chat models, cached or not', () => {
		expect(
			priceUsage( luna, { imageIn: 1_000, imageCachedIn: 100 } )
		).toBe( 100_000 + 1_000 );
	} );

	it( 'of parts of a second is exact to the millisecond, and rounded up', () => {
		// 0.0045 dollars a minute are 75,000 nano-dollars a second.
		const transcribe = model( 'gpt-transcribe' );
		expect( priceUsage( transcribe, { seconds: 9.25 } ) ).toBe( 693_750 );
		expect( priceUsage( transcribe, { seconds: 0.000_1 } ) ).toBe( 75 );
	} );

	it( 'doubles the input and adds half to the output above 272,000 input tokens, cached ones included', () => {
		const usage = { textIn: 200_000, textCachedIn: 72_000, textOut: 1_000 };
		expect( priceUsage( luna, usage ) ).toBe(
			200_000 * 100 + 72_000 * 10 + 1_000 * 500
		);
		expect( priceUsage( luna, { ...usage, textCachedIn: 72_001 } ) ).toBe(
			200_000 * 200 + 72_001 * 20 + 1_000 * 750
		);
		expect( priceUsage( model( 'gpt-4.1' ), { textIn: 300_000 } ) ).toBe(
			300_000 * 2_000
		);
	} );

	it( 'has prices of its own for long requests where a provider says so', () => {
		const qwen = model( 'qwen/qwen3.7-flash' );
		expect( priceUsage( qwen, { textIn: 32_000, textOut: 10 } ) ).toBe(
			32_000 * 30 + 10 * 130
		);
		expect( priceUsage( qwen, { textIn: 32_001, textOut: 10 } ) ).toBe(
			32_001 * 100 + 10 * 400
		);
		expect( priceUsage( qwen, { textIn: 256_001, textOut: 10 } ) ).toBe(
			256_001 * 200 + 10 * 400
		);
	} );

	it( 'is half in a batch or with flex, and double when fast', () => {
		const usage = { textIn: 1_000, textOut: 1_000 };
		const at = ( serviceTier: Usage[ 'serviceTier' ] & string ) =>
			priceUsage( luna, { ...usage, serviceTier } );
		expect( at( 'standard' ) ).toBe( 600_000 );
		expect( at( 'batch' ) ).toBe( 300_000 );
		expect( at( 'flex' ) ).toBe( 300_000 );
		expect( at( 'fast' ) ).toBe( 1_200_000 );
		// Where no discount is known there is none.
		expect(
			priceUsage( model( 'groq/openai/gpt-oss-20b' ), {
				textIn: 1_000,
				serviceTier: 'flex',
			} )
		).toBe( 75_000 );
	} );

	it( 'is a tenth more at an address of one region', () => {
		const regional = loadCatalog( undefined, {
			providers: [
				{ name: 'openai', baseUrl: 'https://eu.api.openai.com/v1' },
			],
		} ).model( 'gpt-6-luna' );
		expect( priceUsage( regional ?? luna, { textIn: 1_000 } ) ).toBe(
			110_000
		);
		expect( priceUsage( luna, { textIn: 1_000 } ) ).toBe( 100_000 );
	} );

	it( 'is that of the day of the call', () => {
		const old = model(
			'gpt-5.6-luna',
			Date.parse( '2026-07-29T23:59:59Z' )
		);
		const now = model( 'gpt-5.6-luna', Date.parse( '2026-07-30' ) );
		expect( priceUsage( old, { textIn: 1_000 } ) ).toBe( 1_000_000 );
		expect( priceUsage( now, { textIn: 1_000 } ) ).toBe( 200_000 );
	} );

	it( 'is what a router says it was, when that is more', () => {
		const usage = { textIn: 1_000 };
		expect(
			priceUsage( luna, { ...usage, reportedNanoUsd: 123_456 } )
		).toBe( 123_456 );
		expect( priceUsage( luna, { ...usage, reportedNanoUsd: 1 } ) ).toBe(
			100_000
		);
	} );

	it( 'rounds up once, whatever the number of parts', () => {
		const odd: Model = {
			...luna,
			usdPerMillion: {
				textIn: 0.000_3,
				textCachedIn: 0.000_3,
				textOut: 0.000_3,
			},
		};
		expect( priceUsage( odd, { textIn: 1 } ) ).toBe( 1 );
		expect(
			priceUsage( odd, { textIn: 1, textCachedIn: 1, textOut: 1 } )
		).toBe( 1 );
	} );

	it( 'stays exact where floating point does not', () => {
		// 0.1 + 0.2 in dollars, a billion times over.
		const total = priceUsage(
			{ ...luna, longContext: [] },
			{ textIn: 999_999_999, textOut: 999_999_999 }
		);
		expect( total ).toBe( 599_999_999_400 );
	} );

	it( 'that is unknown refuses, and never counts zero', () => {
		for ( const unit of [
			'audioIn',
			'audioOut',
			'seconds',
			'characters',
		] ) {
			expect( () => priceUsage( luna, { [ unit ]: 1 } ) ).toThrow(
				UnknownPriceError
			);
			expect( () => priceWorstUsage( luna, { [ unit ]: 1 } ) ).toThrow(
				new RegExp( `gpt-6-luna has no price for ${ unit }` )
			);
			expect( priceUsage( luna, { [ unit ]: 0 } ) ).toBe( 0 );
		}
	} );
} );

const amount = fc.integer( { min: 0, max: 400_000 } );
const priced = fc.constantFrom(
	...catalog.ids
		.map( ( id ) => model( id ) )
		.filter(
			( { usdPerMillion } ) =>
				usdPerMillion.textIn !== undefined &&
				usdPerMillion.textOut !== undefined
		)
);

describe( 'the worst case of a call', () => {
	it( 'is never below the price of any usage within its bounds', () => {
		fc.assert(
			fc.property(
				priced,
				amount,
				amount,
				amount,
				amount,
				amount,
				(
					target,
					textIn,
					textCachedIn,
					textCacheWrite,
					textOut,
					slack
				) => {
					const worst = priceWorstCase(
						target,
						textIn + textCachedIn + textCacheWrite + slack,
						textOut
					);
					expect(
						priceUsage( target, {
							textIn,
							textCachedIn,
							textCacheWrite,
							textOut,
						} )
					).toBeLessThanOrEqual( worst );
				}
			),
			{ numRuns: 1_000 }
		);
	} );

	it( 'covers audio and pictures, cached or not', () => {
		const realtime = model( 'gpt-realtime-2.1' );
		const bound = {
			textIn: 500,
			audioIn: 300,
			imageIn: 200,
			audioOut: 100,
		};
		expect( priceWorstUsage( realtime, bound ) ).toBeGreaterThanOrEqual(
			priceUsage( realtime, {
				textCachedIn: 500,
				audioCachedIn: 100,
				audioIn: 200,
				imageCachedIn: 200,
				audioOut: 100,
			} )
		);
	} );
} );

describe( 'the bound of input tokens', () => {
	it( 'counts bytes, so that Chinese and emoji are covered too', () => {
		const ascii = boundInputTokens( [ { content: 'abc' } ] );
		const chinese = boundInputTokens( [ { content: '退货吗' } ] );
		expect( chinese - ascii ).toBe( 6 );
	} );
} );

describe( 'a usage', () => {
	it( 'of an older book is read with each token counted once', () => {
		expect(
			readStoredUsage( {
				inputTokens: 1_000,
				cachedInputTokens: 600,
				cacheWriteTokens: 300,
				outputTokens: 40,
			} )
		).toEqual( {
			textIn: 100,
			textCachedIn: 600,
			textCacheWrite: 300,
			textOut: 40,
		} );
		expect( readStoredUsage( { textIn: 5 } ) ).toEqual( { textIn: 5 } );
		expect( readStoredUsage( undefined ) ).toBeUndefined();
	} );

	it( 'adds up unit by unit', () => {
		expect(
			addUsage(
				{ textIn: 1, audioOut: 2, serviceTier: 'fast' },
				{ textIn: 10, seconds: 0.5 }
			)
		).toEqual( {
			textIn: 11,
			audioOut: 2,
			seconds: 0.5,
			serviceTier: 'fast',
		} );
	} );
} );
