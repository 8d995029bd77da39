/**
 * Counts requests and refuses what is too much, by visitor, by address and for the whole site. Counts requests, not money: that is the
 * ledger's.
 */
import { createMiddleware } from 'hono/factory';
import { DocentError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import type { Sites } from '../sites.ts';
import type { RateLimit, RateLimitStore } from '../stores/rate-limit-store.ts';
import type { Clock } from '../types.ts';
import { setHeader, type AppVariables } from './request-context.ts';
import type { VisitorVariables } from './visitor-auth.ts';

const PERIOD_MS = 60_000;

/**
 * The visitors' routes, each counted apart, with how many times as often as a question they may be called: following an answer and rating
 * it costs little, and a bad connection asks for it again and again.
 */
const ROUTES = {
	ask: 1,
	turns: 10,
	conversations: 10,
	listen: 5,
	/** Beginning a live conversation, or coming back to one. */
	realtime: 1,
	/** A player asks for one sound in many parts. */
	speech: 30,
} as const;

/** What the middleware read, so that a route need not read it again. */
export type LimitedVariables = { Variables: { settings: Settings } };

/** A visitors' route with limits of its own. */
export type LimitedRoute = keyof typeof ROUTES;

/** What a request counts in, and what the response says about it. */
export interface RateLimitAnswer {
	/** `RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers-10 writes them. */
	headers: Record< string, string >;
	/** Milliseconds until the next request would be let through; undefined when this one was. */
	retryAfterMs: number | undefined;
}

export interface RateLimiter {
	/** Takes one request from every limit of a route, or from none. */
	take( request: {
		route: LimitedRoute;
		siteId: string;
		visitorId: string;
		address: string;
		limits: Settings[ 'rateLimits' ];
	} ): Promise< RateLimitAnswer >;
}

/** Makes a limiter over a store, which may be shared with other proxies. */
export function createRateLimiter( {
	store,
	clock,
}: {
	store: RateLimitStore;
	clock: Clock;
} ): RateLimiter {
	return {
		async take( { route, siteId, visitorId, address, limits } ) {
			const policies = [
				{
					name: 'visitor',
					who: `:${ visitorId }`,
					perMinute: limits.visitorPerMinute,
				},
				{
					name: 'address',
					who: `:${ address }`,
					perMinute: limits.addressPerMinute,
				},
				{ name: 'site', who: '', perMinute: limits.sitePerMinute },
			].map( ( { name, who, perMinute } ) => ( {
				name,
				limit: {
					key: `${ name }:${ siteId }:${ route }${ who }`,
					quota: perMinute * ROUTES[ route ],
					periodMs: PERIOD_MS,
				} satisfies RateLimit,
			} ) );
			const outcome = await store.take(
				policies.map( ( { limit } ) => limit ),
				clock()
			);
			const { state } = outcome;
			const closest =
				policies.find( ( { limit } ) => limit.key === state.key )
					?.name ?? '';
			return {
				headers: {
					'RateLimit-Policy': policies
						.map(
							( { name, limit } ) =>
								`"${ name }";q=${ limit.quota };w=${ PERIOD_MS / 1_000 }`
						)
						.join( ', ' ),
					RateLimit: `"${ closest }";r=${ state.remaining };t=${ Math.ceil( state.resetMs / 1_000 ) }`,
				},
				retryAfterMs:
					outcome.kind === 'refused'
						? outcome.retryAfterMs
						: undefined,
			};
		},
	};
}

/**
 * Makes the middleware that counts a visitor's request, after the visitor is known. Every response says how much is left; one that is
 * refused (429 `rate_limited`) says as well how long to wait (`Retry-After`).
 */
export function limitRate(
	{ rateLimiter, sites }: { rateLimiter: RateLimiter; sites: Sites },
	route: LimitedRoute
) {
	return createMiddleware<
		AppVariables & VisitorVariables & LimitedVariables
	>( async function countRequest( c, next ) {
		const { siteId, visitorId } = c.var.visitor;
		const settings = await sites.settings( siteId );
		c.set( 'settings', settings );
		const { headers, retryAfterMs } = await rateLimiter.take( {
			route,
			siteId,
			visitorId,
			address: c.var.address,
			limits: settings.rateLimits,
		} );
		for ( const [ name, value ] of Object.entries( headers ) ) {
			setHeader( c, name, value );
		}
		if ( retryAfterMs !== undefined ) {
			throw new DocentError(
				'rate_limited',
				'You are asking faster than this site allows. Please wait a moment.',
				{ retryAfterMs }
			);
		}
		await next();
	} );
}
