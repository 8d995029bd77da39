import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
	loadCatalog,
	ROLES,
	TIERS,
	type Rates,
} from '../../../proxy/src/models/catalog.ts';
import { catalogFile, chatModel } from './catalog-file.ts';

const day = ( text: string ) => Date.parse( `${ text }T12:00:00Z` );
const NOVEMBER = day( '2026-11-20' );
const clock = () => NOVEMBER;
const ids = ( models: Array< { id: string } > ) =>
	models.map( ( { id } ) => id );

describe( 'the shipped catalog', () => {
	const catalog = loadCatalog( undefined, { clock } );

	it( 'has a model for every tier and every role', () => {
		for ( const tier of TIERS ) {
			expect( catalog.targets( tier ) ).not.toHaveLength( 0 );
		}
		for ( const role of ROLES ) {
			expect( catalog.role( role ) ).not.toHaveLength( 0 );
		}
		expect( catalog.warnings ).toEqual( [] );
	} );

	it( 'gives every tier a cheaper one below it', () => {
		const prices = TIERS.map(
			( tier ) => catalog.targets( tier )[ 0 ]?.usdPerMillion.textOut ?? 0
		);
		expect( prices ).toEqual( [ ...prices ].sort( ( a, b ) => a - b ) );
	} );

	it( 'names no tier or role by a model that is gone before the year is over', () => {
		for ( const id of [
			...TIERS.flatMap( ( tier ) => ids( catalog.targets( tier ) ) ),
			...ROLES.flatMap( ( role ) => ids( catalog.role( role ) ) ),
		] ) {
			const { shutdownDate = '9999' } = catalog.succession( id ) ?? {};
			expect( shutdownDate > '2026-12-31' ).toBe( true );
		}
	} );

	it( 'knows what a wire needs: the provider’s own name, the route, the efforts', () => {
		expect( catalog.model( 'groq/openai/gpt-oss-20b' ) ).toMatchObject( {
			provider: 'groq',
			upstreamId: 'openai/gpt-oss-20b',
			api: 'chat',
			capabilities: { tools: true },
		} );
		expect( catalog.role( 'decision' )[ 0 ] ).toMatchObject( {
			upstreamId: 'gpt-6-luna',
			api: 'decisions',
		} );
		expect( catalog.model( 'gpt-audio-1.5' )?.capabilities ).toMatchObject(
			{ streamedAudioFormat: 'pcm16' }
		);
		expect(
			catalog.model( 'gpt-6.1-sol' )?.capabilities.reasoningEfforts
		).not.toContain( 'none' );
	} );

	const PRICES = resolve(
		import.meta.dirname,
		'../../../../shared/data/prices.json'
	);
	it.skipIf( ! existsSync( PRICES ) )(
		`has the prices of the price list (LEFT OUT where ../shared/data/prices.json is not there)`,
		() => {
			const list = JSON.parse( readFileSync( PRICES, 'utf8' ) ) as {
				models: Record<
					string,
					{ current_usd_per_1M?: Record< string, number | null > }
				>;
			};
			const kinds = {
				text_in: 'textIn',
				text_cached_in: 'textCachedIn',
				cache_write_30m: 'textCacheWrite',
				cache_write_12h: 'textCacheWriteLong',
				text_out: 'textOut',
				image_in: 'imageIn',
				image_cached_in: 'imageCachedIn',
				audio_cached_in: 'audioCachedIn',
				audio_out: 'audioOut',
			} as const satisfies Record< string, keyof Rates >;
			let compared = 0;
			for ( const id of catalog.ids ) {
				const model = catalog.model( id );
				const row = list.models[ id ]?.current_usd_per_1M;
				for ( const [ kind, rate ] of Object.entries( kinds ) ) {
					const listed = row?.[ kind ];
					if ( typeof listed === 'number' ) {
						compared += 1;
						expect(
							model?.usdPerMillion[ rate ],
							`${ id } ${ rate }`
						).toBe( listed );
					}
				}
				expect( model?.usdPerMinute, `${ id } per minute` ).toBe(
					row?.per_minute_audio ??
						row?.per_minute_session ??
						model?.usdPerMinute
				);
			}
			expect( compared ).toBeGreaterThan( 100 );
		}
	);
} );

describe( 'the owner’s file', () => {
	it( 'names only what differs from a shipped model', () => {
		const catalog = loadCatalog(
			catalogFile( {
				models: {
					'gpt-6-luna': {
						reasoningEffort: 'low',
						usdPerMillion: { textIn: 0.2, textOut: 1 },
					},
				},
			} ),
			{ clock }
		);
		expect( catalog.model( 'gpt-6-luna' ) ).toMatchObject( {
			reasoningEffort: 'low',
			contextTokens: 1_050_000,
			// A price block is whole: what it leaves out costs the plain price, not the shipped discount.
			usdPerMillion: { textIn: 0.2, textOut: 1 },
		} );
		expect(
			catalog.model( 'gpt-6-luna' )?.usdPerMillion.textCachedIn
		).toBeUndefined();
	} );

	it( 'drops the shipped changes of a price that it names itself', () => {
		const catalog = loadCatalog(
			catalogFile( {
				models: {
					'gpt-5.6-luna': {
						usdPerMillion: { textIn: 0.3, textOut: 1.3 },
					},
				},
			} ),
			{ clock }
		);
		expect( catalog.model( 'gpt-5.6-luna' )?.usdPerMillion.textIn ).toBe(
			0.3
		);
	} );

	it( 'takes a shipped model’s name for one of another provider, without any of its prices', () => {
		const catalog = loadCatalog(
			catalogFile( {
				models: {
					'gpt-6-luna': chatModel( { provider: 'house' } ),
				},
			} ),
			{ clock }
		);
		expect( catalog.model( 'gpt-6-luna' ) ).toMatchObject( {
			provider: 'house',
			longContext: [],
			serviceTierFactors: { flex: 1 },
		} );
	} );

	it( 'removes a field with null', () => {
		const catalog = loadCatalog(
			catalogFile( { models: { 'gpt-4o': { shutdownDate: null } } } ),
			{ clock }
		);
		expect( catalog.succession( 'gpt-4o' )?.shutdownDate ).toBeUndefined();
	} );

	it( 'dates its prices: a call costs what its moment costs', () => {
		const catalog = loadCatalog(
			catalogFile( {
				models: {
					house: chatModel( {
						priceChanges: [
							{
								effectiveAt: '2026-12-01T09:00:00+01:00',
								usdPerMillion: { textIn: 3, textOut: 9 },
							},
							{
								effectiveAt: '2026-11-01',
								usdPerMillion: { textIn: 2, textOut: 6 },
							},
						],
					} ),
				},
			} ),
			{ clock }
		);
		const textInAt = ( at: string ) =>
			catalog.model( 'house', Date.parse( at ) )?.usdPerMillion.textIn;
		expect( textInAt( '2026-10-31T23:59:59Z' ) ).toBe( 0.5 );
		expect( textInAt( '2026-11-01T00:00:00Z' ) ).toBe( 2 );
		expect( textInAt( '2026-12-01T07:59:59Z' ) ).toBe( 2 );
		expect( textInAt( '2026-12-01T08:00:00Z' ) ).toBe( 3 );
	} );

	it( 'puts fallbacks behind each target, each model once', () => {
		const catalog = loadCatalog(
			catalogFile( {
				models: {
					first: chatModel( { fallback: [ 'second', 'third' ] } ),
					second: chatModel( { fallback: [ 'third' ] } ),
					third: chatModel(),
				},
				tiers: { economy: [ 'first', 'gpt-6-luna', 'second' ] },
			} ),
			{ clock }
		);
		expect( ids( catalog.targets( 'economy' ) ) ).toEqual( [
			'first',
			'second',
			'third',
			'gpt-6-luna',
		] );
	} );

	it( 'says what nobody reads, and goes on', () => {
		const { warnings } = loadCatalog(
			catalogFile( {
				models: { house: chatModel( { succesor: 'gpt-6-luna' } ) },
			} )
		);
		expect( warnings ).toEqual( [
			'models.house.succesor is not a field that anything reads',
		] );
	} );

	it( 'leaves out the fallbacks of a role that cannot do its work', () => {
		const catalog = loadCatalog(
			catalogFile( {
				models: {
					'gpt-audio-1.5': {
						fallback: [ 'gpt-6-luna', 'gpt-transcribe' ],
					},
				},
				roles: { transcription: 'gpt-audio-1.5' },
			} ),
			{ clock }
		);
		expect(
			catalog.role( 'transcription' ).map( ( { id } ) => id )
		).toEqual( [ 'gpt-audio-1.5', 'gpt-transcribe' ] );
	} );

	it( 'speaks by a model that is there when those of /audio/speech have ended', () => {
		const shipped = loadCatalog( undefined, {
			clock: () => day( '2027-01-06' ),
		} );
		expect( shipped.role( 'speech' ).map( ( { id } ) => id ) ).toEqual( [
			'gpt-realtime-2.1-mini',
		] );
		const chosen = ( at: number ) =>
			loadCatalog(
				catalogFile( { roles: { speech: 'gpt-4o-mini-tts' } } ),
				{ clock: () => at }
			).role( 'speech' )[ 0 ];
		expect( chosen( NOVEMBER ) ).toMatchObject( {
			id: 'gpt-4o-mini-tts',
			api: 'speech',
		} );
		expect( chosen( day( '2027-01-06' ) ) ).toMatchObject( {
			id: 'gpt-realtime-2.1-mini',
			api: 'realtime',
		} );
	} );

	it( 'gives a model of a role the role’s own route', () => {
		const catalog = loadCatalog(
			catalogFile( {
				models: {
					vectors: {
						modalities: { in: [ 'text' ], out: [ 'embedding' ] },
						contextTokens: 8_000,
						maxOutputTokens: 0,
						usdPerMillion: { textIn: 0.01 },
					},
				},
				roles: { embedding: 'vectors' },
			} ),
			{ clock }
		);
		expect( catalog.role( 'embedding' )[ 0 ] ).toMatchObject( {
			id: 'vectors',
			api: 'embeddings',
		} );
	} );
} );

describe( 'the fingerprint', () => {
	it( 'changes with the models that answer, and with nothing else', () => {
		let now = NOVEMBER;
		const options = { clock: () => now };
		const shipped = loadCatalog( undefined, options ).fingerprint;
		expect( loadCatalog( undefined, options ).fingerprint ).toBe( shipped );
		expect(
			loadCatalog(
				catalogFile( {
					models: { 'gpt-6-luna': { regionalFactor: 1.2 } },
				} ),
				options
			).fingerprint
		).toBe( shipped );

		const ending = loadCatalog(
			catalogFile( {
				models: {
					'gpt-6-luna': {
						shutdownDate: '2026-12-24',
						successor: 'gpt-6.1-terra',
					},
				},
			} ),
			options
		);
		expect( ending.fingerprint ).toBe( shipped );
		now = day( '2026-12-24' );
		expect( ending.fingerprint ).not.toBe( shipped );
	} );
} );
