<?php
/**
 * Tells which origins the pages of this site have, as a browser writes them in the Origin header.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

use WpOrg\Requests\IdnaEncoder;

defined( 'ABSPATH' ) || exit;

/** Compares origins exactly: scheme, host and port. */
final class Site_Origin {

	/**
	 * Returns the origins whose pages may ask for a visitor token.
	 *
	 * @return list<string>
	 */
	public static function all(): array {
		/**
		 * Filters the origins of this site, for sites with one domain per language.
		 * Add the same origins to the proxy's configuration of the site.
		 *
		 * @param list<string> $origins For example `https://example.com`; by default the one of home_url().
		 */
		$origins = (array) apply_filters( 'docent_origins', array( self::of( home_url() ) ) );
		return array_values( array_filter( $origins, static fn ( $origin ): bool => is_string( $origin ) && '' !== $origin ) );
	}

	/**
	 * Returns the origin of an address, empty when it has none.
	 *
	 * @param string $url Absolute address.
	 */
	public static function of( string $url ): string {
		$parts  = wp_parse_url( $url );
		$scheme = strtolower( (string) ( $parts['scheme'] ?? '' ) );
		$host   = strtolower( (string) ( $parts['host'] ?? '' ) );
		if ( '' === $host || ! in_array( $scheme, array( 'http', 'https' ), true ) ) {
			return '';
		}
		if ( 1 === preg_match( '/[^\x20-\x7e]/', $host ) ) {
			$host = IdnaEncoder::encode( $host );
		}
		$port       = $parts['port'] ?? null;
		$is_default = null === $port || ( 'https' === $scheme ? 443 : 80 ) === $port;
		return $scheme . '://' . $host . ( $is_default ? '' : ':' . $port );
	}
}
