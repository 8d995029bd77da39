<?php
/**
 * Decides which content of the site is knowledge: what any visitor may read, of the types the owner chose.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Never lets through what is private, a draft, scheduled, protected by a password, or excluded by the owner. */
final class Public_Content {

	/** Post meta with which an owner or a plugin keeps one page out. */
	public const EXCLUDE_META = '_docent_exclude';

	/**
	 * Returns the chosen content types that exist.
	 *
	 * @return list<string>
	 */
	public static function types(): array {
		return array_values( array_intersect( Settings::all()['contentTypes'], array_keys( Settings::eligible_content_types() ) ) );
	}

	/**
	 * Says whether a post may be sent to the proxy.
	 *
	 * @param \WP_Post $post Any post.
	 */
	public static function includes( \WP_Post $post ): bool {
		$is_public = in_array( $post->post_type, self::types(), true )
			&& is_post_publicly_viewable( $post )
			&& '' === $post->post_password
			&& ! get_post_meta( $post->ID, self::EXCLUDE_META, true )
			&& ! self::is_hidden_product( $post );
		/**
		 * Filters whether a post is knowledge of the assistant. Only ever called for posts that WordPress itself shows to everyone:
		 * a filter can keep a post out, it cannot let a private one in.
		 *
		 * @param bool     $is_included True.
		 * @param \WP_Post $post        The post.
		 */
		return $is_public && (bool) apply_filters( 'docent_include_post', true, $post );
	}

	/**
	 * Lists ids of posts that are likely knowledge, by id; each is still checked with includes() before it is sent.
	 *
	 * @param int $after_id Only ids greater than this.
	 * @param int $limit    Most ids to return.
	 * @return list<int>
	 */
	public static function ids_after( int $after_id, int $limit ): array {
		global $wpdb;
		$types = self::types();
		if ( array() === $types ) {
			return array();
		}
		$places = implode( ', ', array_fill( 0, count( $types ), '%s' ) );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery.DirectQuery, WordPress.DB.DirectDatabaseQuery.NoCaching, WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.PreparedSQLPlaceholders.ReplacementsWrongNumber, WordPress.DB.PreparedSQLPlaceholders.UnfinishedPrepare -- WP_Query cannot go on after an id; the placeholders are counted above.
		return array_values( array_map( 'intval', $wpdb->get_col( $wpdb->prepare( "SELECT ID FROM {$wpdb->posts} WHERE ID > %d AND post_status = 'publish' AND post_password = '' AND post_type IN ( {$places} ) ORDER BY ID LIMIT %d", ...array( $after_id, ...$types, $limit ) ) ) ) );
	}

	/** Counts the posts that ids_after() would list from the beginning. */
	public static function count(): int {
		global $wpdb;
		$types = self::types();
		if ( array() === $types ) {
			return 0;
		}
		$places = implode( ', ', array_fill( 0, count( $types ), '%s' ) );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery.DirectQuery, WordPress.DB.DirectDatabaseQuery.NoCaching, WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.PreparedSQLPlaceholders.ReplacementsWrongNumber, WordPress.DB.PreparedSQLPlaceholders.UnfinishedPrepare -- As above.
		return (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM {$wpdb->posts} WHERE post_status = 'publish' AND post_password = '' AND post_type IN ( {$places} )", ...$types ) );
	}

	/**
	 * Says whether a shop hides a product from its catalogue and its search.
	 *
	 * @param \WP_Post $post Any post.
	 */
	private static function is_hidden_product( \WP_Post $post ): bool {
		return 'product' === $post->post_type
			&& taxonomy_exists( 'product_visibility' )
			&& has_term( 'exclude-from-search', 'product_visibility', $post )
			&& has_term( 'exclude-from-catalog', 'product_visibility', $post );
	}
}
