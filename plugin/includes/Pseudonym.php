<?php
/**
 * Names a signed-in person to the proxy without saying who it is.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Owns the option `docent_pseudonym_key`; only this site can tell which person a pseudonym belongs to. */
final class Pseudonym {

	public const OPTION = 'docent_pseudonym_key';

	/**
	 * Returns the pseudonym of a person: the same each time, so that their data can be exported and erased.
	 *
	 * @param int $user_id Id of the WordPress user.
	 * @return string 32 hexadecimal digits.
	 */
	public static function of( int $user_id ): string {
		return substr( hash_hmac( 'sha256', get_current_blog_id() . ':' . $user_id, self::key() ), 0, 32 );
	}

	private static function key(): string {
		$key = Atomic_Option::get( self::OPTION );
		if ( null === $key ) {
			// Two people may be the first at the same moment: the row that came first is the key.
			Atomic_Option::add( self::OPTION, bin2hex( random_bytes( 32 ) ) );
			$key = (string) Atomic_Option::get( self::OPTION );
		}
		return $key;
	}
}
