/**
 * Writes a line for every request, for whoever debugs. No query, header or body: only where it went and how it ended.
 */
import { createMiddleware } from 'hono/factory';
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
					path: c.req.path,
					status: c.res.status,
					durationMs: Math.round( performance.now() - startedAt ),
				},
				'request'
			);
		}
	);
}
