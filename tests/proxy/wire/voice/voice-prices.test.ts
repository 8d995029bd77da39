/**
 * The simulated provider's prices of voice are those of the price list, and its arithmetic is right.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
	PRICES,
	VOICE_PRICES,
} from '../../../support/simulated-provider/index.ts';
import { priceOf } from '../../../support/simulated-provider/prices.ts';

const LIST = new URL(
	'../../../../../shared/data/prices.json',
	import.meta.url
);
const NONE = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0 };

describe( 'the price of voice', () => {
	it.each( [
		[
			'heard and spoken tokens, known ones at their own price',
			'gpt-realtime-2.1-mini',
			{
				...NONE,
				input: 100,
				cachedInput: 1_000,
				audioInput: 10,
				cachedAudioInput: 100,
				output: 5,
				audioOutput: 40,
			},
			60_000 + 60_000 + 100_000 + 30_000 + 12_000 + 800_000,
		],
		[
			'minutes, to the millisecond',
			'gpt-transcribe',
			{ ...NONE, audioMs: 90_001 },
			6_750_075,
		],
		[
			'less than a nano-dollar, rounded up once',
			'gpt-realtime-2.1-mini',
			{ ...NONE, audioMs: 0, cachedInput: 1, cachedImageInput: 1 },
			140,
		],
		[ 'characters', 'tts-1', { ...NONE, characters: 10 }, 150_000 ],
		[ 'nothing for silence', 'gpt-transcribe', { ...NONE, audioMs: 0 }, 0 ],
	] )( 'counts %s', ( _name, model, tokens, nanoUsd ) => {
		expect( priceOf( model, tokens ) ).toBe( nanoUsd );
	} );

	it( 'has no model twice', () => {
		expect(
			Object.keys( VOICE_PRICES ).filter( ( id ) => id in PRICES )
		).toEqual( [] );
	} );

	it.skipIf( ! existsSync( LIST ) )(
		'is that of the price list (LEFT OUT where ../shared/data/prices.json is not there)',
		() => {
			const { models } = JSON.parse( readFileSync( LIST, 'utf8' ) ) as {
				models: Record<
					string,
					{
						current_usd_per_1M: Record< string, number >;
						shutdown?: string;
					}
				>;
			};
			for ( const [ id, terms ] of Object.entries( VOICE_PRICES ) ) {
				const listed = models[ id ];
				const usd = listed?.current_usd_per_1M ?? {};
				const nano = ( name: string ): number =>
					Math.round( ( usd[ name ] ?? 0 ) * 1e9 );
				expect.soft( terms, id ).toMatchObject( {
					input: nano( 'text_in' ),
					output: nano( 'text_out' ),
					audioInput: nano( 'audio_in' ),
					audioOutput: nano( 'audio_out' ),
					perMinute: nano( 'per_minute_audio' ),
					perMillionCharacters: nano( 'per_1M_characters' ),
					shutdownDate: listed?.shutdown ?? null,
					...( usd.text_cached_in === undefined
						? {}
						: {
								cachedInput: nano( 'text_cached_in' ),
								cachedAudioInput: nano( 'audio_cached_in' ),
							} ),
				} );
			}
		}
	);
} );
