/**
 * Turns requests into WebSockets: asks the app who may, answers those who may not over plain HTTP, and hands the others over.
 */
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Hono } from 'hono';
import type { WebSocketServer } from 'ws';
import { DocentError, errorBody } from '../errors.ts';
import type { AppVariables } from '../middleware/request-context.ts';
import type { Services } from '../services.ts';
import { LIVE_PROTOCOL, type UpgradeBindings } from './realtime.ts';

/** The one address that speaks WebSocket. */
const LIVE_PATH = '/v1/realtime';

/** The longest frame of a browser, in bytes: more than a second of sound. */
const MAX_FRAME = 64 * 1024;

/** How many connections one visitor has at a time: two conversations, and two that just broke. */
const MAX_PER_VISITOR = 4;

/** Frames that wait for a browser that does not read, in bytes; beyond, it is given up and may come back. */
const MAX_UNREAD = 2_000_000;

/** The WebSockets of a server. */
export interface Upgrades {
	/** Closes what is still open. */
	close(): void;
}

/** Takes the upgrades of a server. What WebSockets need is loaded at the first of them. */
export function takeUpgrades(
	server: Server,
	app: Hono< AppVariables >,
	services: Services
): Upgrades {
	const perVisitor = new Map< string, number >();
	let webSockets: WebSocketServer | undefined;

	const load = async () => {
		const [ { WebSocketServer: Sockets }, { serveLive } ] =
			await Promise.all( [
				import( 'ws' ),
				import( '../voice/live/live-socket.ts' ),
			] );
		webSockets ??= new Sockets( {
			noServer: true,
			perMessageDeflate: false,
			maxPayload: MAX_FRAME,
			handleProtocols: () => LIVE_PROTOCOL,
		} );
		return { sockets: webSockets, serveLive };
	};

	const take = async (
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer
	): Promise< void > => {
		const upgrade: NonNullable< UpgradeBindings[ 'upgrade' ] > = {
			caller: undefined,
		};
		const asked = toRequest( request );
		if ( new URL( asked.url ).pathname !== LIVE_PATH ) {
			await refuse( socket, nothingHere() );
			return;
		}
		const response = await app.fetch( asked, {
			incoming: request,
			upgrade,
		} );
		const { caller } = upgrade;
		if ( ! caller || response.status !== 204 ) {
			await refuse( socket, response );
			return;
		}
		const key = `${ caller.siteId } ${ caller.visitorId }`;
		const count = perVisitor.get( key ) ?? 0;
		if ( count >= MAX_PER_VISITOR ) {
			await refuse( socket, tooMany( caller.requestId ) );
			return;
		}
		perVisitor.set( key, count + 1 );
		const free = () => {
			const left = ( perVisitor.get( key ) ?? 1 ) - 1;
			if ( left > 0 ) {
				perVisitor.set( key, left );
			} else {
				perVisitor.delete( key );
			}
		};
		let isOpen = false;
		const freeUnlessOpen = () => {
			if ( ! isOpen ) {
				isOpen = true;
				free();
			}
		};
		socket.once( 'close', freeUnlessOpen );
		const { sockets, serveLive } = await load();
		if ( socket.destroyed ) {
			// It may have gone before anybody listened for that.
			freeUnlessOpen();
			return;
		}
		sockets.handleUpgrade( request, socket, head, ( webSocket ) => {
			isOpen = true;
			serveLive( webSocket, {
				caller,
				calls: services.live,
				clock: services.clock,
				maxUnread: MAX_UNREAD,
				onClosed: free,
			} );
		} );
	};

	server.on( 'upgrade', ( request, socket, head ) => {
		// A client that leaves in the middle is nobody's fault.
		socket.on( 'error', () => socket.destroy() );
		take( request, socket, head ).catch( ( error: unknown ) => {
			services.log.error( { err: error }, 'an upgrade failed' );
			socket.destroy();
		} );
	} );

	return {
		close() {
			for ( const webSocket of webSockets?.clients ?? [] ) {
				webSocket.terminate();
			}
		},
	};
}

/** Makes of an upgrade what the app reads; an address that is none becomes one that is not there. */
function toRequest( { method, url = '/', headers }: IncomingMessage ): Request {
	const host = headers.host ?? 'localhost';
	const address = `http://${ host }${ url }`;
	const given = new Headers();
	for ( const [ name, value ] of Object.entries( headers ) ) {
		given.set(
			name,
			Array.isArray( value ) ? value.join( ', ' ) : ( value ?? '' )
		);
	}
	return new Request(
		URL.canParse( address ) ? address : 'http://localhost/not-an-address',
		{ method: method === 'GET' ? 'GET' : 'HEAD', headers: given }
	);
}

/** No other address is asked: what it would answer is not meant for a connection that wants to be something else. */
function nothingHere(): Response {
	const error = new DocentError(
		'not_found',
		`Nothing but ${ LIVE_PATH } speaks WebSocket.`
	);
	return Response.json( errorBody( error, '' ), { status: error.status } );
}

function tooMany( requestId: string ): Response {
	const error = new DocentError(
		'rate_limited',
		'Too many connections of one visitor. Close a tab and try again.',
		{ retryAfterMs: 5_000 }
	);
	return Response.json( errorBody( error, requestId ), {
		status: error.status,
		headers: { 'retry-after': '5' },
	} );
}

/** Writes a response by hand: there is nobody left to do it. */
async function refuse( socket: Duplex, response: Response ): Promise< void > {
	const status = response.status === 204 ? 404 : response.status;
	const body = await response.text();
	const lines = [ `HTTP/1.1 ${ status } ${ STATUS_CODES[ status ] ?? '' }` ];
	response.headers.forEach( ( value, name ) => {
		if ( ! [ 'content-length', 'connection' ].includes( name ) ) {
			lines.push( `${ name }: ${ value }` );
		}
	} );
	lines.push(
		`Content-Length: ${ Buffer.byteLength( body ) }`,
		'Connection: close'
	);
	socket.end( `${ lines.join( '\r\n' ) }\r\n\r\n${ body }` );
}
