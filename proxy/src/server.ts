/**
 * Serves the app over HTTP, with time limits against clients that never finish, and ends without breaking answers off.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createApp } from './app.ts';
import { createOperatorApp } from './routes/operator.ts';
import { takeUpgrades } from './routes/upgrades.ts';
import type { Services } from './services.ts';

/** How long a client may take to send its headers, and its whole request, in milliseconds. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const CHECK_EVERY_MS = 5_000;

/** Longer than the idle time of the usual servers in front, so that they never reuse a connection that is closing; in milliseconds. */
const KEEP_ALIVE_MS = 65_000;

/** How long nothing may move on a connection in use, in milliseconds. */
const STUCK_MS = 60_000;

/** How long running answers may take to end after the word to stop, in milliseconds. */
const DRAIN_MS = 8_000;

/** A proxy that listens. */
export interface RunningServer {
	readonly address: string;
	readonly port: number;
	/** Where the operator's routes are alone; absent unless configured. */
	readonly operatorPort: number | undefined;
	/** Requests since the start. */
	readonly requestCount: number;
	/** Takes no new request, lets running answers end for a while, then closes everything. */
	close( drainMs?: number ): Promise< void >;
}

/** How long clients may take, in milliseconds. */
export interface ClientLimits {
	headersTimeoutMs?: number;
	requestTimeoutMs?: number;
	stuckMs?: number;
	/** How often headers and requests in the making are looked at. */
	checkEveryMs?: number;
}

/** Starts listening where the configuration says; rejects when the port is taken. */
export async function serve(
	services: Services,
	{
		headersTimeoutMs = HEADERS_TIMEOUT_MS,
		requestTimeoutMs = REQUEST_TIMEOUT_MS,
		stuckMs = STUCK_MS,
		checkEveryMs = CHECK_EVERY_MS,
	}: ClientLimits = {}
): Promise< RunningServer > {
	const { host, port, operatorPort } = services.config;
	const listen = async (
		app: { fetch: ReturnType< typeof createApp >[ 'fetch' ] },
		onPort: number
	): Promise< Server > => {
		const listening = createAdaptorServer( {
			fetch: app.fetch,
			serverOptions: {
				headersTimeout: headersTimeoutMs,
				requestTimeout: requestTimeoutMs,
				keepAliveTimeout: KEEP_ALIVE_MS,
				connectionsCheckingInterval: checkEveryMs,
				maxHeaderSize: 16 * 1024,
				noDelay: true,
			},
		} ) as Server;
		await new Promise< void >( ( resolve, reject ) => {
			listening.once( 'error', reject );
			listening.listen( onPort, host, () => {
				listening.off( 'error', reject );
				resolve();
			} );
		} );
		// A connection on which nothing moves, in spite of the heartbeat, has a reader that does not read.
		listening.timeout = stuckMs;
		return listening;
	};
	const app = createApp( services );
	const server = await listen( app, port );
	const upgrades = takeUpgrades( server, app, services );
	const operator =
		operatorPort === undefined
			? undefined
			: await listen( createOperatorApp( services ), operatorPort );
	const bound = server.address() as AddressInfo;

	let requestCount = 0;
	server.on( 'request', () => requestCount++ );

	return {
		address: bound.address,
		port: bound.port,
		operatorPort: ( operator?.address() as AddressInfo | undefined )?.port,
		get requestCount() {
			return requestCount;
		},
		async close( drainMs = DRAIN_MS ) {
			const closed = new Promise< void >( ( resolve ) =>
				server.close( () => resolve() )
			);
			await Promise.all( [
				services.turns.drain( drainMs ),
				services.live.drain( drainMs ),
			] );
			upgrades.close();
			server.closeIdleConnections();
			// Readers get a moment for the last events before the rest is cut.
			const cut = setTimeout( () => server.closeAllConnections(), 500 );
			await closed;
			clearTimeout( cut );
			operator?.close();
			operator?.closeAllConnections();
			await services.close();
		},
	};
}
