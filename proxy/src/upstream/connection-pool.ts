/**
 * Sends requests to a provider over a pool of connections. Node's own fetch costs several times as much per call.
 */
import { Agent, ProxyAgent, request, type Dispatcher } from 'undici';

/** How long making a connection may take, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Room for more calls than the proxy works on at a time, so that nobody waits for somebody else's answer to end. */
const MAX_CONNECTIONS = 8_192;

/** The longest reply that is not a stream, in bytes: an error, or a list of models. */
const MAX_REPLY = 4_000_000;

/** The headers of a reply, by lower-case name. */
export type ReplyHeaders = Readonly<
	Record< string, string | string[] | undefined >
>;

/** A reply whose head has arrived. Its body is read once: as pieces, or as text. */
export interface Reply {
	status: number;
	headers: ReplyHeaders;
	isEventStream: boolean;
	/** In lower case, without its parameters; empty when the provider did not say. */
	mimeType: string;
	body: AsyncIterable< Uint8Array >;
	/** Reads the whole body; one without end, or one that trickles for longer than `withinMs`, is cut off. */
	text( withinMs: number ): Promise< string >;
}

/** A request with everything that is sent. */
export interface PoolRequest {
	method: 'GET' | 'POST';
	headers: Record< string, string >;
	body?: string | Uint8Array;
	signal: AbortSignal;
}

/** Connections to one provider. */
export interface ConnectionPool {
	/** Resolves when the head of the reply is there, whatever its status; rejects when there is none. */
	send( url: string, request: PoolRequest ): Promise< Reply >;
	close(): Promise< void >;
}

/**
 * Opens a pool. Follows no redirects and takes no proxies from the environment: where a key goes is said by configuration alone.
 *
 * `headersTimeoutMs` bounds the wait for the reply's head, `bodyTimeoutMs` the silence between two pieces of it. `webProxy` is the
 * address of a proxy that opens the connections.
 */
export function openConnectionPool( {
	headersTimeoutMs,
	bodyTimeoutMs,
	webProxy,
}: {
	headersTimeoutMs: number;
	bodyTimeoutMs: number;
	webProxy?: string | undefined;
} ): ConnectionPool {
	const options = {
		connections: MAX_CONNECTIONS,
		connect: { timeout: CONNECT_TIMEOUT_MS },
		headersTimeout: headersTimeoutMs,
		bodyTimeout: bodyTimeoutMs,
		keepAliveTimeout: 30_000,
	};
	const dispatcher =
		webProxy === undefined
			? new Agent( options )
			: new ProxyAgent( {
					...options,
					uri: webProxy,
					// Whatever the target: a proxy that reads along would see the key.
					proxyTunnel: true,
					proxyTls: { timeout: CONNECT_TIMEOUT_MS },
					requestTls: { timeout: CONNECT_TIMEOUT_MS },
				} );

	return {
		async send( url, { method, headers, body, signal } ) {
			const response = await request( url, {
				dispatcher,
				method,
				headers,
				body: body ?? null,
				signal,
			} );
			const mimeType = mimeTypeOf( response.headers[ 'content-type' ] );
			return {
				status: response.statusCode,
				headers: response.headers,
				isEventStream: mimeType === 'text/event-stream',
				mimeType,
				body: response.body,
				text: ( withinMs ) => readText( response.body, withinMs ),
			};
		},
		close: () => dispatcher.destroy(),
	};
}

function mimeTypeOf( header: string | string[] | undefined ): string {
	return ( String( header ?? '' ).split( /[;,]/, 1 )[ 0 ] ?? '' )
		.trim()
		.toLowerCase();
}

async function readText(
	body: Dispatcher.ResponseData[ 'body' ],
	withinMs: number
): Promise< string > {
	const endsAt = performance.now() + withinMs;
	const pieces: Buffer[] = [];
	let length = 0;
	for await ( const piece of body as AsyncIterable< Buffer > ) {
		length += piece.length;
		if ( length > MAX_REPLY || performance.now() > endsAt ) {
			break;
		}
		pieces.push( piece );
	}
	return Buffer.concat( pieces ).toString( 'utf8' );
}
