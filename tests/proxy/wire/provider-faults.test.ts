/**
 * Every fault that can be scripted is really on the wire.
 */
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
	type Behaviour,
	faults,
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { askProvider, chatBody, streamBody, textOf } from './ask-provider.ts';

const FIVE: Behaviour = {
	chunks: [ 'one ', 'two ', 'three ', 'four ', 'five' ],
};

describe( 'a scripted fault of the simulated provider', () => {
	let provider: SimulatedProvider;
	beforeAll( async () => {
		provider = await startSimulatedProvider();
	} );
	afterEach( () => provider.reset() );
	afterAll( () => provider.close() );

	test.each( [
		[ faults.unauthorized(), 401, 'invalid_api_key' ],
		[ faults.forbidden(), 403, 'unsupported_country_region_territory' ],
		[ faults.modelNotFound(), 404, 'model_not_found' ],
		[ faults.rateLimited(), 429, 'rate_limit_exceeded' ],
		[ faults.outOfQuota(), 429, 'insufficient_quota' ],
		[ faults.serverError(), 500, null ],
		[ faults.overloaded(), 503, 'server_is_overloaded' ],
	] )( 'refuses with status and code: %#', async ( fault, status, code ) => {
		provider.script( fault );
		const reply = await askProvider( provider.baseUrl, {
			body: streamBody(),
		} );
		expect( reply.status ).toBe( status );
		expect( JSON.parse( reply.text ) ).toMatchObject( { error: { code } } );
		expect( reply.headers[ 'retry-after' ] ).toBeUndefined();
	} );

	test( 'says how long to wait only when it is told to', async () => {
		provider.script(
			faults.rateLimited( { retryAfterSeconds: 7, retryAfterMs: 6_500 } )
		);
		const { headers } = await askProvider( provider.baseUrl, {
			body: chatBody(),
		} );
		expect( headers ).toMatchObject( {
			'retry-after': '7',
			'retry-after-ms': '6500',
		} );
	} );

	test( 'is used once, in order, and then the default is back', async () => {
		provider.script( faults.serverError(), faults.overloaded() );
		const statuses = [];
		for ( let i = 0; i < 3; i++ ) {
			const { status } = await askProvider( provider.baseUrl, {
				body: chatBody(),
			} );
			statuses.push( status );
		}
		expect( statuses ).toEqual( [ 500, 503, 200 ] );
	} );

	test( 'waits for the request it is meant for', async () => {
		provider.script( {
			...faults.serverError(),
			when: ( request ) => request.model === 'gpt-6.1-terra',
		} );
		const first = await askProvider( provider.baseUrl, {
			body: chatBody(),
		} );
		const second = await askProvider( provider.baseUrl, {
			body: chatBody( { model: 'gpt-6.1-terra' } ),
		} );
		expect( [ first.status, second.status ] ).toEqual( [ 200, 500 ] );
	} );

	test( 'answers with a load balancer page instead of JSON', async () => {
		provider.script( faults.badGateway() );
		const reply = await askProvider( provider.baseUrl, {
			body: chatBody(),
		} );
		expect( reply ).toMatchObject( { status: 502 } );
		expect( reply.text ).toContain( '<html>' );
	} );

	test( 'sends a body that is not JSON', async () => {
		provider.script( faults.garbageBody() );
		const { status, text } = await askProvider( provider.baseUrl, {
			body: chatBody(),
		} );
		expect( status ).toBe( 200 );
		expect( () => JSON.parse( text ) ).toThrow();
	} );

	test( 'sends an event that is not JSON after two good ones', async () => {
		provider.script( { ...FIVE, ...faults.garbageStream( 2 ) } );
		const { events, isDone } = await askProvider( provider.baseUrl, {
			body: streamBody(),
		} );
		// The chunk with the role comes before the text.
		expect( events.length ).toBe( 4 );
		expect( () => JSON.parse( events[ 3 ] ?? '' ) ).toThrow();
		expect( isDone ).toBe( false );
	} );

	test( 'ends a stream that never began', async () => {
		provider.script( faults.emptyStream() );
		expect(
			await askProvider( provider.baseUrl, { body: streamBody() } )
		).toMatchObject( { status: 200, text: '', failure: undefined } );
	} );

	test.each( [
		[ 'reset', true ],
		[ 'close', true ],
		[ 'end', false ],
	] as const )(
		'cuts a stream by %s after three chunks',
		async ( how, isFailure ) => {
			provider.script( { ...FIVE, ...faults.cutAfter( 3, how ) } );
			const reply = await askProvider( provider.baseUrl, {
				body: streamBody(),
			} );
			expect( textOf( reply ) ).toBe( 'one two three ' );
			expect( reply.isDone ).toBe( false );
			expect( reply.failure !== undefined ).toBe( isFailure );
			expect( provider.journal.entries[ 0 ]?.outcome ).toBe( 'broken' );
		}
	);

	test( 'stalls for a while and then goes on', async () => {
		provider.script( { ...FIVE, ...faults.stall( 2, 60 ) } );
		const startedAtMs = performance.now();
		const reply = await askProvider( provider.baseUrl, {
			body: streamBody(),
		} );
		expect( textOf( reply ) ).toBe( 'one two three four five' );
		expect( performance.now() - startedAtMs ).toBeGreaterThanOrEqual( 58 );
	} );

	test( 'stalls for good until the client gives up, and notes when', async () => {
		provider.script( { ...FIVE, ...faults.stall( 1 ) } );
		await askProvider( provider.baseUrl, {
			body: streamBody(),
			hangUpAfterEvents: 2,
		} );
		const entry = await provider.journal.waitFor(
			( { outcome } ) => outcome === 'aborted'
		);
		expect( entry ).toMatchObject( { chunksProduced: 1 } );
		expect( entry.abortedAtMs ).toBeGreaterThan( entry.receivedAtMs );
	} );

	test( 'keeps silent before the headers', async () => {
		provider.script( faults.silence() );
		const hangUp = new AbortController();
		const asked = askProvider( provider.baseUrl, {
			body: streamBody(),
			signal: hangUp.signal,
		} );
		const entry = await provider.journal.waitFor( () => true );
		hangUp.abort();
		expect( await asked ).toMatchObject( { status: 0 } );
		await provider.journal.waitFor(
			( { outcome } ) => outcome === 'aborted'
		);
		expect( entry.status ).toBeUndefined();
	} );

	test( 'drips the reply out at the asked-for rate', async () => {
		provider.script( { text: 'ok', ...faults.slowDrip( 4_000 ) } );
		const startedAtMs = performance.now();
		const reply = await askProvider( provider.baseUrl, {
			body: chatBody(),
		} );
		const seconds = ( performance.now() - startedAtMs ) / 1_000;
		expect( JSON.parse( reply.text ) ).toHaveProperty( 'id' );
		expect( reply.text.length / seconds ).toBeLessThanOrEqual( 4_000 );
	} );

	test( 'reports usage that is wrong, or none', async () => {
		provider.script(
			faults.wrongUsage( { completion_tokens: 1_000_000 } ),
			faults.wrongUsage( null )
		);
		const wrong = await askProvider( provider.baseUrl, {
			body: chatBody(),
		} );
		const none = await askProvider( provider.baseUrl, {
			body: streamBody(),
		} );
		expect( JSON.parse( wrong.text ) ).toMatchObject( {
			usage: { completion_tokens: 1_000_000 },
		} );
		expect( none.isDone ).toBe( true );
		expect( none.text ).not.toContain( '"prompt_tokens"' );
	} );

	test( 'sends one chunk of many megabytes', async () => {
		provider.script( faults.hugeChunk( 2 * 1024 * 1024 ) );
		const reply = await askProvider( provider.baseUrl, {
			body: streamBody( { max_completion_tokens: 1_000_000 } ),
		} );
		expect( textOf( reply ) ).toHaveLength( 2 * 1024 * 1024 );
	} );

	test( 'resets the connection instead of answering', async () => {
		provider.script( faults.reset() );
		const reply = await askProvider( provider.baseUrl, {
			body: streamBody(),
		} );
		expect( reply.status ).toBe( 0 );
		expect( reply.failure ).toMatch( /hang up|ECONNRESET/ );
	} );

	test( 'never ends its headers', async () => {
		provider.script( faults.endlessHeaders() );
		const body = JSON.stringify( streamBody() );
		const heard = await new Promise< string >( ( resolve ) => {
			let text = '';
			const socket = connect( provider.port, '127.0.0.1', () =>
				socket.write(
					`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-length: ${ body.length }\r\n\r\n${ body }`
				)
			);
			socket.on( 'data', ( bytes ) => {
				text += bytes.toString( 'latin1' );
				if ( text.includes( 'x-filler-3' ) ) {
					socket.destroy();
					resolve( text );
				}
			} );
		} );
		expect( heard ).toMatch( /^HTTP\/1\.1 200 OK\r\nx-filler-0: / );
		expect( heard ).not.toContain( '\r\n\r\n' );
	} );
} );
