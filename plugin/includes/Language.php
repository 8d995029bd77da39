<?php
/**
 * Writes WordPress locales as BCP 47 language tags.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Turns `de_DE_formal` into `de-DE` and `zh_CN` into `zh-CN`. */
final class Language {

	/**
	 * Returns the language tag of a WordPress locale, `und` when it is none.
	 *
	 * @param string $locale Locale as WordPress writes it, or a language tag.
	 */
	public static function tag( string $locale ): string {
		$subtags = explode( '_', str_replace( '-', '_', $locale ) );
		$tag     = array();
		foreach ( $subtags as $position => $subtag ) {
			if ( 0 === $position && 1 === preg_match( '/^[a-z]{2,3}$/iD', $subtag ) ) {
				$tag[] = strtolower( $subtag );
			} elseif ( $position > 0 && 1 === preg_match( '/^[a-z]{4}$/iD', $subtag ) ) {
				$tag[] = ucfirst( strtolower( $subtag ) );
			} elseif ( $position > 0 && 1 === preg_match( '/^(?:[a-z]{2}|\d{3})$/iD', $subtag ) ) {
				$tag[] = strtoupper( $subtag );
			} else {
				break;
			}
		}
		return array() === $tag ? 'und' : implode( '-', $tag );
	}
}
