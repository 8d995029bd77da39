<?php
/**
 * Lets one process at a time deliver content, so that an older version of a page never overtakes a newer one.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Is a lease: a process that died loses it. */
final class Sync_Lock {

	public const OPTION = 'docent_lock';

	private const LEASE_SECONDS = 120;

	/**
	 * Does the work if nobody else is at it.
	 *
	 * @template T
	 * @param callable(): T $work What to do.
	 * @return T|null Null when another process is at work.
	 */
	public static function hold( callable $work ): mixed {
		$mine = sprintf( '%d-%s', time() + self::LEASE_SECONDS, bin2hex( random_bytes( 8 ) ) );
		if ( ! Atomic_Option::add( self::OPTION, $mine ) ) {
			$held = Atomic_Option::get( self::OPTION );
			if ( null === $held || (int) $held > time() || ! Atomic_Option::swap( self::OPTION, $held, $mine ) ) {
				return null;
			}
		}
		try {
			return $work();
		} finally {
			Atomic_Option::remove( self::OPTION, $mine );
		}
	}
}
