/**
 * Opens a connection through a web proxy (HTTP CONNECT), for what does not go over the pool.
 */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';

/** How long the web proxy may take to answer, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Connects to `target` (`ws:` or `wss:`) through `webProxy` and calls back with the connection, encrypted where the target is, or with what
 * went wrong. The proxy sees host and port and nothing else.
 */
export function openTunnel(
	webProxy: string,
	target: URL,
	done: ( error: Error | null, socket?: Duplex ) => void
): void {
	const isSecure = target.protocol === 'wss:';
	const host = target.hostname.replace( /^\[|\]$/g, '' );
	const port = Number( target.port ) || ( isSecure ? 443 : 80 );
	const authority = `${ target.hostname }:${ port }`;
	const connect = (
		webProxy.startsWith( 'https:' ) ? httpsRequest : httpRequest
	)( webProxy, {
		method: 'CONNECT',
		path: authority,
		headers: { host: authority },
		timeout: CONNECT_TIMEOUT_MS,
		agent: false,
	} );
	connect.on( 'connect', ( response, socket: Socket ) => {
		if ( response.statusCode !== 200 ) {
			socket.destroy();
			done( new Error( `Proxy response (${ response.statusCode })` ) );
			return;
		}
		socket.setTimeout( 0 );
		if ( ! isSecure ) {
			done( null, socket );
			return;
		}
		const encrypted = tlsConnect( {
			socket,
			...( isIP( host ) ? {} : { servername: host } ),
			host,
		} );
		encrypted.once( 'error', done );
		encrypted.once( 'secureConnect', () => {
			encrypted.off( 'error', done );
			done( null, encrypted );
		} );
	} );
	connect.on( 'response', ( response ) => {
		response.destroy();
		done( new Error( `Proxy response (${ response.statusCode })` ) );
	} );
	connect.on( 'timeout', () =>
		connect.destroy( new Error( 'Proxy response (none)' ) )
	);
	connect.on( 'error', done );
	connect.end();
}
