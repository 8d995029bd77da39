<?php
/**
 * Removes what the plugin stored on one site.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Knows every option, field and scheduled event of the plugin. */
final class Uninstall {

	/** Removes options, post meta and scheduled events of the current site. */
	public static function site(): void {
		foreach ( array( ...Full_Sync::ALL_EVENTS, Owner_Watch::EVENT, Assistant_View::EVENT ) as $event ) {
			wp_clear_scheduled_hook( $event );
		}
		foreach ( array( Delivery::HASH_META, Public_Content::EXCLUDE_META, Document::LANGUAGE_META ) as $key ) {
			delete_post_meta_by_key( $key );
		}
		foreach ( array( Connection_Store::OPTION, Settings::OPTION, Assistant_View::OPTION, Pseudonym::OPTION, Sync_State::OPTION, Sync_Lock::OPTION, Owner_Watch::OPTION ) as $option ) {
			delete_option( $option );
		}
		// Rows of the mint limit and of the queue, one for each address and each post.
		Atomic_Option::remove_beginning_with( Mint_Limit::ROW_PREFIX );
		Atomic_Option::remove_beginning_with( Sync_Queue::ROW_PREFIX );
	}
}
