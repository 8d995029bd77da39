import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../proxy/src/errors.ts';
import { createConnectionReader } from '../../../proxy/src/middleware/client-address.ts';

/** Reads the connection of a request as it would come from a socket. */
async function connectionOf( {
	trusted = [],
	socket = '203.0.113.7',
	host = 'proxy.example',
	headers = {},
}: {
	trusted?: string[];
	socket?: string;
	host?: string;
	headers?: Record< string, string >;
} ) {
	const read = createConnectionReader( trusted );
	const app = new Hono().get( '/', ( c ) => c.json( read( c ) ) );
	const response = await app.request(
		`http://${ host }/`,
		{ headers },
		{
			incoming: { socket: { remoteAddress: socket } },
		}
	);
	return response.json();
}

const forwarded = {
	'x-forwarded-for': '198.51.100.1, 198.51.100.2, 10.0.0.9',
	'x-forwarded-proto': 'https',
};

describe( 'who is asking', () => {
	it( 'is the socket, whatever a header claims, when no proxy is trusted', async () => {
		expect( await connectionOf( { headers: forwarded } ) ).toEqual( {
			address: '203.0.113.7',
			isPrivate: false,
		} );
	} );

	it( 'is the last address that a trusted proxy did not add itself', async () => {
		expect(
			await connectionOf( {
				trusted: [ '10.0.0.0/8' ],
				socket: '::ffff:10.1.2.3',
				headers: forwarded,
			} )
		).toEqual( { address: '198.51.100.2', isPrivate: true } );
	} );

	it( 'came unprotected when the trusted proxy says so', async () => {
		const { isPrivate } = await connectionOf( {
			trusted: [ '127.0.0.1' ],
			socket: '127.0.0.1',
			headers: { 'x-forwarded-proto': 'http' },
		} );
		expect( isPrivate ).toBe( false );
	} );

	it.each( [
		[ '127.0.0.1', 'proxy.example', true ],
		[ '::1', 'proxy.example', true ],
		[ '172.18.0.1', 'localhost', true ],
		[ '172.18.0.1', '192.168.1.5', false ],
	] )( 'from %s to %s is private: %s', async ( socket, host, isPrivate ) => {
		expect( await connectionOf( { socket, host } ) ).toMatchObject( {
			isPrivate,
		} );
	} );

	it.each( [
		[ '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64' ],
		[ '2001:0DB8:0001:0002::1', '2001:db8:1:2::/64' ],
		[ '2001:db8::1', '2001:db8:0:0::/64' ],
		[ 'fe80::1%eth0', 'fe80:0:0:0::/64' ],
		[ '::1', '::1' ],
		[ '::ffff:c633:6407', '198.51.100.7' ],
		[ '::FFFF:198.51.100.7', '198.51.100.7' ],
		[ '198.51.100.7', '198.51.100.7' ],
	] )( 'who comes from %s counts as %s', async ( socket, address ) => {
		expect( await connectionOf( { socket } ) ).toMatchObject( { address } );
	} );

	it( 'counts a whole /64 as one behind a trusted proxy as well', async () => {
		const addresses = [ '2001:db8:9:9::1', '2001:db8:9:9:ffff::2' ];
		const counted = await Promise.all(
			addresses.map( ( address ) =>
				connectionOf( {
					trusted: [ '10.0.0.0/8' ],
					socket: '10.1.2.3',
					headers: { 'x-forwarded-for': address },
				} )
			)
		);
		expect( counted[ 0 ].address ).toBe( counted[ 1 ].address );
	} );

	it( 'cannot be set up with what is no address', () => {
		expect( () => createConnectionReader( [ 'nginx' ] ) ).toThrow(
			ConfigError
		);
	} );
} );
