<?php
/**
 * Tests which articles can be read aloud, and when their speech is made ahead.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Assistant_View;
use Docent\Listening;
use Docent\Public_Content;
use Docent\Settings;
use Docent\Sync_State;

/** Publishes articles. */
final class Listening_Test extends Test_Case {

	protected function setUp(): void {
		parent::setUp();
		$this->offer( true );
		Settings::change( array( 'speechIsMadeAhead' => true ) );
		$this->proxy->answer( 'POST /v1/site/speech', 202 );
	}

	/** Lets pages know whether the provider reads aloud. */
	private function offer( bool $is_read_aloud ): void {
		Assistant_View::note_settings( array( 'limits' => array(), 'modalities' => array( 'voice' => true ), 'voice' => array( 'speech' => 'provider', 'readAloud' => $is_read_aloud ) ) );
	}

	/**
	 * Lists what the proxy was asked to speak.
	 *
	 * @return list<mixed>
	 */
	private function asked(): array {
		return array_map( static fn ( array $request ): mixed => json_decode( $request['body'], true ), $this->proxy->requests( 'POST /v1/site/speech' ) );
	}

	public function test_an_article_is_spoken_in_the_background_after_the_proxy_has_its_text(): void {
		$post = $this->post();
		$this->assertSame( array(), $this->proxy->requests(), 'Saving waits for nobody.' );
		$this->run_queue();
		$this->assertSame( array( array( 'documentId' => 'post-' . $post->ID ) ), $this->asked() );
		$order = array_column( $this->proxy->requests(), 'target' );
		$this->assertLessThan( array_search( '/v1/site/speech', $order, true ), array_search( '/v1/site/documents', $order, true ) );
	}

	public function test_it_is_spoken_again_when_its_words_change_and_only_then(): void {
		$post = $this->post();
		$this->run_queue();
		wp_update_post( array( 'ID' => $post->ID, 'post_author' => 1 ) );
		$this->run_queue();
		$this->assertCount( 1, $this->asked() );
		wp_update_post( array( 'ID' => $post->ID, 'post_content' => '<p>Within 60 days.</p>' ) );
		$this->run_queue();
		$this->assertCount( 2, $this->asked() );
	}

	public function test_nothing_is_spoken_that_the_public_cannot_read_or_that_is_gone(): void {
		$this->post( array( 'post_status' => 'private' ) );
		$this->post( array( 'post_password' => 'secret' ) );
		$this->post( array( 'post_status' => 'draft' ) );
		$this->post( array( 'post_content' => '' ) );
		wp_delete_post( $this->post()->ID, true );
		$this->run_queue();
		$this->assertSame( array(), $this->asked() );
	}

	public function test_nothing_is_spoken_ahead_unless_the_owner_wants_it_and_the_provider_reads(): void {
		Settings::change( array( 'speechIsMadeAhead' => false ) );
		$this->post();
		$this->run_queue();
		Settings::change( array( 'speechIsMadeAhead' => true ) );
		$this->offer( false );
		$this->post();
		$this->run_queue();
		$this->assertSame( array(), $this->asked() );
	}

	public function test_a_plugin_may_keep_entries_out(): void {
		add_filter( 'docent_make_speech', '__return_false' );
		$this->post();
		$this->run_queue();
		remove_filter( 'docent_make_speech', '__return_false' );
		$this->assertSame( array(), $this->asked() );
	}

	public function test_a_whole_sync_speaks_nothing(): void {
		$this->post();
		$this->empty_queue();
		$this->sign_in_as( 'administrator' );
		$this->rest( 'POST', '/sync' );
		$this->rest( 'POST', '/sync/step' );
		$this->assertNotSame( array(), $this->proxy->documents() );
		$this->assertSame( array(), $this->asked(), 'Nobody asked for the whole site to be spoken.' );
	}

	public function test_a_proxy_that_does_not_speak_holds_nothing_up(): void {
		foreach ( array( array( 503, 1 ), array( 429, 1 ), array( 404, 2 ) ) as list( $status, $requests ) ) {
			$this->proxy->answer( 'POST /v1/site/speech', $status, array( 'error' => array( 'code' => 'x', 'message' => 'No.', 'requestId' => '1' ) ) );
			$before = count( $this->asked() );
			$this->post( array( 'post_title' => "One $status" ) );
			$this->post( array( 'post_title' => "Two $status" ) );
			$this->run_queue();
			$this->assertSame( 0, \Docent\Sync_Queue::length() );
			$this->assertSame( 0, Sync_State::read()['queueFailures'] );
			$this->assertCount( $before + $requests, $this->asked(), "After $status" );
		}
	}

	public function test_only_knowledge_can_be_listened_to_from_the_provider_and_the_browser_reads_the_rest(): void {
		$post = $this->post();
		$this->assertSame( 'post-' . $post->ID, self::listened( $post ) );
		$this->assertSame( '', self::listened( $this->post( array( 'post_status' => 'private' ) ) ) );
		$this->assertSame( '', self::listened( $this->post( array( 'post_password' => 'x' ) ) ) );
		update_post_meta( $post->ID, Public_Content::EXCLUDE_META, '1' );
		$this->assertSame( '', self::listened( $post ) );
		delete_post_meta( $post->ID, Public_Content::EXCLUDE_META );
		$this->offer( false );
		$this->assertSame( '', self::listened( $post ) );
		$this->offer( true );
		Settings::change( array( 'contentTypes' => array( 'post' ) ) );
		$this->assertSame( '', self::listened( $post ) );
	}

	public function test_the_player_is_no_part_of_what_the_assistant_knows_or_a_feed_shows(): void {
		$post = $this->post( array( 'post_content' => '<!-- wp:docent/listen /--><!-- wp:paragraph --><p>You may return goods.</p><!-- /wp:paragraph -->' ) );
		$this->run_queue();
		$this->assertSame( 'You may return goods.', $this->proxy->documents()[ 'post-' . $post->ID ]['text'] );
	}

	/** Returns the document id in the player of a post, as a page prints it. */
	private static function listened( \WP_Post $post ): string {
		$block = new \WP_Block( array( 'blockName' => 'docent/listen', 'attrs' => array(), 'innerBlocks' => array(), 'innerHTML' => '', 'innerContent' => array() ), array( 'postId' => $post->ID, 'postType' => $post->post_type ) );
		$html  = new \WP_HTML_Tag_Processor( $block->render() );
		self::assertTrue( $html->next_tag( array( 'class_name' => 'docent-listen' ) ), 'The block is registered and rendered.' );
		return json_decode( (string) $html->get_attribute( 'data-wp-context' ), true )['documentId'];
	}
}
