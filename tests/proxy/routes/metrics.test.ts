import parsePrometheus from 'parse-prometheus-text-format';
import { afterEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../support/proxy/shop.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import {
	METRICS,
	type MetricDefinition,
} from '../../../proxy/src/metrics/table.ts';
import {
	mintToken,
	newVisitorId,
	SITE_SECRET,
} from '../../support/proxy/credentials.ts';

const TOKEN = 'operator-token-of-the-tests';

let proxy: TestProxy;
let provider: SimulatedProvider | undefined;
afterEach( async () => {
	await proxy.close();
	await provider?.close();
	provider = undefined;
} );

interface Family {
	name: string;
	type: string;
	metrics: Array< {
		labels?: Record< string, string >;
		value?: string;
	} >;
}

const scrape = async ( headers: Record< string, string > = {} ) => {
	const response = await fetch( `${ proxy.url }/metrics`, { headers } );
	expect( response.status ).toBe( 200 );
	const text = await response.text();
	return { text, families: parsePrometheus( text ) as Family[] };
};

const valueOf = (
	families: Family[],
	name: string,
	labels: Record< string, string > = {}
) =>
	families
		.find( ( family ) => family.name === name )
		?.metrics.filter( ( one ) =>
			Object.entries( labels ).every(
				( [ label, value ] ) => one.labels?.[ label ] === value
			)
		)
		.reduce( ( sum, { value } ) => sum + Number( value ), 0 );

describe( 'GET /metrics after some questions', () => {
	it( 'reads as Prometheus text, has every metric of the table with its type, and agrees with the provider’s bill', async () => {
		provider = await startSimulatedProvider();
		proxy = await startProxy( { providerUrl: provider.baseUrl } );
		await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
		const visitorId = newVisitorId();
		const token = mintToken( { sub: visitorId } );
		await proxy.events( 'How much is shipping?', { token } );
		await proxy.events( 'How much is shipping?', { token } );
		await proxy.events( 'Do you sell submarines to pirates?', { token } );
		await scrape();
		const { text, families } = await scrape();

		for ( const [ name, definition ] of Object.entries< MetricDefinition >(
			METRICS
		) ) {
			expect(
				families.find( ( family ) => family.name === name )?.type,
				name
			).toBe( definition.type.toUpperCase() );
		}
		expect( families ).toHaveLength( Object.keys( METRICS ).length );

		const value = ( name: string, labels?: Record< string, string > ) =>
			valueOf( families, name, labels );
		expect( value( 'docent_asks_total' ) ).toBe( 3 );
		expect( value( 'docent_asks_total', { cache: 'exact' } ) ).toBe( 1 );
		expect( value( 'docent_asks_total', { outcome: 'abstained' } ) ).toBe(
			1
		);
		expect( value( 'docent_calls_total', { outcome: 'answered' } ) ).toBe(
			1
		);
		expect( value( 'docent_spent_nano_usd_total' ) ).toBe(
			provider.bill.totalNanoUsd
		);
		expect(
			value( 'docent_window_spent_nano_usd', { window: 'day' } )
		).toBe( provider.bill.totalNanoUsd );
		expect( value( 'docent_window_held_nano_usd' ) ).toBe( 0 );
		expect( value( 'docent_saved_nano_usd_total' ) ).toBe(
			provider.bill.totalNanoUsd
		);
		expect( text ).toMatch(
			/^docent_ask_first_token_seconds_count\{cache="miss",tier="economy"\} 1$/m
		);
		expect( value( 'docent_turns_open' ) ).toBe( 0 );
		expect( value( 'docent_holds_open' ) ).toBe( 0 );
		expect( value( 'docent_store_up', { store: 'sqlite' } ) ).toBe( 1 );
		expect(
			value( 'docent_http_requests_total', {
				route: '/v1/ask',
				method: 'POST',
				status: '200',
			} )
		).toBe( 3 );
		expect(
			value( 'docent_process_resident_memory_bytes' )
		).toBeGreaterThan( 10_000_000 );

		for ( const secret of [
			visitorId,
			token,
			SITE_SECRET,
			'test-key',
			'shipping',
			'submarines',
			'127.0.0.1',
		] ) {
			expect( text ).not.toContain( secret );
		}
	} );

	it( 'counts failures by their code, retries, fallbacks, and requests that came too fast', async () => {
		provider = await startSimulatedProvider();
		proxy = await startProxy( { providerUrl: provider.baseUrl } );
		await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
		await proxy.site( 'PUT', '/v1/site/settings', {
			rateLimits: { visitorPerMinute: 1 },
		} );
		provider.setDefault( {
			kind: 'refusal',
			status: 404,
			error: {
				message: 'The model does not exist',
				type: 'invalid_request_error',
				code: 'model_not_found',
			},
		} );
		const token = mintToken();
		await proxy.events( 'How much is shipping?', { token } );
		const refused = await proxy.ask( 'How much is shipping?', { token } );
		expect( refused.status ).toBe( 429 );
		const { families } = await scrape();
		expect(
			valueOf( families, 'docent_call_errors_total', {
				code: 'provider_model_gone',
			} )
		).toBeGreaterThan( 1 );
		expect( valueOf( families, 'docent_fallbacks_total' ) ).toBeGreaterThan(
			0
		);
		expect(
			valueOf( families, 'docent_asks_total', { outcome: 'extractive' } )
		).toBe( 1 );
		expect(
			valueOf( families, 'docent_rate_limited_total', {
				limit: 'visitor',
			} )
		).toBe( 1 );
	} );

	it( 'counts a question whose answer was cut off as failed', async () => {
		provider = await startSimulatedProvider();
		proxy = await startProxy( { providerUrl: provider.baseUrl } );
		await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
		provider.setDefault( {
			chunks: 20,
			cut: { afterChunks: 5, how: 'close' },
		} );
		const events = await proxy.events( 'How much is shipping?' );
		expect( events.at( -1 )?.event ).toBe( 'error' );
		const { families } = await scrape();
		expect(
			valueOf( families, 'docent_asks_total', { outcome: 'failed' } )
		).toBe( 1 );
		expect(
			valueOf( families, 'docent_call_errors_total', {
				code: 'provider_cut',
			} )
		).toBe( 1 );
	} );

	it( 'counts a model that was billed in units without a price', async () => {
		provider = await startSimulatedProvider();
		proxy = await startProxy( { providerUrl: provider.baseUrl } );
		await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
		provider.setDefault( {
			reportedUsage: {
				completion_tokens_details: { audio_tokens: 5 },
			},
		} );
		await proxy.events( 'How much is shipping?' );
		const { families } = await scrape();
		expect( valueOf( families, 'docent_unpriced_model_total' ) ).toBe( 1 );
	} );

	it( 'has routes as patterns, so that nobody can fill it with paths of their own', async () => {
		proxy = await startProxy();
		for ( let n = 0; n < 20; n++ ) {
			await fetch( `${ proxy.url }/v1/turns/${ n }`, {
				method: n % 2 ? 'GET' : 'PROPFIND',
			} );
			await fetch( `${ proxy.url }/nothing/${ n }` );
		}
		const { families } = await scrape();
		const requests =
			families.find(
				( { name } ) => name === 'docent_http_requests_total'
			)?.metrics ?? [];
		expect( requests.length ).toBeLessThan( 6 );
	} );
} );

describe( 'the operator’s routes', () => {
	const ROUTES = [ '/metrics', '/health/live', '/health/ready' ];
	const statuses = ( base: string, headers: Record< string, string > = {} ) =>
		Promise.all(
			ROUTES.map(
				async ( route ) =>
					( await fetch( base + route, { headers } ) ).status
			)
		);

	it( 'are open on the machine itself, when nothing is set', async () => {
		proxy = await startProxy();
		expect( await statuses( proxy.url ) ).toEqual( [ 200, 200, 200 ] );
	} );

	it.each( [
		[ 'X-Forwarded-For', '203.0.113.9' ],
		[ 'X-Forwarded-Proto', 'https' ],
		[ 'Forwarded', 'for=203.0.113.9' ],
		[ 'X-Real-IP', '203.0.113.9' ],
		[ 'Via', '1.1 edge' ],
	] )(
		'are closed to what a server in front passed on (%s)',
		async ( header, value ) => {
			proxy = await startProxy();
			expect(
				await statuses( proxy.url, { [ header ]: value } )
			).toEqual( [ 403, 403, 403 ] );
		}
	);

	it( 'are closed to another name for this machine, which a page of a stranger could have', async () => {
		proxy = await startProxy();
		const { request } = await import( 'node:http' );
		const status = await new Promise( ( resolve ) => {
			request(
				`${ proxy.url }/metrics`,
				{ headers: { Host: 'rebound.example' } },
				( response ) => {
					response.resume();
					resolve( response.statusCode );
				}
			).end();
		} );
		expect( status ).toBe( 403 );
	} );

	it( 'say what to do when they are closed', async () => {
		proxy = await startProxy();
		const response = await fetch( `${ proxy.url }/metrics`, {
			headers: { 'X-Forwarded-For': '203.0.113.9' },
		} );
		expect( await response.json() ).toMatchObject( {
			error: {
				code: 'operator_only',
				message: expect.stringContaining( 'DOCENT_OPERATOR_TOKEN' ),
			},
		} );
	} );

	it( 'take the token: for figures always, for health from elsewhere', async () => {
		proxy = await startProxy( { env: { DOCENT_OPERATOR_TOKEN: TOKEN } } );
		expect( await statuses( proxy.url ) ).toEqual( [ 403, 200, 200 ] );
		const elsewhere = { Via: '1.1 edge' };
		expect( await statuses( proxy.url, elsewhere ) ).toEqual( [
			403, 403, 403,
		] );
		for ( const wrong of [
			'Bearer nonsense',
			TOKEN,
			`Basic ${ TOKEN }`,
		] ) {
			expect(
				await statuses( proxy.url, {
					...elsewhere,
					Authorization: wrong,
				} )
			).toEqual( [ 403, 403, 403 ] );
		}
		expect(
			await statuses( proxy.url, {
				...elsewhere,
				Authorization: `Bearer ${ TOKEN }`,
			} )
		).toEqual( [ 200, 200, 200 ] );
	} );

	it( 'do not take a token that came over plain http from another machine', async () => {
		proxy = await startProxy( {
			env: {
				DOCENT_OPERATOR_TOKEN: TOKEN,
				DOCENT_TRUSTED_PROXIES: '127.0.0.1',
			},
		} );
		const from = ( proto: string ) =>
			statuses( proxy.url, {
				Authorization: `Bearer ${ TOKEN }`,
				'X-Forwarded-For': '203.0.113.9',
				'X-Forwarded-Proto': proto,
			} );
		expect( await from( 'http' ) ).toEqual( [ 403, 403, 403 ] );
		expect( await from( 'https' ) ).toEqual( [ 200, 200, 200 ] );
	} );

	it( 'are open on a port of their own, which has nothing else', async () => {
		proxy = await startProxy( {
			env: { DOCENT_OPERATOR_PORT: '0', DOCENT_OPERATOR_TOKEN: TOKEN },
		} );
		const own = `http://127.0.0.1:${ proxy.operatorPort }`;
		expect( await statuses( own, { Via: '1.1 edge' } ) ).toEqual( [
			200, 200, 200,
		] );
		for ( const path of [ '/v1/site/usage', '/v1/ask', '/' ] ) {
			expect( ( await fetch( own + path ) ).status ).toBe( 404 );
		}
	} );
} );
