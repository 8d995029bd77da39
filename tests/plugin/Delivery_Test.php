<?php
/**
 * Tests what happens to waiting changes when the proxy, a page or another process stands in the way, and how they are batched.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Atomic_Option;
use Docent\Delivery;
use Docent\Plugin;
use Docent\Sync_Lock;
use Docent\Sync_Queue;
use Docent\Sync_State;

/** Breaks things between WordPress and the wire. */
final class Delivery_Test extends Test_Case {

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
