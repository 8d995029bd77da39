/**
 * Refuses bodies that are too large: by their announced length at once, and without one while they arrive.
 */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { DocentError } from '../errors.ts';

/** Makes the middleware for bodies of at most `maxSize` bytes. */
export function limitBody( maxSize: number ): MiddlewareHandler {
	const refuse = (): never => {
		throw new DocentError(
			'payload_too_large',
			`The request is larger than ${ maxSize / 1024 } KB.`
		);
	};
	// Looking at the body makes a web stream of it, so a body with an announced length is not looked at.
	const limitWhileReading = bodyLimit( { maxSize, onError: refuse } );
	return async function limitAnnounced( c, next ) {
		const length = c.req.header( 'content-length' );
		if (
			length === undefined ||
			c.req.header( 'transfer-encoding' ) !== undefined
		) {
			return limitWhileReading( c, next );
		}
		if ( Number( length ) > maxSize ) {
			refuse();
		}
		await next();
	};
}
