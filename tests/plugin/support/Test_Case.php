<?php
/**
 * Gives each test a clean site inside a database transaction, connected to the recording proxy.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Assistant_View;
use Docent\Connection;
use Docent\Connection_Store;
use Docent\Plugin;
use Docent\Pseudonym;
use Docent\Settings;
use Docent\Sync_Lock;
use Docent\Sync_Queue;
use Docent\Sync_State;
use PHPUnit\Framework\TestCase;

/** Base of the tests that run in this process. */
abstract class Test_Case extends TestCase {

	protected Recording_Proxy $proxy;

	/** Opens the transaction and connects the site. */
	protected function setUp(): void {
		global $wpdb;
		parent::setUp();
		wp_cache_flush();
		$wpdb->query( 'START TRANSACTION' );
		foreach ( array( 'post', 'page' ) as $type ) {
			foreach ( get_posts( array( 'post_type' => $type, 'numberposts' => -1, 'post_status' => 'any' ) ) as $post ) {
				wp_delete_post( $post->ID, true );
			}
		}
		$this->proxy = Recording_Proxy::instance();
		$this->proxy->reset();
		foreach ( array( Settings::OPTION, Assistant_View::OPTION, Pseudonym::OPTION, Sync_State::OPTION, Sync_Lock::OPTION ) as $option ) {
			delete_option( $option );
		}
		Settings::ensure();
		$this->connect();
		$this->empty_queue();
		\Docent\Atomic_Option::remove_beginning_with( \Docent\Mint_Limit::ROW_PREFIX );
		wp_set_current_user( 0 );
	}

	/** Takes everything back. */
	protected function tearDown(): void {
		global $wpdb;
		$wpdb->query( 'ROLLBACK' );
		wp_cache_flush();
		$_COOKIE = array();
		wp_set_current_user( 0 );
		parent::tearDown();
	}

	/** Connects the site to the recording proxy. */
	protected function connect(): Connection {
		$connection = Connection::parse( $this->proxy->connection_string() );
		( new Connection_Store() )->save( $connection );
		Assistant_View::refresh();
		return $connection;
	}

	/** Forgets posts that wait to be sent. */
	protected function empty_queue(): void {
		\Docent\Atomic_Option::remove_beginning_with( Sync_Queue::ROW_PREFIX );
		wp_clear_scheduled_hook( Sync_Queue::EVENT );
	}

	/**
	 * Sends a request to the REST API inside this process.
	 *
	 * @param string                    $method  HTTP method.
	 * @param string                    $path    Below docent/v1.
	 * @param array<string, mixed>|null $data    JSON body.
	 * @param array<string, string>     $headers Headers.
	 */
	protected function rest( string $method, string $path, ?array $data = null, array $headers = array() ): \WP_REST_Response {
		list( $route, $query ) = explode( '?', $path . '?' );
		$request               = new \WP_REST_Request( $method, '/docent/v1' . $route );
		wp_parse_str( $query, $parameters );
		$request->set_query_params( $parameters );
		if ( null !== $data ) {
			$request->set_header( 'Content-Type', 'application/json' );
			$request->set_body( (string) wp_json_encode( $data ) );
		}
		foreach ( $headers as $name => $value ) {
			$request->set_header( $name, $value );
		}
		$response = rest_do_request( $request );
		return rest_ensure_response( apply_filters( 'rest_post_dispatch', $response, rest_get_server(), $request ) );
	}

	/**
	 * Asks for a visitor token from a page of this site.
	 *
	 * @param array<string, mixed>  $data    Body.
	 * @param array<string, string> $headers Headers.
	 */
	protected function ask_for_token( array $data = array( 'consent' => array( 'text' ) ), array $headers = array() ): \WP_REST_Response {
		return $this->rest( 'POST', '/token', $data, $headers + array( 'Origin' => \Docent\Site_Origin::of( home_url() ) ) );
	}

	/**
	 * Makes a person and signs them in.
	 *
	 * @param string $role Role.
	 */
	protected function sign_in_as( string $role ): int {
		$user_id = $this->user( $role );
		wp_set_current_user( $user_id );
		return $user_id;
	}

	/**
	 * Makes a person.
	 *
	 * @param string $role Role.
	 */
	protected function user( string $role ): int {
		$name = $role . '-' . bin2hex( random_bytes( 4 ) );
		return (int) wp_insert_user(
			array(
				'user_login' => $name,
				'user_pass'  => bin2hex( random_bytes( 8 ) ),
				'user_email' => $name . '@example.com',
				'role'       => $role,
			)
		);
	}

	/**
	 * Publishes a post, or another one as told.
	 *
	 * @param array<string, mixed> $fields Fields of wp_insert_post().
	 */
	protected function post( array $fields = array() ): \WP_Post {
		$id = wp_insert_post(
			$fields + array(
				'post_type'    => 'page',
				'post_status'  => 'publish',
				'post_title'   => 'Returns',
				'post_content' => '<!-- wp:paragraph --><p>You may return goods within 30 days.</p><!-- /wp:paragraph -->',
			),
			true
		);
		$this->assertIsInt( $id, is_wp_error( $id ) ? $id->get_error_message() : '' );
		return get_post( $id );
	}

	/** Lets cron work on the queue. */
	protected function run_queue(): void {
		Plugin::instance()->queue()->run();
	}

	/**
	 * Computes what the signature of a recorded request must be, from the written rule.
	 *
	 * @param array{ method: string, target: string, headers: array<string, string>, body: string } $request Recorded request.
	 */
	protected static function expected_signature( array $request ): string {
		$lines = $request['method'] . "\n" . $request['target'] . "\n" . bin2hex( hash( 'sha256', $request['body'], true ) ) . "\n" . $request['headers']['x-docent-timestamp'] . "\n" . $request['headers']['x-docent-nonce'];
		return 'v1=' . bin2hex( hash_hmac( 'sha256', $lines, Recording_Proxy::SECRET, true ) );
	}
}
