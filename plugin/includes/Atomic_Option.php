<?php
/**
 * Does to rows of the options table what several requests may do at once: add if absent, count up, remove if unchanged.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery.DirectQuery, WordPress.DB.DirectDatabaseQuery.NoCaching -- The option functions read before they write, which two requests can interleave; these rows are never autoloaded or cached.

/** Each method is one statement of the database. Rows made here are read here only. */
final class Atomic_Option {

	/**
	 * Adds a row unless there is one of that name.
	 *
	 * @param string $name  Name of the option.
	 * @param string $value Value to add.
	 * @return bool Whether this call added it.
	 */
	public static function add( string $name, string $value ): bool {
		global $wpdb;
		return 1 === $wpdb->query( $wpdb->prepare( "INSERT IGNORE INTO {$wpdb->options} (option_name, option_value, autoload) VALUES (%s, %s, 'off')", $name, $value ) );
	}

	/**
	 * Writes a row, whatever was there.
	 *
	 * @param string $name  Name of the option.
	 * @param string $value Value to write.
	 */
	public static function put( string $name, string $value ): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( "INSERT INTO {$wpdb->options} (option_name, option_value, autoload) VALUES (%s, %s, 'off') ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)", $name, $value ) );
	}

	/**
	 * Reads a row.
	 *
	 * @param string $name Name of the option.
	 */
	public static function get( string $name ): ?string {
		global $wpdb;
		$value = $wpdb->get_var( $wpdb->prepare( "SELECT option_value FROM {$wpdb->options} WHERE option_name = %s", $name ) );
		return is_string( $value ) ? $value : null;
	}

	/**
	 * Counts a row up by one, from one if there was none.
	 *
	 * @param string $name Name of the option.
	 * @return int At least what this call counted to; more when others counted at the same moment.
	 */
	public static function increment( string $name ): int {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( "INSERT INTO {$wpdb->options} (option_name, option_value, autoload) VALUES (%s, '1', 'off') ON DUPLICATE KEY UPDATE option_value = option_value + 1", $name ) );
		return (int) self::get( $name );
	}

	/**
	 * Swaps a row's value if nobody changed it meanwhile.
	 *
	 * @param string $name     Name of the option.
	 * @param string $expected Value it must still have.
	 * @param string $value    New value.
	 */
	public static function swap( string $name, string $expected, string $value ): bool {
		global $wpdb;
		return 1 === $wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->options} SET option_value = %s WHERE option_name = %s AND option_value = %s", $value, $name, $expected ) );
	}

	/**
	 * Removes a row if nobody changed it meanwhile.
	 *
	 * @param string $name     Name of the option.
	 * @param string $expected Value it must still have.
	 */
	public static function remove( string $name, string $expected ): bool {
		global $wpdb;
		return 1 === $wpdb->query( $wpdb->prepare( "DELETE FROM {$wpdb->options} WHERE option_name = %s AND option_value = %s", $name, $expected ) );
	}

	/**
	 * Removes the rows whose names lie between two names, by the order of the database.
	 *
	 * @param string $from First name to remove.
	 * @param string $to   First name to keep.
	 */
	public static function remove_between( string $from, string $to ): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$wpdb->options} WHERE option_name >= %s AND option_name < %s", $from, $to ) );
	}

	/**
	 * Removes the rows whose names begin alike.
	 *
	 * @param string $prefix Beginning of the names.
	 */
	public static function remove_beginning_with( string $prefix ): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$wpdb->options} WHERE option_name LIKE %s", $wpdb->esc_like( $prefix ) . '%' ) );
	}

	/**
	 * Lists rows whose names begin alike, oldest first.
	 *
	 * @param string $prefix Beginning of the names.
	 * @param int    $limit  Most rows to return.
	 * @return array<string, string> Values by name.
	 */
	public static function beginning_with( string $prefix, int $limit ): array {
		global $wpdb;
		$rows = $wpdb->get_results( $wpdb->prepare( "SELECT option_name, option_value FROM {$wpdb->options} WHERE option_name LIKE %s ORDER BY option_id LIMIT %d", $wpdb->esc_like( $prefix ) . '%', $limit ) );
		return array_column( (array) $rows, 'option_value', 'option_name' );
	}

	/**
	 * Counts the rows whose names begin alike.
	 *
	 * @param string $prefix Beginning of the names.
	 */
	public static function count_beginning_with( string $prefix ): int {
		global $wpdb;
		return (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM {$wpdb->options} WHERE option_name LIKE %s", $wpdb->esc_like( $prefix ) . '%' ) );
	}
}
