/**
 * The other end of a realtime session, which does exactly what a test says: for what no provider should do.
 */
import { once } from 'node:events';
import {
	createServer,
	type IncomingHttpHeaders,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { loadOracle } from '../../support/openapi/oracle.ts';

/** An event as the wire has it. */
export type WireEvent = { type: string } & Record< string, unknown >;

/** One session that was opened. */
export interface PeerSession {
	url: string;
	headers: IncomingHttpHeaders;
	received: WireEvent[];
	/** Below the WebSocket. */
	tcp: Socket;
	socket: WebSocket;
	send( ...events: WireEvent[] ): void;
	/** Resolves with the code with which the session was closed. */
	closed: Promise< number >;
}

/** What the peer does. */
export interface PeerScript {
	/** Answers the upgrade with HTTP instead. */
	refuse?: ( response: {
		end( status: number, body: string, headers?: string ): void;
	} ) => void;
	/** Default: says `session.created`. */
	onOpen?( session: PeerSession ): void;
	onEvent?( event: WireEvent, session: PeerSession ): void;
	/** Headers of the reply to the upgrade. */
	upgradeHeaders?: string[];
	autoPong?: boolean;
}

/** A running peer. */
export interface Peer {
	baseUrl: string;
	sessions: PeerSession[];
	/** Requests for an upgrade, also those that were refused. */
	readonly upgrades: number;
	/** What the API's own description says against the events that came. */
	violations: string[];
	/** Resolves once the nth session is there, counted from 1. */
	session( count: number ): Promise< PeerSession >;
	close(): Promise< void >;
}

/** The first word of every session. */
export const CREATED: WireEvent = {
	type: 'session.created',
	event_id: 'event_1',
	session: { type: 'realtime', id: 'sess_1', object: 'realtime.session' },
};

/** Starts a peer on the loopback address. */
export async function startPeer( script: PeerScript = {} ): Promise< Peer > {
	const oracle = loadOracle();
	const server = createServer( ( _, response: ServerResponse ) =>
		response.writeHead( 404 ).end()
	);
	const sockets = new WebSocketServer( {
		noServer: true,
		autoPong: script.autoPong ?? true,
	} );
	const sessions: PeerSession[] = [];
	const violations: string[] = [];
	let upgrades = 0;

	sockets.on( 'headers', ( headers ) =>
		headers.push( ...( script.upgradeHeaders ?? [] ) )
	);
	server.on( 'upgrade', ( request, tcp: Socket, head ) => {
		upgrades++;
		tcp.on( 'error', () => undefined );
		if ( script.refuse ) {
			script.refuse( {
				end( status, body, headers = '' ) {
					tcp.end(
						`HTTP/1.1 ${ status } No\r\ncontent-type: application/json\r\ncontent-length: ${ Buffer.byteLength( body ) }\r\nconnection: close\r\n${ headers }\r\n${ body }`
					);
				},
			} );
			return;
		}
		sockets.handleUpgrade( request, tcp, head, ( socket ) => {
			const session: PeerSession = {
				url: request.url ?? '',
				headers: request.headers,
				received: [],
				tcp,
				socket,
				send( ...events ) {
					for ( const event of events ) {
						socket.send( JSON.stringify( event ) );
					}
				},
				closed: once( socket, 'close' ).then(
					( [ code ] ) => code as number
				),
			};
			socket.on( 'error', () => undefined );
			socket.on( 'message', ( data ) => {
				const event = JSON.parse( String( data ) ) as WireEvent;
				violations.push(
					...( oracle?.( 'RealtimeClientEvent', event ) ?? [] )
				);
				session.received.push( event );
				script.onEvent?.( event, session );
			} );
			sessions.push( session );
			( script.onOpen ?? ( () => session.send( CREATED ) ) )( session );
			server.emit( 'session' );
		} );
	} );
	server.listen( 0, '127.0.0.1' );
	await once( server, 'listening' );
	const { port } = server.address() as AddressInfo;
	return {
		baseUrl: `http://127.0.0.1:${ port }/v1`,
		sessions,
		violations,
		get upgrades() {
			return upgrades;
		},
		async session( count ) {
			while ( sessions.length < count ) {
				await once( server, 'session' );
			}
			return sessions[ count - 1 ] as PeerSession;
		},
		async close() {
			for ( const client of sockets.clients ) {
				client.terminate();
			}
			const closed = once( server, 'close' );
			server.close();
			server.closeAllConnections();
			await closed;
		},
	};
}
