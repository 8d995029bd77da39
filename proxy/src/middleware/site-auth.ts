/**
 * Lets sites in by the signature over their request.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { DocentError } from '../errors.ts';
import type { Sites } from '../sites.ts';
import type { SiteStore } from '../stores/site-store.ts';
import type { Clock } from '../types.ts';

/** A signature counts for so long before and after its time, in milliseconds. */
const WINDOW_MS = 300_000;

const NONCE = /^[A-Za-z0-9_-]{8,128}$/;

export type SiteVariables = { Variables: { siteId: string; rawBody: Buffer } };

/**
 * Makes the middleware that verifies `X-Docent-Signature: v1=<hex>`, the HMAC-SHA256 with the site's secret over
 * `METHOD \n path?query \n hex(sha256(body)) \n timestamp \n nonce`, and that every nonce is used once.
 */
export function siteAuth( {
	sites,
	store,
	clock,
}: {
	sites: Sites;
	store: SiteStore;
	clock: Clock;
} ) {
	return createMiddleware< SiteVariables >(
		async function verifySignature( c, next ) {
			const site = sites.find( c.req.header( 'x-docent-site' ) ?? '' );
			const timestamp = c.req.header( 'x-docent-timestamp' ) ?? '';
			const nonce = c.req.header( 'x-docent-nonce' ) ?? '';
			const given = c.req.header( 'x-docent-signature' ) ?? '';
			if (
				! site ||
				! /^\d{1,12}$/.test( timestamp ) ||
				! NONCE.test( nonce )
			) {
				throw invalidSignature();
			}
			const url = new URL( c.req.url );
			const body = Buffer.from( await c.req.arrayBuffer() );
			const expected = sign( site.secret, {
				method: c.req.method,
				pathAndQuery: url.pathname + url.search,
				body,
				timestamp,
				nonce,
			} );
			if ( ! isEqual( given, expected ) ) {
				throw invalidSignature();
			}
			const now = clock();
			if ( Math.abs( now - Number( timestamp ) * 1_000 ) > WINDOW_MS ) {
				throw new DocentError(
					'signature_expired',
					'The request is too old or from the future. Check the clocks of both servers.'
				);
			}
			const isFresh = await store.useNonce(
				site.id,
				nonce,
				now,
				// The last moment at which the same request could still be accepted.
				Number( timestamp ) * 1_000 + WINDOW_MS + 1_000
			);
			if ( ! isFresh ) {
				throw new DocentError(
					'signature_replayed',
					'This request was received before.'
				);
			}
			c.set( 'siteId', site.id );
			c.set( 'rawBody', body );
			await next();
		}
	);
}

/** Signs a site's request and returns the value of `X-Docent-Signature`. */
export function sign(
	secret: string,
	{
		method,
		pathAndQuery,
		body,
		timestamp,
		nonce,
	}: {
		method: string;
		pathAndQuery: string;
		body: Uint8Array | string;
		timestamp: string;
		nonce: string;
	}
): string {
	const bodyHash = createHash( 'sha256' ).update( body ).digest( 'hex' );
	const text = [ method, pathAndQuery, bodyHash, timestamp, nonce ].join(
		'\n'
	);
	return `v1=${ createHmac( 'sha256', secret ).update( text ).digest( 'hex' ) }`;
}

function isEqual( a: string, b: string ): boolean {
	const left = Buffer.from( a );
	const right = Buffer.from( b );
	return left.length === right.length && timingSafeEqual( left, right );
}

function invalidSignature(): DocentError {
	return new DocentError(
		'signature_invalid',
		'The signature of the request is not valid. Check that the site and the proxy hold the same site id and secret.'
	);
}
