<?php
/**
 * Owns the option `docent_settings`: what the owner chose on this site. Limits and instructions live at the proxy.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Reads the settings so that every caller gets complete and valid values, whatever is stored.
 *
 * @phpstan-type Stored array{ assistantName: string, contentTypes: list<string>, launcherIsEnabled: bool, launcherPosition: 'end'|'start', speechIsMadeAhead: bool }
 */
final class Settings {

	public const OPTION              = 'docent_settings';
	public const POSITIONS           = array( 'end', 'start' );
	public const MAX_NAME_CHARACTERS = 60;

	private const DEFAULT_CONTENT_TYPES = array( 'page', 'post', 'product' );

	/**
	 * Returns the settings, complete.
	 *
	 * @return Stored
	 */
	public static function all(): array {
		$stored = get_option( self::OPTION );
		return self::normalised( is_array( $stored ) ? $stored : array() );
	}

	/**
	 * Changes some settings and keeps the others.
	 *
	 * @param array<string, mixed> $changes Some of the keys of all().
	 */
	public static function change( array $changes ): void {
		update_option( self::OPTION, self::normalised( array_merge( self::all(), $changes ) ), true );
	}

	/** Lays down the defaults, so that no page has to ask the database whether there are any. */
	public static function ensure(): void {
		if ( ! is_array( get_option( self::OPTION ) ) ) {
			update_option( self::OPTION, self::all(), true );
		}
	}

	/**
	 * Lists the content types that may be chosen: those with public pages of their own.
	 *
	 * @return array<string, \WP_Post_Type> By name.
	 */
	public static function eligible_content_types(): array {
		$types = array_filter( get_post_types( array(), 'objects' ), 'is_post_type_viewable' );
		unset( $types['attachment'] );
		/**
		 * Filters the content types that the owner may choose as knowledge.
		 *
		 * @param array<string, \WP_Post_Type> $types Content types by name.
		 */
		return (array) apply_filters( 'docent_content_types', $types );
	}

	/**
	 * Makes stored or given values complete and valid.
	 *
	 * @param array<string, mixed> $values Values of any shape.
	 * @return Stored
	 */
	private static function normalised( array $values ): array {
		$name  = $values['assistantName'] ?? '';
		$types = $values['contentTypes'] ?? self::DEFAULT_CONTENT_TYPES;
		return array(
			'assistantName'     => is_string( $name ) ? mb_substr( sanitize_text_field( $name ), 0, self::MAX_NAME_CHARACTERS ) : '',
			'contentTypes'      => array_values( array_unique( array_filter( array_map( 'sanitize_key', array_filter( (array) $types, 'is_string' ) ) ) ) ),
			'launcherIsEnabled' => true === ( $values['launcherIsEnabled'] ?? false ),
			'launcherPosition'  => 'start' === ( $values['launcherPosition'] ?? 'end' ) ? 'start' : 'end',
			'speechIsMadeAhead' => true === ( $values['speechIsMadeAhead'] ?? false ),
		);
	}
}
