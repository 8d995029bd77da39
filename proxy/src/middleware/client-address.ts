/**
 * Finds out who is really asking when other servers stand in front of the proxy.
 */
import { BlockList, isIP } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { ConfigError } from '../errors.ts';

export interface ClientConnection {
	/** The address to count limits by: of IPv6 the first 64 bits, because whoever has one address there has them all. */
	address: string;
	/** True when the request came over TLS, or never left this machine. */
	isPrivate: boolean;
}

const LOOPBACK_NAMES = new Set( [ 'localhost', '127.0.0.1', '[::1]' ] );

/**
 * Makes the function that reads a request's address. The forwarded-for header counts only as far as it was written by a trusted proxy
 * (`DOCENT_TRUSTED_PROXIES`: addresses or subnets); by default the socket's own address counts.
 */
export function createConnectionReader(
	trustedProxies: string[]
): ( c: Context ) => ClientConnection {
	const trusted = toBlockList( trustedProxies );
	const isTrusted = ( address: string ) =>
		trusted.check( address, isIP( address ) === 6 ? 'ipv6' : 'ipv4' );

	return ( c ) => {
		const { incoming } = c.env as Partial< HttpBindings >;
		const socketAddress = plain(
			incoming?.socket.remoteAddress ?? '127.0.0.1'
		);
		const peerIsTrusted = isTrusted( socketAddress );
		const forwarded = peerIsTrusted
			? c.req.header( 'x-forwarded-for' )
			: undefined;
		const forwardedProtocol = peerIsTrusted
			? c.req.header( 'x-forwarded-proto' )
			: undefined;
		return {
			address: toNetwork(
				forwarded
					? ( lastUntrusted( forwarded, isTrusted ) ?? socketAddress )
					: socketAddress
			),
			isPrivate: forwardedProtocol
				? forwardedProtocol === 'https'
				: isLoopback( socketAddress ) ||
					LOOPBACK_NAMES.has( new URL( c.req.url ).hostname ),
		};
	};
}

/** Walks the header from the end, which the nearest proxy wrote, to the first address that is not a proxy of ours. */
function lastUntrusted(
	header: string,
	isTrusted: ( address: string ) => boolean
): string | undefined {
	const addresses = header
		.split( ',' )
		.map( ( part ) => plain( part.trim() ) )
		.filter( ( part ) => isIP( part ) !== 0 );
	return addresses.findLast( ( address ) => ! isTrusted( address ) );
}

function toBlockList( entries: string[] ): BlockList {
	const listed = new BlockList();
	for ( const entry of entries ) {
		const [ address = '', prefix ] = entry.split( '/' );
		const family = isIP( address ) === 6 ? 'ipv6' : 'ipv4';
		const bits = Number( prefix ?? ( family === 'ipv6' ? 128 : 32 ) );
		try {
			listed.addSubnet( address, bits, family );
		} catch {
			throw new ConfigError( [
				`DOCENT_TRUSTED_PROXIES: ${ entry } is neither an address nor a subnet such as 10.0.0.0/8`,
			] );
		}
	}
	return listed;
}

/** Writes an IPv4 address inside IPv6 the short way, and leaves the zone of a local address out. */
function plain( address: string ): string {
	return address.replace( /^::ffff:(?=\d+\.)/i, '' ).replace( /%.*$/, '' );
}

/** Shortens an IPv6 address to its /64; the loopback address and IPv4 stay as they are. */
function toNetwork( address: string ): string {
	if ( isIP( address ) !== 6 || address === '::1' ) {
		return address;
	}
	// The URL parser writes every address in one way: lower case, without leading zeros, the longest run of zeros as "::".
	const compact = new URL( `http://[${ address }]` ).hostname.slice( 1, -1 );
	const [ head = '', tail ] = compact.split( '::' );
	const before = head === '' ? [] : head.split( ':' );
	const after = tail === undefined || tail === '' ? [] : tail.split( ':' );
	const zeros = Array( 8 - before.length - after.length ).fill( '0' );
	const groups = [
		...before,
		...( tail === undefined ? [] : zeros ),
		...after,
	];
	if (
		groups.slice( 0, 5 ).every( ( group ) => group === '0' ) &&
		groups[ 5 ] === 'ffff'
	) {
		const bits = groups
			.slice( 6 )
			.map( ( group ) => parseInt( group, 16 ) );
		return bits
			.flatMap( ( pair ) => [ pair >> 8, pair & 255 ] )
			.join( '.' );
	}
	return `${ groups.slice( 0, 4 ).join( ':' ) }::/64`;
}

function isLoopback( address: string ): boolean {
	return address === '::1' || address.startsWith( '127.' );
}
