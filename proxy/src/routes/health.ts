/**
 * `/health/live` and `/health/ready`: tell whoever runs the proxy that it is up, and that it can work.
 */
import { Hono } from 'hono';
import type { Services } from '../services.ts';

/** Makes the routes of the operator. */
export function createHealthRoutes( { stores }: Services ) {
	return new Hono()
		.get( '/health/live', ( c ) => c.json( { status: 'ok' } ) )
		.get( '/health/ready', async ( c ) => {
			// Reading proves that the store is there; a proxy that cannot write still quotes the site.
			await stores.checkReadable();
			return c.json( { status: 'ok' } );
		} );
}
