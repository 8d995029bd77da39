<?php
/**
 * Tests which posts become knowledge, and what of them.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Document;
use Docent\Public_Content;
use Docent\Settings;

/** Makes documents of real posts with real blocks. */
final class Document_Test extends Test_Case {

	public function test_makes_the_document_of_a_page_with_blocks(): void {
		// As for an administrator, whose markup WordPress stores as it is.
		kses_remove_filters();
		$post     = $this->post(
			array(
				'post_title'   => 'Shipping &amp; <em>Returns</em> “now”',
				'post_excerpt' => 'In short: 30 days.',
				'post_content' => '<!-- wp:heading --><h2 class="wp-block-heading">Returns</h2><!-- /wp:heading -->'
					. '<!-- wp:list --><ul class="wp-block-list"><!-- wp:list-item --><li>Unused</li><!-- /wp:list-item --><!-- wp:list-item --><li>With receipt</li><!-- /wp:list-item --></ul><!-- /wp:list -->'
					. '<!-- wp:table --><figure class="wp-block-table"><table><tbody><tr><td>EU</td><td>5 €</td></tr></tbody></table></figure><!-- /wp:table -->'
					. '<!-- wp:paragraph --><p>退货 سياسة</p><!-- /wp:paragraph -->'
					. '<!-- wp:html --><script>steal()</script><p onclick="x()">Shown</p><!-- /wp:html -->',
			)
		);
		$document = Document::of( $post );
		$this->assertSame( 'post-' . $post->ID, $document['id'] );
		$this->assertSame( get_permalink( $post ), $document['url'] );
		$this->assertSame( 'Shipping & Returns “now”', $document['title'] );
		$this->assertSame( 'en-US', $document['language'] );
		$this->assertSame( 'page', $document['type'] );
		$this->assertSame( get_post_modified_time( 'c', true, $post ), gmdate( 'c', strtotime( $document['modifiedAt'] ) ) );
		$this->assertSame( "In short: 30 days.\n\n## Returns\n\n- Unused\n- With receipt\n\nEU | 5 €\n\n退货 سياسة\n\nShown", $document['text'] );
		$this->assertMatchesRegularExpression( '/^[0-9a-f]{64}$/', $document['hash'] );
	}

	public function test_the_hash_changes_with_what_matters_and_only_with_that(): void {
		$post = $this->post();
		$hash = Document::of( $post )['hash'];
		wp_update_post( array( 'ID' => $post->ID, 'menu_order' => 3 ) );
		$this->assertSame( $hash, Document::of( get_post( $post->ID ) )['hash'] );
		foreach ( array( 'post_title' => 'Other', 'post_content' => 'Other', 'post_name' => 'other' ) as $field => $value ) {
			wp_update_post( array( 'ID' => $post->ID, $field => $value ) );
			$next = Document::of( get_post( $post->ID ) )['hash'];
			$this->assertNotSame( $hash, $next, $field );
			$hash = $next;
		}
		update_post_meta( $post->ID, Document::LANGUAGE_META, 'zh_CN' );
		$document = Document::of( get_post( $post->ID ) );
		$this->assertSame( 'zh-CN', $document['language'] );
		$this->assertNotSame( $hash, $document['hash'] );
	}

	public function test_is_the_same_whoever_makes_it(): void {
		$post  = $this->post( array( 'post_content' => 'Text [greeting] more' ) );
		$guest = Document::of( $post );
		$admin = $this->sign_in_as( 'administrator' );
		update_user_meta( $admin, 'locale', 'zh_CN' );
		$_COOKIE['cart'] = 'full';
		$this->assertSame( $guest, Document::of( $post ) );
		$this->assertSame( $admin, get_current_user_id() );
		$this->assertSame( array( 'cart' => 'full' ), $_COOKIE );
	}

	public function test_shows_a_guests_view_to_filters_of_the_content_and_puts_everything_back(): void {
		$admin        = $this->sign_in_as( 'administrator' );
		$post         = $this->post( array( 'post_content' => 'Public part.' ) );
		$seen         = array();
		$filter       = static function ( string $content ) use ( &$seen ): string {
			$seen = array( is_user_logged_in(), is_singular(), in_the_loop(), is_main_query(), get_the_ID(), get_queried_object_id(), $_COOKIE );
			echo 'printed by mistake';
			return $content . ( is_user_logged_in() ? ' Members only.' : ' Please log in.' );
		};
		$_COOKIE['x'] = 'y';
		$before       = array( $GLOBALS['wp_query'], $GLOBALS['post'] ?? null );
		add_filter( 'the_content', $filter );
		ob_start();
		$text    = Document::of( $post )['text'];
		$printed = ob_get_clean();
		remove_filter( 'the_content', $filter );
		$this->assertSame( array( false, true, true, true, $post->ID, $post->ID, array() ), $seen );
		$this->assertStringContainsString( 'Please log in.', $text );
		$this->assertStringNotContainsString( 'Members only', $text );
		$this->assertSame( '', $printed );
		$this->assertSame( $before, array( $GLOBALS['wp_query'], $GLOBALS['post'] ?? null ) );
		$this->assertSame( $admin, get_current_user_id() );
	}

	public function test_puts_everything_back_when_a_filter_fails(): void {
		$admin  = $this->sign_in_as( 'administrator' );
		$post   = $this->post();
		$level  = ob_get_level();
		$before = $GLOBALS['wp_query'];
		$fail   = static function (): never {
			throw new \RuntimeException( 'Some plugin failed.' );
		};
		add_filter( 'the_content', $fail );
		try {
			Document::of( $post );
			$this->fail( 'It did not fail.' );
		} catch ( \RuntimeException $error ) {
			$this->assertSame( 'Some plugin failed.', $error->getMessage() );
		} finally {
			remove_filter( 'the_content', $fail );
		}
		$this->assertSame( $admin, get_current_user_id() );
		$this->assertSame( $level, ob_get_level() );
		$this->assertSame( $before, $GLOBALS['wp_query'] );
		$this->assertFalse( has_filter( 'pre_render_block', array( \Docent\Guest_Rendering::class, 'leave_out_block' ) ) );
		$this->assertFalse( doing_filter( 'the_content' ) );
		$this->assertSame( "A\n\nB", Document::of( $this->post( array( 'post_content' => 'A [gallery]<!-- wp:paragraph --><p>B</p><!-- /wp:paragraph -->' ) ) )['text'], 'The next post is rendered in full.' );
	}

	public function test_leaves_out_shortcodes_with_what_they_enclose_unless_allowed(): void {
		add_shortcode( 'account', static fn (): string => 'Balance of user ' . get_current_user_id() );
		add_shortcode( 'members', static fn ( $atts, $content ): string => (string) $content );
		$text = Document::of( $this->post( array( 'post_content' => 'A [account] B [members]secret[/members] C [unknown] D' ) ) )['text'];
		$this->assertSame( 'A B C [unknown] D', $text );
		$allow   = static fn ( array $tags ): array => array( ...$tags, 'members' );
		add_filter( 'docent_shortcodes', $allow );
		$allowed = Document::of( $this->post( array( 'post_content' => 'A [account] B [members]not secret[/members]' ) ) )['text'];
		remove_filter( 'docent_shortcodes', $allow );
		remove_shortcode( 'account' );
		remove_shortcode( 'members' );
		$this->assertSame( 'A B not secret', $allowed );
	}

	public function test_leaves_out_blocks_that_show_other_pages_or_controls(): void {
		$this->post( array( 'post_type' => 'post', 'post_title' => 'Latest news item' ) );
		register_block_type( 'woocommerce/test-cart', array( 'render_callback' => static fn (): string => 'Your cart' ) );
		$content = '<!-- wp:latest-posts /--><!-- wp:loginout /--><!-- wp:search {"label":"Search"} /--><!-- wp:woocommerce/test-cart /--><!-- wp:docent/assistant /--><!-- wp:paragraph --><p>Kept.</p><!-- /wp:paragraph -->';
		$text    = Document::of( $this->post( array( 'post_content' => $content ) ) )['text'];
		unregister_block_type( 'woocommerce/test-cart' );
		$this->assertSame( 'Kept.', $text );
	}

	/**
	 * What is not public stays here.
	 *
	 * @dataProvider not_public
	 */
	public function test_never_includes_what_is_not_public( array $fields ): void {
		$this->assertFalse( Public_Content::includes( $this->post( $fields ) ) );
	}

	public static function not_public(): array {
		return array(
			'draft'             => array( array( 'post_status' => 'draft' ) ),
			'pending'           => array( array( 'post_status' => 'pending' ) ),
			'private'           => array( array( 'post_status' => 'private' ) ),
			'scheduled'         => array( array( 'post_status' => 'future', 'post_date' => '2099-01-01 00:00:00', 'post_date_gmt' => '2099-01-01 00:00:00' ) ),
			'trashed'           => array( array( 'post_status' => 'trash' ) ),
			'with a password'   => array( array( 'post_password' => 'x' ) ),
			'excluded by owner' => array( array( 'meta_input' => array( Public_Content::EXCLUDE_META => '1' ) ) ),
			'a revision'        => array( array( 'post_type' => 'revision', 'post_status' => 'inherit' ) ),
			'a menu item'       => array( array( 'post_type' => 'nav_menu_item' ) ),
			'a template'        => array( array( 'post_type' => 'wp_template' ) ),
			'a pattern'         => array( array( 'post_type' => 'wp_block' ) ),
		);
	}

	public function test_includes_only_the_chosen_types(): void {
		register_post_type( 'docent_secret', array( 'public' => false ) );
		register_post_type( 'docent_book', array( 'public' => true ) );
		Settings::change( array( 'contentTypes' => array( 'page', 'docent_secret', 'docent_book' ) ) );
		$this->assertTrue( Public_Content::includes( $this->post() ) );
		$this->assertTrue( Public_Content::includes( $this->post( array( 'post_type' => 'docent_book' ) ) ) );
		$this->assertFalse( Public_Content::includes( $this->post( array( 'post_type' => 'docent_secret' ) ) ), 'A type that is not public cannot be chosen.' );
		$this->assertFalse( Public_Content::includes( $this->post( array( 'post_type' => 'post' ) ) ) );
		unregister_post_type( 'docent_secret' );
		unregister_post_type( 'docent_book' );
	}

	public function test_a_filter_keeps_a_post_out_but_lets_no_private_one_in(): void {
		add_filter( 'docent_include_post', '__return_false' );
		$public = Public_Content::includes( $this->post() );
		remove_filter( 'docent_include_post', '__return_false' );
		add_filter( 'docent_include_post', '__return_true', 99 );
		$private = Public_Content::includes( $this->post( array( 'post_status' => 'private' ) ) );
		remove_filter( 'docent_include_post', '__return_true', 99 );
		$this->assertFalse( $public );
		$this->assertFalse( $private );
	}

	public function test_adds_facts_below_the_text(): void {
		$facts = static fn (): array => array(
			'Price'  => '<span>129.00&nbsp;€</span>',
			'Weight' => '',
		);
		add_filter( 'docent_facts', $facts );
		$text  = Document::of( $this->post( array( 'post_content' => 'A tent.' ) ) )['text'];
		remove_filter( 'docent_facts', $facts );
		$this->assertSame( "A tent.\n\n## Details\n\n- Price: 129.00 €", $text );
	}

	public function test_is_nothing_when_there_is_nothing_to_read(): void {
		$this->assertNull( Document::of( $this->post( array( 'post_content' => '[gallery]<!-- wp:latest-posts /-->' ) ) ) );
	}

	public function test_cuts_an_immense_title(): void {
		$this->assertSame( 250, mb_strlen( Document::of( $this->post( array( 'post_title' => str_repeat( '⛺', 600 ) ) ) )['title'] ) );
	}

	public function test_cuts_an_immense_text_between_characters(): void {
		$text = Document::of( $this->post( array( 'post_content' => str_repeat( '退', 400_000 ) ) ) )['text'];
		$this->assertLessThanOrEqual( 1_000_000, strlen( $text ) );
		$this->assertGreaterThan( 999_000, strlen( $text ) );
		$this->assertTrue( mb_check_encoding( $text, 'UTF-8' ) );
	}
}
