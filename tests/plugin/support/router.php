<?php
/**
 * Lets PHP's built-in server serve WordPress for the tests over HTTP: files and folders as they are, all else through index.php.
 *
 * @package Docent
 */

declare(strict_types=1);

$docent_root = rtrim( (string) $_SERVER['DOCUMENT_ROOT'], '/' );
$docent_file = $docent_root . (string) parse_url( (string) $_SERVER['REQUEST_URI'], PHP_URL_PATH );
if ( is_file( $docent_file ) || ( is_file( rtrim( $docent_file, '/' ) . '/index.php' ) && $docent_file !== $docent_root . '/' ) ) {
	return false;
}
$_SERVER['SCRIPT_NAME']     = '/index.php';
$_SERVER['PHP_SELF']        = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = $docent_root . '/index.php';
require $docent_root . '/index.php';
