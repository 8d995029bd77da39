import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../proxy/src/config.ts';
import { ConfigError } from '../../proxy/src/errors.ts';
import { loadCatalog } from '../../proxy/src/models/catalog.ts';

const SITE = {
	DOCENT_SITE_ID: 'shop',
	DOCENT_SITE_SECRET: 'a'.repeat( 40 ),
	DOCENT_SITE_ORIGINS: 'https://shop.example, https://www.shop.example/',
};

function problemsOf( env: Record< string, string > ): string[] {
	try {
		readConfig( env );
	} catch ( error ) {
		if ( error instanceof ConfigError ) {
			return error.problems;
		}
		throw error;
	}
	return [];
}

function file( content: unknown ): string {
	const path = join(
		mkdtempSync( join( tmpdir(), 'docent-' ) ),
		'file.json'
	);
	writeFileSync( path, JSON.stringify( content ) );
	return path;
}

describe( 'the environment of the proxy', () => {
	it( 'makes one site of three variables, with defaults for the rest', () => {
		const config = readConfig( { ...SITE, OPENAI_API_KEY: '' } );
		expect( config ).toMatchObject( {
			host: '127.0.0.1',
			port: 8787,
			providers: [],
			sites: [
				{
					id: 'shop',
					origins: [
						'https://shop.example',
						'https://www.shop.example',
					],
				},
			],
		} );
	} );

	it( 'has no operator’s port and token unless told, and refuses a token that could be guessed', () => {
		expect( readConfig( SITE ) ).toMatchObject( {
			operatorPort: undefined,
			operatorToken: undefined,
		} );
		expect(
			readConfig( {
				...SITE,
				DOCENT_OPERATOR_PORT: '9464',
				DOCENT_OPERATOR_TOKEN: 'sixteen-or-longer',
			} )
		).toMatchObject( {
			operatorPort: 9464,
			operatorToken: 'sixteen-or-longer',
		} );
		const problems = problemsOf( {
			...SITE,
			DOCENT_OPERATOR_PORT: '70000',
			DOCENT_OPERATOR_TOKEN: 'hidden-word',
		} );
		expect( problems ).toHaveLength( 2 );
		expect( problems.join() ).toContain( 'DOCENT_OPERATOR_PORT' );
		expect(
			problemsOf( {
				...SITE,
				PORT: '9464',
				DOCENT_OPERATOR_PORT: '9464',
			} )
		).toHaveLength( 1 );
		expect( problems.join() ).toContain( 'DOCENT_OPERATOR_TOKEN' );
		expect( problems.join() ).not.toContain( 'hidden-word' );
	} );

	it( 'names every problem at once and never shows the secret', () => {
		const problems = problemsOf( {
			DOCENT_SITE_ID: 'A',
			DOCENT_SITE_SECRET: 'too-short-secret',
			DOCENT_SITE_ORIGINS: 'shop.example/path',
			REDIS_URL: 'http://:hidden-word@localhost',
		} );
		expect( problems ).toHaveLength( 4 );
		for ( const name of [
			'REDIS_URL',
			'SITE_ID',
			'SITE_SECRET',
			'SITE_ORIGINS',
		] ) {
			expect( problems.join( '\n' ) ).toContain( name );
		}
		expect( problems.join( '\n' ) ).not.toContain( 'too-short-secret' );
		expect( problems.join( '\n' ) ).not.toContain( 'hidden-word' );
	} );

	it.each( [
		[ 'redis://localhost', true ],
		[ 'rediss://user:pass%20word@redis.example:6380/2', true ],
		[ 'redis://[::1]:6379', true ],
		[ 'redis://', false ],
		[ 'redis://localhost/shop', false ],
		[ 'localhost:6379', false ],
	] )( 'takes %s as an address of Redis: %s', ( url, isTaken ) => {
		const env = { ...SITE, REDIS_URL: url };
		if ( isTaken ) {
			expect( readConfig( env ).redisUrl ).toBe( url );
		} else {
			expect( problemsOf( env )[ 0 ] ).toContain( 'REDIS_URL' );
		}
	} );

	it( 'refuses to run without a site, with two sites of one id, and with a bad port', () => {
		expect( problemsOf( {} )[ 0 ] ).toContain( 'no site is configured' );
		expect( problemsOf( { ...SITE, PORT: '99999' } )[ 0 ] ).toContain(
			'PORT'
		);
		const sites = file( {
			sites: [
				{
					id: 'shop',
					secret: 'b'.repeat( 40 ),
					origins: [ 'https://other.example' ],
				},
			],
		} );
		expect(
			problemsOf( { ...SITE, DOCENT_SITES_FILE: sites } )[ 0 ]
		).toContain( 'more than once' );
	} );
} );

describe( 'the catalog of models', () => {
	it( 'lays the file of the owner over the shipped models', () => {
		const catalog = loadCatalog(
			file( {
				models: {
					'house-model': {
						modalities: { in: [ 'text' ], out: [ 'text' ] },
						contextTokens: 1_000,
						maxOutputTokens: 100,
						usdPerMillion: { textIn: 1, textOut: 2 },
					},
				},
				tiers: { economy: [ 'house-model' ] },
			} )
		);
		expect( catalog.targets( 'economy' ).map( ( { id } ) => id ) ).toEqual(
			[ 'house-model' ]
		);
		expect( catalog.targets( 'premium' ) ).not.toHaveLength( 0 );
	} );

	it( 'refuses a model without a price and a tier that names an unknown model', () => {
		expect( () =>
			loadCatalog( file( { tiers: { economy: [ 'nobody' ] } } ) )
		).toThrow( /economy names nobody/ );
		expect( () =>
			loadCatalog(
				file( {
					models: {
						free: {
							modalities: { in: [ 'text' ], out: [ 'text' ] },
							contextTokens: 1,
							maxOutputTokens: 1,
							usdPerMillion: { textIn: 1 },
						},
					},
				} )
			)
		).toThrow( /models\.free\.usdPerMillion\.textOut/ );
	} );
} );
