/**
 * Sessions with realtime models, on real sockets: opened, refused, broken, dead and closed.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { createFailureLog } from '../../../proxy/src/upstream/failure-log.ts';
import { createGate } from '../../../proxy/src/upstream/gate.ts';
import { createOpenAiVoice } from '../../../proxy/src/upstream/openai-voice.ts';
import { createProviderCalls } from '../../../proxy/src/upstream/provider-calls.ts';
import { UpstreamError } from '../../../proxy/src/upstream/upstream-error.ts';
import type {
	RealtimeConnection,
	RealtimeRequest,
	VoiceProvider,
} from '../../../proxy/src/upstream/voice.ts';
import { configure, KEY } from './configured-providers.ts';
import {
	CREATED,
	startPeer,
	type Peer,
	type PeerScript,
} from './realtime-peer.ts';
import { shippedModel, voiceAt } from './voice-provider.ts';

const ends: Array< () => unknown > = [];

afterEach( async () => {
	for ( const end of ends.splice( 0 ).reverse() ) {
		await end();
	}
} );

async function peerWith( script: PeerScript = {} ): Promise< Peer > {
	const peer = await startPeer( script );
	ends.push( () => peer.close() );
	return peer;
}

/** Opens a session and collects what its listener hears. */
async function open(
	voice: VoiceProvider,
	more: Partial< RealtimeRequest > = {}
) {
	const events: RealtimeServerEvent[] = [];
	const closes: Array< UpstreamError | undefined > = [];
	let onClosed: () => void = () => undefined;
	const closed = new Promise< void >( ( resolve ) => ( onClosed = resolve ) );
	let connection: RealtimeConnection | undefined;
	let error: UpstreamError | undefined;
	try {
		connection = await voice.openRealtime(
			{
				model: shippedModel( 'gpt-realtime-2.1-mini' ),
				priority: 'visitor',
				signal: new AbortController().signal,
				...more,
			},
			{
				onEvent: ( event ) => events.push( event ),
				onClose( reason ) {
					closes.push( reason );
					onClosed();
				},
			}
		);
	} catch ( caught ) {
		if ( ! ( caught instanceof UpstreamError ) ) {
			throw caught;
		}
		error = caught;
	}
	return { connection, error, events, closes, closed };
}

function openAt( baseUrl: string, entry: object = {}, more = {} ) {
	const { providers, voice } = voiceAt( baseUrl, entry );
	ends.push( () => providers.close() );
	return open( voice, more ).then( ( session ) => ( {
		...session,
		providers,
	} ) );
}

describe( 'a session', () => {
	it( 'is asked for by its model, with the key and with who speaks, and resolves at session.created', async () => {
		const peer = await peerWith();
		const { connection, events, error, providers } = await openAt(
			peer.baseUrl,
			{ headers: { 'OpenAI-Organization': 'org-1' } },
			{ safetyId: 'a1b2', requestId: 'call-1' }
		);
		expect( error ).toBeUndefined();
		expect( events ).toEqual( [ CREATED ] );
		const [ session ] = peer.sessions;
		expect( session?.url ).toBe(
			'/v1/realtime?model=gpt-realtime-2.1-mini'
		);
		expect( session?.headers ).toMatchObject( {
			authorization: `Bearer ${ KEY }`,
			'openai-safety-identifier': 'a1b2',
			'openai-organization': 'org-1',
			'x-client-request-id': 'call-1',
			'user-agent': 'docent-proxy',
		} );
		expect( session?.headers ).not.toHaveProperty( 'content-type' );
		expect( session?.headers ).not.toHaveProperty(
			'sec-websocket-extensions'
		);
		// It was let in like a call, and holds no place while it lasts.
		expect( providers.load( 'house' ).inFlight ).toBe( 0 );
		connection?.close();
	} );

	it.each( [
		[ { kind: 'azure' }, '/v1/realtime?model=gpt-realtime-2.1-mini' ],
		[
			{ kind: 'azure', quirks: { apiVersion: '2025-04-01-preview' } },
			'/v1/realtime?api-version=2025-04-01-preview&deployment=gpt-realtime-2.1-mini',
		],
	] )(
		'of Azure has its own key header and address: %#',
		async ( entry, url ) => {
			const peer = await peerWith();
			await openAt( peer.baseUrl, entry );
			const [ session ] = peer.sessions;
			expect( session?.url ).toBe( url );
			expect( session?.headers[ 'api-key' ] ).toBe( KEY );
			expect( session?.headers ).not.toHaveProperty( 'authorization' );
		}
	);

	it( 'carries events both ways in their order, and tells what is still here', async () => {
		const peer = await peerWith( {
			onEvent: ( event, session ) =>
				session.send( {
					type: 'input_audio_buffer.cleared',
					of: event.event_id,
				} ),
		} );
		const { connection, events } = await openAt( peer.baseUrl );
		for ( const id of [ 'a', 'b', 'c' ] ) {
			connection?.send( {
				type: 'input_audio_buffer.clear',
				event_id: id,
			} );
		}
		await expect
			.poll( () => events.slice( 1 ) )
			.toEqual(
				[ 'a', 'b', 'c' ].map( ( of ) => ( {
					type: 'input_audio_buffer.cleared',
					of,
				} ) )
			);
		expect( connection?.bufferedBytes ).toBe( 0 );
		peer.sessions[ 0 ]?.tcp.pause();
		for ( let i = 0; i < 200; i++ ) {
			connection?.send( {
				type: 'input_audio_buffer.append',
				audio: 'A'.repeat( 100_000 ),
			} );
		}
		expect( connection?.bufferedBytes ).toBeGreaterThan( 1_000_000 );
		peer.sessions[ 0 ]?.tcp.resume();
		connection?.close();
		expect( peer.violations ).toEqual( [] );
	} );

	it( 'whose provider reads nothing ends before it takes all memory', async () => {
		const peer = await peerWith();
		const { connection, closes, closed } = await openAt( peer.baseUrl );
		peer.sessions[ 0 ]?.tcp.pause();
		for ( let i = 0; i < 400; i++ ) {
			connection?.send( {
				type: 'input_audio_buffer.append',
				audio: 'A'.repeat( 100_000 ),
			} );
		}
		await closed;
		expect( closes ).toMatchObject( [ { kind: 'timeout' } ] );
	} );

	it( 'that we close is closed once, without an error, and nothing comes after', async () => {
		const peer = await peerWith();
		const { connection, closes, closed, events } = await openAt(
			peer.baseUrl
		);
		connection?.close();
		connection?.close();
		connection?.send( { type: 'input_audio_buffer.clear' } );
		peer.sessions[ 0 ]?.send( { type: 'late' } );
		expect( closes ).toEqual( [] );
		await closed;
		expect( await peer.sessions[ 0 ]?.closed ).toBe( 1000 );
		expect( closes ).toEqual( [ undefined ] );
		expect( events ).toHaveLength( 1 );
		expect( peer.sessions[ 0 ]?.received ).toEqual( [] );
	} );

	it( 'ends with its signal', async () => {
		const peer = await peerWith();
		const stop = new AbortController();
		const { closes, closed } = await openAt(
			peer.baseUrl,
			{},
			{ signal: stop.signal }
		);
		stop.abort();
		await closed;
		expect( closes ).toEqual( [ undefined ] );
	} );
} );

describe( 'a session that is refused at the upgrade', () => {
	const error = ( code: string | null, type = 'x' ) =>
		JSON.stringify( { error: { message: 'No.', type, code } } );
	it.each( [
		[ 401, error( 'invalid_api_key' ), 'auth' ],
		[ 403, error( 'unsupported_country_region_territory' ), 'auth' ],
		[ 404, error( 'model_not_found' ), 'model_gone' ],
		[ 429, error( 'rate_limit_exceeded' ), 'rate' ],
		[ 429, error( 'insufficient_quota' ), 'quota' ],
		[ 500, error( null, 'server_error' ), 'unavailable' ],
		[ 503, '<html>', 'unavailable' ],
		[ 302, '', 'refused' ],
		[ 400, error( 'beta_api_shape_disabled' ), 'refused' ],
	] )(
		'with %i %s is a matter of %s, and costs nothing',
		async ( status, body, kind ) => {
			const peer = await peerWith( {
				refuse: ( response ) => response.end( status, body ),
			} );
			const session = await openAt( peer.baseUrl );
			expect( session.error ).toMatchObject( {
				kind,
				status,
				isUnbilled: true,
			} );
			expect( session.closes ).toEqual( [] );
			expect( session.providers.failures() ).toHaveLength( 1 );
		}
	);

	it( 'with a time to wait holds for the next one, which is not sent', async () => {
		const peer = await peerWith( {
			refuse: ( response ) =>
				response.end(
					429,
					error( 'rate_limit_exceeded' ),
					'retry-after: 9\r\n'
				),
		} );
		const { providers, voice } = voiceAt( peer.baseUrl );
		ends.push( () => providers.close() );
		expect( ( await open( voice ) ).error ).toMatchObject( {
			kind: 'rate',
			retryAfterMs: 9_000,
		} );
		expect( ( await open( voice ) ).error ).toMatchObject( {
			kind: 'rate',
			isUnbilled: true,
		} );
		expect( peer.upgrades ).toBe( 1 );
	} );

	it( 'by a page with status 200 is a wrong address', async () => {
		const peer = await peerWith( {
			refuse: ( response ) => response.end( 200, '<html>Hi</html>' ),
		} );
		expect( ( await openAt( peer.baseUrl ) ).error ).toMatchObject( {
			kind: 'garbage',
			code: 'provider_address',
		} );
	} );

	it( 'because nothing listens there, or nobody is called so, is a matter of the network', async () => {
		const server = createServer();
		server.listen( 0, '127.0.0.1' );
		await once( server, 'listening' );
		const { port } = server.address() as AddressInfo;
		server.close();
		await once( server, 'close' );
		expect(
			( await openAt( `http://127.0.0.1:${ port }/v1` ) ).error
		).toMatchObject( {
			kind: 'network',
			code: 'network_refused',
			isUnbilled: true,
		} );
		expect(
			( await openAt( 'https://no-such-provider.invalid/v1' ) ).error
		).toMatchObject( { kind: 'network', code: 'network_dns' } );
	} );

	it( 'because plain HTTP answers where TLS should, is a matter of TLS', async () => {
		const peer = await peerWith();
		expect(
			( await openAt( peer.baseUrl.replace( 'http:', 'https:' ) ) ).error
		).toMatchObject( { kind: 'network', code: 'network_tls' } );
		expect( peer.upgrades ).toBe( 0 );
	} );

	it( 'because the model has no sessions is not asked for', async () => {
		const peer = await peerWith();
		const session = await openAt(
			peer.baseUrl,
			{},
			{ model: shippedModel( 'gpt-live-1' ) }
		);
		expect( session.error ).toMatchObject( {
			kind: 'refused',
			isUnbilled: true,
		} );
		expect( peer.upgrades ).toBe( 0 );
	} );

	it( 'by our own stop is not opened, or closed at once', async () => {
		const peer = await peerWith( { onOpen: () => undefined } );
		expect(
			(
				await openAt(
					peer.baseUrl,
					{},
					{ signal: AbortSignal.abort() }
				)
			).error
		).toMatchObject( { kind: 'aborted', isUnbilled: true } );
		expect( peer.upgrades ).toBe( 0 );
		const stop = new AbortController();
		const opening = openAt( peer.baseUrl, {}, { signal: stop.signal } );
		const session = await peer.session( 1 );
		stop.abort();
		expect( ( await opening ).error ).toMatchObject( { kind: 'aborted' } );
		await session.closed;
	} );
} );

describe( 'a session that breaks', () => {
	it.each< [ string, PeerScript[ 'onOpen' ], string ] >( [
		[
			'an error in the place of its beginning',
			( { send } ) =>
				send( {
					type: 'error',
					error: {
						type: 'invalid_request_error',
						code: 'model_not_found',
						message: 'x',
					},
				} ),
			'model_gone',
		],
		[
			'what is not JSON',
			( { socket } ) => socket.send( '{"type": "session.cr' ),
			'garbage',
		],
		[
			'bytes',
			( { socket } ) => socket.send( Buffer.from( [ 1, 2, 3 ] ) ),
			'garbage',
		],
		[ 'a close', ( { socket } ) => socket.close( 1008 ), 'unavailable' ],
		[ 'a reset', ( { tcp } ) => tcp.resetAndDestroy(), 'unavailable' ],
		[
			'what is not a frame',
			( { tcp } ) => tcp.write( Buffer.alloc( 40, 0xff ) ),
			'garbage',
		],
	] )( 'with %s before it began is not opened', async ( _, onOpen, kind ) => {
		const peer = await peerWith( onOpen ? { onOpen } : {} );
		const session = await openAt( peer.baseUrl );
		expect( session.error ).toMatchObject( { kind, isUnbilled: true } );
		expect( session.closes ).toEqual( [] );
	} );

	it.each< [ string, NonNullable< PeerScript[ 'onOpen' ] >, string ] >( [
		[
			'what is not JSON',
			( { socket } ) => socket.send( 'Hello' ),
			'garbage',
		],
		[
			'an event that is too long',
			( { socket } ) =>
				socket.send(
					JSON.stringify( { type: 'x'.repeat( 3_000_000 ) } )
				),
			'garbage',
		],
		[ 'a close', ( { socket } ) => socket.close( 1000 ), 'cut' ],
		[
			'a fault of its own',
			( { socket } ) => socket.close( 1011 ),
			'unavailable',
		],
		[
			'its longest time',
			( { send, socket } ) => {
				send( {
					type: 'error',
					error: {
						type: 'server_error',
						code: 'session_expired',
						message: 'x',
					},
				} );
				socket.close( 1001 );
			},
			'unavailable',
		],
		[ 'a reset', ( { tcp } ) => tcp.resetAndDestroy(), 'cut' ],
		[ 'an end without goodbye', ( { tcp } ) => tcp.destroy(), 'cut' ],
	] )(
		'with %s says so once, and is in the log',
		async ( _, breaks, kind ) => {
			const peer = await peerWith( {
				onEvent: ( _event, session ) => {
					breaks( session );
					if ( session.socket.readyState === session.socket.OPEN ) {
						session.send( { type: 'late' } );
					}
				},
			} );
			const { connection, closes, closed, events, providers } =
				await openAt( peer.baseUrl );
			connection?.send( { type: 'input_audio_buffer.clear' } );
			await closed;
			expect( closes ).toMatchObject( [ { kind, isUnbilled: false } ] );
			expect(
				events.filter( ( { type } ) => String( type ) === 'late' )
			).toEqual( [] );
			expect( providers.failures() ).toHaveLength( 1 );
		}
	);

	it( 'does not, over events that nobody knows', async () => {
		const peer = await peerWith( {
			onEvent( _event, { socket, send } ) {
				for ( const text of [
					'null',
					'7',
					'[]',
					'{}',
					'{"type":3}',
				] ) {
					socket.send( text );
				}
				send( { type: 'of.tomorrow' } );
			},
		} );
		const { connection, closes, events } = await openAt( peer.baseUrl );
		connection?.send( { type: 'input_audio_buffer.clear' } );
		await expect
			.poll( () => events.at( -1 ) )
			.toEqual( { type: 'of.tomorrow' } );
		expect( events ).toHaveLength( 2 );
		expect( closes ).toEqual( [] );
	} );

	it( 'does not, over sound that came before it began, and nobody hears that', async () => {
		const peer = await peerWith( {
			onOpen: ( { send } ) =>
				send(
					{ type: 'response.output_audio.delta', delta: 'AAAA' },
					CREATED
				),
		} );
		const { events, error } = await openAt( peer.baseUrl );
		expect( error ).toBeUndefined();
		expect( events ).toEqual( [ CREATED ] );
	} );

	it( 'because its listener failed does not take the process down', async () => {
		const peer = await peerWith();
		const { providers, voice } = voiceAt( peer.baseUrl );
		ends.push( () => providers.close() );
		const closed = await new Promise( ( resolve, reject ) => {
			voice
				.openRealtime(
					{
						model: shippedModel( 'gpt-realtime-2.1' ),
						priority: 'visitor',
						signal: new AbortController().signal,
					},
					{
						onEvent() {
							throw new Error( 'not understood' );
						},
						onClose: resolve,
					}
				)
				.catch( reject );
		} );
		expect( closed ).toMatchObject( { kind: 'cut' } );
	} );

	it( 'without a word is found dead', async () => {
		const peer = await peerWith( { autoPong: false } );
		const [ config ] = configure( {
			house: { kind: 'openai', baseUrl: peer.baseUrl },
		} );
		if ( ! config ) {
			throw new Error( 'There is no provider.' );
		}
		const voice = createOpenAiVoice(
			createProviderCalls( config, {
				gate: createGate( config ),
				failures: createFailureLog( Date.now ),
			} ),
			{ livenessMs: 30 }
		);
		ends.push( () => voice.close() );
		const { closes, closed } = await open( voice );
		await closed;
		expect( closes ).toMatchObject( [ { kind: 'timeout' } ] );
	} );
} );

describe( 'a session through a web proxy', () => {
	async function webProxy( status = 200 ) {
		const asked: string[] = [];
		const server = createServer();
		server.on( 'connect', ( request, client ) => {
			asked.push( `${ request.url } ${ request.headers.authorization }` );
			client.on( 'error', () => undefined );
			if ( status !== 200 ) {
				client.end( `HTTP/1.1 ${ status } No\r\n\r\n` );
				return;
			}
			const [ host, port ] = String( request.url ).split( ':' );
			const target = connect( Number( port ), host, () => {
				client.write( 'HTTP/1.1 200 OK\r\n\r\n' );
				target.pipe( client ).pipe( target );
			} );
			target.on( 'error', () => client.destroy() );
			client.on( 'close', () => target.destroy() );
		} );
		server.listen( 0, '127.0.0.1' );
		await once( server, 'listening' );
		ends.push( () => server.close() );
		const { port } = server.address() as AddressInfo;
		return { url: `http://127.0.0.1:${ port }`, asked };
	}

	it( 'is opened through it, and shows it no key', async () => {
		const peer = await peerWith();
		const { url, asked } = await webProxy();
		const { error, events, connection } = await openAt( peer.baseUrl, {
			webProxy: url,
		} );
		expect( error ).toBeUndefined();
		expect( events ).toEqual( [ CREATED ] );
		expect( asked ).toEqual( [
			`${ new URL( peer.baseUrl ).host } undefined`,
		] );
		connection?.close();
	} );

	it.each( [ 403, 407, 502 ] )(
		'that says %i is a matter of the web proxy',
		async ( status ) => {
			const peer = await peerWith();
			const { url } = await webProxy( status );
			const { error } = await openAt( peer.baseUrl, { webProxy: url } );
			expect( error ).toMatchObject( {
				kind: 'network',
				code: 'network_proxy',
				isUnbilled: true,
			} );
			expect( peer.upgrades ).toBe( 0 );
		}
	);

	it( 'that is not there is a matter of the web proxy', async () => {
		const peer = await peerWith();
		const { error } = await openAt( peer.baseUrl, {
			webProxy: 'http://127.0.0.1:1',
		} );
		expect( error ).toMatchObject( { code: 'network_proxy' } );
	} );
} );
