<?php
/**
 * Makes a freshly installed WordPress ready for Docent: theme, pretty addresses, plugin active. Changes nothing when
 * all is in place. Prints a line of JSON.
 *
 * Expects that wp-load.php has been loaded.
 *
 * @package Docent
 */

declare( strict_types=1 );

require_once ABSPATH . 'wp-admin/includes/plugin.php';
require_once ABSPATH . 'wp-admin/includes/misc.php';

if ( 'twentytwentyfive' !== get_stylesheet() && wp_get_theme( 'twentytwentyfive' )->exists() ) {
	switch_theme( 'twentytwentyfive' );
}

if ( '/%postname%/' !== get_option( 'permalink_structure' ) ) {
	global $wp_rewrite;
	$wp_rewrite->set_permalink_structure( '/%postname%/' );
	$wp_rewrite->flush_rules( false );
}

$docent_problem = '';
if ( ! is_plugin_active( 'docent/docent.php' ) ) {
	$docent_result = file_exists( WP_PLUGIN_DIR . '/docent/docent.php' )
		? activate_plugin( 'docent/docent.php' )
		: new WP_Error( 'docent_missing', 'plugin/docent.php does not exist.' );
	if ( is_wp_error( $docent_result ) ) {
		$docent_problem = $docent_result->get_error_message();
	}
}

echo wp_json_encode(
	array(
		'theme'   => get_stylesheet(),
		'plugin'  => is_plugin_active( 'docent/docent.php' ),
		'problem' => $docent_problem,
	)
), "\n";
