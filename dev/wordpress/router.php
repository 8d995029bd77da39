<?php
/**
 * Lets PHP's built-in server serve WordPress: files as they are, everything else through index.php.
 *
 * @package Docent
 */

declare( strict_types=1 );

$docent_root = rtrim( (string) $_SERVER['DOCUMENT_ROOT'], '/' );
$docent_path = rawurldecode( (string) parse_url( (string) $_SERVER['REQUEST_URI'], PHP_URL_PATH ) );
$docent_file = $docent_root . $docent_path;

if ( str_contains( $docent_path, '..' ) || str_contains( $docent_path, '/.' ) ) {
	http_response_code( 404 );
	return true;
}

if ( is_dir( $docent_file ) && is_file( rtrim( $docent_file, '/' ) . '/index.php' ) && '/' !== $docent_path ) {
	if ( ! str_ends_with( $docent_path, '/' ) ) {
		header( 'Location: ' . $docent_path . '/', true, 301 );
		return true;
	}
	return false;
}

if ( is_file( $docent_file ) ) {
	return false;
}

$_SERVER['SCRIPT_NAME']     = '/index.php';
$_SERVER['PHP_SELF']        = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = $docent_root . '/index.php';
chdir( $docent_root );
require $docent_root . '/index.php';
