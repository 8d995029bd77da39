/**
 * `/health/live` and `/health/ready`: tell whoever runs the proxy that it is up, and that it can work.
 */
import { Hono } from 'hono';
import { DocentError } from '../errors.ts';
import type { Services } from '../services.ts';

/** How long the store may take to answer, in milliseconds; a paused one must not make the check hang. */
const STORE_MS = 1_500;

/** After so long a caller may look again, in milliseconds. */
const RETRY_MS = 5_000;

/** Makes the routes of health. */
export function createHealthRoutes( {
	stores,
	log,
}: Pick< Services, 'stores' | 'log' > ) {
	return new Hono()
		.get( '/health/live', ( c ) => c.json( { status: 'ok' } ) )
		.get( '/health/ready', async ( c ) => {
			try {
				// Reading proves that the store is there; a proxy that cannot write still quotes the site.
				await within( STORE_MS, stores.checkReadable() );
			} catch ( error ) {
				log.warn( { err: error }, 'the store cannot be read' );
				throw new DocentError(
					'storage_unavailable',
					'The store cannot be read. Look at the log of the proxy.',
					{ cause: error, retryAfterMs: RETRY_MS }
				);
			}
			return c.json( { status: 'ok' } );
		} );
}

/** Rejects when work takes too long. */
async function within( ms: number, work: Promise< void > ): Promise< void > {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise< never >( ( _resolve, reject ) => {
		timer = setTimeout(
			() => reject( new Error( `no answer within ${ ms } ms` ) ),
			ms
		);
	} );
	try {
		await Promise.race( [ work, late ] );
	} finally {
		clearTimeout( timer );
	}
}
