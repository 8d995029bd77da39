/**
 * Compares our prices with a price list and a calculator that others keep.
 */

import { calcPrice } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { priceUsage } from '../../../proxy/src/ledger/pricing.ts';
import { inputTokens, type Usage } from '../../../proxy/src/ledger/usage.ts';
import { loadCatalog, type Model } from '../../../proxy/src/models/catalog.ts';

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
} );
