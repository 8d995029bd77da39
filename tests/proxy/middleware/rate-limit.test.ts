import { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { DocentError } from '../../../proxy/src/errors.ts';
import {
	createRateLimiter,
	limitRate,
	type LimitedRoute,
} from '../../../proxy/src/middleware/rate-limit.ts';
import {
	DEFAULT_SETTINGS,
	mergeSettings,
} from '../../../proxy/src/settings.ts';
import type { Sites } from '../../../proxy/src/sites.ts';
import { createMemoryRateLimitStore } from '../../../proxy/src/stores/memory/memory-rate-limit-store.ts';
import { createHandClock, type HandClock } from '../../support/clock.ts';

const NARROW = { visitorPerMinute: 2, addressPerMinute: 4, sitePerMinute: 6 };

let clock: HandClock;
let ask: ( who?: {
	visitorId?: string;
	address?: string;
	siteId?: string;
	route?: LimitedRoute;
} ) => Promise< Response >;

beforeEach( () => {
	clock = createHandClock();
	const settings = mergeSettings( DEFAULT_SETTINGS, { rateLimits: NARROW } );
	const sites = { settings: async () => settings } as unknown as Sites;
	const rateLimiter = createRateLimiter( {
		store: createMemoryRateLimitStore(),
		clock,
	} );
	ask = async ( {
		visitorId = 'ada',
		address = '198.51.100.1',
		siteId = 'shop',
		route = 'ask',
	} = {} ) => {
		const app = new Hono();
		app.use( async ( c, next ) => {
			const set = c.set as ( name: string, value: unknown ) => void;
			set( 'visitor', { siteId, visitorId } );
			set( 'address', address );
			set( 'headers', {} );
			await next();
		} );
		app.get( '/', limitRate( { rateLimiter, sites }, route ), ( c ) =>
			c.text( 'answered' )
		);
		app.onError( ( error, c ) =>
			c.text(
				String( ( error as DocentError ).retryAfterMs ),
				( error as DocentError ).status
			)
		);
		return app.request( '/' );
	};
} );

const statusesOf = async (
	requests: Array< Parameters< typeof ask >[ 0 ] >
) => {
	const statuses = [];
	for ( const request of requests ) {
		statuses.push( ( await ask( request ) ).status );
	}
	return statuses;
};

describe( 'a visitor in a hurry', () => {
	it( 'is told with every answer how much is left, and for how long', async () => {
		const { headers } = await ask();
		expect( headers.get( 'ratelimit-policy' ) ).toBe(
			'"visitor";q=2;w=60, "address";q=4;w=60, "site";q=6;w=60'
		);
		expect( headers.get( 'ratelimit' ) ).toBe( '"visitor";r=1;t=30' );
		const second = await ask();
		expect( second.headers.get( 'ratelimit' ) ).toBe(
			'"visitor";r=0;t=60'
		);
	} );

	it( 'is refused with the time to wait, and let in again after it', async () => {
		await statusesOf( [ {}, {} ] );
		const refused = await ask();
		expect( refused.status ).toBe( 429 );
		expect( refused.headers.get( 'ratelimit' ) ).toBe(
			'"visitor";r=0;t=60'
		);
		const waitMs = Number( await refused.text() );
		expect( waitMs ).toBe( 30_000 );
		await clock.advance( waitMs - 1 );
		expect( ( await ask() ).status ).toBe( 429 );
		await clock.advance( 1 );
		expect( ( await ask() ).status ).toBe( 200 );
	} );

	it( 'takes nothing from the address and the site while being refused', async () => {
		await statusesOf( [ {}, {}, {}, {}, {}, {}, {} ] );
		expect(
			await statusesOf( [
				{ visitorId: 'bob' },
				{ visitorId: 'bob' },
				{ visitorId: 'cid' },
			] )
		).toEqual( [ 200, 200, 429 ] );
	} );
} );

describe( 'limits', () => {
	it( 'stop many visitors of one address, and name the limit that is closest to its end', async () => {
		const visitors = [ 'ada', 'bob', 'cid', 'dee', 'eve' ];
		expect(
			await statusesOf(
				visitors.map( ( visitorId ) => ( { visitorId } ) )
			)
		).toEqual( [ 200, 200, 200, 200, 429 ] );
		const refused = await ask( { visitorId: 'fay' } );
		expect( refused.headers.get( 'ratelimit' ) ).toMatch(
			/^"address";r=0/
		);
	} );

	it( 'stop everybody when the site has had enough, and no other site', async () => {
		const many = Array.from( { length: 7 }, ( _, index ) => ( {
			visitorId: `v${ index }`,
			address: `198.51.100.${ index }`,
		} ) );
		expect( ( await statusesOf( many ) ).at( -1 ) ).toBe( 429 );
		expect( ( await ask( { siteId: 'museum' } ) ).status ).toBe( 200 );
	} );

	it( 'of one route leave the other routes alone, which may be called more often', async () => {
		await statusesOf( [ {}, {} ] );
		const turns = Array.from( { length: 21 }, () => ( {
			route: 'turns' as const,
		} ) );
		const statuses = await statusesOf( turns );
		expect( statuses.slice( 0, 20 ) ).toEqual( Array( 20 ).fill( 200 ) );
		expect( statuses.at( -1 ) ).toBe( 429 );
	} );
} );
