import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	mintToken,
	signRequest,
	SITE_ID,
	SITE_ORIGIN,
} from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';

let proxy: TestProxy;
beforeAll( async () => {
	proxy = await startProxy();
} );
afterAll( () => proxy.close() );

const now = () => Math.floor( Date.now() / 1_000 );

function tamper( token: string ): string {
	const [ head, body, signature ] = token.split( '.' );
	const claims = JSON.parse(
		Buffer.from( body ?? '', 'base64url' ).toString()
	);
	const forged = Buffer.from(
		JSON.stringify( { ...claims, sub: 'f'.repeat( 32 ) } )
	).toString( 'base64url' );
	return [ head, forged, signature ].join( '.' );
}

describe( 'a visitor token', () => {
	it.each( [
		[ 'missing', '', 401, 'token_missing' ],
		[ 'no token at all', 'garbage', 401, 'token_invalid' ],
		[
			'signed with another secret',
			mintToken( {}, { secret: 'x'.repeat( 40 ) } ),
			401,
			'token_invalid',
		],
		[
			'changed after signing',
			tamper( mintToken() ),
			401,
			'token_invalid',
		],
		[ 'unsigned', mintToken( {}, { alg: 'none' } ), 401, 'token_invalid' ],
		[
			'expired',
			mintToken( { iat: now() - 2_000, exp: now() - 1_000 } ),
			401,
			'token_expired',
		],
		[
			'of an unknown site',
			mintToken( { iss: 'other-site' } ),
			401,
			'token_invalid',
		],
		[
			'for another audience',
			mintToken( { aud: 'somebody' } ),
			401,
			'token_invalid',
		],
		[
			'without a visitor',
			mintToken( { sub: 'me' } ),
			401,
			'token_invalid',
		],
		[
			'of a foreign page',
			mintToken( { origin: 'https://evil.example' } ),
			403,
			'wrong_origin',
		],
		[
			'without consent to text',
			mintToken( { consent: [ 'voice' ] } ),
			403,
			'consent_required',
		],
		[ '5,000 characters long', 'a'.repeat( 5_000 ), 401, 'token_invalid' ],
	] )( 'is refused when %s', async ( _, token, status, code ) => {
		const response = await proxy.ask( 'How much is shipping?', { token } );
		expect( response.status ).toBe( status );
		expect( ( await response.json() ).error.code ).toBe( code );
	} );

	it( 'is refused from a page of another origin', async () => {
		const response = await proxy.ask( 'How much is shipping?', {
			headers: { Origin: 'https://evil.example' },
		} );
		expect( response.status ).toBe( 403 );
		expect(
			response.headers.get( 'access-control-allow-origin' )
		).toBeNull();
	} );

	it( 'ends at its time even after it was used', async () => {
		let time = Date.now();
		const timed = await startProxy( { clock: () => time } );
		const token = mintToken();
		expect( ( await timed.ask( 'hi there', { token } ) ).status ).toBe(
			200
		);
		time += 901_000;
		expect( ( await timed.ask( 'hi there', { token } ) ).status ).toBe(
			401
		);
		await timed.close();
	} );
} );

describe( 'a browser on the page of the site', () => {
	it( 'may send its preflight and read the answer', async () => {
		const preflight = await fetch( `${ proxy.url }/v1/ask`, {
			method: 'OPTIONS',
			headers: {
				Origin: SITE_ORIGIN,
				'Access-Control-Request-Method': 'POST',
				'Access-Control-Request-Headers': 'authorization,content-type',
			},
		} );
		expect( preflight.status ).toBe( 204 );
		expect( preflight.headers.get( 'access-control-allow-origin' ) ).toBe(
			SITE_ORIGIN
		);
		expect(
			preflight.headers
				.get( 'access-control-allow-headers' )
				?.toLowerCase()
		).toContain( 'authorization' );
		const answer = await proxy.ask( 'hi there' );
		expect( answer.headers.get( 'access-control-allow-origin' ) ).toBe(
			SITE_ORIGIN
		);
		expect( answer.headers.get( 'content-type' ) ).toContain(
			'text/event-stream'
		);
		expect( answer.headers.get( 'cache-control' ) ).toContain( 'no-store' );
		await answer.text();
	} );
} );

describe( 'a signed request of a site', () => {
	const get = ( headers: Record< string, string > ) =>
		fetch( `${ proxy.url }/v1/site/settings`, { headers } );
	const sign = ( options = {} ) =>
		signRequest( 'GET', '/v1/site/settings', '', options );

	it( 'is taken once and never again', async () => {
		const headers = sign();
		expect( ( await get( headers ) ).status ).toBe( 200 );
		const again = await get( headers );
		expect( again.status ).toBe( 401 );
		expect( ( await again.json() ).error.code ).toBe(
			'signature_replayed'
		);
	} );

	it.each( [
		[ 'too old', { timestamp: now() - 400 }, 'signature_expired' ],
		[ 'from the future', { timestamp: now() + 400 }, 'signature_expired' ],
		[
			'signed with another secret',
			{ secret: 'y'.repeat( 40 ) },
			'signature_invalid',
		],
		[ 'of an unknown site', { siteId: 'nobody' }, 'signature_invalid' ],
		[
			'with a nonce that could be anything',
			{ nonce: "a' OR 1=1" },
			'signature_invalid',
		],
	] )( 'is refused when %s', async ( _, options, code ) => {
		const response = await get( sign( options ) );
		expect( response.status ).toBe( 401 );
		expect( ( await response.json() ).error.code ).toBe( code );
	} );

	it( 'is refused when its body, path, method or query was changed', async () => {
		const body = JSON.stringify( { assistant: { name: 'Ada' } } );
		const path = '/v1/site/settings';
		const headers = () => signRequest( 'PUT', path, body );
		const send = ( url: string, method: string, text: string ) =>
			fetch( proxy.url + url, {
				method,
				headers: headers(),
				body: text,
			} );
		for ( const response of [
			await send( path, 'PUT', body.replace( 'Ada', 'Eve' ) ),
			await send( `${ path }?x=1`, 'PUT', body ),
			await send( '/v1/site/documents', 'PUT', body ),
		] ) {
			expect( response.status ).toBe( 401 );
		}
		expect( ( await send( path, 'PUT', body ) ).status ).toBe( 200 );
	} );

	it( 'never answers with a secret', async () => {
		for ( const path of [
			'/v1/site/settings',
			'/v1/site/health',
			'/v1/site/usage',
		] ) {
			const text = await ( await proxy.site( 'GET', path ) ).text();
			expect( text ).not.toContain( 'test-secret' );
		}
	} );

	it( 'cannot set what is not a setting', async () => {
		for ( const body of [
			{ limits: { siteDayNanoUsd: -1 } },
			{ limits: { siteDayNanoUsd: 'Infinity' } },
			{ limits: { timeZone: 'Mars/Olympus' } },
			{ unknown: {} },
			{ assistant: { name: 'x'.repeat( 100 ) } },
		] ) {
			const response = await proxy.site(
				'PUT',
				'/v1/site/settings',
				body
			);
			expect( response.status ).toBe( 400 );
		}
	} );

	it( 'merges what it sets and keeps the rest', async () => {
		await proxy.site( 'PUT', '/v1/site/settings', {
			limits: { siteDayNanoUsd: 5 },
		} );
		const response = await proxy.site( 'PUT', '/v1/site/settings', {
			limits: { visitorDayNanoUsd: 3 },
		} );
		expect( ( await response.json() ).limits ).toMatchObject( {
			siteDayNanoUsd: 5,
			visitorDayNanoUsd: 3,
			timeZone: 'UTC',
		} );
	} );

	it( 'is of no use on the routes of visitors, and the other way round', async () => {
		const asSite = await fetch( `${ proxy.url }/v1/ask`, {
			method: 'POST',
			headers: signRequest( 'POST', '/v1/ask', '{}' ),
			body: '{}',
		} );
		expect( asSite.status ).toBe( 401 );
		const asVisitor = await proxy.visitor( 'GET', '/v1/site/settings' );
		expect( asVisitor.status ).toBe( 401 );
	} );
} );

describe( 'two sites on one proxy', () => {
	it( 'never see each other’s documents or answers', async () => {
		const other = {
			id: 'other-shop',
			secret: 'other-secret-0123456789abcdefghijklmn',
			origins: [ 'https://other.example' ],
		};
		const file = join(
			mkdtempSync( join( tmpdir(), 'docent-' ) ),
			'sites.json'
		);
		writeFileSync( file, JSON.stringify( { sites: [ other ] } ) );
		const both = await startProxy( { env: { DOCENT_SITES_FILE: file } } );
		await both.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
		const question = 'How long can I return unused gear?';
		const own = await both.events( question );
		expect( own.at( -1 )?.data.finishReason ).toBe( 'extractive' );
		const foreign = await both.events( question, {
			token: mintToken(
				{ iss: other.id, origin: other.origins[ 0 ] },
				{ secret: other.secret }
			),
			headers: { Origin: 'https://other.example' },
		} );
		expect( foreign.at( -1 )?.data ).toMatchObject( {
			finishReason: 'abstained',
			cache: 'miss',
		} );
		expect( SITE_ID ).not.toBe( other.id );
		await both.close();
	} );
} );

describe( 'requests in a hurry', () => {
	it( 'are limited by visitor and by address, and told how long to wait', async () => {
		const limited = await startProxy();
		await limited.site( 'PUT', '/v1/site/settings', {
			rateLimits: { visitorPerMinute: 2, addressPerMinute: 3 },
		} );
		const token = mintToken();
		const statuses = [];
		for ( let index = 0; index < 3; index++ ) {
			const response = await limited.ask( 'hi there', { token } );
			statuses.push( response.status );
			if ( response.status === 429 ) {
				expect(
					Number( response.headers.get( 'retry-after' ) )
				).toBeGreaterThan( 0 );
				expect( ( await response.json() ).error.code ).toBe(
					'rate_limited'
				);
			} else {
				await response.text();
			}
		}
		expect( statuses ).toEqual( [ 200, 200, 429 ] );
		// Other visitors at the same address share what the address has left; a forged header changes nothing.
		for ( const expected of [ 200, 429 ] ) {
			const response = await limited.ask( 'hi there', {
				token: mintToken(),
				headers: { 'X-Forwarded-For': `10.0.0.${ expected }` },
			} );
			expect( response.status ).toBe( expected );
			await response.text();
		}
		await limited.close();
	} );
} );
