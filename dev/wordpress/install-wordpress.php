<?php
/**
 * Installs WordPress into an empty database without a browser. Reads the site's title and the administrator from the
 * environment.
 *
 * @package Docent
 */

declare( strict_types=1 );

define( 'WP_INSTALLING', true );

$_SERVER['HTTP_HOST']   = (string) getenv( 'DOCENT_DEV_HOST' );
$_SERVER['REQUEST_URI'] = '/';

require getenv( 'DOCENT_DEV_PATH' ) . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

wp_install(
	(string) getenv( 'DOCENT_DEV_TITLE' ),
	(string) getenv( 'DOCENT_DEV_USER' ),
	'admin@example.com',
	true,
	'',
	(string) getenv( 'DOCENT_DEV_PASSWORD' )
);

echo 'installed';
