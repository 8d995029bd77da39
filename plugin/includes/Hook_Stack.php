<?php
/**
 * Lets hooks of WordPress be used again after an exception left them half-way.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * A hook that an exception passes through keeps believing that it is running, and later runs of it leave out callbacks. When one post
 * cannot be rendered, that must not spoil the next.
 */
final class Hook_Stack {

	/**
	 * Does some work; when it fails, puts the hooks it was in back to rest.
	 *
	 * @template T
	 * @param callable(): T $work What to do.
	 * @return T
	 * @throws \Throwable Whatever the work threw.
	 */
	public static function guard( callable $work ): mixed {
		global $wp_current_filter;
		$outer = (array) $wp_current_filter;
		try {
			return $work();
		} catch ( \Throwable $error ) {
			$left              = array_slice( (array) $wp_current_filter, count( $outer ) );
			$wp_current_filter = $outer; // phpcs:ignore WordPress.WP.GlobalVariablesOverride.Prohibited -- This is the mending.
			array_map( array( self::class, 'renew' ), array_diff( array_unique( $left ), $outer ) );
			throw $error;
		}
	}

	private static function renew( string $name ): void {
		global $wp_filter;
		$old = $wp_filter[ $name ] ?? null;
		if ( ! $old instanceof \WP_Hook ) {
			return;
		}
		$new = new \WP_Hook();
		foreach ( $old->callbacks as $priority => $callbacks ) {
			foreach ( $callbacks as $callback ) {
				$new->add_filter( $name, $callback['function'], $priority, $callback['accepted_args'] );
			}
		}
		$wp_filter[ $name ] = $new; // phpcs:ignore WordPress.WP.GlobalVariablesOverride.Prohibited -- This is the mending.
	}
}
