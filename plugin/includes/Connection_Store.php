<?php
/**
 * Owns the option `docent_connection`, and lets constants in wp-config.php win over it.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Reads, keeps and forgets the connection of this site. */
final class Connection_Store {

	public const OPTION = 'docent_connection';

	/** Says where the connection comes from: `constant`, `option` or `none`. */
	public function source(): string {
		if ( self::has_constants() ) {
			return 'constant';
		}
		return is_array( get_option( self::OPTION ) ) ? 'option' : 'none';
	}

	/**
	 * Returns the connection, or null when there is none.
	 *
	 * @throws Invalid_Connection When something is set that cannot be used.
	 */
	public function load(): ?Connection {
		if ( self::has_constants() ) {
			return self::from_constants();
		}
		$stored = get_option( self::OPTION );
		if ( ! is_array( $stored ) ) {
			return null;
		}
		return Connection::from_parts( (string) ( $stored['url'] ?? '' ), (string) ( $stored['siteId'] ?? '' ), (string) ( $stored['secret'] ?? '' ) );
	}

	/** Returns the connection, or null also when what is set cannot be used. */
	public function load_usable(): ?Connection {
		try {
			return $this->load();
		} catch ( Invalid_Connection ) {
			return null;
		}
	}

	/**
	 * Keeps a connection, not among the options that every page loads.
	 *
	 * @param Connection $connection Connection to use from now on.
	 */
	public function save( Connection $connection ): void {
		update_option(
			self::OPTION,
			array(
				'url'    => $connection->proxy_url,
				'siteId' => $connection->site_id,
				'secret' => $connection->secret(),
			),
			false
		);
	}

	/** Forgets the stored connection. */
	public function forget(): void {
		delete_option( self::OPTION );
	}

	/** Says whether wp-config.php sets the connection, so that the settings page cannot. */
	public static function has_constants(): bool {
		return defined( 'DOCENT_CONNECTION' ) || defined( 'DOCENT_PROXY_URL' );
	}

	/**
	 * Reads the connection from wp-config.php.
	 *
	 * @throws Invalid_Connection When the constants are incomplete or wrong.
	 */
	public static function from_constants(): Connection {
		if ( defined( 'DOCENT_CONNECTION' ) ) {
			return Connection::parse( (string) constant( 'DOCENT_CONNECTION' ) );
		}
		return Connection::from_parts( self::constant_text( 'DOCENT_PROXY_URL' ), self::constant_text( 'DOCENT_SITE_ID' ), self::constant_text( 'DOCENT_SITE_SECRET' ) );
	}

	private static function constant_text( string $name ): string {
		if ( ! defined( $name ) ) {
			throw new Invalid_Connection(
				sprintf(
					/* translators: %s: name of a constant in wp-config.php. */
					__( 'wp-config.php sets DOCENT_PROXY_URL but not %s. All three of DOCENT_PROXY_URL, DOCENT_SITE_ID and DOCENT_SITE_SECRET are needed.', 'docent' ),
					$name
				)
			);
		}
		return (string) constant( $name );
	}
}
