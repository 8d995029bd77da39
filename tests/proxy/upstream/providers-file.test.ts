import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../proxy/src/config.ts';
import { ConfigError } from '../../../proxy/src/errors.ts';
import { PRESETS } from '../../../proxy/src/upstream/quirks.ts';
import { configure, KEY, SITE_ENV } from './configured-providers.ts';

let folder: string;

beforeAll( () => {
	folder = mkdtempSync( join( tmpdir(), 'docent-providers-' ) );
} );
afterAll( () => rmSync( folder, { recursive: true } ) );

function problemsOf(
	content: unknown,
	env: Record< string, string > = {}
): string[] {
	const path = join( folder, 'providers.json' );
	writeFileSync(
		path,
		typeof content === 'string' ? content : JSON.stringify( content )
	);
	try {
		readConfig( { ...SITE_ENV, DOCENT_PROVIDERS_FILE: path, ...env } );
	} catch ( error ) {
		if ( error instanceof ConfigError ) {
			return error.problems;
		}
		throw error;
	}
	return [];
}

const HTTPS = 'https://api.example/v1';

describe( 'the providers file', () => {
	it( 'names providers; the one of OPENAI_API_KEY comes first; keys come from the environment', () => {
		const providers = configure(
			{
				groq: {
					kind: 'groq',
					baseUrl: 'https://api.groq.com/openai/v1/',
					keyVariable: 'GROQ_API_KEY',
					concurrency: 8,
					requestsPerMinute: 30,
					tokensPerMinute: 6_000,
					headers: { 'X-Title': 'Shop' },
				},
				local: {
					kind: 'ollama',
					baseUrl: 'http://localhost:11434/v1',
					keyVariable: undefined,
				},
			},
			{ GROQ_API_KEY: KEY, OPENAI_API_KEY: 'sk-other' }
		);
		expect( providers.map( ( { name } ) => name ) ).toEqual( [
			'openai',
			'groq',
			'local',
		] );
		expect( providers[ 1 ] ).toMatchObject( {
			kind: 'groq',
			baseUrl: 'https://api.groq.com/openai/v1',
			apiKey: KEY,
			keyVariable: 'GROQ_API_KEY',
			concurrency: 8,
			requestsPerMinute: 30,
			tokensPerMinute: 6_000,
			headers: { 'X-Title': 'Shop' },
			quirks: PRESETS.groq,
		} );
		expect( providers[ 2 ] ).toMatchObject( {
			apiKey: '',
			concurrency: 4,
			quirks: { isKeyless: true },
		} );
	} );

	it( 'lets an entry change single quirks of its kind', () => {
		const [ provider ] = configure( {
			mine: {
				kind: 'compatible',
				baseUrl: HTTPS,
				quirks: {
					outputCap: 'max_completion_tokens',
					streamOptions: false,
				},
			},
		} );
		expect( provider?.quirks ).toEqual( {
			...PRESETS.compatible,
			outputCap: 'max_completion_tokens',
			streamOptions: false,
		} );
	} );

	it( 'reports everything that is wrong at once, each with the name of its entry, and never a key', () => {
		const problems = problemsOf( {
			providers: {
				'Wrong Name': {
					kind: 'groq',
					baseUrl: HTTPS,
					keyVariable: 'A',
				},
			},
		} );
		expect( problems.join( '\n' ) ).toContain( 'Wrong Name' );
		const more = problemsOf(
			{
				providers: {
					kindless: { baseUrl: HTTPS, keyVariable: 'SET' },
					unknown: {
						kind: 'skynet',
						baseUrl: HTTPS,
						keyVariable: 'SET',
					},
					plain: {
						kind: 'compatible',
						baseUrl: 'http://api.example/v1',
						keyVariable: 'SET',
					},
					relative: {
						kind: 'compatible',
						baseUrl: '/v1',
						keyVariable: 'SET',
					},
					ftp: {
						kind: 'compatible',
						baseUrl: 'ftp://api.example',
						keyVariable: 'SET',
					},
					secretive: {
						kind: 'compatible',
						baseUrl: `https://me:${ KEY }@api.example/v1`,
						keyVariable: 'SET',
					},
					query: {
						kind: 'compatible',
						baseUrl: `${ HTTPS }?key=${ KEY }`,
						keyVariable: 'SET',
					},
					keyed: {
						kind: 'compatible',
						baseUrl: HTTPS,
						keyVariable: KEY,
					},
					keyless: { kind: 'compatible', baseUrl: HTTPS },
					unset: {
						kind: 'compatible',
						baseUrl: HTTPS,
						keyVariable: 'NOT_SET',
					},
					blank: {
						kind: 'compatible',
						baseUrl: HTTPS,
						keyVariable: 'BLANK',
					},
					header: {
						kind: 'compatible',
						baseUrl: HTTPS,
						keyVariable: 'SET',
						headers: { Authorization: `Bearer ${ KEY }` },
					},
					azure: {
						kind: 'azure',
						baseUrl: HTTPS,
						keyVariable: 'SET',
						headers: { 'api-key': KEY },
					},
					split: {
						kind: 'compatible',
						baseUrl: HTTPS,
						keyVariable: 'SET',
						headers: { 'x-a': 'a\r\nx-b: b' },
					},
					greedy: {
						kind: 'compatible',
						baseUrl: HTTPS,
						keyVariable: 'SET',
						concurrency: 0,
						requestsPerMinute: -1,
						tokensPerMinute: 1.5,
					},
					quirky: {
						kind: 'compatible',
						baseUrl: HTTPS,
						keyVariable: 'SET',
						quirks: { outputcap: 'max_tokens' },
					},
					misspelt: {
						kind: 'compatible',
						baseurl: HTTPS,
						keyVariable: 'SET',
					},
					control: {
						kind: 'compatible',
						baseUrl: HTTPS,
						keyVariable: 'CONTROL',
					},
					nothing: null,
				},
			},
			{ SET: KEY, BLANK: '  ', CONTROL: 'sk-\nx' }
		);
		for ( const name of [
			'kindless',
			'unknown',
			'plain',
			'relative',
			'ftp',
			'secretive',
			'query',
			'keyed',
			'keyless',
			'unset',
			'blank',
			'header',
			'azure',
			'split',
			'greedy',
			'quirky',
			'misspelt',
			'control',
			'nothing',
		] ) {
			expect(
				more.filter( ( line ) =>
					line.includes( `providers.${ name }:` )
				),
				name
			).not.toEqual( [] );
		}
		expect(
			more.filter( ( line ) => line.includes( 'providers.greedy:' ) )
		).toHaveLength( 3 );
		expect( more.join( '\n' ) ).not.toContain( KEY );
	} );

	it( 'that is missing, no JSON or of another shape stops the start with one sentence, which quotes nothing of it', () => {
		expect( problemsOf( `{ "providers": { "x": "${ KEY }` ) ).toEqual( [
			'DOCENT_PROVIDERS_FILE: is not valid JSON',
		] );
		expect(
			problemsOf(
				{},
				{ DOCENT_PROVIDERS_FILE: join( folder, 'none.json' ) }
			)
		).toEqual( [ 'DOCENT_PROVIDERS_FILE: cannot be read (ENOENT)' ] );
		expect( problemsOf( [] ).join() ).toContain( 'DOCENT_PROVIDERS_FILE' );
		expect( problemsOf( { provider: {} } ).join() ).toContain( 'provider' );
	} );

	it( 'may not name a second provider openai beside OPENAI_API_KEY, and may name one without it', () => {
		const file = {
			providers: {
				openai: { kind: 'openai', baseUrl: HTTPS, keyVariable: 'SET' },
			},
		};
		expect(
			problemsOf( file, { SET: KEY, OPENAI_API_KEY: KEY } ).join()
		).toContain( 'same name' );
		expect( problemsOf( file, { SET: KEY } ) ).toEqual( [] );
	} );

	it( 'forgives a line break after a key, and refuses one inside', () => {
		const [ provider ] = configure( {}, { OPENAI_API_KEY: `${ KEY }\n` } );
		expect( provider?.apiKey ).toBe( KEY );
		expect(
			problemsOf( { providers: {} }, { OPENAI_API_KEY: `${ KEY }\nx` } )
		).toEqual( [ 'OPENAI_API_KEY holds characters that no key has' ] );
	} );

	it( 'takes http on this machine, whatever it is called', () => {
		for ( const host of [
			'localhost',
			'127.0.0.1',
			'127.9.9.9',
			'[::1]',
			'ollama.localhost',
		] ) {
			expect(
				configure( {
					local: {
						kind: 'ollama',
						baseUrl: `http://${ host }:11434/v1`,
					},
				} )
			).toHaveLength( 1 );
		}
		for ( const host of [
			'127.0.0.1.example',
			'10.0.0.1',
			'localhost.example',
		] ) {
			expect( () =>
				configure( {
					local: {
						kind: 'ollama',
						baseUrl: `http://${ host }:11434/v1`,
					},
				} )
			).toThrow( ConfigError );
		}
	} );
} );
