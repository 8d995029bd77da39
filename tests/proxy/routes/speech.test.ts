/**
 * Asks for stored speech as players, browsers and the curious do.
 */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SITE_ID, SITE_ORIGIN } from '../../support/proxy/credentials.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import { idOf, soundOf, speechOf } from '../stores/speech-store-contract.ts';

/** More than two pieces of the stream. */
const BYTES = 150_001;
const AUDIO = Buffer.from( soundOf( BYTES ) );
const ID = idOf( 'abc' );

let proxy: TestProxy;

beforeAll( async () => {
	proxy = await startProxy();
	await proxy.services.stores.speech.add(
		speechOf( 'abc', { siteId: SITE_ID, bytes: BYTES } ),
		AUDIO,
		1_000_000
	);
} );
afterAll( () => proxy.close() );

const get = (
	headers: Record< string, string > = {},
	{ id = ID, method = 'GET' } = {}
) =>
	fetch( `${ proxy.url }/v1/speech/${ id }`, {
		method,
		headers: { Origin: SITE_ORIGIN, ...headers },
	} );
const bytesOf = async ( response: Response ) =>
	Buffer.from( await response.arrayBuffer() );

describe( 'stored speech', () => {
	it( 'is sent whole, to be kept for good, and for the pages of the site', async () => {
		const response = await get();
		expect( response.status ).toBe( 200 );
		expect( await bytesOf( response ) ).toEqual( AUDIO );
		expect( Object.fromEntries( response.headers ) ).toMatchObject( {
			'content-type': 'audio/wav',
			'content-length': String( BYTES ),
			'accept-ranges': 'bytes',
			'cache-control': 'public, max-age=31536000, immutable',
			etag: `"${ ID }"`,
			'access-control-allow-origin': SITE_ORIGIN,
			vary: 'Origin',
			'x-content-type-options': 'nosniff',
			'cross-origin-resource-policy': 'cross-origin',
		} );
	} );

	it( 'is not for pages of others', async () => {
		const response = await get( { Origin: 'https://evil.example' } );
		expect( response.headers.get( 'access-control-allow-origin' ) ).toBe(
			null
		);
		await response.body?.cancel();
	} );

	it.each( [
		[ 'bytes=0-43', 0, 43 ],
		[ 'bytes=65000-140000', 65_000, 140_000 ],
		[ 'bytes=150000-', 150_000, 150_000 ],
		[ 'bytes=-1000', BYTES - 1_000, BYTES - 1 ],
		[ 'bytes=0-', 0, BYTES - 1 ],
	] )( 'is sent in part: %s', async ( range, start, end ) => {
		const response = await get( { Range: range } );
		expect( response.status ).toBe( 206 );
		expect( response.headers.get( 'content-range' ) ).toBe(
			`bytes ${ start }-${ end }/${ BYTES }`
		);
		expect( response.headers.get( 'content-length' ) ).toBe(
			String( end - start + 1 )
		);
		expect( await bytesOf( response ) ).toEqual(
			AUDIO.subarray( start, end + 1 )
		);
	} );

	it( 'is not sent from behind its end (416)', async () => {
		const response = await get( { Range: `bytes=${ BYTES }-` } );
		expect( response.status ).toBe( 416 );
		expect( response.headers.get( 'content-range' ) ).toBe(
			`bytes */${ BYTES }`
		);
		expect( response.headers.get( 'cache-control' ) ).toBe( 'no-store' );
	} );

	it( 'is not sent again to whoever has it (304)', async () => {
		const response = await get( { 'If-None-Match': `"${ ID }"` } );
		expect( response.status ).toBe( 304 );
		expect( response.headers.get( 'etag' ) ).toBe( `"${ ID }"` );
	} );

	it( 'is sent in part only to who has a part of the same', async () => {
		const same = await get( {
			Range: 'bytes=0-9',
			'If-Range': `"${ ID }"`,
		} );
		expect( same.status ).toBe( 206 );
		await same.arrayBuffer();
		const other = await get( {
			Range: 'bytes=0-9',
			'If-Range': '"other"',
		} );
		expect( other.status ).toBe( 200 );
		expect( ( await bytesOf( other ) ).length ).toBe( BYTES );
	} );

	it.each( [
		[ {}, 200, BYTES ],
		[ { Range: 'bytes=10-19' }, 206, 10 ],
	] )(
		'tells its head without a body: %j',
		async ( headers, status, length ) => {
			const response = await get( headers as Record< string, string >, {
				method: 'HEAD',
			} );
			expect( response.status ).toBe( status );
			expect( response.headers.get( 'content-length' ) ).toBe(
				String( length )
			);
			expect( ( await response.arrayBuffer() ).byteLength ).toBe( 0 );
		}
	);

	it.each( [
		[ 'that was never there', idOf( 'def' ) ],
		[ 'under a name', 'docent.sqlite' ],
		[ 'under a path', encodeURIComponent( '../docent.sqlite' ) ],
		[ 'in capitals', ID.toUpperCase() ],
		[ 'with an ending', `${ ID }.wav` ],
	] )( '%s is not found, and nobody remembers that', async ( _, id ) => {
		const response = await get( {}, { id } );
		expect( response.status ).toBe( 404 );
		expect( ( await response.json() ).error.code ).toBe( 'not_found' );
		expect( response.headers.get( 'cache-control' ) ?? '' ).not.toContain(
			'immutable'
		);
	} );

	it( 'that a listener stops taking is let go', async () => {
		await new Promise< void >( ( resolve, reject ) => {
			const asked = request(
				`${ proxy.url }/v1/speech/${ ID }`,
				( response ) => {
					response.once( 'data', () => {
						response.destroy();
						resolve();
					} );
				}
			);
			asked.on( 'error', reject );
			asked.end();
		} );
		expect( ( await get() ).status ).toBe( 200 );
	} );
} );

describe( 'too many requests for speech', () => {
	it( 'are refused with the time to wait', async () => {
		const strict = await startProxy( {
			clock: () => Date.UTC( 2026, 10, 20, 12 ),
		} );
		const statuses = new Set< number >();
		for ( let count = 0; count < 700 && ! statuses.has( 429 ); count++ ) {
			const response = await fetch(
				`${ strict.url }/v1/speech/${ idOf( 'def' ) }`
			);
			statuses.add( response.status );
			if ( response.status === 429 ) {
				expect(
					Number( response.headers.get( 'retry-after' ) )
				).toBeGreaterThan( 0 );
			}
			await response.arrayBuffer();
		}
		expect( statuses ).toEqual( new Set( [ 404, 429 ] ) );
		await strict.close();
	} );
} );
