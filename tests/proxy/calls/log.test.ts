import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../proxy/src/stores/sqlite/database.ts';
import {
	mintToken,
	newVisitorId,
	SITE_ORIGIN,
	SITE_SECRET,
} from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { allEvents } from '../../support/proxy/sse.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { runProxy, type RunningProxy } from '../money/proxies.ts';

interface Line {
	level: number;
	msg: string;
	requestId?: string;
	turnId?: string;
	[ field: string ]: unknown;
}

let dataDir: string;
let provider: SimulatedProvider;
let proxy: RunningProxy;
let output: string;
beforeEach( async () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-log-' ) );
	provider = await startSimulatedProvider();
	output = '';
} );
afterEach( async () => {
	await proxy.end( 'SIGKILL' );
	await provider.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

async function run( env: Record< string, string > = {} ): Promise< void > {
	proxy = await runProxy( {
		dataDir,
		providerUrl: provider.baseUrl,
		env: { DOCENT_OPERATOR_TOKEN: 'operator-token-of-the-tests', ...env },
	} );
	proxy.child.stdout?.on( 'data', ( data ) => ( output += data ) );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
}

/** Ends the proxy and reads all that it has logged. */
async function lines(): Promise< Line[] > {
	const closed = once( proxy.child, 'close' );
	await proxy.end();
	await closed;
	return output
		.split( '\n' )
		.filter( ( line ) => line !== '' )
		.map( ( line ) => JSON.parse( line ) as Line );
}

const visitorId = newVisitorId();
const token = mintToken( { sub: visitorId } );
const ask = ( question: string, headers: Record< string, string > = {} ) =>
	fetch( `${ proxy.url }/v1/ask`, {
		method: 'POST',
		headers: {
			'Content-Type': 'application/json',
			Authorization: `Bearer ${ token }`,
			Origin: SITE_ORIGIN,
			...headers,
		},
		body: JSON.stringify( { question } ),
	} );

const FAILURE = {
	kind: 'refusal',
	status: 500,
	error: { message: 'no', type: 'server_error', code: null },
} as const;

describe( 'the log of a run', () => {
	it( 'has one line for each finished question, one for each failed call, and nobody’s words, keys or names in it', async () => {
		await run( { LOG_LEVEL: 'trace' } );
		const answers: string[] = [];
		const askAll = async ( question: string ) => {
			const events = await allEvents( await ask( question ) );
			answers.push(
				events
					.filter( ( { event } ) => event === 'text' )
					.map( ( { data } ) => data.delta )
					.join( '' )
			);
		};
		await askAll( 'How much is shipping?' );
		await askAll( 'How much is shipping?' );
		await askAll( 'Do you sell submarines to pirates?' );
		provider.setDefault( FAILURE );
		await askAll( 'How long can I return unused gear?' );
		await proxy.site( 'GET', '/v1/site/calls' );
		await fetch( `${ proxy.url }/metrics`, {
			headers: { Authorization: 'Bearer operator-token-of-the-tests' },
		} );
		const failures = (
			( await (
				await proxy.site( 'GET', '/v1/site/calls?outcome=failed' )
			).json() ) as { calls: unknown[] }
		 ).calls.length;
		const log = await lines();

		expect( failures ).toBeGreaterThan( 0 );
		expect( log.filter( ( { msg } ) => msg === 'answered' ) ).toHaveLength(
			4
		);
		const failed = log.filter( ( { msg } ) => msg === 'call failed' );
		expect( failed ).toHaveLength( failures );
		for ( const line of failed ) {
			expect( line ).toMatchObject( {
				level: 40,
				requestId: expect.any( String ),
				turnId: expect.any( String ),
				errorKind: 'provider_unavailable',
				provider: 'openai',
			} );
		}

		const words = answers
			.join( ' ' )
			.split( /[.!?:]\s+/ )
			.filter( ( sentence ) => sentence.length > 12 );
		expect( words.length ).toBeGreaterThan( 2 );
		for ( const secret of [
			...words,
			'much is shipping',
			'submarines',
			'unused gear',
			'4.90 euros',
			token,
			'Bearer',
			'test-key',
			'operator-token',
			SITE_SECRET,
			visitorId,
		] ) {
			expect( output ).not.toContain( secret );
		}
	} );

	it( 'has no more than that at its usual level', async () => {
		await run();
		await allEvents( await ask( 'How much is shipping?' ) );
		const log = await lines();
		expect( log.map( ( { msg } ) => msg ) ).toEqual( [
			'answered',
			'the proxy is stopping',
		] );
	} );

	it( 'has a line for every HTTP request when it is debugged, without path, query or headers', async () => {
		await run( { LOG_LEVEL: 'debug' } );
		await proxy.site( 'GET', '/v1/site/people/pseudonym-of-ana' );
		await fetch( `${ proxy.url }/v1/turns/ana-was-here` );
		await proxy.site(
			'GET',
			'/v1/site/usage?from=2026-11-01&to=2026-11-02'
		);
		const requests = ( await lines() ).filter(
			( { msg } ) => msg === 'request'
		);
		expect( requests.at( -1 ) ).toMatchObject( {
			level: 20,
			method: 'GET',
			route: '/v1/site/usage',
			status: 200,
			requestId: expect.any( String ),
			durationMs: expect.any( Number ),
		} );
		for ( const word of [
			'2026-11-01',
			'pseudonym-of-ana',
			'ana-was-here',
		] ) {
			expect( output ).not.toContain( word );
		}
	} );
} );

describe( 'the id of a request', () => {
	const ID = 'edge-7f3a9c.0001';

	it( 'is kept when it is well formed, and leads through the response, the provider, the log and the call log', async () => {
		await run();
		const response = await ask( 'How much is shipping?', {
			'X-Request-Id': ID,
		} );
		await allEvents( response );
		expect( response.headers.get( 'x-request-id' ) ).toBe( ID );
		const call = provider.journal.entries.find( ( { path } ) =>
			path.endsWith( '/chat/completions' )
		);
		expect( call?.headers[ 'x-client-request-id' ] ).toBe( ID );
		const { calls } = ( await (
			await proxy.site( 'GET', '/v1/site/calls' )
		).json() ) as { calls: Array< { requestId: string } > };
		expect( calls.map( ( { requestId } ) => requestId ) ).toEqual( [ ID ] );
		expect(
			( await lines() ).find( ( { msg } ) => msg === 'answered' )
				?.requestId
		).toBe( ID );
	} );

	it( 'is in the body of an error', async () => {
		await run();
		const response = await fetch( `${ proxy.url }/v1/ask`, {
			method: 'POST',
			headers: { 'X-Request-Id': ID },
		} );
		expect( await response.json() ).toMatchObject( {
			error: { requestId: ID },
		} );
	} );

	it( 'is made anew when what came does not look like one', async () => {
		await run();
		for ( const given of [
			'a1',
			'a'.repeat( 65 ),
			'How much is shipping',
			'abcdefgh%0aijkl',
			'<script>alert(1)</script>',
			'..-..-..-..',
		] ) {
			const response = await fetch( `${ proxy.url }/health/live`, {
				headers: { 'X-Request-Id': given },
			} );
			expect( response.headers.get( 'x-request-id' ) ).toMatch(
				/^[0-9a-f]{10}-[0-9a-z]+$/
			);
		}
	} );
} );

describe( 'a proxy that is killed right after an answer', () => {
	it( 'has the call in its log at the next start, and the cost in the sums', async () => {
		await run();
		const events = await allEvents( await ask( 'How much is shipping?' ) );
		await proxy.end( 'SIGKILL' );
		expect( events.at( -1 )?.event ).toBe( 'done' );
		const database = openDatabase( dataDir );
		const row = ( sql: string ) => database.prepare( sql ).get();
		expect( row( 'SELECT count(*) AS n FROM calls' ) ).toEqual( { n: 1 } );
		expect(
			row( 'SELECT sum(cost_nano_usd) AS cost FROM call_rollups' )
		).toEqual( { cost: provider.bill.totalNanoUsd } );
		database.close();
	} );
} );
