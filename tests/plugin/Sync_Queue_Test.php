<?php
/**
 * Tests that every change of public content reaches the proxy, in the background, signed, and again until it worked.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Atomic_Option;
use Docent\Delivery;
use Docent\Document;
use Docent\Plugin;
use Docent\Public_Content;
use Docent\Sync_Lock;
use Docent\Sync_Queue;
use Docent\Sync_State;

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

	public function test_saving_is_as_quick_when_the_proxy_is_down_and_the_change_arrives_later(): void {
		$this->proxy->stop();
		$start = hrtime( true );
		$post  = $this->post();
		$this->assertLessThan( 1e9, hrtime( true ) - $start );
		$this->run_queue();
		$state = Sync_State::read();
		$this->assertSame( 1, $state['queueFailures'] );
		$this->assertStringContainsString( $this->proxy->url(), $state['queueMessage'] );
		$this->assertSame( 1, Sync_Queue::length(), 'It waits.' );
		$next = wp_next_scheduled( Sync_Queue::EVENT );
		$this->assertEqualsWithDelta( time(), $next, 60, 'It is tried again soon.' );

		$this->proxy->start();
		$this->run_queue();
		$this->assertArrayHasKey( 'post-' . $post->ID, $this->proxy->documents() );
		$this->assertSame( 0, Sync_State::read()['queueFailures'] );
		$this->assertSame( 0, Sync_Queue::length() );
	}

	/**
	 * Failures that may pass keep the page waiting.
	 *
	 * @dataProvider passing_failures
	 */
	public function test_a_passing_failure_of_the_proxy_loses_nothing( int $status, mixed $body ): void {
		$post = $this->post();
		$this->proxy->answer( '*', $status, $body );
		$this->run_queue();
		$this->run_queue();
		$this->assertSame( 1, Sync_Queue::length() );
		$this->assertSame( 2, Sync_State::read()['queueFailures'] );
		$this->proxy->answer_normally();
		$this->run_queue();
		$this->assertArrayHasKey( 'post-' . $post->ID, $this->proxy->documents() );
	}

	public static function passing_failures(): array {
		return array(
			'internal'     => array( 500, '' ),
			'busy'         => array( 503, array( 'error' => array( 'code' => 'storage_unavailable', 'message' => 'Disk full.', 'requestId' => '1' ) ) ),
			'rate limited' => array( 429, '' ),
			'garbage'      => array( 200, '<html>captive portal</html>' ),
			'redirect'     => array( 301, '' ),
			'not accepted' => array( 401, array( 'error' => array( 'code' => 'signature_invalid', 'message' => 'No.', 'requestId' => '1' ) ) ),
		);
	}

	public function test_waits_longer_each_time_but_never_more_than_six_hours(): void {
		$waits = array_map( array( Sync_Queue::class, 'retry_seconds' ), array( 1, 2, 3, 10, 100, 1000 ) );
		$this->assertSame( array( 30, 60, 120, 15360, 21600, 21600 ), $waits );
	}

	public function test_a_document_that_the_proxy_rejects_stops_no_other(): void {
		$bad  = $this->post();
		$good = $this->post();
		$this->proxy->answer( 'PUT /v1/site/documents', 200, array( 'accepted' => 1, 'rejected' => array( array( 'id' => 'post-' . $bad->ID, 'code' => 'too_large', 'message' => 'Too large.' ) ) ) );
		$this->run_queue();
		$this->assertSame( 0, Sync_Queue::length() );
		$this->assertStringContainsString( 'Too large.', Sync_State::read()['queueMessage'] );
		$this->assertSame( '', get_post_meta( $bad->ID, Delivery::HASH_META, true ) );
		$this->assertNotSame( '', get_post_meta( $good->ID, Delivery::HASH_META, true ) );
	}

	public function test_a_post_that_another_plugin_cannot_render_stops_no_other(): void {
		$bad  = $this->post( array( 'post_content' => 'BREAK' ) );
		$good = $this->post();
		$fail = static function ( string $content ): string {
			if ( str_contains( $content, 'BREAK' ) ) {
				throw new \RuntimeException( 'Some plugin failed.' );
			}
			return $content;
		};
		add_filter( 'the_content', $fail );
		$this->run_queue();
		remove_filter( 'the_content', $fail );
		$this->assertSame( array( 'post-' . $good->ID ), array_keys( $this->proxy->documents() ) );
		$this->assertStringContainsString( 'Some plugin failed.', Sync_State::read()['queueMessage'] );
	}

	public function test_a_change_during_the_delivery_is_delivered_too(): void {
		$post    = $this->post( array( 'post_content' => 'Old' ) );
		$touched = false;
		$touch   = static function ( array $args, string $url ) use ( $post, &$touched ): array {
			if ( ! $touched && str_ends_with( $url, '/v1/site/documents' ) ) {
				$touched = true;
				wp_update_post( array( 'ID' => $post->ID, 'post_content' => 'New' ) );
			}
			return $args;
		};
		add_filter( 'http_request_args', $touch, 10, 2 );
		Sync_Lock::hold( static fn () => Plugin::instance()->queue()->step() );
		remove_filter( 'http_request_args', $touch );
		$this->assertSame( 'Old', $this->proxy->documents()[ 'post-' . $post->ID ]['text'] );
		$this->assertSame( 1, Sync_Queue::length() );
		$this->run_queue();
		$this->assertSame( 'New', $this->proxy->documents()[ 'post-' . $post->ID ]['text'] );
	}

	public function test_two_workers_do_not_overlap_and_a_dead_one_is_succeeded(): void {
		$this->post();
		$inner = Sync_Lock::hold( static fn () => Sync_Lock::hold( static fn (): string => 'both' ) );
		$this->assertNull( $inner );
		Atomic_Option::put( Sync_Lock::OPTION, ( time() - 1 ) . '-dead' );
		$this->assertSame( 'mine', Sync_Lock::hold( static fn (): string => 'mine' ) );
		Atomic_Option::put( Sync_Lock::OPTION, ( time() + 60 ) . '-alive' );
		$this->run_queue();
		$this->assertSame( array(), $this->proxy->requests() );
		$this->assertSame( 1, Sync_Queue::length() );
		$this->assertNotFalse( wp_next_scheduled( Sync_Queue::EVENT ) );
	}

	public function test_sends_a_long_queue_in_small_requests(): void {
		for ( $i = 0; $i < 45; $i++ ) {
			$this->post( array( 'post_title' => "Page $i" ) );
		}
		$this->run_queue();
		$this->assertCount( 45, $this->proxy->documents() );
		$sizes = array_map( static fn ( array $request ): int => count( json_decode( $request['body'], true )['documents'] ), $this->proxy->requests( 'PUT' ) );
		$this->assertSame( array( 20, 20, 5 ), $sizes );
	}

	public function test_keeps_each_request_below_four_megabytes(): void {
		for ( $i = 0; $i < 6; $i++ ) {
			$this->post( array( 'post_content' => str_repeat( '退货政策', 80_000 ) ) );
		}
		$this->run_queue();
		$this->assertCount( 6, $this->proxy->documents() );
		foreach ( $this->proxy->requests( 'PUT' ) as $request ) {
			$this->assertLessThanOrEqual( 4 * 1024 * 1024, strlen( $request['body'] ) );
		}
	}

	public function test_queues_nothing_on_a_site_that_is_not_connected(): void {
		( new \Docent\Connection_Store() )->forget();
		\Docent\Assistant_View::refresh();
		$this->post();
		$this->assertSame( 0, Sync_Queue::length() );
		$this->assertFalse( wp_next_scheduled( Sync_Queue::EVENT ) );
	}

	public function test_what_waited_while_the_connection_was_broken_is_sent_after_it_is_mended(): void {
		$this->post();
		wp_clear_scheduled_hook( Sync_Queue::EVENT );
		$this->sign_in_as( 'administrator' );
		$this->rest( 'PUT', '/connection', array( 'connection' => $this->proxy->connection_string() ) );
		$this->assertNotFalse( wp_next_scheduled( Sync_Queue::EVENT ) );
		$this->run_queue();
		$this->assertCount( 1, $this->proxy->documents() );
	}

	public function test_sends_nothing_while_ai_is_switched_off_or_nothing_is_connected(): void {
		$this->post();
		if ( function_exists( 'wp_supports_ai' ) ) {
			add_filter( 'wp_supports_ai', '__return_false' );
			$this->run_queue();
			remove_filter( 'wp_supports_ai', '__return_false' );
		}
		( new \Docent\Connection_Store() )->forget();
		$this->run_queue();
		$this->assertSame( array(), $this->proxy->requests() );
		$this->assertSame( 1, Sync_Queue::length() );
	}
}
