<?php
/**
 * Says in the admin what keeps the plugin from working: an old WordPress or PHP, or assets that were not built.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Checks what WordPress does not check itself when the plugin was copied into place. */
final class Requirements {

	private const WORDPRESS = '6.8';
	private const PHP       = '8.1';

	/** Says whether the built blocks are there. */
	public static function is_built(): bool {
		return is_file( PLUGIN_DIR . '/build/blocks-manifest.php' );
	}

	/** Prints what is missing, to those who can mend it. */
	public static function print_notice(): void {
		$problem = current_user_can( 'activate_plugins' ) ? self::problem() : '';
		if ( '' !== $problem ) {
			wp_admin_notice( wp_kses( $problem, array( 'code' => array() ) ), array( 'type' => 'error' ) );
		}
	}

	/** Returns one sentence, empty when all is well. */
	public static function problem(): string {
		if ( ! is_wp_version_compatible( self::WORDPRESS ) || ! is_php_version_compatible( self::PHP ) ) {
			/* translators: 1: WordPress version, 2: PHP version. */
			return sprintf( __( 'Docent needs WordPress %1$s and PHP %2$s or newer. Please update, or deactivate Docent.', 'docent' ), self::WORDPRESS, self::PHP );
		}
		if ( ! self::is_built() ) {
			/* translators: %s: a command. */
			return sprintf( __( 'Docent is here as source code without its built blocks. In the folder of the repository run %s, then reload this page.', 'docent' ), '<code>npm install &amp;&amp; npm run build</code>' );
		}
		return '';
	}
}
