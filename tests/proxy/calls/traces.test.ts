import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTraces } from '../../../proxy/src/calls/traces.ts';
import { readTracesConfig } from '../../../proxy/src/calls/traces-config.ts';
import { createLog } from '../../../proxy/src/log.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

interface Span {
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	name: string;
	kind: number;
	startTimeUnixNano: string;
	endTimeUnixNano: string;
	attributes: Array< {
		key: string;
		value: { stringValue?: string; intValue?: string };
	} >;
	events?: Array< { timeUnixNano: string; name: string } >;
	status: { code: number };
}
interface Export {
	resourceSpans: Array< {
		resource: { attributes: Span[ 'attributes' ] };
		scopeSpans: Array< { spans: Span[] } >;
	} >;
}

/** A collector as far as the wire goes: takes OTLP as JSON and keeps it. */
let collector: Server;
let received: Array< { request: IncomingMessage; body: Export } >;
let status = 200;
beforeEach( async () => {
	received = [];
	status = 200;
	collector = createServer( async ( request, response ) => {
		let text = '';
		for await ( const chunk of request ) {
			text += chunk;
		}
		received.push( { request, body: JSON.parse( text ) } );
		response
			.writeHead( status, { 'Content-Type': 'application/json' } )
			.end( '{}' );
	} ).listen( 0, '127.0.0.1' );
	await once( collector, 'listening' );
} );
afterEach( () => {
	collector.closeAllConnections();
	collector.close();
} );

const endpoint = () =>
	`http://127.0.0.1:${ ( collector.address() as AddressInfo ).port }`;
const spansOf = () =>
	received.flatMap( ( { body } ) =>
		body.resourceSpans.flatMap( ( { scopeSpans } ) =>
			scopeSpans.flatMap( ( { spans } ) => spans )
		)
	);
const attributesOf = ( { attributes }: Pick< Span, 'attributes' > ) =>
	Object.fromEntries(
		attributes.map( ( { key, value } ) => [
			key,
			value.stringValue ?? Number( value.intValue ),
		] )
	);

describe( 'the traces of a proxy', () => {
	let proxy: TestProxy | undefined;
	let provider: SimulatedProvider;
	beforeEach( async () => {
		provider = await startSimulatedProvider();
	} );
	const stop = async () => {
		const running = proxy;
		proxy = undefined;
		await running?.close();
	};
	afterEach( async () => {
		await stop();
		await provider.close();
	} );

	const run = async ( env: Record< string, string > ) => {
		proxy = await startProxy( { providerUrl: provider.baseUrl, env } );
		await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
		return proxy;
	};

	it( 'go nowhere unless a collector is named', async () => {
		const running = await run( {} );
		await running.events( 'How much is shipping?' );
		await stop();
		expect( received ).toEqual( [] );
	} );

	it( 'hold one span a question and one a call below it, in the JSON of OTLP, without a word of either', async () => {
		const running = await run( {
			OTEL_EXPORTER_OTLP_ENDPOINT: `${ endpoint() }/`,
			OTEL_EXPORTER_OTLP_HEADERS:
				'x-tenant=shop%20one,authorization=Basic%20abc',
			OTEL_SERVICE_NAME: 'docent-of-the-shop',
		} );
		const [ turn ] = await running.events( 'How much is shipping?' );
		await running.events( 'How much is shipping?' );
		await stop();

		const [ first ] = received;
		expect( first?.request.method ).toBe( 'POST' );
		expect( first?.request.url ).toBe( '/v1/traces' );
		expect( first?.request.headers ).toMatchObject( {
			'content-type': 'application/json',
			'x-tenant': 'shop one',
			authorization: 'Basic abc',
		} );
		expect(
			attributesOf(
				first?.body.resourceSpans[ 0 ]?.resource as Pick<
					Span,
					'attributes'
				>
			)
		).toMatchObject( { 'service.name': 'docent-of-the-shop' } );

		const spans = spansOf();
		const { turnId } = turn?.data as { turnId: string };
		const ofTurn = spans.filter( ( { traceId } ) => traceId === turnId );
		const question = ofTurn.find( ( { name } ) => name === 'question' );
		const call = ofTurn.find( ( { kind } ) => kind === 3 );
		expect( ofTurn ).toHaveLength( 2 );
		expect( call?.parentSpanId ).toBe( question?.spanId );
		expect( question?.parentSpanId ).toBeUndefined();
		expect( attributesOf( call as Span ) ).toMatchObject( {
			'gen_ai.operation.name': 'chat',
			'gen_ai.provider.name': 'openai',
			'gen_ai.usage.output_tokens': expect.any( Number ),
			'docent.outcome': 'answered',
			'docent.cost_nano_usd': provider.bill.totalNanoUsd,
		} );
		expect( attributesOf( question as Span ) ).toMatchObject( {
			'docent.turn_id': turnId,
			'docent.cache': 'miss',
		} );
		expect( call?.events?.[ 0 ]?.name ).toBe( 'first_token' );
		expect( spans ).toHaveLength( 3 );

		for ( const span of spans ) {
			expect( span.traceId ).toMatch( /^[0-9a-f]{32}$/ );
			expect( span.spanId ).toMatch( /^[0-9a-f]{16}$/ );
			expect( span.startTimeUnixNano ).toMatch( /^\d{19}$/ );
			expect( BigInt( span.endTimeUnixNano ) ).toBeGreaterThanOrEqual(
				BigInt( span.startTimeUnixNano )
			);
		}
		const text = JSON.stringify( received.map( ( { body } ) => body ) );
		for ( const secret of [ 'shipping', 'euros', 'test-key' ] ) {
			expect( text ).not.toContain( secret );
		}
	} );

	it( 'say which call failed, and why', async () => {
		const running = await run( {
			OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(),
		} );
		provider.setDefault( {
			kind: 'refusal',
			status: 401,
			error: {
				message: 'no',
				type: 'invalid_request_error',
				code: 'invalid_api_key',
			},
		} );
		await running.events( 'How much is shipping?' );
		await stop();
		const failed = spansOf().filter( ( span ) => span.status.code === 2 );
		expect( failed.length ).toBeGreaterThan( 0 );
		expect( attributesOf( failed[ 0 ] as Span ) ).toMatchObject( {
			'error.type': 'provider_auth',
		} );
	} );

	it( 'cost no answer when the collector is away or refuses', async () => {
		status = 503;
		const running = await run( {
			OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(),
		} );
		const events = await running.events( 'How much is shipping?' );
		expect( events.at( -1 )?.event ).toBe( 'done' );
		await stop();
		expect( received.length ).toBeGreaterThan( 0 );
	} );
} );

describe( 'waiting spans', () => {
	it( 'are sent in batches, and dropped rather than heaped up while the collector is away', async () => {
		const traces = createTraces( {
			endpoint: endpoint(),
			headers: {},
			serviceName: 'x',
			version: '1',
			clock: () => 1_000,
			log: createLog( 'silent' ),
			sendEveryMs: 60_000,
		} );
		for ( let n = 0; n < 10_000; n++ ) {
			traces.question( {
				turnId: n.toString( 16 ).padStart( 32, '0' ),
				siteId: 's',
				requestId: 'r',
				cache: 'miss',
				outcome: 'answered',
				tier: 'economy',
				firstWordMs: 1,
				totalMs: 2,
			} );
		}
		await traces.close();
		const sizes = received.map(
			( { body } ) =>
				body.resourceSpans[ 0 ]?.scopeSpans[ 0 ]?.spans.length
		);
		expect( Math.max( ...( sizes as number[] ) ) ).toBeLessThanOrEqual(
			512
		);
		expect( spansOf().length ).toBeLessThanOrEqual( 4_096 );
	} );
} );

describe( 'the variables of traces', () => {
	it( 'are refused without showing a value when they are wrong', () => {
		for ( const headers of [ 'secret-word', 'a b=secret-word', 'a=%zz' ] ) {
			const problems: string[] = [];
			readTracesConfig(
				{ endpoint: 'http://c', headers, serviceName: 's' },
				problems
			);
			expect( problems ).toHaveLength( 1 );
			expect( problems[ 0 ] ).not.toContain( 'secret-word' );
		}
	} );
} );
