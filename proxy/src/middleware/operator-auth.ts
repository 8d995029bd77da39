/**
 * Lets in whoever runs the proxy: by the operator's token, or from the machine itself.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { DocentError } from '../errors.ts';
import type { AppVariables } from './request-context.ts';

/** A server in front of the proxy writes at least one of these; then the socket says nothing about who asks. */
const WRITTEN_BY_PROXIES = [
	'forwarded',
	'x-forwarded-for',
	'x-forwarded-host',
	'x-forwarded-proto',
	'x-real-ip',
	'via',
];

const LOOPBACK_HOSTS = new Set( [ 'localhost', '127.0.0.1', '[::1]' ] );

/**
 * Makes the middleware of the operator's routes on the public port. With a token, the token opens them. A request that comes from the machine
 * itself, and was not passed on by another server, needs none; unless `isLoopbackEnough` is false and there is a token.
 */
export function operatorAuth(
	token: string | undefined,
	{ isLoopbackEnough }: { isLoopbackEnough: boolean }
) {
	return createMiddleware< AppVariables >(
		async function letOperatorIn( c, next ) {
			const mayLoopback = token === undefined || isLoopbackEnough;
			const isAllowed =
				( mayLoopback && comesFromThisMachine( c ) ) ||
				( token !== undefined && hasToken( c, token ) );
			if ( ! isAllowed ) {
				throw new DocentError(
					'operator_only',
					'This address is for whoever runs the proxy. Send the token of DOCENT_OPERATOR_TOKEN, or use the port of DOCENT_OPERATOR_PORT.'
				);
			}
			await next();
		}
	);
}

function hasToken( c: Context< AppVariables >, token: string ): boolean {
	const given = /^Bearer (.+)$/i.exec(
		c.req.header( 'authorization' ) ?? ''
	)?.[ 1 ];
	// A token that came in the clear from another machine has been read by others.
	return (
		given !== undefined &&
		c.var.isPrivate &&
		timingSafeEqual( digest( given ), digest( token ) )
	);
}

/** Hashes of equal length can be compared in equal time. */
function digest( text: string ): Buffer {
	return createHash( 'sha256' ).update( text ).digest();
}

function comesFromThisMachine( c: Context< AppVariables > ): boolean {
	const { incoming } = c.env as Partial< HttpBindings >;
	const address = incoming?.socket.remoteAddress?.replace( '::ffff:', '' );
	return (
		( address === '::1' || address?.startsWith( '127.' ) === true ) &&
		LOOPBACK_HOSTS.has( new URL( c.req.url ).hostname ) &&
		WRITTEN_BY_PROXIES.every(
			( header ) => c.req.header( header ) === undefined
		)
	);
}
