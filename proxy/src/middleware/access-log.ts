/**
 * Writes a line for every request, for whoever debugs. No path, query, header or body, which may name a person: only the route, and how it
 * ended.
 */
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { AppVariables } from './request-context.ts';

/** Makes the middleware; its lines have the level `debug`. An event stream is logged when it begins. */
export function accessLog( log: Logger ) {
	return createMiddleware< AppVariables >(
		async function logRequest( c, next ) {
			const startedAt = performance.now();
			await next();
			log.debug(
				{
					requestId: c.var.requestId,
					method: c.req.method,
					route: routePath( c ),
					status: c.res.status,
					durationMs: Math.round( performance.now() - startedAt ),
				},
				'request'
			);
		}
	);
}
