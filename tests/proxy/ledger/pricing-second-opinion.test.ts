/**
 * Compares our prices with a price list and a calculator that others keep.
 */

import { calcPrice, extractUsage, findProvider } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceUsage } from '../../../proxy/src/ledger/pricing.ts';
import { inputTokens, type Usage } from '../../../proxy/src/ledger/usage.ts';
import { loadCatalog, type Model } from '../../../proxy/src/models/catalog.ts';
import {
	readChatUsage,
	readRealtimeUsage,
	readResponsesUsage,
	type UsageReading,
} from '../../../proxy/src/upstream/usage.ts';

const catalog = loadCatalog( undefined );

/** Models that the other list does not know. */
const NOT_COMPARED = new Set( [
	'gpt-6.1-terra',
	'gpt-6.1-sol',
	'gpt-6-luna@decisions',
] );

const CALLS: Usage[] = [
	{ textIn: 7_999 },
	{ textIn: 1_234, textOut: 567 },
	{ textIn: 100, textCachedIn: 9_000, textOut: 50 },
	{ textIn: 500_000, textOut: 1_000 },
	{ textIn: 40, audioIn: 600, textOut: 60, audioOut: 300 },
	{ textIn: 40, imageIn: 1_229, textOut: 60 },
];

/** The other calculator counts cached and audio tokens among all tokens. */
function theirs( {
	textIn = 0,
	textCachedIn = 0,
	imageIn = 0,
	audioIn = 0,
	textOut = 0,
	audioOut = 0,
	...rest
}: Usage ) {
	return {
		input_tokens: inputTokens( {
			textIn,
			textCachedIn,
			imageIn,
			audioIn,
			...rest,
		} ),
		cache_read_tokens: textCachedIn,
		input_audio_tokens: audioIn,
		input_image_tokens: imageIn,
		output_tokens: textOut + audioOut,
		output_audio_tokens: audioOut,
	};
}

function canPrice(
	{ modalities, api, contextTokens }: Model,
	usage: Usage
): boolean {
	// Above its window no call exists, and the lists differ in what it would cost.
	if ( inputTokens( usage ) > contextTokens ) {
		return false;
	}
	const takes = ( sort: 'text' | 'image' | 'audio' ) =>
		modalities.in.includes( sort );
	switch ( api ) {
		case 'embeddings':
			return Object.keys( usage ).join() === 'textIn';
		case 'chat':
		case 'realtime':
			return (
				takes( 'text' ) &&
				modalities.out.includes( 'text' ) &&
				( ! usage.audioIn || takes( 'audio' ) ) &&
				( ! usage.imageIn || takes( 'image' ) )
			);
		default:
			return false;
	}
}

describe( 'a second opinion on money', () => {
	const compared = catalog.ids.flatMap( ( id ) => {
		const model = catalog.model( id );
		return model?.provider === 'openai' &&
			! NOT_COMPARED.has( id ) &&
			CALLS.some( ( call ) => canPrice( model, call ) )
			? [ model ]
			: [];
	} );

	it.each( compared.map( ( model ) => [ model.id, model ] as const ) )(
		'agrees to the nano-dollar on %s',
		( id, model ) => {
			for ( const usage of CALLS.filter( ( call ) =>
				canPrice( model, call )
			) ) {
				const opinion = calcPrice( theirs( usage ), id, {
					providerId: 'openai',
				} );
				expect( opinion, `${ id } is not in the list` ).not.toBeNull();
				expect( {
					usage,
					nanoUsd: priceUsage( model, usage ),
				} ).toEqual( {
					usage,
					nanoUsd: Math.round( ( opinion?.total_price ?? 0 ) * 1e9 ),
				} );
			}
		}
	);

	const provider = findProvider( { providerId: 'openai' } );
	const count = fc.nat( 60_000 );
	const parts = fc
		.record( {
			text: count,
			cached: count,
			written: count,
			audio: count,
			cachedAudio: count,
			textOut: count,
			audioOut: count,
			reasoning: count,
		} )
		.filter( ( { text } ) => text > 0 );

	/** Expects that reading and pricing a reply comes to what the other reader and calculator make of it. */
	const agree = (
		id: string,
		flavor: string,
		reply: object,
		reading: UsageReading
	) => {
		const model = catalog.model( id );
		if ( ! provider || ! model || ! reading.usage ) {
			throw new Error( `nothing to compare for ${ id }` );
		}
		const { usage } = extractUsage(
			provider,
			{ model: id, ...reply },
			flavor
		);
		const opinion = calcPrice( usage, id, { providerId: 'openai' } );
		// Theirs is a floating-point number of dollars, ours is rounded up.
		const difference =
			priceUsage( model, reading.usage ) -
			( opinion?.total_price ?? 0 ) * 1e9;
		expect( difference ).toBeGreaterThan( -0.01 );
		expect( difference ).toBeLessThan( 1 );
	};

	it( 'agrees on any honest chat reply, from the wire to the price', () => {
		fc.assert(
			fc.property(
				parts,
				( { text, cached, written, textOut, reasoning } ) => {
					const input = text + cached + written;
					const output = textOut + reasoning;
					const usage = {
						prompt_tokens: input,
						completion_tokens: output,
						total_tokens: input + output,
						prompt_tokens_details: {
							cached_tokens: cached,
							cache_write_tokens: written,
						},
						completion_tokens_details: {
							reasoning_tokens: reasoning,
						},
					};
					agree(
						'gpt-6-luna',
						'chat',
						{ usage },
						readChatUsage( { usage } )
					);
				}
			)
		);
	} );

	it( 'agrees on any honest reply with audio', () => {
		fc.assert(
			fc.property( parts, ( { text, audio, textOut, audioOut } ) => {
				const usage = {
					prompt_tokens: text + audio,
					completion_tokens: textOut + audioOut,
					total_tokens: text + audio + textOut + audioOut,
					prompt_tokens_details: {
						audio_tokens: audio,
						text_tokens: text,
					},
					completion_tokens_details: {
						audio_tokens: audioOut,
						text_tokens: textOut,
					},
				};
				agree(
					'gpt-audio-1.5',
					'chat',
					{ usage },
					readChatUsage( { usage } )
				);
			} )
		);
	} );

	it( 'agrees on any honest reply of the responses API', () => {
		fc.assert(
			fc.property( parts, ( { text, cached, written, textOut } ) => {
				const usage = {
					input_tokens: text + cached + written,
					input_tokens_details: {
						cached_tokens: cached,
						cache_write_tokens: written,
					},
					output_tokens: textOut,
					output_tokens_details: { reasoning_tokens: 0 },
					total_tokens: text + cached + written + textOut,
				};
				agree(
					'gpt-6-sol',
					'responses',
					{ usage },
					readResponsesUsage( { usage } )
				);
			} )
		);
	} );

	it( 'agrees on any honest reply of a realtime session', () => {
		fc.assert(
			fc.property(
				parts,
				( { text, cached, audio, cachedAudio, textOut, audioOut } ) => {
					const response = {
						status: 'completed',
						usage: {
							input_tokens: text + cached + audio + cachedAudio,
							output_tokens: textOut + audioOut,
							total_tokens:
								text +
								cached +
								audio +
								cachedAudio +
								textOut +
								audioOut,
							input_token_details: {
								text_tokens: text + cached,
								audio_tokens: audio + cachedAudio,
								image_tokens: 0,
								cached_tokens: cached + cachedAudio,
								cached_tokens_details: {
									text_tokens: cached,
									audio_tokens: cachedAudio,
									image_tokens: 0,
								},
							},
							output_token_details: {
								text_tokens: textOut,
								audio_tokens: audioOut,
							},
						},
					};
					agree(
						'gpt-realtime-2.1',
						'realtime',
						{ response },
						readRealtimeUsage( { response } )
					);
				}
			)
		);
	} );
} );
