<?php
/**
 * Plugin Name: No update checks
 * Description: Keeps a test site from asking wordpress.org for updates, so that its log holds only what matters.
 *
 * @package Docent
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;

remove_action( 'init', 'wp_schedule_update_checks' );

foreach ( array( 'update_core', 'update_plugins', 'update_themes' ) as $docent_transient ) {
	add_filter(
		'pre_site_transient_' . $docent_transient,
		static fn (): object => (object) array(
			'last_checked'    => time(),
			'version_checked' => wp_get_wp_version(),
			'updates'         => array(),
			'response'        => array(),
			'translations'    => array(),
		)
	);
}

// Pictures of people come from another host.
add_filter( 'pre_option_show_avatars', '__return_zero' );
