<?php
/**
 * Renders the content of a post as a guest would see it on its own page, so that the assistant knows no more than any visitor.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Uses the filters of the_content, because they are where membership plugins hide what a guest may not read. Shortcodes and blocks
 * whose output depends on the visitor, the time or other pages are left out.
 */
final class Guest_Rendering {

	private const SHORTCODES = array( 'caption', 'wp_caption', 'gallery', 'playlist' );

	private const LEFT_OUT_BLOCKS = array(
		'core/archives',
		'core/avatar',
		'core/calendar',
		'core/categories',
		'core/comments',
		'core/latest-comments',
		'core/latest-posts',
		'core/loginout',
		'core/navigation',
		'core/page-list',
		'core/post-comments-form',
		'core/query',
		'core/rss',
		'core/search',
		'core/social-links',
		'core/tag-cloud',
		'docent/assistant',
		'docent/listen',
	);

	/**
	 * Returns the HTML of a post's content. Whatever it changes for that, it puts back.
	 *
	 * @param \WP_Post $post Public post.
	 */
	public static function html( \WP_Post $post ): string {
		// phpcs:disable WordPress.WP.GlobalVariablesOverride.Prohibited -- A background job plays the visit of a guest; all of it is restored in `finally`.
		global $wp_query, $wp_the_query;
		$before  = array( $wp_query, $wp_the_query, $GLOBALS['post'] ?? null, $_COOKIE, get_current_user_id() );
		$buffers = ob_get_level();
		add_filter( 'pre_do_shortcode_tag', array( self::class, 'leave_out_shortcode' ), 10, 2 );
		add_filter( 'pre_render_block', array( self::class, 'leave_out_block' ), 10, 2 );
		try {
			$_COOKIE = array();
			wp_set_current_user( 0 );
			// What a filter prints by mistake must not end up in an answer of the REST API.
			ob_start();
			$wp_query     = self::singular_query( $post );
			$wp_the_query = $wp_query;
			$wp_query->the_post();
			/** This filter is documented in wp-includes/post-template.php */
			return (string) Hook_Stack::guard( static fn (): mixed => apply_filters( 'the_content', $post->post_content ) ); // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals.NonPrefixedHooknameFound -- A filter of WordPress.
		} finally {
			while ( ob_get_level() > $buffers ) {
				ob_end_clean();
			}
			remove_filter( 'pre_do_shortcode_tag', array( self::class, 'leave_out_shortcode' ) );
			remove_filter( 'pre_render_block', array( self::class, 'leave_out_block' ) );
			list( $wp_query, $wp_the_query, $global_post, $_COOKIE, $user_id ) = $before;

			$GLOBALS['post'] = $global_post;
			if ( $global_post instanceof \WP_Post ) {
				setup_postdata( $global_post );
			}
			wp_set_current_user( $user_id );
		}
		// phpcs:enable WordPress.WP.GlobalVariablesOverride.Prohibited
	}

	/**
	 * Replaces a shortcode by nothing unless its output is the same for everyone.
	 *
	 * @param mixed  $output False, or what another plugin put in its place.
	 * @param string $tag    Name of the shortcode.
	 * @return mixed
	 */
	public static function leave_out_shortcode( mixed $output, string $tag ): mixed {
		/**
		 * Filters the shortcodes whose output becomes knowledge. Allow only those that show the same to every visitor.
		 *
		 * @param list<string> $tags Names of shortcodes.
		 */
		return in_array( $tag, (array) apply_filters( 'docent_shortcodes', self::SHORTCODES ), true ) ? $output : '';
	}

	/**
	 * Replaces a block by nothing if it shows other pages, controls or something that differs from visitor to visitor.
	 *
	 * @param mixed                $output Null, or what another plugin put in its place.
	 * @param array<string, mixed> $block  Parsed block.
	 */
	public static function leave_out_block( mixed $output, array $block ): mixed {
		/**
		 * Filters the blocks that do not become knowledge. A name that ends with a slash stands for all blocks of that namespace.
		 *
		 * @param list<string> $names Names of blocks.
		 */
		$names = (array) apply_filters( 'docent_left_out_blocks', array( ...self::LEFT_OUT_BLOCKS, 'woocommerce/' ) );
		$name  = (string) ( $block['blockName'] ?? '' );
		return in_array( $name, $names, true ) || in_array( strstr( $name, '/', true ) . '/', $names, true ) ? '' : $output;
	}

	/**
	 * Makes the main query of the post's own page without asking the database.
	 *
	 * @param \WP_Post $post Public post.
	 */
	private static function singular_query( \WP_Post $post ): \WP_Query {
		$query = new \WP_Query();
		$query->parse_query(
			array(
				'page' === $post->post_type ? 'page_id' : 'p' => $post->ID,
				'post_type' => $post->post_type,
			)
		);
		$query->query_vars        = $query->fill_query_vars( $query->query_vars );
		$query->query_vars       += array(
			'update_post_term_cache' => false,
			'update_post_meta_cache' => false,
		);
		$query->posts             = array( $post );
		$query->post              = $post;
		$query->post_count        = 1;
		$query->found_posts       = 1;
		$query->max_num_pages     = 1;
		$query->queried_object    = $post;
		$query->queried_object_id = $post->ID;
		return $query;
	}
}
