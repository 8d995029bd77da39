<?php
/**
 * Tests that every change of public content reaches the proxy, in the background, signed, and again until it worked.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Delivery;
use Docent\Document;
use Docent\Public_Content;
use Docent\Sync_Queue;

/** Changes posts with WordPress's own functions and looks at what arrives at the wire. */
final class Sync_Queue_Test extends Test_Case {

	public function test_publishing_queues_and_cron_sends_a_signed_request(): void {
		$post = $this->post();
		$this->assertSame( array(), $this->proxy->requests(), 'Saving does not speak to the proxy.' );
		$this->assertLessThanOrEqual( time(), wp_next_scheduled( Sync_Queue::EVENT ) );
		do_action( Sync_Queue::EVENT );

		$request = $this->proxy->requests( 'PUT /v1/site/documents' )[0];
		$this->assertSame( 'application/json', $request['headers']['content-type'] );
		$this->assertSame( 'test-site', $request['headers']['x-docent-site'] );
		$this->assertEqualsWithDelta( time(), (int) $request['headers']['x-docent-timestamp'], 5 );
		$this->assertSame( self::expected_signature( $request ), $request['headers']['x-docent-signature'] );
		$this->assertArrayNotHasKey( 'cookie', $request['headers'] );
		$this->assertStringNotContainsString( Recording_Proxy::SECRET, (string) wp_json_encode( $request ) );
		$document = json_decode( $request['body'], true )['documents'][0];
		$this->assertSame( Document::of( $post ), $document );
		$this->assertSame( $document['hash'], get_post_meta( $post->ID, Delivery::HASH_META, true ) );
		$this->assertSame( 0, Sync_Queue::length() );
	}

	public function test_signs_the_bytes_it_sends_also_of_other_scripts(): void {
		$this->post( array( 'post_title' => '退货政策 / سياسة ⛺ </script>' ) );
		$this->run_queue();
		$request = $this->proxy->requests( 'PUT' )[0];
		$this->assertStringContainsString( '退货政策 / سياسة ⛺', $request['body'] );
		$this->assertSame( self::expected_signature( $request ), $request['headers']['x-docent-signature'] );
	}

	public function test_uses_each_nonce_once(): void {
		$this->post();
		$this->run_queue();
		$this->post();
		$this->run_queue();
		$nonces = array_map( static fn ( array $request ): string => $request['headers']['x-docent-nonce'], $this->proxy->requests() );
		$this->assertCount( 2, $nonces );
		$this->assertCount( 2, array_unique( $nonces ) );
		$this->assertMatchesRegularExpression( '/^[0-9a-f]{32}$/', $nonces[0] );
	}

	/**
	 * Whatever makes a page not public removes it.
	 *
	 * @dataProvider ways_out
	 */
	public function test_what_is_no_longer_public_is_removed( callable $change ): void {
		$post = $this->post();
		$this->run_queue();
		$this->assertArrayHasKey( 'post-' . $post->ID, $this->proxy->documents() );
		$change( $post->ID );
		$this->assertCount( 0, $this->proxy->requests( 'DELETE' ), 'Not while the editor waits.' );
		$this->run_queue();
		$this->assertSame( array(), $this->proxy->documents() );
		$request = $this->proxy->requests( 'DELETE /v1/site/documents/post-' . $post->ID )[0];
		$this->assertSame( self::expected_signature( $request ), $request['headers']['x-docent-signature'] );
		$this->assertSame( 0, Sync_Queue::length() );
		$this->assertContains( get_post_meta( $post->ID, Delivery::HASH_META, true ), array( '', Delivery::EMPTY_MARK ) );
	}

	public static function ways_out(): array {
		$update = static fn ( array $fields ): callable => static fn ( int $id ) => wp_update_post( array( 'ID' => $id ) + $fields );
		return array(
			'draft again'       => array( $update( array( 'post_status' => 'draft' ) ) ),
			'private'           => array( $update( array( 'post_status' => 'private' ) ) ),
			'a password'        => array( $update( array( 'post_password' => 'x' ) ) ),
			'scheduled'         => array( $update( array( 'post_status' => 'future', 'post_date' => '2099-01-01 00:00:00', 'post_date_gmt' => '2099-01-01 00:00:00', 'edit_date' => true ) ) ),
			'emptied'           => array( $update( array( 'post_content' => '', 'post_excerpt' => '' ) ) ),
			'to the trash'      => array( static fn ( int $id ) => wp_trash_post( $id ) ),
			'deleted'           => array( static fn ( int $id ) => wp_delete_post( $id, true ) ),
			'excluded by owner' => array( static fn ( int $id ) => update_post_meta( $id, Public_Content::EXCLUDE_META, '1' ) ),
		);
	}

	public function test_a_page_from_the_trash_comes_back(): void {
		$post = $this->post();
		wp_trash_post( $post->ID );
		$this->run_queue();
		wp_untrash_post( $post->ID );
		wp_publish_post( $post->ID );
		$this->run_queue();
		$this->assertArrayHasKey( 'post-' . $post->ID, $this->proxy->documents() );
	}

	/**
	 * What was never public is never spoken of.
	 *
	 * @dataProvider never_public
	 */
	public function test_what_was_never_public_never_reaches_the_wire( array $fields ): void {
		$post = $this->post( $fields + array( 'post_content' => 'SECRET-CONTENT' ) );
		wp_update_post( array( 'ID' => $post->ID, 'post_content' => 'SECRET-CONTENT again' ) );
		update_post_meta( $post->ID, Document::LANGUAGE_META, 'de' );
		$this->run_queue();
		wp_delete_post( $post->ID, true );
		$this->run_queue();
		$this->assertStringNotContainsString( 'SECRET-CONTENT', (string) wp_json_encode( $this->proxy->requests() ) );
		$this->assertSame( array(), $this->proxy->requests( 'PUT' ) );
	}

	public static function never_public(): array {
		return array(
			'draft'    => array( array( 'post_status' => 'draft' ) ),
			'private'  => array( array( 'post_status' => 'private' ) ),
			'pending'  => array( array( 'post_status' => 'pending' ) ),
			'password' => array( array( 'post_password' => 'x' ) ),
			'pattern'  => array( array( 'post_type' => 'wp_block' ) ),
		);
	}

	public function test_revisions_and_autosaves_are_ignored(): void {
		$post = $this->post();
		$this->run_queue();
		$this->proxy->reset();
		wp_save_post_revision( $post->ID );
		wp_create_post_autosave( array( 'post_ID' => $post->ID, 'post_type' => 'page', 'post_content' => 'SECRET-CONTENT', 'post_title' => 'x', 'post_excerpt' => '' ) );
		$this->assertSame( 0, Sync_Queue::length() );
		$this->run_queue();
		$this->assertSame( array(), $this->proxy->requests() );
	}

	public function test_a_new_address_of_a_page_takes_the_pages_below_it_along(): void {
		$parent = $this->post( array( 'post_name' => 'shop' ) );
		$child  = $this->post( array( 'post_parent' => $parent->ID, 'post_name' => 'tents' ) );
		$this->run_queue();
		$this->assertStringEndsWith( '/shop/tents/', $this->proxy->documents()[ 'post-' . $child->ID ]['url'] );
		wp_update_post( array( 'ID' => $parent->ID, 'post_name' => 'store' ) );
		$this->run_queue();
		$this->assertStringEndsWith( '/store/tents/', $this->proxy->documents()[ 'post-' . $child->ID ]['url'] );
	}

	public function test_saving_often_makes_one_row_and_one_event(): void {
		$post = $this->post();
		for ( $i = 0; $i < 5; $i++ ) {
			wp_update_post( array( 'ID' => $post->ID, 'post_content' => "Version $i" ) );
		}
		$this->assertSame( 1, Sync_Queue::length() );
		$events = array_filter( array_map( static fn ( $event ): int => count( $event[ Sync_Queue::EVENT ] ?? array() ), _get_cron_array() ) );
		$this->assertSame( 1, array_sum( $events ) );
		$this->run_queue();
		$this->assertSame( 'Version 4', $this->proxy->documents()[ 'post-' . $post->ID ]['text'] );
		$this->assertCount( 1, $this->proxy->requests() );
	}
}
