<?php
/**
 * Honours the site owner's switch for everything that uses AI (WordPress 7.0: WP_AI_SUPPORT and the filter wp_supports_ai).
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Says whether Docent must rest. */
final class Off_Switch {

	/** Says whether AI is switched off on this site; WordPress before 7.0 knows only the constant. */
	public static function is_off(): bool {
		if ( function_exists( 'wp_supports_ai' ) ) {
			return ! wp_supports_ai();
		}
		return defined( 'WP_AI_SUPPORT' ) && ! constant( 'WP_AI_SUPPORT' );
	}
}
