/**
 * Refuses bodies that are too large: by their announced length at once, and without one while they arrive.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { DocentError } from '../errors.ts';

/** Makes the middleware for bodies of at most `maxSize` bytes. */
export function limitBody( maxSize: number ): MiddlewareHandler {
	const limitAnnounced = limitAnnouncedBody( maxSize );
	// Looking at the body makes a web stream of it, so a body with an announced length is not looked at.
	const limitWhileReading = bodyLimit( {
		maxSize,
		onError: () => refuse( maxSize ),
	} );
	return ( c, next ) =>
		isAnnounced( c )
			? limitAnnounced( c, next )
			: limitWhileReading( c, next );
}

/** Makes the middleware for bodies that their reader counts while they arrive: only their announced length is looked at. */
export function limitAnnouncedBody( maxSize: number ): MiddlewareHandler {
	return async function limitAnnounced( c, next ) {
		if (
			isAnnounced( c ) &&
			Number( c.req.header( 'content-length' ) ) > maxSize
		) {
			refuse( maxSize );
		}
		await next();
	};
}

function isAnnounced( c: Context ): boolean {
	return (
		c.req.header( 'content-length' ) !== undefined &&
		c.req.header( 'transfer-encoding' ) === undefined
	);
}

function refuse( maxSize: number ): never {
	throw new DocentError(
		'payload_too_large',
		`The request is larger than ${ maxSize / 1024 } KB.`
	);
}
