<?php
/**
 * Adds Settings → Docent, the page on which the settings app runs.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Prints the app's place and loads its files; everything else goes through the REST API. */
final class Settings_Page {

	public const SLUG = 'docent';

	/** Adds the page to the menu. */
	public static function add(): void {
		add_options_page( __( 'Docent', 'docent' ), __( 'Docent', 'docent' ), Admin_Permission::CAPABILITY, self::SLUG, array( self::class, 'print' ) );
	}

	/** Returns the address of the page. */
	public static function url(): string {
		return admin_url( 'options-general.php?page=' . self::SLUG );
	}

	/**
	 * Adds a link to the page below the plugin's name.
	 *
	 * @param array<string, string> $links Links of the plugin's row.
	 * @return array<string, string>
	 */
	public static function add_link( array $links ): array {
		return array_merge( array( 'settings' => sprintf( '<a href="%s">%s</a>', esc_url( self::url() ), esc_html__( 'Settings', 'docent' ) ) ), $links );
	}

	/** Prints the page. */
	public static function print(): void {
		printf(
			'<div class="wrap"><div id="docent-settings"></div><noscript><h1>%s</h1><p>%s</p></noscript></div>',
			esc_html__( 'Docent', 'docent' ),
			esc_html__( 'This page needs JavaScript. You can also connect the site in wp-config.php, with the constant DOCENT_CONNECTION.', 'docent' )
		);
	}

	/**
	 * Loads the built app on its page.
	 *
	 * @param string $page Name of the page that is being made.
	 */
	public static function enqueue( string $page ): void {
		$asset_file = PLUGIN_DIR . '/build/admin/index.asset.php';
		if ( 'settings_page_' . self::SLUG !== $page || ! is_file( $asset_file ) ) {
			return;
		}
		/** Written by the build. @var array{ dependencies: list<string>, version: string } $asset */
		$asset = require $asset_file;
		wp_enqueue_script( 'docent-settings', plugins_url( 'build/admin/index.js', PLUGIN_FILE ), $asset['dependencies'], $asset['version'], array( 'in_footer' => true ) );
		wp_set_script_translations( 'docent-settings', 'docent', PLUGIN_DIR . '/languages' );
		wp_enqueue_style( 'wp-components' );
		foreach ( array( 'style-index', 'index' ) as $name ) {
			if ( is_file( PLUGIN_DIR . '/build/admin/' . $name . '.css' ) ) {
				wp_enqueue_style( 'docent-' . $name, plugins_url( 'build/admin/' . $name . '.css', PLUGIN_FILE ), array( 'wp-components' ), $asset['version'] );
				wp_style_add_data( 'docent-' . $name, 'rtl', 'replace' );
			}
		}
	}
}
