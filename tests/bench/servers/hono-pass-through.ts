/**
 * Passes Chat Completions through and does nothing else: what Hono on an undici pool costs by itself.
 *
 * `node hono-pass-through.ts PORT UPSTREAM_ORIGIN`
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Pool } from 'undici';

const [ port = '0', upstream = '' ] = process.argv.slice( 2 );
const pool = new Pool( upstream, { connections: 128 } );
const app = new Hono();

app.post( '/v1/chat/completions', async ( c ) => {
	const { statusCode, headers, body } = await pool.request( {
		method: 'POST',
		path: c.req.path,
		headers: {
			'content-type': 'application/json',
			authorization: c.req.header( 'authorization' ) ?? '',
		},
		body: await c.req.text(),
	} );
	const pieces = body[ Symbol.asyncIterator ]();
	const stream = new ReadableStream< Uint8Array >(
		{
			async pull( controller ) {
				const { value, done } = await pieces.next();
				if ( done ) {
					controller.close();
				} else {
					controller.enqueue( value as Uint8Array );
				}
			},
			cancel() {
				body.on( 'error', () => undefined );
				body.destroy();
			},
		},
		{ highWaterMark: 0 }
	);
	return new Response( stream, {
		status: statusCode,
		headers: { 'content-type': String( headers[ 'content-type' ] ) },
	} );
} );

serve( { fetch: app.fetch, port: Number( port ), hostname: '127.0.0.1' } );
