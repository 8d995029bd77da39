<?php
/**
 * Puts the assistant's round button on every page, when the owner switched it on.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Renders the block before the head is printed, so that its style and module arrive with the others, and prints it in the footer.
 */
final class Launcher {

	private string $html = '';

	/** Renders the launcher when this page should have one. Runs while scripts are enqueued. */
	public function prepare(): void {
		$settings = Settings::all();
		if ( ! $settings['launcherIsEnabled'] || ! self::is_page_for_visitors() || ! Assistant_View::config()['isConnected'] ) {
			return;
		}
		/**
		 * Filters whether this page shows the launcher. Must not depend on the visitor: the page may be cached.
		 *
		 * @param bool $is_shown True.
		 */
		if ( ! apply_filters( 'docent_show_launcher', true ) || ! \WP_Block_Type_Registry::get_instance()->is_registered( 'docent/assistant' ) ) {
			return;
		}
		$this->html = render_block(
			array(
				'blockName'    => 'docent/assistant',
				'attrs'        => array( 'display' => 'launcher' ),
				'innerBlocks'  => array(),
				'innerHTML'    => '',
				'innerContent' => array(),
			)
		);
	}

	/** Prints what prepare() rendered. Runs in the footer. */
	public function print(): void {
		echo $this->html; // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- A rendered block, escaped in its render.php.
	}

	/**
	 * Leaves a block that was placed in a post out of feeds, where its controls would be dead.
	 *
	 * @param string $html Rendered block.
	 */
	public static function leave_out_of_feeds( string $html ): string {
		return is_feed() ? '' : $html;
	}

	private static function is_page_for_visitors(): bool {
		return ! is_admin() && ! is_feed() && ! is_embed() && ! is_robots() && ! is_trackback() && ! is_customize_preview() && ! wp_is_xml_request();
	}
}
