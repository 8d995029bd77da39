/**
 * Gives every request its id, the address it counts under, and the headers of its response.
 */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { DocentError } from '../errors.ts';
import type { Sites } from '../sites.ts';
import { createConnectionReader } from './client-address.ts';

/** What every request carries through the app. */
export type AppVariables = {
	Variables: {
		requestId: string;
		address: string;
		/** True when the request came over TLS, or never left this machine. */
		isPrivate: boolean;
		/** Headers of every response, also of those that do not go through Hono. */
		headers: Record< string, string >;
	};
};

/** Makes ids that tell the requests of all processes apart in a log; they open nothing. */
const processId = randomBytes( 5 ).toString( 'hex' );
let requests = 0;
const nextRequestId = () => `${ processId }-${ ( ++requests ).toString( 36 ) }`;

/** An id that somebody in front gave is kept when it looks like one, so that one id leads through all logs. */
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/;

function readRequestId( given: string | undefined ): string {
	return given !== undefined && REQUEST_ID.test( given )
		? given
		: nextRequestId();
}

/** Makes the middleware that comes first. */
export function requestContext( trustedProxies: string[] ) {
	const readConnection = createConnectionReader( trustedProxies );
	return createMiddleware< AppVariables >(
		async function describeRequest( c, next ) {
			const { address, isPrivate } = readConnection( c );
			c.set(
				'requestId',
				readRequestId( c.req.header( 'x-request-id' ) )
			);
			c.set( 'address', address );
			c.set( 'isPrivate', isPrivate );
			c.set( 'headers', {} );
			setHeader( c, 'X-Request-Id', c.var.requestId );
			setHeader( c, 'X-Content-Type-Options', 'nosniff' );
			setHeader( c, 'Referrer-Policy', 'no-referrer' );
			await next();
		}
	);
}

/** Refuses what came over plain http from another machine. */
export const requirePrivate = createMiddleware< AppVariables >(
	async function refusePlainHttp( c, next ) {
		if ( ! c.var.isPrivate ) {
			throw new DocentError(
				'https_required',
				'The proxy answers over https only. Put a TLS server in front of it and name it in DOCENT_TRUSTED_PROXIES.'
			);
		}
		await next();
	}
);

/** Lets pages of the sites read responses; Hono's own middleware for this answers only the preflights, because it builds a response per request. */
export function allowOrigins( sites: Sites ) {
	return createMiddleware< AppVariables >(
		async function allowOrigin( c, next ) {
			const origin = c.req.header( 'origin' );
			setHeader( c, 'Vary', 'Origin' );
			if ( origin !== undefined && sites.hasOrigin( origin ) ) {
				setHeader( c, 'Access-Control-Allow-Origin', origin );
				setHeader(
					c,
					'Access-Control-Expose-Headers',
					'RateLimit, RateLimit-Policy, Retry-After, X-Request-Id'
				);
			}
			await next();
		}
	);
}

/** Sets a header of the response, whether Hono writes it or a stream does. */
export function setHeader< Variables extends AppVariables >(
	c: Context< Variables >,
	name: string,
	value: string
): void {
	c.var.headers[ name ] = value;
	c.header( name, value );
}
