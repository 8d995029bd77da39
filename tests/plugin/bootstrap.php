<?php
/**
 * Loads the installed WordPress that DOCENT_WORDPRESS_PATH names, with the plugin active, and the classes that the tests share.
 *
 * @package Docent
 */

declare(strict_types=1);

$docent_path = rtrim( (string) getenv( 'DOCENT_WORDPRESS_PATH' ), '/' );
if ( ! is_file( $docent_path . '/wp-load.php' ) ) {
	fwrite( STDERR, "DOCENT_WORDPRESS_PATH must name the folder of an installed WordPress; there is no wp-load.php in '$docent_path'.\n" );
	exit( 2 );
}

$_SERVER['HTTP_HOST']   = '127.0.0.1';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';

$_SERVER['REQUEST_METHOD'] = 'GET';
( static function ( string $docent_path ): void {
	require $docent_path . '/wp-load.php';
	require_once ABSPATH . 'wp-admin/includes/admin.php';
	// PHPUnit loads this file inside a function, where what WordPress's files assign is local: what is not global yet becomes so.
	foreach ( get_defined_vars() as $docent_name => $docent_value ) {
		if ( ! array_key_exists( $docent_name, $GLOBALS ) ) {
			$GLOBALS[ $docent_name ] = $docent_value;
		}
	}
} )( $docent_path );

if ( ! class_exists( Docent\Plugin::class ) ) {
	fwrite( STDERR, "The plugin is not active in $docent_path. Activate it first.\n" );
	exit( 2 );
}
foreach ( array( 'DOCENT_CONNECTION', 'DOCENT_PROXY_URL' ) as $docent_constant ) {
	if ( defined( $docent_constant ) ) {
		fwrite( STDERR, "wp-config.php sets $docent_constant. The tests need a WordPress that is not connected.\n" );
		exit( 2 );
	}
}

foreach ( array( 'Php_Server', 'Recording_Proxy', 'Test_Case', 'Http_Test_Case' ) as $docent_class ) {
	require_once __DIR__ . '/support/' . $docent_class . '.php';
}
