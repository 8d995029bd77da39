<?php
/**
 * Tells from which address a request comes, trusting a forwarded-for header only from proxies the owner listed.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Finds the address that limits count against. */
final class Client_Address {

	/**
	 * Returns the address of the visitor: the socket's, or the nearest untrusted one that listed proxies forwarded for.
	 *
	 * @param array<string, mixed> $server Usually $_SERVER.
	 */
	public static function of( array $server ): string {
		$peer = self::valid( $server['REMOTE_ADDR'] ?? '' );
		/**
		 * Filters the addresses of reverse proxies whose X-Forwarded-For header counts.
		 *
		 * @param list<string> $addresses IP addresses, none by default.
		 */
		$trusted = (array) apply_filters( 'docent_trusted_proxies', array() );
		if ( '' === $peer || ! in_array( $peer, $trusted, true ) || ! is_string( $server['HTTP_X_FORWARDED_FOR'] ?? null ) ) {
			return $peer;
		}
		foreach ( array_reverse( explode( ',', $server['HTTP_X_FORWARDED_FOR'] ) ) as $hop ) {
			$address = self::valid( trim( $hop ) );
			if ( '' === $address ) {
				break;
			}
			if ( ! in_array( $address, $trusted, true ) ) {
				return $address;
			}
		}
		return $peer;
	}

	/**
	 * Returns what limits count: an IPv4 address as it is, the /64 network of an IPv6 address, because one household owns that many.
	 *
	 * @param string $address IP address.
	 */
	public static function network( string $address ): string {
		$bytes = inet_pton( $address );
		return is_string( $bytes ) && 16 === strlen( $bytes ) ? bin2hex( substr( $bytes, 0, 8 ) ) : $address;
	}

	private static function valid( mixed $address ): string {
		return is_string( $address ) && false !== filter_var( $address, FILTER_VALIDATE_IP ) ? $address : '';
	}
}
