<?php
/**
 * Tests the full sync as the settings page and cron drive it: progress, stop, go on, failure, and that both sides agree in the end.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Full_Sync;
use Docent\Plugin;
use Docent\Public_Content;
use Docent\Settings;
use Docent\Sync_State;

/** Speaks to docent/v1/sync. */
final class Full_Sync_Test extends Test_Case {

	protected function setUp(): void {
		parent::setUp();
		\Docent\Atomic_Option::remove_beginning_with( Sync_State::OPTION );
		$this->sign_in_as( 'administrator' );
	}

	public function test_shows_nothing_before_it_began(): void {
		$this->assertSame(
			array(
				'status'     => 'idle',
				'total'      => 0,
				'sent'       => 0,
				'failed'     => 0,
				'startedAt'  => null,
				'finishedAt' => null,
				'message'    => null,
			),
			$this->rest( 'GET', '/sync' )->get_data()
		);
	}

	public function test_sends_all_public_content_in_steps_with_progress(): void {
		$this->publish( 45 );
		$this->post( array( 'post_status' => 'draft' ) );
		$started = $this->rest( 'POST', '/sync' )->get_data();
		$this->assertSame( 'running', $started['status'] );
		$this->assertSame( 45, $started['total'] );
		$this->assertEqualsWithDelta( time(), strtotime( $started['startedAt'] ), 5 );
		$this->assertNotFalse( wp_next_scheduled( Full_Sync::EVENT ), 'It goes on without the settings page.' );

		$seen = array();
		do {
			$state  = $this->rest( 'POST', '/sync/step' )->get_data();
			$seen[] = $state['sent'];
		} while ( 'running' === $state['status'] && count( $seen ) < 20 );
		$this->assertSame( 'done', $state['status'] );
		$this->assertSame( array( 20, 40, 45 ), array_slice( $seen, 0, 3 ) );
		$this->assertSame( 45, $state['total'] );
		$this->assertSame( 0, $state['failed'] );
		$this->assertNotNull( $state['finishedAt'] );
		$this->assertCount( 45, $this->proxy->documents() );
		foreach ( $this->proxy->requests() as $request ) {
			$this->assertSame( self::expected_signature( $request ), $request['headers']['x-docent-signature'] );
		}
	}

	public function test_stops_and_goes_on_where_it_was(): void {
		$this->publish( 45 );
		$this->rest( 'POST', '/sync' );
		$this->rest( 'POST', '/sync/step' );
		$stopped = $this->rest( 'DELETE', '/sync' )->get_data();
		$this->assertSame( 'stopped', $stopped['status'] );
		$this->assertFalse( wp_next_scheduled( Full_Sync::EVENT ) );
		$this->assertSame( $stopped, $this->rest( 'POST', '/sync/step' )->get_data(), 'A late step does nothing.' );
		$this->assertCount( 1, $this->proxy->requests( 'PUT' ) );
		$again = $this->rest( 'POST', '/sync' )->get_data();
		$this->assertSame( 'running', $again['status'] );
		$this->assertSame( 20, $again['sent'] );
		$this->assertSame( 'done', $this->finish()['status'] );
		$this->assertCount( 3, $this->proxy->requests( 'PUT' ), 'Nothing was sent twice.' );
		$this->assertCount( 45, $this->proxy->documents() );
	}

	public function test_a_stop_during_a_step_holds(): void {
		$this->publish( 3 );
		$this->rest( 'POST', '/sync' );
		$stop = function ( array $args ): array {
			Plugin::instance()->full_sync()->stop();
			return $args;
		};
		add_filter( 'http_request_args', $stop );
		$this->rest( 'POST', '/sync/step' );
		remove_filter( 'http_request_args', $stop );
		$state = $this->rest( 'GET', '/sync' )->get_data();
		$this->assertSame( 'stopped', $state['status'] );
		$this->assertSame( 3, $state['sent'], 'What was sent is counted all the same.' );
	}

	public function test_a_stop_during_the_last_step_holds_too(): void {
		$this->publish( 1 );
		$stop = static function ( array $args, string $url ): array {
			if ( str_ends_with( $url, '/documents/manifest' ) ) {
				// Something is left for the queue, and the owner stops while it is delivered.
				\Docent\Sync_Queue::add( 999999 );
			} elseif ( 'queue' === Sync_State::read()['phase'] ) {
				Plugin::instance()->full_sync()->stop();
			}
			return $args;
		};
		$this->rest( 'POST', '/sync' );
		add_filter( 'http_request_args', $stop, 10, 2 );
		$state = $this->finish();
		remove_filter( 'http_request_args', $stop );
		$this->assertSame( 'stopped', $state['status'] );
		$this->rest( 'POST', '/sync' );
		$this->assertSame( 'done', $this->finish()['status'] );
	}

	public function test_makes_both_sides_agree_in_the_end(): void {
		$this->publish( 2 );
		$hidden = $this->post( array( 'meta_input' => array( Public_Content::EXCLUDE_META => '1' ) ) );
		$old    = static fn ( string $id ): array => array( 'id' => $id, 'hash' => 'old' );
		$this->proxy->keep(
			array(
				'post-999999'          => $old( 'post-999999' ),
				'post-' . $hidden->ID  => $old( 'post-' . $hidden->ID ),
				'left-by-another-tool' => $old( 'left-by-another-tool' ),
			)
		);
		$this->rest( 'POST', '/sync' );
		$state = $this->finish();
		$this->assertSame( 'done', $state['status'] );
		$this->assertSame( 2, $state['total'] );
		$this->assertSame( 2, $state['sent'] );
		$this->assertCount( 2, $this->proxy->documents() );
		$this->assertStringNotContainsString( 'old', (string) wp_json_encode( $this->proxy->documents() ) );
	}

	public function test_counts_pages_without_text_but_sends_them_not(): void {
		$this->publish( 1 );
		$this->post( array( 'post_content' => '' ) );
		$this->empty_queue();
		$this->rest( 'POST', '/sync' );
		$state = $this->finish();
		$this->assertSame( array( 2, 1, 0 ), array( $state['total'], $state['sent'], $state['failed'] ) );
		$this->assertCount( 1, $this->proxy->documents() );
	}

	public function test_the_daily_comparison_sends_what_the_proxy_lost_and_removes_what_is_gone(): void {
		$posts = $this->publish( 3 );
		$this->rest( 'POST', '/sync' );
		$this->finish();
		$documents = $this->proxy->documents();
		$stale     = 'post-' . $posts[1]->ID;
		unset( $documents[ 'post-' . $posts[0]->ID ] );
		$documents[ $stale ]['hash'] = str_repeat( '0', 64 );
		$this->proxy->keep( $documents + array( 'post-999999' => array( 'id' => 'post-999999', 'hash' => 'x' ) ) );
		do_action( Full_Sync::RECONCILE_EVENT );
		$this->run_queue();
		$expected = array_map( static fn ( \WP_Post $post ): string => 'post-' . $post->ID, $posts );
		$this->assertEqualsCanonicalizing( $expected, array_keys( $this->proxy->documents() ) );
		$this->assertNotSame( str_repeat( '0', 64 ), $this->proxy->documents()[ $stale ]['hash'] );

		$count = count( $this->proxy->requests( 'PUT' ) );
		do_action( Full_Sync::RECONCILE_EVENT );
		$this->run_queue();
		$this->assertCount( $count, $this->proxy->requests( 'PUT' ), 'When both agree nothing is sent.' );
	}

	public function test_a_dropped_content_type_leaves_the_proxy(): void {
		$page = $this->post();
		$this->post( array( 'post_type' => 'post' ) );
		$this->rest( 'POST', '/sync' );
		$this->finish();
		$this->assertCount( 2, $this->proxy->documents() );
		Settings::change( array( 'contentTypes' => array( 'page' ) ) );
		do_action( Full_Sync::RECONCILE_EVENT );
		$this->run_queue();
		$this->assertSame( array( 'post-' . $page->ID ), array_keys( $this->proxy->documents() ) );
	}

	public function test_waits_after_a_failure_and_gives_up_with_a_reason_after_five(): void {
		$this->publish( 1 );
		$this->rest( 'POST', '/sync' );
		$this->proxy->answer( '*', 503, array( 'error' => array( 'code' => 'storage_unavailable', 'message' => 'The disk of the proxy is full.', 'requestId' => '1' ) ) );
		$state = $this->rest( 'POST', '/sync/step' )->get_data();
		$this->assertSame( 'running', $state['status'] );
		$this->assertSame( 'The disk of the proxy is full.', $state['message'] );
		$this->rest( 'POST', '/sync/step' );
		$this->assertCount( 1, $this->proxy->requests( 'PUT' ), 'It waits before it tries again.' );
		for ( $i = 0; $i < 4; $i++ ) {
			Sync_State::change( static fn (): array => array( 'retryAt' => 0 ) );
			$state = $this->rest( 'POST', '/sync/step' )->get_data();
		}
		$this->assertSame( 'failed', $state['status'] );
		$this->proxy->answer_normally();
		$this->rest( 'POST', '/sync' );
		$this->assertSame( 'done', $this->finish()['status'], 'It goes on when the owner asks again.' );
		$this->assertCount( 1, $this->proxy->documents() );
	}

	public function test_forgets_the_reason_of_a_failure_that_passed(): void {
		$this->publish( 1 );
		$this->rest( 'POST', '/sync' );
		$this->proxy->answer( '*', 503, '' );
		$this->assertNotNull( $this->rest( 'POST', '/sync/step' )->get_data()['message'] );
		$this->proxy->answer_normally();
		Sync_State::change( static fn (): array => array( 'retryAt' => 0 ) );
		$state = $this->finish();
		$this->assertSame( 'done', $state['status'] );
		$this->assertNull( $state['message'] );
	}

	public function test_gives_up_at_once_when_the_proxy_does_not_accept_the_site(): void {
		$this->publish( 1 );
		$this->rest( 'POST', '/sync' );
		$this->proxy->answer( '*', 401, array( 'error' => array( 'code' => 'signature_invalid', 'message' => 'The signature does not fit.', 'requestId' => '1' ) ) );
		$state = $this->rest( 'POST', '/sync/step' )->get_data();
		$this->assertSame( 'failed', $state['status'] );
		$this->assertSame( 'The signature does not fit.', $state['message'] );
	}

	public function test_counts_what_the_proxy_rejects_as_failed(): void {
		$posts = $this->publish( 2 );
		$this->proxy->answer( 'PUT /v1/site/documents', 400, array( 'error' => array( 'code' => 'bad_request', 'message' => 'No title.', 'requestId' => '1' ) ) );
		$this->rest( 'POST', '/sync' );
		$state = $this->rest( 'POST', '/sync/step' )->get_data();
		$this->assertSame( 2, $state['failed'] );
		$this->assertStringContainsString( 'post-' . $posts[1]->ID, $state['message'] );
		$this->assertStringContainsString( 'No title.', $state['message'] );
	}

	public function test_cron_does_it_alone(): void {
		$this->publish( 25 );
		$this->rest( 'POST', '/sync' );
		do_action( Full_Sync::EVENT );
		$this->assertSame( 'done', Sync_State::read()['status'] );
		$this->assertCount( 25, $this->proxy->documents() );
	}

	public function test_refuses_to_start_without_a_connection(): void {
		$this->rest( 'DELETE', '/connection' );
		$response = $this->rest( 'POST', '/sync' );
		$this->assertSame( 409, $response->get_status() );
		$this->assertSame( 'docent_not_connected', $response->get_data()['code'] );
	}

	public function test_mends_a_broken_state(): void {
		\Docent\Atomic_Option::put( Sync_State::OPTION, '{"status":3,"sent":"many"' );
		$this->assertSame( 'idle', $this->rest( 'GET', '/sync' )->get_data()['status'] );
		$this->assertSame( 'running', $this->rest( 'POST', '/sync' )->get_data()['status'] );
	}

	/** Publishes pages and forgets that they are queued. */
	private function publish( int $count ): array {
		$posts = array();
		for ( $i = 0; $i < $count; $i++ ) {
			$posts[] = $this->post( array( 'post_title' => "Page $i" ) );
		}
		$this->empty_queue();
		return $posts;
	}

	/** Makes steps until it is over. */
	private function finish(): array {
		for ( $i = 0; $i < 30; $i++ ) {
			$state = $this->rest( 'POST', '/sync/step' )->get_data();
			if ( 'running' !== $state['status'] ) {
				return $state;
			}
		}
		$this->fail( 'The sync did not end.' );
	}
}
