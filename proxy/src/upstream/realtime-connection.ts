/**
 * Holds a WebSocket to a realtime model, and hands on its events.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { WebSocket } from 'ws';
import type { Model } from '../models/catalog.ts';
import type { Liveness, Living } from './liveness.ts';
import type { ProviderCalls } from './provider-calls.ts';
import {
	errorOfClose,
	errorOfEvent,
	errorOfRefusal,
	errorOfSocket,
	neverBegan,
} from './realtime-errors.ts';
import { UpstreamError } from './upstream-error.ts';
import type { RealtimeConnection, RealtimeListener } from './voice.ts';
import { openTunnel } from './web-proxy-tunnel.ts';

/** How long it may take until the session is there, in milliseconds. */
const OPEN_MS = 10_000;

/** How long the provider may take to say goodbye, in milliseconds. */
const CLOSE_MS = 2_000;

/** One event is never longer, in bytes; the longest are settings with many tools, and pieces of sound. */
const MAX_EVENT = 2_000_000;

/** Who does not read so much, in bytes, does not read at all: five minutes of sound. */
const MAX_BUFFERED = 20_000_000;

/** What is connected to. */
export interface ConnectRequest {
	model: Model;
	requestId?: string | undefined;
	safetyId?: string | undefined;
	/** Stops the opening; afterwards `close` does. */
	signal: AbortSignal;
	/** Is told the headers of the reply to the upgrade. */
	onHead?( headers: IncomingHttpHeaders ): void;
}

/** A connection that can wait in a pool. */
export interface PooledConnection extends RealtimeConnection {
	/** Whether the process stays up for it. */
	hold( isHeld: boolean ): void;
}

/**
 * Connects, and resolves at `session.created`, which the listener has heard then. Rejects with what the transport threw or with
 * `UpstreamError`, and the listener hears nothing of it.
 */
export function connectRealtime(
	calls: ProviderCalls,
	liveness: Liveness,
	request: ConnectRequest,
	listener: RealtimeListener
): Promise< PooledConnection > {
	return new Promise( ( resolve, reject ) => {
		const { signal } = request;
		if ( signal.aborted ) {
			reject( calls.errorOf( signal.reason, signal ) );
			return;
		}
		let state: 'opening' | 'open' | 'over' = 'opening';
		let carrier: IncomingMessage[ 'socket' ] | undefined;
		let lastError: UpstreamError | undefined;
		const socket = openSocket( calls, request );

		const over = ( error: UpstreamError | undefined ) => {
			const wasOpening = state === 'opening';
			if ( state === 'over' ) {
				return;
			}
			state = 'over';
			clearTimeout( timer );
			liveness.remove( living );
			signal.removeEventListener( 'abort', onAbort );
			if ( error ) {
				socket.terminate();
			} else {
				socket.close( 1000 );
				setTimeout( () => socket.terminate(), CLOSE_MS ).unref();
			}
			if ( wasOpening ) {
				reject( error && neverBegan( error ) );
			} else {
				// Not inside of the call that closed it, which has not returned yet.
				queueMicrotask( () => listener.onClose( error ) );
			}
		};
		const living: Living = {
			isAlive: true,
			ask: () => socket.ping(),
			lost: () =>
				over(
					new UpstreamError(
						'timeout',
						'the provider gives no sign of life'
					)
				),
		};
		const connection: PooledConnection = {
			send( event ) {
				if ( state !== 'open' ) {
					return;
				}
				if ( socket.bufferedAmount > MAX_BUFFERED ) {
					over(
						new UpstreamError(
							'timeout',
							'the provider does not read what is sent'
						)
					);
					return;
				}
				socket.send( JSON.stringify( event ) );
			},
			get bufferedBytes() {
				return socket.bufferedAmount;
			},
			close: () => over( undefined ),
			hold( isHeld ) {
				if ( isHeld ) {
					carrier?.ref();
				} else {
					carrier?.unref();
				}
			},
		};
		const opened = () => {
			state = 'open';
			clearTimeout( timer );
			signal.removeEventListener( 'abort', onAbort );
			liveness.add( living );
			resolve( connection );
		};
		const onAbort = () => over( calls.errorOf( signal.reason, signal ) );
		const timer = setTimeout(
			() =>
				over(
					new UpstreamError(
						'timeout',
						'the provider did not open the session in time'
					)
				),
			OPEN_MS
		);
		signal.addEventListener( 'abort', onAbort, { once: true } );

		socket.on( 'upgrade', ( reply ) => {
			carrier = reply.socket;
			request.onHead?.( reply.headers );
		} );
		socket.on( 'unexpected-response', ( _sent, reply ) => {
			errorOfRefusal( reply, calls.config.quirks ).then( over, over );
		} );
		socket.on( 'error', ( error ) =>
			over( errorOfSocket( error ) ?? calls.errorOf( error, signal ) )
		);
		socket.on( 'close', ( code ) =>
			over(
				state === 'opening'
					? ( lastError ??
							new UpstreamError(
								'unavailable',
								`the provider closed the session with code ${ code } before it began`
							) )
					: errorOfClose( code, lastError )
			)
		);
		socket.on( 'pong', () => {
			living.isAlive = true;
		} );
		socket.on( 'message', ( data, isBinary ) => {
			if ( state === 'over' ) {
				return;
			}
			living.isAlive = true;
			const event = isBinary ? undefined : readEvent( data as Buffer );
			if ( event === undefined ) {
				over(
					new UpstreamError(
						'garbage',
						'the provider sent what is not an event'
					)
				);
				return;
			}
			if ( typeof event?.type !== 'string' ) {
				return;
			}
			// An error closes a session when nothing comes after it.
			lastError =
				event.type === 'error'
					? errorOfEvent( event.error )
					: undefined;
			if ( state === 'opening' ) {
				if ( lastError ) {
					over( lastError );
					return;
				}
				if ( event.type !== 'session.created' ) {
					return;
				}
				opened();
			}
			try {
				listener.onEvent( event );
			} catch ( error ) {
				over(
					new UpstreamError( 'cut', 'an event was not understood', {
						cause: error,
					} )
				);
			}
		} );
	} );
}

function openSocket(
	calls: ProviderCalls,
	{ model, requestId, safetyId }: ConnectRequest
): WebSocket {
	const { webProxy } = calls.config;
	const url = realtimeUrl( calls, model );
	const {
		accept: _accept,
		'content-type': _contentType,
		...headers
	} = calls.headers;
	return new WebSocket( url, {
		headers: {
			...headers,
			...( safetyId === undefined
				? {}
				: { 'openai-safety-identifier': safetyId } ),
			...( requestId === undefined
				? {}
				: { 'x-client-request-id': requestId } ),
		},
		perMessageDeflate: false,
		maxPayload: MAX_EVENT,
		...( webProxy === undefined
			? {}
			: {
					createConnection: ( (
						_options: unknown,
						done: ( error: Error | null, socket?: Duplex ) => void
					) => {
						openTunnel( webProxy, url, done );
					} ) as never,
				} ),
	} );
}

/** The address beside the provider's others; plain only where those are, which is on this machine. */
function realtimeUrl( calls: ProviderCalls, model: Model ): URL {
	const url = new URL( calls.urlOf( '/realtime' ) );
	url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
	url.searchParams.set(
		calls.config.quirks.apiVersion === '' ? 'model' : 'deployment',
		model.upstreamId
	);
	return url;
}

/** Returns null for JSON that is no object, and undefined for what is not JSON. */
function readEvent( data: Buffer ): RealtimeServerEvent | null | undefined {
	try {
		return JSON.parse( data.toString() );
	} catch {
		return undefined;
	}
}
