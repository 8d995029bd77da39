/**
 * Gives the provider's SDK a `fetch` on a connection pool. Node's own fetch costs several times as much per call.
 */
import { Agent, request, type Dispatcher } from 'undici';

/** How long making a connection may take, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Room for more calls than the proxy works on at a time, so that nobody waits for somebody else's answer to end. */
const MAX_CONNECTIONS = 8_192;

/** The longest reply that is not a stream, in bytes: an error, or a list of models. */
const MAX_REPLY = 4_000_000;

/** What the pool needs: the `fetch` and an end. */
export interface PooledFetch {
	fetch: typeof globalThis.fetch;
	close(): Promise< void >;
}

/**
 * Makes a `fetch` for JSON requests with a string body. Follows no redirects and takes no proxies from the environment: the provider's
 * address comes from configuration alone.
 *
 * `headersTimeoutMs` bounds the wait for the reply's head, `bodyTimeoutMs` the silence between two pieces of it.
 */
export function createPooledFetch( {
	headersTimeoutMs,
	bodyTimeoutMs,
}: {
	headersTimeoutMs: number;
	bodyTimeoutMs: number;
} ): PooledFetch {
	const agent = new Agent( {
		connections: MAX_CONNECTIONS,
		connect: { timeout: CONNECT_TIMEOUT_MS },
		headersTimeout: headersTimeoutMs,
		bodyTimeout: bodyTimeoutMs,
		keepAliveTimeout: 30_000,
	} );

	const pooledFetch: typeof globalThis.fetch = async ( input, init = {} ) => {
		const { statusCode, headers, body } = await request( String( input ), {
			dispatcher: agent,
			method: ( init.method ?? 'GET' ) as Dispatcher.HttpMethod,
			headers: plainHeaders( init.headers ),
			body: ( init.body ?? null ) as string | null,
			signal: init.signal ?? null,
		} );
		if ( statusCode === 200 && isEventStream( headers ) ) {
			return streamedResponse( body );
		}
		const hasBody = statusCode !== 204 && statusCode !== 304;
		return new Response( hasBody ? await readText( body ) : null, {
			status: statusCode,
			headers: toHeaders( headers ),
		} );
	};
	return { fetch: pooledFetch, close: () => agent.destroy() };
}

/** Reads a reply that is no stream; one without end is cut off. */
async function readText(
	body: Dispatcher.ResponseData[ 'body' ]
): Promise< string > {
	const pieces: Buffer[] = [];
	let length = 0;
	for await ( const piece of body as AsyncIterable< Buffer > ) {
		length += piece.length;
		if ( length > MAX_REPLY ) {
			break;
		}
		pieces.push( piece );
	}
	return Buffer.concat( pieces ).toString( 'utf8' );
}

function isEventStream(
	headers: Dispatcher.ResponseData[ 'headers' ]
): boolean {
	return String( headers[ 'content-type' ] ).startsWith(
		'text/event-stream'
	);
}

/**
 * Makes the part of a Response that reading a stream takes. A whole one, with a web stream inside, costs more than the rest of the call, and
 * `Readable.toWeb` would end the process when a reader goes away in the middle.
 */
function streamedResponse( body: Dispatcher.ResponseData[ 'body' ] ): Response {
	const response: Pick< Response, 'ok' | 'status' | 'headers' > & {
		body: AsyncIterable< Uint8Array >;
	} = { ok: true, status: 200, headers: NO_HEADERS, body };
	return response as unknown as Response;
}

const NO_HEADERS = new Headers();

const plain = new WeakMap< Headers, Record< string, string > >();

/** Turns headers into what undici takes without further checks; the same object of headers is turned once. */
function plainHeaders(
	headers: RequestInit[ 'headers' ]
): Record< string, string > {
	if ( ! ( headers instanceof Headers ) ) {
		return Object.fromEntries( new Headers( headers ) );
	}
	let record = plain.get( headers );
	if ( ! record ) {
		record = Object.fromEntries( headers );
		plain.set( headers, record );
	}
	return record;
}

function toHeaders( raw: Dispatcher.ResponseData[ 'headers' ] ): Headers {
	const headers = new Headers();
	for ( const [ name, value ] of Object.entries( raw ) ) {
		for ( const one of Array.isArray( value ) ? value : [ value ] ) {
			if ( one !== undefined ) {
				headers.append( name, one );
			}
		}
	}
	return headers;
}
