/**
 * Plays the site: signs what WordPress signs and hands out the tokens visitors get, written from the interface's description alone.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';

/** A site as the proxy knows it. */
export interface TestSite {
	id: string;
	secret: string;
	origin: string;
	/** The environment variables that tell a proxy about the site. */
	env: Record< string, string >;
	/** Headers that prove that a request comes from the site. */
	signedHeaders(
		method: string,
		pathAndQuery: string,
		body: string
	): Record< string, string >;
	/** A visitor's token; every claim can be spoilt. */
	token( claims?: Record< string, unknown > ): string;
}

/** Makes a site with a secret of its own. */
export function createTestSite( origin = 'http://shop.test' ): TestSite {
	const id = 'outdoor-shop';
	const secret = randomBytes( 32 ).toString( 'base64url' );
	const hmac = ( text: string ) =>
		createHmac( 'sha256', secret ).update( text );
	return {
		id,
		secret,
		origin,
		env: {
			DOCENT_SITE_ID: id,
			DOCENT_SITE_SECRET: secret,
			DOCENT_SITE_ORIGINS: origin,
		},
		signedHeaders( method, pathAndQuery, body ) {
			const timestamp = String( Math.floor( Date.now() / 1_000 ) );
			const nonce = randomBytes( 16 ).toString( 'hex' );
			const bodyHash = createHash( 'sha256' )
				.update( body )
				.digest( 'hex' );
			const signature = hmac(
				[ method, pathAndQuery, bodyHash, timestamp, nonce ].join(
					'\n'
				)
			).digest( 'hex' );
			return {
				'x-docent-site': id,
				'x-docent-timestamp': timestamp,
				'x-docent-nonce': nonce,
				'x-docent-signature': `v1=${ signature }`,
			};
		},
		token( claims = {} ) {
			const nowSeconds = Math.floor( Date.now() / 1_000 );
			const encode = ( value: object ) =>
				Buffer.from( JSON.stringify( value ) ).toString( 'base64url' );
			const unsigned = `${ encode( { alg: 'HS256', typ: 'JWT' } ) }.${ encode(
				{
					iss: id,
					sub: randomBytes( 16 ).toString( 'hex' ),
					aud: 'docent',
					iat: nowSeconds,
					exp: nowSeconds + 900,
					origin,
					consent: [ 'text' ],
					...claims,
				}
			) }`;
			return `${ unsigned }.${ hmac( unsigned ).digest( 'base64url' ) }`;
		},
	};
}
