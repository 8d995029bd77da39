<?php
/**
 * Finds a class of the plugin by its name: Docent\Visitor_Token lives in includes/Visitor_Token.php.
 *
 * @package Docent
 */

declare(strict_types=1);

defined( 'ABSPATH' ) || exit;

spl_autoload_register(
	static function ( string $class_name ): void {
		if ( 1 !== preg_match( '/^Docent\\\\([A-Za-z_]+)$/', $class_name, $matches ) ) {
			return;
		}
		$path = __DIR__ . '/' . $matches[1] . '.php';
		if ( is_file( $path ) ) {
			require_once $path;
		}
	}
);
