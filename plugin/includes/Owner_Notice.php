<?php
/**
 * Shows in wp-admin what the watch found, where an administrator looks anyway.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Prints one notice for all problems, with a way to put it away. */
final class Owner_Notice {

	public const ACTION = 'docent_dismiss';

	private const SCREENS = array( 'dashboard', 'plugins', 'settings_page_' . Settings_Page::SLUG );

	/** Prints the notice on the dashboard, the list of plugins and the settings page. */
	public static function print(): void {
		$screen = get_current_screen();
		if ( ! $screen || ! in_array( $screen->id, self::SCREENS, true ) || ! current_user_can( Admin_Permission::CAPABILITY ) ) {
			return;
		}
		$problems = Owner_Watch::problems();
		if ( array() === $problems ) {
			return;
		}
		$is_broken = in_array( 'error', array_column( $problems, 'status' ), true );
		$lines     = array_map( static fn ( array $problem ): string => '<li>' . esc_html( trim( $problem['message'] . ' ' . $problem['remedy'] ) ) . '</li>', $problems );
		printf(
			'<div class="notice notice-%s"><p><strong>%s</strong></p><ul class="ul-disc">%s</ul><p><a href="%s">%s</a> &nbsp; <a href="%s">%s</a></p></div>',
			esc_attr( $is_broken ? 'error' : 'warning' ),
			esc_html__( 'Docent needs your attention', 'docent' ),
			implode( '', $lines ), // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- Each line is escaped above.
			esc_url( Settings_Page::url() ),
			esc_html__( 'Open the settings of Docent', 'docent' ),
			esc_url( wp_nonce_url( admin_url( 'admin-post.php?action=' . self::ACTION ), self::ACTION ) ),
			esc_html__( 'Do not show this again', 'docent' )
		);
	}

	/** Puts the notice away and returns to where it was. */
	public static function dismiss(): void {
		check_admin_referer( self::ACTION );
		if ( ! current_user_can( Admin_Permission::CAPABILITY ) ) {
			wp_die( esc_html__( 'Only an administrator of this site can do that.', 'docent' ), '', array( 'response' => 403 ) );
		}
		Owner_Watch::dismiss();
		wp_safe_redirect( wp_get_referer() ?: admin_url() );
		exit;
	}
}
