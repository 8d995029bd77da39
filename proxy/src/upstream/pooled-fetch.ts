/**
 * Gives the provider's SDK a `fetch` on a connection pool. Node's own fetch costs several times as much per call.
 */
import { Agent, request, type Dispatcher } from 'undici';

/** How long making a connection may take, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

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
	connections = 512,
}: {
	headersTimeoutMs: number;
	bodyTimeoutMs: number;
	connections?: number;
} ): PooledFetch {
	const agent = new Agent( {
		connections,
		connect: { timeout: CONNECT_TIMEOUT_MS },
		headersTimeout: headersTimeoutMs,
		bodyTimeout: bodyTimeoutMs,
		keepAliveTimeout: 30_000,
	} );

	const pooledFetch: typeof globalThis.fetch = async ( input, init = {} ) => {
		const { statusCode, headers, body } = await request( String( input ), {
			dispatcher: agent,
			method: ( init.method ?? 'GET' ) as Dispatcher.HttpMethod,
			headers: init.headers as Record< string, string >,
			body: ( init.body ?? null ) as string | null,
			signal: init.signal ?? null,
		} );
		const hasBody = statusCode !== 204 && statusCode !== 304;
		return new Response( hasBody ? toWebStream( body ) : null, {
			status: statusCode,
			headers: toHeaders( headers ),
		} );
	};
	return { fetch: pooledFetch, close: () => agent.destroy() };
}

/**
 * Reads a Node stream piece by piece on demand. `Readable.toWeb` would end the whole process when a reader goes away in the middle.
 */
function toWebStream(
	body: Dispatcher.ResponseData[ 'body' ]
): ReadableStream< Uint8Array > {
	const pieces = body[ Symbol.asyncIterator ]();
	return new ReadableStream< Uint8Array >(
		{
			async pull( controller ) {
				const { value, done } = await pieces.next();
				if ( done ) {
					controller.close();
				} else {
					controller.enqueue( value );
				}
			},
			cancel() {
				// A destroyed body reports the abort as an error, which nobody needs any more.
				body.on( 'error', () => {} );
				body.destroy();
			},
		},
		{ highWaterMark: 0 }
	);
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
