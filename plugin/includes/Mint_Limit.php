<?php
/**
 * Limits how many visitor tokens one address may ask for in a minute, so that nobody collects identities to evade other limits.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Counts mints per address and minute: in the object cache when it outlives the request, else in the options table. */
final class Mint_Limit {

	public const ROW_PREFIX = 'docent_mint_';

	private const WINDOW_SECONDS = 60;
	private const CACHE_GROUP    = 'docent_mint';

	/**
	 * Counts one mint.
	 *
	 * @param string $address Address of the visitor.
	 * @param int    $now     Unix seconds.
	 * @return int 0 when it is allowed, else the seconds until the next window.
	 */
	public function count( string $address, int $now ): int {
		/**
		 * Filters how many visitor tokens one address may get in a minute.
		 *
		 * @param int $per_minute 30 by default.
		 */
		$per_minute = (int) apply_filters( 'docent_mint_limit', 30 );
		$window     = intdiv( $now, self::WINDOW_SECONDS );
		$who        = substr( hash_hmac( 'sha256', Client_Address::network( $address ), wp_salt( 'nonce' ) ), 0, 24 );
		$used       = wp_using_ext_object_cache() ? $this->count_in_cache( $who, $window ) : $this->count_in_options( $who, $window );
		return $used <= $per_minute ? 0 : ( $window + 1 ) * self::WINDOW_SECONDS - $now;
	}

	/**
	 * Removes the counters of past minutes.
	 *
	 * @param int $now Unix seconds.
	 */
	public function forget_past( int $now ): void {
		// The window is written with a fixed width, so that the names sort by time.
		Atomic_Option::remove_between( self::ROW_PREFIX . '0', self::row_name( '', intdiv( $now, self::WINDOW_SECONDS ) ) );
	}

	private function count_in_cache( string $who, int $window ): int {
		$key = $window . '_' . $who;
		wp_cache_add( $key, 0, self::CACHE_GROUP, 2 * self::WINDOW_SECONDS );
		$used = wp_cache_incr( $key, 1, self::CACHE_GROUP );
		return is_int( $used ) ? $used : $this->count_in_options( $who, $window );
	}

	private function count_in_options( string $who, int $window ): int {
		$used = Atomic_Option::increment( self::row_name( $who, $window ) );
		if ( 1 === $used && 0 === wp_rand( 0, 9 ) ) {
			$this->forget_past( $window * self::WINDOW_SECONDS );
		}
		return $used;
	}

	private static function row_name( string $who, int $window ): string {
		return self::ROW_PREFIX . sprintf( '%010d', $window ) . '_' . $who;
	}
}
