/**
 * The connectivity test, over a real proxy with several providers of different kinds.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
	diagnose,
	FAILURE_CODES,
} from '../../../proxy/src/upstream/diagnosis.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	faults,
	startSimulatedProvider,
	type SimulatedProviderOptions,
} from '../../support/simulated-provider/index.ts';

const KEY = 'sk-live-0123456789abcdef';

interface Check {
	id: string;
	status: string;
	message: string;
	remedy?: string;
	code?: string;
	latencyMs?: number;
	missing?: string[];
	count?: number;
}

const ends: Array< () => unknown > = [];

afterEach( async () => {
	for ( const end of ends.splice( 0 ).reverse() ) {
		await end();
	}
} );

async function provider( options: SimulatedProviderOptions = {} ) {
	const started = await startSimulatedProvider( { apiKey: KEY, ...options } );
	ends.push( () => started.close() );
	return started;
}

/** Starts a proxy with a providers file and a models file. */
async function proxyWith(
	providers: Record< string, object >,
	models: object = {},
	env: Record< string, string > = {}
): Promise< TestProxy > {
	const folder = mkdtempSync( join( tmpdir(), 'docent-health-' ) );
	ends.push( () => rmSync( folder, { recursive: true } ) );
	const write = ( name: string, content: object ) => {
		writeFileSync( join( folder, name ), JSON.stringify( content ) );
		return join( folder, name );
	};
	const proxy = await startProxy( {
		env: {
			TEST_KEY: KEY,
			DOCENT_PROVIDERS_FILE: write( 'providers.json', { providers } ),
			DOCENT_MODELS_FILE: write( 'models.json', models ),
			...env,
		},
	} );
	ends.push( () => proxy.close() );
	return proxy;
}

async function healthOf( proxy: TestProxy ) {
	const reply = await ( await proxy.site( 'GET', '/v1/site/health' ) ).json();
	const checks = reply.checks as Check[];
	return {
		reply,
		checks,
		find: ( id: string ) => checks.find( ( check ) => check.id === id ),
	};
}

function house( id: string, provider_: string ) {
	return {
		[ id ]: {
			provider: provider_,
			modalities: { in: [ 'text' ], out: [ 'text' ] },
			contextTokens: 100_000,
			maxOutputTokens: 4_000,
			usdPerMillion: { textIn: 0.1, textOut: 0.5 },
		},
	};
}

describe( 'the connectivity test', () => {
	it( 'tests each endpoint: what answers, how fast, and which models are missing', async () => {
		const groq = await provider( { dialect: 'groq' } );
		const ollama = await startSimulatedProvider( { dialect: 'ollama' } );
		ends.push( () => ollama.close() );
		const proxy = await proxyWith(
			{
				groq: {
					kind: 'groq',
					baseUrl: groq.baseUrl,
					keyVariable: 'TEST_KEY',
				},
				local: { kind: 'ollama', baseUrl: ollama.baseUrl },
			},
			{
				models: {
					...house( 'openai/gpt-oss-20b', 'groq' ),
					...house( 'llama-3.3-70b-versatile', 'groq' ),
					...house( 'llama3.2', 'local' ),
				},
				tiers: {
					economy: [
						'openai/gpt-oss-20b',
						'llama-3.3-70b-versatile',
					],
					standard: [ 'llama3.2' ],
					premium: [ 'llama3.2' ],
				},
			}
		);
		const { reply, find } = await healthOf( proxy );
		expect( Object.keys( reply ).sort() ).toEqual( [
			'checks',
			'documents',
			'version',
		] );
		expect( find( 'provider' )?.status ).toBe( 'ok' );
		expect( find( 'provider:groq' ) ).toMatchObject( {
			status: 'warning',
			code: 'provider_model_gone',
			missing: [ 'llama-3.3-70b-versatile' ],
		} );
		expect( find( 'provider:local' ) ).toMatchObject( { status: 'ok' } );
		for ( const id of [ 'provider:groq', 'provider:local' ] ) {
			expect( find( id )?.latencyMs ).toBeGreaterThanOrEqual( 0 );
			// The owner reads the sentence, not the field.
			expect( find( id )?.message ).toContain(
				`within ${ find( id )?.latencyMs } ms (the middle of 3)`
			);
		}
		expect( groq.journal.entries.map( ( { path } ) => path ) ).toEqual(
			Array( 3 ).fill( '/openai/v1/models' )
		);
		expect( groq.bill.totalNanoUsd ).toBe( 0 );
	} );

	it( 'says that a tier has no model left', async () => {
		const groq = await provider( { dialect: 'groq' } );
		const proxy = await proxyWith(
			{
				groq: {
					kind: 'groq',
					baseUrl: groq.baseUrl,
					keyVariable: 'TEST_KEY',
				},
			},
			{
				models: house( 'llama-3.3-70b-versatile', 'groq' ),
				tiers: { economy: [ 'llama-3.3-70b-versatile' ] },
			}
		);
		expect(
			( await healthOf( proxy ) ).find( 'provider:groq' )?.status
		).toBe( 'error' );
	} );

	it( 'names the variable whose key is wrong, and never the key; the other provider goes on', async () => {
		const good = await provider();
		const bad = await provider( {
			apiKey: 'another',
			dialect: 'openrouter',
		} );
		const proxy = await proxyWith( {
			good: {
				kind: 'openai',
				baseUrl: good.baseUrl,
				keyVariable: 'TEST_KEY',
			},
			bad: {
				kind: 'openrouter',
				baseUrl: bad.baseUrl,
				keyVariable: 'TEST_KEY',
			},
		} );
		const { reply, find } = await healthOf( proxy );
		expect( find( 'provider:bad' ) ).toMatchObject( {
			status: 'error',
			code: 'provider_auth',
		} );
		expect( find( 'provider:bad' )?.remedy ).toContain( 'TEST_KEY' );
		expect( find( 'provider' ) ).toMatchObject( {
			status: 'warning',
			code: 'provider_auth',
		} );
		expect( find( 'provider' )?.message ).toContain( 'bad' );
		expect( JSON.stringify( reply ) ).not.toContain( KEY );
	} );

	it( 'is over in time when a provider is silent, and tells it from one that is not there', async () => {
		const silent = createServer( () => undefined ).listen( 0, '127.0.0.1' );
		const gone = createServer().listen( 0, '127.0.0.1' );
		await Promise.all( [
			once( silent, 'listening' ),
			once( gone, 'listening' ),
		] );
		const [ silentPort, gonePort ] = [ silent, gone ].map(
			( server ) => ( server.address() as AddressInfo ).port
		);
		gone.close();
		ends.push( () => {
			silent.close();
			silent.closeAllConnections();
		} );
		const proxy = await proxyWith( {
			silent: {
				kind: 'compatible',
				baseUrl: `http://127.0.0.1:${ silentPort }/v1`,
				keyVariable: 'TEST_KEY',
			},
			gone: {
				kind: 'compatible',
				baseUrl: `http://127.0.0.1:${ gonePort }/v1`,
				keyVariable: 'TEST_KEY',
			},
		} );
		const from = performance.now();
		const [ { find }, again ] = await Promise.all( [
			healthOf( proxy ),
			healthOf( proxy ),
		] );
		expect( performance.now() - from ).toBeLessThan( 12_000 );
		expect( find( 'provider:silent' ) ).toMatchObject( {
			status: 'error',
			code: 'network_timeout',
		} );
		expect( find( 'provider:gone' ) ).toMatchObject( {
			status: 'error',
			code: 'network_refused',
		} );
		expect( find( 'provider' )?.status ).toBe( 'error' );
		expect( again.find( 'provider:silent' )?.code ).toBe(
			'network_timeout'
		);
	} );

	it( 'says that tiers are left without a model when only their provider has no key', async () => {
		const groq = await provider( { dialect: 'groq' } );
		const proxy = await proxyWith(
			{
				groq: {
					kind: 'groq',
					baseUrl: groq.baseUrl,
					keyVariable: 'TEST_KEY',
				},
			},
			{ tiers: { economy: [ 'groq/openai/gpt-oss-20b' ] } }
		);
		expect( ( await healthOf( proxy ) ).find( 'tiers' ) ).toMatchObject( {
			status: 'warning',
			message:
				'No configured provider has a model for the tiers standard, premium.',
		} );
	} );

	it( 'says that the address is wrong when a web page answers', async () => {
		const page = createServer( ( _, response ) => {
			response.writeHead( 200, { 'content-type': 'text/html' } );
			response.end( '<!doctype html><title>Welcome</title>' );
		} ).listen( 0, '127.0.0.1' );
		await once( page, 'listening' );
		ends.push( () => page.close() );
		const proxy = await proxyWith( {
			page: {
				kind: 'compatible',
				baseUrl: `http://127.0.0.1:${ ( page.address() as AddressInfo ).port }`,
				keyVariable: 'TEST_KEY',
			},
		} );
		expect(
			( await healthOf( proxy ) ).find( 'provider:page' )
		).toMatchObject( { status: 'error', code: 'provider_address' } );
	} );

	it( 'without any provider says that answers are quoted', async () => {
		const proxy = await startProxy();
		ends.push( () => proxy.close() );
		const { checks, find } = await healthOf( proxy );
		expect( find( 'provider' )?.status ).toBe( 'warning' );
		expect( checks.map( ( { id } ) => id ) ).toEqual( [
			'reachable',
			'signed',
			'clock',
			'provider',
			'storage',
		] );
	} );

	it( 'shows what failed in real traffic, how often, until it works again', async () => {
		const openai = await provider();
		const proxy = await startProxy( {
			env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: openai.baseUrl },
		} );
		ends.push( () => proxy.close() );
		await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
		const isFirst = ( { model }: { model: string } ) =>
			model === 'gpt-6-luna';
		openai.script( { ...faults.modelNotFound(), when: isFirst } );
		await proxy.events( 'How much is shipping?' );
		const failed = ( await healthOf( proxy ) ).find(
			'traffic:openai:gpt-6-luna:provider_model_gone'
		);
		expect( failed ).toMatchObject( {
			status: 'warning',
			count: 1,
			code: 'provider_model_gone',
			remedy: diagnose( 'provider_model_gone' ).remedy,
		} );
		expect( failed?.message ).toContain( 'once' );
	} );
} );

describe( 'the table of diagnoses', () => {
	it.each( FAILURE_CODES )(
		'says of %s in plain words what happened and what to do',
		( code ) => {
			const {
				cause,
				remedy,
				repair = 'None.',
				...rest
			} = diagnose( code );
			expect( rest ).toEqual( { code } );
			for ( const sentence of [ cause, remedy, repair ] ) {
				expect( sentence ).toMatch( /^[A-Z].*\.$/ );
				expect( sentence ).not.toMatch(
					/\b(ECONN|ENOTFOUND|HTTP|4\d\d|5\d\d|undefined|null)\b/
				);
			}
		}
	);

	it( 'knows each kind of failure, and has nothing to say about a call that was stopped on purpose', () => {
		expect( diagnose( 'aborted' ) ).toBeUndefined();
		expect( diagnose( 'busy' ).code ).toBe( 'provider_busy' );
		expect( diagnose( 'refused' ).code ).toBe( 'provider_rejected' );
	} );
} );
