/**
 * Counts every HTTP request by route and status, and measures how long the head of its response took.
 */
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { Metrics } from '../metrics/metrics.ts';
import type { AppVariables } from './request-context.ts';

/** Methods that the proxy knows; all others count as one, because a client may send any word. */
const METHODS = new Set( [
	'GET',
	'POST',
	'PUT',
	'DELETE',
	'OPTIONS',
	'HEAD',
] );

/** Makes the middleware. The route is the pattern, such as `/v1/turns/:id`, never the path. */
export function requestMetrics( metrics: Metrics ) {
	return createMiddleware< AppVariables >(
		async function measureRequest( c, next ) {
			const startedAt = performance.now();
			await next();
			const route = routePath( c );
			const { method } = c.req;
			const { status } = c.res;
			if ( status === 429 ) {
				metrics.count( 'docent_rate_limited_total', {
					limit: nameOfLimit( c.var.headers.RateLimit ),
				} );
			}
			metrics.count( 'docent_http_requests_total', {
				method: METHODS.has( method ) ? method : 'other',
				route,
				status: String( status ),
			} );
			metrics.observe(
				'docent_http_request_duration_seconds',
				{ route },
				( performance.now() - startedAt ) / 1_000
			);
		}
	);
}

/** Reads the name of the limit that refused from the `RateLimit` header, `"visitor";r=0;t=3`. */
function nameOfLimit( header = '' ): string {
	return /^"(visitor|address|site)"/.exec( header )?.[ 1 ] ?? 'other';
}
