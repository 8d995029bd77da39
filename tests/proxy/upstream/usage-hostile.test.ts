import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceUsage } from '../../../proxy/src/ledger/pricing.ts';
import {
	inputTokens,
	outputTokens,
	USAGE_UNITS,
} from '../../../proxy/src/ledger/usage.ts';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';
import {
	readChatUsage,
	readLiveUsage,
	readRealtimeUsage,
	readTranscriptionUsage,
} from '../../../proxy/src/upstream/usage.ts';

const luna = loadCatalog( undefined ).model( 'gpt-6-luna' );
const audio = loadCatalog( undefined ).model( 'gpt-audio-1.5' );
if ( ! luna || ! audio ) {
	throw new Error( 'the shipped catalog lacks a model' );
}

const read = ( usage: unknown ) => readChatUsage( { usage } );

describe( 'a report that cannot be true', () => {
	it.each( [
		[ 'negative', { prompt_tokens: -5, completion_tokens: 10 } ],
		[ 'not a number', { prompt_tokens: NaN, completion_tokens: 10 } ],
		[ 'words', { prompt_tokens: 'many', completion_tokens: 10 } ],
		[ 'a billion billions', { prompt_tokens: 1e18, completion_tokens: 1 } ],
		[ 'endless', { prompt_tokens: 10, completion_tokens: Infinity } ],
		[ 'an object', { prompt_tokens: {}, completion_tokens: 10 } ],
		[ 'only the output', { completion_tokens: 10 } ],
		[ 'empty', {} ],
		[ 'a list', [] ],
		[ 'all zero', { prompt_tokens: 0, completion_tokens: 0 } ],
		[
			'negative audio',
			{
				prompt_tokens: 10,
				completion_tokens: 10,
				prompt_tokens_details: { audio_tokens: -10 },
			},
		],
	] )( '%s: gives no usage, and says why', ( _, usage ) => {
		const reading = read( usage );
		expect( reading.usage ).toBeUndefined();
		expect( reading.doubts ).not.toHaveLength( 0 );
	} );

	it( 'never quotes what a provider wrote', () => {
		const { doubts } = read( {
			prompt_tokens: 'sk-secret',
			completion_tokens: 1,
		} );
		expect( doubts.join() ).not.toContain( 'sk-secret' );
	} );
} );

describe( 'a report that is wrong in part', () => {
	it( 'takes numbers that came as text', () => {
		expect(
			read( { prompt_tokens: '120', completion_tokens: '7' } ).usage
		).toEqual( { textIn: 120, textOut: 7 } );
	} );

	it( 'grants no discount that it cannot read', () => {
		expect(
			read( {
				prompt_tokens: 100,
				completion_tokens: 10,
				prompt_tokens_details: { cached_tokens: -40 },
			} ).usage
		).toEqual( { textIn: 100, textOut: 10 } );
	} );

	it( 'counts more cached tokens than tokens beside them', () => {
		const { usage, doubts } = read( {
			prompt_tokens: 10,
			completion_tokens: 1,
			prompt_tokens_details: { cached_tokens: 50 },
		} );
		expect( usage ).toEqual( { textIn: 10, textCachedIn: 50, textOut: 1 } );
		expect( doubts ).not.toHaveLength( 0 );
	} );

	it( 'believes the parts where the total is smaller', () => {
		expect(
			read( {
				prompt_tokens: 100,
				completion_tokens: 10,
				total_tokens: 12,
			} ).usage
		).toEqual( { textIn: 100, textOut: 10 } );
	} );

	it( 'counts what a total has above its parts as output, the dearest it can be', () => {
		expect(
			read( {
				prompt_tokens: 100,
				completion_tokens: 10,
				total_tokens: 150,
			} ).usage
		).toEqual( { textIn: 100, textOut: 50 } );
	} );

	it( 'finds input or output from the total where one is left out', () => {
		expect(
			read( { prompt_tokens: 100, total_tokens: 130 } ).usage
		).toEqual( { textIn: 100, textOut: 30 } );
		expect(
			read( { completion_tokens: 30, total_tokens: 130 } ).usage
		).toEqual( { textIn: 100, textOut: 30 } );
	} );

	it( 'takes ten times the estimate as it is: the provider bills what it reports', () => {
		expect(
			read( { prompt_tokens: 12_000, completion_tokens: 7_000 } ).usage
		).toEqual( { textIn: 12_000, textOut: 7_000 } );
	} );

	it( 'keeps a cost that is absurd out of the book', () => {
		for ( const cost of [ -1, NaN, '1e9', 1e9, null ] ) {
			expect(
				read( { prompt_tokens: 1, completion_tokens: 1, cost } ).usage
			).toEqual( { textIn: 1, textOut: 1 } );
		}
	} );

	it( 'refuses seconds that no session lasts', () => {
		for ( const seconds of [ -1, NaN, 'long', 1e12, null ] ) {
			expect(
				readLiveUsage( { usage: { seconds } } ).usage
			).toBeUndefined();
			expect(
				readTranscriptionUsage( {
					usage: { type: 'duration', seconds },
				} ).usage
			).toBeUndefined();
		}
	} );
} );

const count = fc.nat( 1_000_000 );
const maybe = fc.option( count, { nil: undefined } );

/** Honest reports: parts of parts, in random sizes. */
const honest = fc
	.record( {
		text: count,
		cachedText: count,
		written: count,
		image: count,
		audioIn: count,
		cachedAudio: count,
		textOut: count,
		audioOut: count,
		reasoning: count,
	} )
	.filter( ( { text, audioIn } ) => text + audioIn > 0 );

describe( 'any report', () => {
	it( 'that is honest is split without losing or inventing a token', () => {
		fc.assert(
			fc.property( honest, ( parts ) => {
				const input =
					parts.text +
					parts.cachedText +
					parts.written +
					parts.image +
					parts.audioIn +
					parts.cachedAudio;
				const output = parts.textOut + parts.audioOut + parts.reasoning;
				const { usage, doubts } = read( {
					prompt_tokens: input,
					completion_tokens: output,
					total_tokens: input + output,
					prompt_tokens_details: {
						cached_tokens: parts.cachedText + parts.cachedAudio,
						cache_write_tokens: parts.written,
						image_tokens: parts.image,
						audio_tokens: parts.audioIn + parts.cachedAudio,
					},
					completion_tokens_details: {
						audio_tokens: parts.audioOut,
						reasoning_tokens: parts.reasoning,
					},
				} );
				expect( doubts ).toEqual( [] );
				expect( inputTokens( usage ?? {} ) ).toBe( input );
				expect( outputTokens( usage ?? {} ) ).toBe( output );
				expect( usage?.audioOut ?? 0 ).toBe( parts.audioOut );
			} )
		);
	} );

	it( 'that an honest realtime session sends comes back part by part', () => {
		fc.assert(
			fc.property( honest, ( parts ) => {
				const input =
					parts.text +
					parts.cachedText +
					parts.audioIn +
					parts.cachedAudio;
				const output = parts.textOut + parts.audioOut;
				const { usage } = readRealtimeUsage( {
					response: {
						status: 'completed',
						usage: {
							input_tokens: input,
							output_tokens: output,
							total_tokens: input + output,
							input_token_details: {
								text_tokens: parts.text + parts.cachedText,
								audio_tokens: parts.audioIn + parts.cachedAudio,
								cached_tokens:
									parts.cachedText + parts.cachedAudio,
								cached_tokens_details: {
									text_tokens: parts.cachedText,
									audio_tokens: parts.cachedAudio,
								},
							},
							output_token_details: {
								text_tokens: parts.textOut,
								audio_tokens: parts.audioOut,
							},
						},
					},
				} );
				expect( {
					textIn: 0,
					textCachedIn: 0,
					audioIn: 0,
					audioCachedIn: 0,
					textOut: 0,
					audioOut: 0,
					...usage,
				} ).toEqual( {
					textIn: parts.text,
					textCachedIn: parts.cachedText,
					audioIn: parts.audioIn,
					audioCachedIn: parts.cachedAudio,
					textOut: parts.textOut,
					audioOut: parts.audioOut,
				} );
			} )
		);
	} );

	it( 'that contradicts itself costs at least what each of its numbers proves', () => {
		fc.assert(
			fc.property(
				count.map( ( n ) => n + 1 ),
				count,
				maybe,
				maybe,
				maybe,
				maybe,
				maybe,
				(
					input,
					output,
					total,
					cached,
					audioIn,
					audioOut,
					reasoning
				) => {
					const { usage } = read( {
						prompt_tokens: input,
						completion_tokens: output,
						total_tokens: total,
						prompt_tokens_details: {
							cached_tokens: cached,
							audio_tokens: audioIn,
						},
						completion_tokens_details: {
							audio_tokens: audioOut,
							reasoning_tokens: reasoning,
						},
					} );
					if ( ! usage ) {
						throw new Error( 'nothing in it was unreadable' );
					}
					expect( inputTokens( usage ) ).toBeGreaterThanOrEqual(
						Math.max( input, audioIn ?? 0, cached ?? 0 )
					);
					expect( outputTokens( usage ) ).toBeGreaterThanOrEqual(
						Math.max( output, audioOut ?? 0, reasoning ?? 0 )
					);
					expect( priceUsage( audio, usage ) ).toBeGreaterThanOrEqual(
						priceUsage( audio, {
							audioIn: audioIn ?? 0,
							audioOut: audioOut ?? 0,
						} )
					);
					expect(
						priceUsage( luna, { textOut: outputTokens( usage ) } )
					).toBeGreaterThanOrEqual(
						priceUsage( luna, { textOut: output } )
					);
				}
			)
		);
	} );

	it( 'whatever it holds, gives whole numbers that are not negative, or none', () => {
		fc.assert(
			fc.property(
				fc.dictionary(
					fc.constantFrom(
						'prompt_tokens',
						'completion_tokens',
						'total_tokens',
						'prompt_tokens_details',
						'completion_tokens_details',
						'cached_tokens',
						'prompt_cache_miss_tokens',
						'cost',
						'__proto__'
					),
					fc.anything()
				),
				( report ) => {
					const { usage } = read( report );
					for ( const unit of usage ? USAGE_UNITS : [] ) {
						const amount = usage?.[ unit ] ?? 0;
						expect( Number.isSafeInteger( amount ) ).toBe( true );
						expect( amount ).toBeGreaterThanOrEqual( 0 );
					}
				}
			),
			{ numRuns: 500 }
		);
	} );
} );
