/**
 * What goes wrong before, around and after a reply of a provider, on real sockets.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
	connect,
	createServer as createTcpServer,
	type AddressInfo,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Providers } from '../../../proxy/src/upstream/providers.ts';
import { startFaultProxy } from '../../support/fault-proxy/index.ts';
import { startSimulatedProvider } from '../../support/simulated-provider/index.ts';
import { ask, KEY, providersOf } from './configured-providers.ts';

const ends: Array< () => unknown > = [];

afterEach( async () => {
	for ( const end of ends.splice( 0 ).reverse() ) {
		await end();
	}
} );

async function listen(
	server: Server | ReturnType< typeof createTcpServer >
): Promise< number > {
	server.listen( 0, '127.0.0.1' );
	await once( server, 'listening' );
	ends.push( () => {
		server.close();
		if ( 'closeAllConnections' in server ) {
			server.closeAllConnections();
		}
	} );
	return ( server.address() as AddressInfo ).port;
}

function asking(
	baseUrl: string,
	more: object = {},
	options: Parameters< typeof providersOf >[ 1 ] = {}
) {
	const providers: Providers = providersOf(
		{ house: { kind: 'openai', baseUrl, ...more } },
		options
	);
	ends.push( () => providers.close() );
	return ask( providers.chat( 'house' ) );
}

/** A server that answers every request the same way. */
async function answering( listener: RequestListener ): Promise< string > {
	const port = await listen(
		createServer( ( request, response ) => {
			request.resume();
			request.on( 'end', () => listener( request, response ) );
		} )
	);
	return `http://127.0.0.1:${ port }/v1`;
}

describe( 'a provider that cannot be reached', () => {
	it( 'because nothing listens there, is told from one that is silent, and costs nothing', async () => {
		const server = createServer();
		const port = await listen( server );
		server.close();
		await once( server, 'close' );
		const { error } = await asking( `http://127.0.0.1:${ port }/v1` );
		expect( error ).toMatchObject( {
			kind: 'network',
			code: 'network_refused',
			isUnbilled: true,
		} );
	} );

	it( 'because its name is unknown, is said so', async () => {
		const { error } = await asking( 'https://no-such-provider.invalid/v1' );
		expect( error ).toMatchObject( {
			kind: 'network',
			code: 'network_dns',
			isUnbilled: true,
		} );
	} );

	it( 'because its certificate is its own, gets no key', async () => {
		const folder = mkdtempSync( join( tmpdir(), 'docent-tls-' ) );
		ends.push( () => rmSync( folder, { recursive: true } ) );
		const key = join( folder, 'key.pem' );
		const cert = join( folder, 'cert.pem' );
		execFileSync(
			'openssl',
			[
				'req',
				'-x509',
				'-newkey',
				'ec',
				'-pkeyopt',
				'ec_paramgen_curve:prime256v1',
				'-nodes',
				'-keyout',
				key,
				'-out',
				cert,
				'-days',
				'1',
				'-subj',
				'/CN=localhost',
				'-addext',
				'subjectAltName=DNS:localhost,IP:127.0.0.1',
			],
			{ stdio: 'ignore' }
		);
		let requests = 0;
		const port = await listen(
			createTlsServer(
				{ key: readFileSync( key ), cert: readFileSync( cert ) },
				( _, response ) => {
					requests++;
					response.end();
				}
			)
		);
		const { error } = await asking( `https://127.0.0.1:${ port }/v1` );
		expect( error ).toMatchObject( {
			kind: 'network',
			code: 'network_tls',
			isUnbilled: true,
		} );
		expect( requests ).toBe( 0 );
	} );

	it( 'because plain HTTP answers where TLS should, is told as a matter of TLS', async () => {
		const url = await answering( ( _, response ) => response.end() );
		const { error } = await asking( url.replace( 'http:', 'https:' ) );
		expect( error ).toMatchObject( {
			kind: 'network',
			code: 'network_tls',
		} );
	} );
} );

describe( 'a web proxy of the owner', () => {
	/** A proxy that opens tunnels, or answers CONNECT with a status. */
	async function webProxy( status?: number ) {
		const targets: string[] = [];
		const server = createServer();
		server.on( 'connect', ( request, socket ) => {
			targets.push( request.url ?? '' );
			if ( status !== undefined ) {
				socket.end( `HTTP/1.1 ${ status } No\r\n\r\n` );
				return;
			}
			const [ host, port ] = ( request.url ?? '' ).split( ':' );
			const target = connect( Number( port ), host, () => {
				socket.write( 'HTTP/1.1 200 OK\r\n\r\n' );
				target.pipe( socket );
				socket.pipe( target );
			} );
			target.on( 'error', () => socket.destroy() );
			socket.on( 'error', () => target.destroy() );
		} );
		return { url: `http://127.0.0.1:${ await listen( server ) }`, targets };
	}

	it( 'carries the call', async () => {
		const provider = await startSimulatedProvider( { apiKey: KEY } );
		ends.push( () => provider.close() );
		const { url, targets } = await webProxy();
		const { text, error } = await asking( provider.baseUrl, {
			webProxy: url,
		} );
		expect( error ).toBeUndefined();
		expect( text ).not.toBe( '' );
		expect( targets ).toEqual( [ `127.0.0.1:${ provider.port }` ] );
	} );

	it( 'that wants a password, refuses the host or is not there, is named as the cause', async () => {
		for ( const status of [ 407, 403, 502 ] ) {
			const { url } = await webProxy( status );
			const { error } = await asking( 'https://api.openai.com/v1', {
				webProxy: url,
			} );
			expect( error ).toMatchObject( {
				kind: 'network',
				code: 'network_proxy',
				isUnbilled: true,
			} );
		}
		const server = createServer();
		const port = await listen( server );
		server.close();
		await once( server, 'close' );
		const { error } = await asking( 'https://api.openai.com/v1', {
			webProxy: `http://127.0.0.1:${ port }`,
		} );
		expect( error?.code ).toBe( 'network_proxy' );
	} );
} );

describe( 'a reply that is none', () => {
	it.each( [
		[
			'nothing',
			200,
			'application/json',
			'',
			'garbage',
			'provider_garbage',
		],
		[
			'an empty stream',
			200,
			'text/event-stream',
			'',
			'cut',
			'provider_cut',
		],
		[
			'a web page',
			200,
			'text/html',
			'<!doctype html><h1>Welcome</h1>',
			'garbage',
			'provider_address',
		],
		[
			'an error with status 200',
			200,
			'application/json',
			`{"error":{"message":"Rate limit reached for ${ KEY }","code":"rate_limit_exceeded"}}`,
			'rate',
			'provider_rate',
		],
		[
			'an error in a stream',
			200,
			'text/event-stream',
			`data: {"error":{"message":"Overloaded ${ KEY }","type":"overloaded_error"}}\n\n`,
			'unavailable',
			'provider_unavailable',
		],
		[
			'half a JSON',
			200,
			'application/json',
			'{"choices":[{"mess',
			'garbage',
			'provider_garbage',
		],
		[
			'an answer without choices',
			200,
			'application/json',
			'{"choices":[]}',
			'garbage',
			'provider_garbage',
		],
		[
			'an event without end',
			200,
			'text/event-stream',
			'data: ' + 'x'.repeat( 1_100_000 ),
			'garbage',
			'provider_garbage',
		],
		[ 'no content', 204, 'text/plain', '', 'refused', 'provider_rejected' ],
	] )(
		'%s is told apart, and its words are not passed on',
		async ( _, status, type, body, kind, code ) => {
			const url = await answering( ( __, response ) => {
				response.writeHead( status, { 'content-type': type } );
				response.end( body );
			} );
			const { error, text } = await asking( url );
			expect( [ error?.kind, error?.code ] ).toEqual( [ kind, code ] );
			expect( text ).toBe( '' );
			expect(
				`${ error?.stack } ${ String( error?.cause ) }`
			).not.toContain( KEY );
		}
	);

	it.each( [ 301, 302, 303, 307, 308 ] )(
		'a redirect (%i) is not followed: the key goes nowhere else',
		async ( status ) => {
			let elsewhere = 0;
			const other = await answering( ( _, response ) => {
				elsewhere++;
				response.end();
			} );
			const url = await answering( ( _, response ) => {
				response.writeHead( status, {
					location: `${ other }/chat/completions`,
				} );
				response.end();
			} );
			const { error } = await asking( url );
			expect( error ).toMatchObject( {
				kind: 'refused',
				code: 'provider_address',
				status,
			} );
			expect( elsewhere ).toBe( 0 );
		}
	);

	it( 'what is not HTTP is garbage', async () => {
		const port = await listen(
			createTcpServer( ( socket ) =>
				socket
					.end( 'SSH-2.0-OpenSSH_9.6\r\n' )
					.on( 'error', () => undefined )
			)
		);
		const { error } = await asking( `http://127.0.0.1:${ port }/v1` );
		expect( error ).toMatchObject( {
			kind: 'garbage',
			code: 'provider_garbage',
		} );
	} );
} );

describe( 'an answer in another wrapping', () => {
	const WHOLE = {
		choices: [
			{
				index: 0,
				message: { role: 'assistant', content: 'Thirty days.' },
				finish_reason: 'stop',
			},
		],
		usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
	};

	it( 'that came whole although a stream was asked for is an answer', async () => {
		const url = await answering( ( _, response ) => {
			response.writeHead( 200, { 'content-type': 'application/json' } );
			response.end( JSON.stringify( WHOLE ) );
		} );
		expect( await asking( url ) ).toMatchObject( {
			text: 'Thirty days.',
			finishReason: 'stop',
			usage: { textIn: 9, textOut: 3 },
			error: undefined,
		} );
	} );

	it( 'that is a stream under another name is an answer', async () => {
		const { message, ...choice } = WHOLE
			.choices[ 0 ] as ( typeof WHOLE.choices )[ 0 ];
		const chunk = { ...WHOLE, choices: [ { ...choice, delta: message } ] };
		const url = await answering( ( _, response ) => {
			response.writeHead( 200, { 'content-type': 'text/plain' } );
			response.end(
				`: hello\r\n\r\ndata:${ JSON.stringify( chunk ) }\r\n\r\ndata:[DONE]\r\n\r\n`
			);
		} );
		expect( await asking( url ) ).toMatchObject( {
			text: 'Thirty days.',
			finishReason: 'stop',
			error: undefined,
		} );
	} );
} );

describe( 'T16: a provider that dies in mid-stream', () => {
	it.each( [ 'end', 'close', 'reset' ] as const )(
		'by %s is never taken for one that has finished',
		async ( how ) => {
			const provider = await startSimulatedProvider( {
				behaviour: {
					chunks: [ 'You ', 'may ', 'return ' ],
					cut: { afterChunks: 2, how },
				},
			} );
			ends.push( () => provider.close() );
			const { error, text } = await asking( provider.baseUrl );
			expect( error ).toMatchObject( {
				kind: 'cut',
				code: 'provider_cut',
				isUnbilled: false,
			} );
			expect( text ).toBe( 'You may ' );
		}
	);

	it( 'by silence is given up after the silence that is allowed, not after 45 minutes', async () => {
		const provider = await startSimulatedProvider();
		ends.push( () => provider.close() );
		const between = await startFaultProxy( {
			target: { port: provider.port },
		} );
		ends.push( () => between.close() );
		provider.setDefault( {
			chunks: [ 'You ', 'may ' ],
			stall: { afterChunks: 1 },
		} );
		const { error, text } = await asking(
			`http://127.0.0.1:${ between.port }/v1`,
			{},
			{ silenceMs: 300 }
		);
		expect( error ).toMatchObject( {
			kind: 'timeout',
			code: 'network_timeout',
			isUnbilled: false,
		} );
		expect( text ).toBe( 'You ' );
	} );

	it( 'by signs of life and nothing else is given up like one that is silent', async () => {
		const url = await answering( ( _, response ) => {
			response.writeHead( 200, { 'content-type': 'text/event-stream' } );
			const timer = setInterval(
				() => response.write( ': keep-alive\n\n' ),
				20
			);
			response.on( 'close', () => clearInterval( timer ) );
		} );
		const from = performance.now();
		const { error } = await asking( url, {}, { silenceMs: 200 } );
		expect( error ).toMatchObject( {
			kind: 'timeout',
			code: 'network_timeout',
		} );
		expect( performance.now() - from ).toBeLessThan( 2_000 );
	} );

	it( 'by an error that trickles for ever is understood by what has arrived', async () => {
		const url = await answering( ( _, response ) => {
			response.writeHead( 429, {
				'content-type': 'application/json',
				'retry-after': '7',
			} );
			const timer = setInterval( () => response.write( ' ' ), 20 );
			response.on( 'close', () => clearInterval( timer ) );
		} );
		const { error } = await asking( url, {}, { silenceMs: 200 } );
		expect( error ).toMatchObject( {
			kind: 'rate',
			status: 429,
			retryAfterMs: 7_000,
		} );
	} );
} );
