<?php
/**
 * Is laid into wp-content/mu-plugins while pages are measured: leaves Docent out on request and tells what a page cost.
 *
 * @package Docent
 */

declare(strict_types=1);

if ( isset( $_SERVER['HTTP_X_DOCENT_LEFT_OUT'] ) ) {
	add_filter( 'option_active_plugins', static fn ( $plugins ) => array_values( array_diff( (array) $plugins, array( 'docent/docent.php' ) ) ) );
}

if ( isset( $_SERVER['HTTP_X_DOCENT_MEASURE'] ) ) {
	$docent_usage = getrusage();
	$docent_start = $docent_usage['ru_utime.tv_sec'] * 1_000_000 + $docent_usage['ru_utime.tv_usec'] + $docent_usage['ru_stime.tv_sec'] * 1_000_000 + $docent_usage['ru_stime.tv_usec'];
	add_action(
		'shutdown',
		static function () use ( $docent_start ): void {
			$usage = getrusage();
			$end   = $usage['ru_utime.tv_sec'] * 1_000_000 + $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_sec'] * 1_000_000 + $usage['ru_stime.tv_usec'];
			echo "\n<!-- measured ", get_num_queries(), ' queries ', $end - $docent_start, ' microseconds -->';
		},
		0
	);
}
