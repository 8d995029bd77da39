/**
 * Makes the credentials that visitors and sites show to the proxy, independently of the proxy's own code.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';

export const SITE_ID = 'test-shop';
export const SITE_SECRET = 'test-secret-0123456789abcdefghijklmnop';
export const SITE_ORIGIN = 'http://127.0.0.1:8888';

const base64url = ( value: object ): string =>
	Buffer.from( JSON.stringify( value ) ).toString( 'base64url' );

/** Makes a visitor id: 32 hex digits. */
export const newVisitorId = (): string => randomBytes( 16 ).toString( 'hex' );

/** Signs a visitor token (JWT, HS256); `claims` lay over valid ones. */
export function mintToken(
	claims: Record< string, unknown > = {},
	{ secret = SITE_SECRET, alg = 'HS256' } = {}
): string {
	const now = Math.floor( Date.now() / 1_000 );
	const head = base64url( { alg, typ: 'JWT' } );
	const body = base64url( {
		iss: SITE_ID,
		sub: newVisitorId(),
		aud: 'docent',
		iat: now,
		exp: now + 900,
		origin: SITE_ORIGIN,
		consent: [ 'text' ],
		...claims,
	} );
	const signature = createHmac( 'sha256', secret )
		.update( `${ head }.${ body }` )
		.digest( 'base64url' );
	return `${ head }.${ body }.${ signature }`;
}

/** Makes the headers of a signed site-to-proxy request. */
export function signRequest(
	method: string,
	pathAndQuery: string,
	body = '',
	{
		siteId = SITE_ID,
		secret = SITE_SECRET,
		timestamp = Math.floor( Date.now() / 1_000 ),
		nonce = randomBytes( 12 ).toString( 'hex' ),
	} = {}
): Record< string, string > {
	const bodyHash = createHash( 'sha256' ).update( body ).digest( 'hex' );
	const signature = createHmac( 'sha256', secret )
		.update(
			[ method, pathAndQuery, bodyHash, timestamp, nonce ].join( '\n' )
		)
		.digest( 'hex' );
	return {
		'Content-Type': 'application/json',
		'X-Docent-Site': siteId,
		'X-Docent-Timestamp': String( timestamp ),
		'X-Docent-Nonce': nonce,
		'X-Docent-Signature': `v1=${ signature }`,
	};
}
