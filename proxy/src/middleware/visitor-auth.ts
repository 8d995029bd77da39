/**
 * Lets visitors in by the signed token that their site gave them.
 */
import type { CryptoKey } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { DocentError } from '../errors.ts';
import type { Sites } from '../sites.ts';
import type { Clock } from '../types.ts';

const claimsSchema = z.object( {
	iss: z.string(),
	sub: z.string().regex( /^[0-9a-f]{32}$/ ),
	exp: z.number(),
	origin: z.string(),
	consent: z.array( z.enum( [ 'text', 'voice', 'image' ] ) ),
	user: z.string().max( 128 ).optional(),
} );

/** A visitor whose token was verified. */
export interface Visitor {
	siteId: string;
	visitorId: string;
	user: string | undefined;
	origin: string;
	consent: ReadonlySet< 'text' | 'voice' | 'image' >;
	expiresAtMs: number;
}

export type VisitorVariables = { Variables: { visitor: Visitor } };

/** A verified token needs no second look until it ends; so many are remembered. */
const MAX_REMEMBERED = 5_000;
const MAX_TOKEN_LENGTH = 2_000;

/** Verifies a token and the origin of its request; throws `token_missing`, `token_invalid`, `token_expired` or `wrong_origin`. */
export type VerifyVisitor = (
	token: string | undefined,
	requestOrigin: string | undefined
) => Promise< Visitor >;

/** Makes the verifier over the known sites. */
export function createVisitorVerifier( {
	sites,
	clock,
}: {
	sites: Sites;
	clock: Clock;
} ): VerifyVisitor {
	const remembered = new LRUCache< string, Visitor >( {
		max: MAX_REMEMBERED,
	} );
	const keys = new Map< string, Promise< CryptoKey > >();
	const keyOf = ( siteId: string, secret: string ) => {
		let key = keys.get( siteId );
		if ( ! key ) {
			key = crypto.subtle.importKey(
				'raw',
				new TextEncoder().encode( secret ),
				{ name: 'HMAC', hash: 'SHA-256' },
				false,
				[ 'verify' ]
			);
			keys.set( siteId, key );
		}
		return key;
	};

	const verify = async ( token: string ): Promise< Visitor > => {
		const { decodeJwt, jwtVerify } = await loadJose();
		const site = sites.find( decodeJwt( token ).iss ?? '' );
		if ( ! site ) {
			throw invalidToken();
		}
		const { payload } = await jwtVerify(
			token,
			await keyOf( site.id, site.secret ),
			{
				algorithms: [ 'HS256' ],
				issuer: site.id,
				audience: 'docent',
				currentDate: new Date( clock() ),
			}
		);
		const claims = claimsSchema.parse( payload );
		if ( ! site.origins.includes( claims.origin ) ) {
			throw new DocentError(
				'wrong_origin',
				'This page does not belong to the site that the assistant answers for.'
			);
		}
		return {
			siteId: site.id,
			visitorId: claims.sub,
			user: claims.user,
			origin: claims.origin,
			consent: new Set( claims.consent ),
			expiresAtMs: claims.exp * 1_000,
		};
	};

	return async ( token, requestOrigin ) => {
		if ( token === undefined || token === '' ) {
			throw new DocentError(
				'token_missing',
				'This request carries no visitor token. Reload the page and ask again.'
			);
		}
		let visitor = remembered.get( token );
		if ( ! visitor ) {
			if ( token.length > MAX_TOKEN_LENGTH ) {
				throw invalidToken();
			}
			try {
				visitor = await verify( token );
			} catch ( error ) {
				throw await toTokenError( error );
			}
			remembered.set( token, visitor );
		}
		if ( visitor.expiresAtMs <= clock() ) {
			remembered.delete( token );
			throw expiredToken();
		}
		// Browsers name the origin of every request to another host; one without it comes from no page.
		if ( requestOrigin !== undefined && requestOrigin !== visitor.origin ) {
			throw new DocentError(
				'wrong_origin',
				'This page does not belong to the site that the assistant answers for.'
			);
		}
		return visitor;
	};
}

/** Makes the middleware that puts the visitor into `c.var.visitor`. `readToken` finds the token where it is not in `Authorization`. */
export function visitorAuth(
	verify: VerifyVisitor,
	readToken: ( c: Context ) => string | undefined = bearerToken
) {
	return createMiddleware< VisitorVariables >(
		async function verifyToken( c, next ) {
			c.set(
				'visitor',
				await verify( readToken( c ), c.req.header( 'origin' ) )
			);
			await next();
		}
	);
}

function bearerToken( c: Context ): string | undefined {
	const [ scheme, token ] = ( c.req.header( 'authorization' ) ?? '' ).split(
		' '
	);
	return scheme?.toLowerCase() === 'bearer' ? token : undefined;
}

/** Loads what verifies tokens at the first visitor: it brings the whole of Web Crypto with it, which an idle proxy need not hold. */
const loadJose = () => import( 'jose' );

async function toTokenError( error: unknown ): Promise< DocentError > {
	if ( error instanceof DocentError ) {
		return error;
	}
	const { errors } = await loadJose();
	return error instanceof errors.JWTExpired ? expiredToken() : invalidToken();
}

function expiredToken(): DocentError {
	return new DocentError(
		'token_expired',
		'The visitor token is over. A new one is needed.'
	);
}

function invalidToken(): DocentError {
	return new DocentError(
		'token_invalid',
		'The visitor token is not valid. Reload the page and ask again.'
	);
}
