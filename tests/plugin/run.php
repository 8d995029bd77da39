<?php
/**
 * Runs the tests of the plugin in an installed WordPress: php tests/plugin/run.php --wordpress=PATH [--filter=NAME]
 *
 * Prints a line for each failure and ends with `N passed, N failed`. Exits with 1 when something failed.
 *
 * @package Docent
 */

declare(strict_types=1);

$docent_options = getopt( '', array( 'wordpress:', 'filter:' ) );
$docent_path    = (string) ( $docent_options['wordpress'] ?? getenv( 'DOCENT_WORDPRESS_PATH' ) );
if ( '' === $docent_path ) {
	fwrite( STDERR, "Say where WordPress is installed: php tests/plugin/run.php --wordpress=PATH\n" );
	exit( 2 );
}

$docent_phpunit = dirname( __DIR__, 2 ) . '/vendor/bin/phpunit';
if ( ! is_file( $docent_phpunit ) ) {
	$docent_phpunit = trim( (string) shell_exec( 'command -v phpunit' ) );
}
if ( '' === $docent_phpunit ) {
	fwrite( STDERR, "PHPUnit is missing. Install it: apt-get install phpunit, or composer require --dev phpunit/phpunit:^9.6\n" );
	exit( 2 );
}

$docent_report  = (string) tempnam( sys_get_temp_dir(), 'docent-junit-' );
$docent_command = array( PHP_BINARY, $docent_phpunit, '-c', __DIR__ . '/phpunit.xml', '--no-interaction', '--log-junit', $docent_report );
if ( isset( $docent_options['filter'] ) ) {
	array_push( $docent_command, '--filter', $docent_options['filter'] );
}
$docent_process = proc_open( $docent_command, array( 1 => array( 'pipe', 'w' ), 2 => STDERR ), $docent_pipes, null, array( 'DOCENT_WORDPRESS_PATH' => $docent_path ) + getenv() );
if ( false === $docent_process ) {
	fwrite( STDERR, "PHPUnit could not be started.\n" );
	exit( 2 );
}
$docent_output = (string) stream_get_contents( $docent_pipes[1] );
$docent_code   = proc_close( $docent_process );
$docent_junit  = simplexml_load_string( (string) file_get_contents( $docent_report ) );
unlink( $docent_report );
if ( false === $docent_junit ) {
	echo $docent_output, "\n0 passed, 1 failed\n";
	exit( 1 );
}

$docent_passed  = 0;
$docent_failed  = 0;
$docent_skipped = 0;
foreach ( $docent_junit->xpath( '//testcase' ) ?: array() as $docent_case ) {
	$docent_problem = $docent_case->failure[0] ?? $docent_case->error[0] ?? $docent_case->warning[0] ?? null;
	if ( null !== $docent_problem ) {
		++$docent_failed;
		echo 'FAILED ', $docent_case['class'], '::', $docent_case['name'], ': ', preg_replace( '/\s+/', ' ', trim( substr( (string) $docent_problem, 0, 1500 ) ) ), "\n";
	} elseif ( isset( $docent_case->skipped ) ) {
		++$docent_skipped;
		echo 'SKIPPED ', $docent_case['class'], '::', $docent_case['name'], "\n";
	} else {
		++$docent_passed;
	}
}
if ( 0 !== $docent_code && 0 === $docent_failed ) {
	echo $docent_output, "\n";
	++$docent_failed;
}
echo $docent_passed, ' passed, ', $docent_failed, ' failed', $docent_skipped > 0 ? ", $docent_skipped skipped" : '', "\n";
exit( $docent_failed > 0 ? 1 : 0 );
