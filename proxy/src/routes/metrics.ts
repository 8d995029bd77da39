/**
 * `/metrics`: what Prometheus reads.
 */
import { Hono } from 'hono';
import type { Services } from '../services.ts';

/** Makes the route of the metrics. */
export function createMetricsRoute( { metrics }: Pick< Services, 'metrics' > ) {
	return new Hono().get( '/metrics', async ( c ) => {
		const { contentType, text } = await metrics.render();
		return c.body( text, 200, {
			'Content-Type': contentType,
			'Cache-Control': 'no-store',
		} );
	} );
}
