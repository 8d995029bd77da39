import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../../proxy/src/models/catalog.ts';
import { catalogFile, chatModel, problemsOf } from './catalog-file.ts';

describe( 'a catalog that leads nowhere', () => {
	it( 'names a tier with an unknown model', () => {
		expect( problemsOf( { tiers: { economy: [ 'nobody' ] } } ) ).toEqual( [
			'tier economy names nobody, which has no entry with prices under "models"',
		] );
	} );

	it( 'names a tier that does not exist', () => {
		const [ problem ] = problemsOf( { tiers: { gold: [ 'gpt-6-luna' ] } } );
		expect( problem ).toMatch( /tiers.*gold/ );
	} );

	it( 'names a role that does not exist, and one with an unknown model', () => {
		expect(
			problemsOf( { roles: { singing: 'gpt-6-luna' } } )[ 0 ]
		).toMatch( /roles.*singing/ );
		expect( problemsOf( { roles: { speech: 'nobody' } } )[ 0 ] ).toMatch(
			/roles\.speech names nobody/
		);
	} );

	it( 'names a model that cannot serve in its tier or role', () => {
		expect(
			problemsOf( {
				tiers: { economy: [ 'text-embedding-3-small' ] },
				roles: { transcription: 'tts-1' },
			} )
		).toEqual( [
			'tier economy names text-embedding-3-small, which is no chat model',
			'roles.transcription names tts-1, which is called by "speech" and cannot serve there',
		] );
	} );

	it( 'names a model that neither hears nor speaks where that is needed', () => {
		expect(
			problemsOf( {
				roles: {
					transcription: 'gpt-6-luna',
					speech: 'gpt-live-transcribe',
					audioChat: 'gpt-realtime-2.1',
					realtime: 'gpt-live-1',
				},
			} )
		).toEqual( [
			'roles.transcription names gpt-6-luna, whose modalities lack the audio that is needed there',
			'roles.speech names gpt-live-transcribe, whose modalities lack the audio that is needed there',
			'roles.audioChat names gpt-realtime-2.1, which is called by "realtime" and cannot serve there',
			'roles.realtime names gpt-live-1, which is called by "live" and cannot serve there',
		] );
	} );

	it( 'names successors and fallbacks that do not exist', () => {
		expect(
			problemsOf( {
				models: {
					house: chatModel( {
						successor: 'nobody',
						fallback: [ 'nothing' ],
					} ),
				},
			} )
		).toEqual( [
			'models.house.successor names nobody, which has no entry under "models"',
			'models.house.fallback names nothing, which has no entry under "models"',
		] );
	} );

	it( 'names every circle of successors once', () => {
		expect(
			problemsOf( {
				models: {
					c: chatModel( { successor: 'a' } ),
					a: chatModel( { successor: 'b' } ),
					b: chatModel( { successor: 'c' } ),
					self: chatModel( { successor: 'self' } ),
					outside: chatModel( { successor: 'a' } ),
				},
			} )
		).toEqual( [
			'models.a.successor leads back to itself (a → b → c → a)',
			'models.self.successor leads back to itself (self → self)',
		] );
	} );

	it( 'names every circle of fallbacks, and lets two ways to one model be', () => {
		expect(
			problemsOf( {
				models: {
					a: chatModel( { fallback: [ 'b', 'c' ] } ),
					b: chatModel( { fallback: [ 'd' ] } ),
					c: chatModel( { fallback: [ 'd' ] } ),
					d: chatModel(),
				},
			} )
		).toEqual( [] );
		expect(
			problemsOf( {
				models: {
					a: chatModel( { fallback: [ 'b' ] } ),
					b: chatModel( { fallback: [ 'd', 'a' ] } ),
					d: chatModel(),
				},
			} )
		).toEqual( [ 'models.a.fallback leads back to itself (a → b → a)' ] );
	} );

	it( 'names a model that a tier has twice', () => {
		expect(
			problemsOf( { tiers: { economy: [ 'gpt-6-luna', 'gpt-6-luna' ] } } )
		).toEqual( [ 'tier economy names gpt-6-luna twice' ] );
	} );

	it( 'names a provider that is not configured, and lets shipped models of it be', () => {
		const providers = [ { name: 'groq', baseUrl: 'https://groq.example' } ];
		expect( problemsOf( {}, { providers } ) ).toEqual( [] );
		expect(
			problemsOf(
				{
					models: { house: chatModel( { provider: 'cellar' } ) },
					tiers: {
						economy: [
							'groq/openai/gpt-oss-20b',
							'deepseek/deepseek-flash',
						],
					},
				},
				{ providers }
			)
		).toEqual( [
			'models.house.provider names cellar, which is not configured (known: openai, groq)',
			'models.deepseek/deepseek-flash.provider names deepseek, which is not configured (known: openai, groq)',
		] );
	} );

	it( 'names an effort that the model does not take', () => {
		expect(
			problemsOf( {
				models: { 'gpt-6.1-sol': { reasoningEffort: 'none' } },
			} )[ 0 ]
		).toMatch( /models\.gpt-6\.1-sol\.reasoningEffort is "none"/ );
	} );
} );

describe( 'a price that is missing', () => {
	it( 'is named, whatever the kind of model', () => {
		const model = ( over: object ) => ( {
			...chatModel(),
			usdPerMillion: undefined,
			...over,
		} );
		expect(
			problemsOf( {
				models: {
					free: model( {} ),
					half: model( { usdPerMillion: { textIn: 1 } } ),
					speaking: model( {
						modalities: {
							in: [ 'text', 'audio' ],
							out: [ 'text', 'audio' ],
						},
						usdPerMillion: { textIn: 1, textOut: 2 },
					} ),
					hearing: model( { api: 'transcriptions' } ),
					talking: model( { api: 'speech' } ),
					live: model( { api: 'live' } ),
					vectors: model( { api: 'embeddings' } ),
				},
			} ).map( ( line ) => line.split( ' ' )[ 0 ] )
		).toEqual( [
			'models.free.usdPerMillion.textIn',
			'models.free.usdPerMillion.textOut',
			'models.half.usdPerMillion.textOut',
			'models.speaking.usdPerMillion.audioIn',
			'models.speaking.usdPerMillion.audioOut',
			'models.hearing.usdPerMillion.audioIn',
			'models.hearing.usdPerMillion.textOut',
			'models.talking.usdPerMillion.textIn',
			'models.talking.usdPerMillion.audioOut',
			'models.live.usdPerMinute',
			'models.vectors.usdPerMillion.textIn',
		] );
	} );

	it( 'is named in a later price as well', () => {
		expect(
			problemsOf( {
				models: {
					house: chatModel( {
						priceChanges: [
							{
								effectiveAt: '2027-01-01',
								usdPerMillion: { textIn: 1 },
							},
						],
					} ),
				},
			} )[ 0 ]
		).toMatch( /models\.house\.priceChanges\[0\]\.usdPerMillion\.textOut/ );
	} );
} );

describe( 'T28: a price that cannot be meant', () => {
	it( 'of 1,000 times the shipped one is refused by name, and taken when the owner confirms it', () => {
		const luna = { usdPerMillion: { textIn: 100, textOut: 0.5 } };
		expect( problemsOf( { models: { 'gpt-6-luna': luna } } ) ).toEqual( [
			'models.gpt-6-luna.usdPerMillion.textIn is 100 dollars, the usual price is 0.1; correct it, or set "confirmUnusualPrice": true in this entry',
		] );
		const confirmed = loadCatalog(
			catalogFile( {
				models: {
					'gpt-6-luna': { ...luna, confirmUnusualPrice: true },
				},
			} )
		);
		expect( confirmed.model( 'gpt-6-luna' )?.usdPerMillion.textIn ).toBe(
			100
		);
	} );

	it( 'of a thousandth is refused too, and so is nothing at all', () => {
		expect(
			problemsOf( {
				models: {
					'gpt-6-luna': {
						usdPerMillion: { textIn: 0.000_1, textOut: 0 },
					},
				},
			} )
		).toHaveLength( 2 );
	} );

	it( 'is compared with the price of today where prices have changed', () => {
		expect(
			problemsOf( {
				models: {
					'gpt-5.6-luna': {
						usdPerMillion: { textIn: 19, textOut: 1.2 },
					},
				},
			} )
		).toEqual( [] );
		expect(
			problemsOf( {
				models: {
					'gpt-5.6-luna': {
						usdPerMillion: { textIn: 21, textOut: 1.2 },
					},
				},
			} )
		).toHaveLength( 1 );
	} );

	it( 'of a model of one’s own is compared with everything that is known', () => {
		const own = ( usdPerMillion: object ) =>
			problemsOf( { models: { house: chatModel( { usdPerMillion } ) } } );
		// Per token for per million tokens.
		expect( own( { textIn: 0.000_000_5, textOut: 1 } ) ).toHaveLength( 1 );
		expect( own( { textIn: 500_000, textOut: 1 } )[ 0 ] ).toMatch(
			/models\.house\.usdPerMillion\.textIn is 500000 dollars, which no known model costs/
		);
		// One's own machine is free.
		expect( own( { textIn: 0, textOut: 0 } ) ).toEqual( [] );
		expect(
			problemsOf( {
				models: {
					'gpt-transcribe': { usdPerMinute: 4.5 },
					'tts-1': { usdPerMillionCharacters: 0.015 },
				},
			} ).map( ( line ) => line.split( ' ' )[ 0 ] )
		).toEqual( [
			'models.gpt-transcribe.usdPerMinute',
			'models.tts-1.usdPerMillionCharacters',
		] );
	} );
} );

describe( 'a file of the wrong shape', () => {
	it.each( [
		[ 'no JSON', '{ "models": ', /JSON/ ],
		[ 'a list', [], /expected object/i ],
		[
			'a model that is a number',
			{ models: { house: 5 } },
			/models\.house/,
		],
		[
			'a negative price',
			{
				models: {
					house: chatModel( {
						usdPerMillion: { textIn: -1, textOut: 1 },
					} ),
				},
			},
			/models\.house\.usdPerMillion\.textIn/,
		],
		[
			'a price in words',
			{
				models: {
					house: chatModel( {
						usdPerMillion: { textIn: '1', textOut: 1 },
					} ),
				},
			},
			/models\.house\.usdPerMillion\.textIn/,
		],
		[
			'a kind of price that does not exist',
			{
				models: {
					house: chatModel( {
						usdPerMillion: { textIn: 1, textOut: 1, textOutt: 1 },
					} ),
				},
			},
			/models\.house\.usdPerMillion.*textOutt/,
		],
		[
			'a price beyond measure',
			{
				models: {
					house: chatModel( {
						usdPerMillion: { textIn: 1e18, textOut: 1 },
					} ),
				},
			},
			/models\.house\.usdPerMillion\.textIn/,
		],
		[
			'a day that does not exist',
			{ models: { house: chatModel( { shutdownDate: '2027-02-30' } ) } },
			/models\.house\.shutdownDate/,
		],
		[
			'a rule for pictures that does not exist',
			{ models: { house: chatModel( { imageTokens: 'gpt-3' } ) } },
			/models\.house\.imageTokens/,
		],
	] )(
		'with %s is refused with the name of the entry',
		( _, content, expected ) => {
			expect( problemsOf( content ).join( '\n' ) ).toMatch( expected );
		}
	);

	it( 'that cannot be read says so', () => {
		expect( () => loadCatalog( '/nowhere/models.json' ) ).toThrow(
			/DOCENT_MODELS_FILE: .*nowhere/
		);
	} );

	it( 'says everything at once', () => {
		expect(
			problemsOf( {
				models: {
					one: chatModel( { contextTokens: 0 } ),
					two: chatModel( { maxOutputTokens: -1 } ),
				},
			} )
		).toHaveLength( 2 );
	} );

	it( 'whatever it holds, loads or says what is wrong', () => {
		const word = fc.constantFrom(
			...[ 'a', 'b', 'gpt-6-luna', 'economy', 'speech', '__proto__' ]
		);
		const field = fc.constantFrom(
			...[ 'provider', 'usdPerMillion', 'successor', 'fallback', 'api' ],
			...[ 'modalities', 'priceChanges', 'shutdownDate', 'longContext' ]
		);
		const value = fc.oneof( word, fc.jsonValue(), fc.array( word ) );
		const file = fc.record(
			{
				models: fc.dictionary(
					word,
					fc
						.dictionary( field, value )
						.map( ( over ) => chatModel( over ) )
				),
				tiers: fc.dictionary( word, fc.array( word ) ),
				roles: fc.dictionary( word, word ),
			},
			{ requiredKeys: [] }
		);
		fc.assert(
			fc.property( fc.oneof( file, fc.jsonValue() ), ( content ) => {
				// Anything but a list of problems would be thrown on.
				expect( Array.isArray( problemsOf( content ) ) ).toBe( true );
			} ),
			{ numRuns: 150 }
		);
	} );

	it( 'does not reach into the objects of the language', () => {
		const content =
			'{ "models": { "__proto__": { "contextTokens": 1 }, "constructor": 5 } }';
		expect( problemsOf( content ) ).not.toHaveLength( 0 );
		expect( ( {} as { contextTokens?: number } ).contextTokens ).toBe(
			undefined
		);
	} );
} );
