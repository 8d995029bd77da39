<?php
/**
 * Tests who may use which route, and that the secret is in no answer.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Plugin;
use Docent\Proxy_Client;
use Docent\Connection_Store;
use Docent\Connection_Test as Connection_Check;
use Docent\Site_Health;

/** Walks over every route that is registered, so that a new one cannot be forgotten. */
final class Permissions_Test extends Test_Case {

	private const PUBLIC_ROUTES = array( 'POST /docent/v1/token' );

	private const BODIES = array(
		'PUT /docent/v1/connection' => array( 'connection' => 'docent+https://other:abcdefghijklmnopqrstuvwxyz_-0123@proxy.example.com' ),
	);

	/**
	 * Everyone but administrators stays out.
	 *
	 * @dataProvider strangers
	 */
	public function test_keeps_others_out_of_every_admin_route( ?string $role, int $status ): void {
		foreach ( $this->routes() as list( $method, $path ) ) {
			if ( in_array( "$method $path", self::PUBLIC_ROUTES, true ) ) {
				continue;
			}
			wp_set_current_user( null === $role ? 0 : $this->user( $role ) );
			$response = $this->rest( $method, substr( $path, strlen( '/docent/v1' ) ), self::BODIES[ "$method $path" ] ?? null );
			$this->assertSame( $status, $response->get_status(), "$method $path for " . ( $role ?? 'a guest' ) );
		}
		$this->assertSame( array(), $this->proxy->requests(), 'Nobody without the right reaches the proxy.' );
		$this->assertSame( 'test-site', ( new Connection_Store() )->load()->site_id );
	}

	public static function strangers(): array {
		return array(
			'guest'      => array( null, 401 ),
			'subscriber' => array( 'subscriber', 403 ),
			'author'     => array( 'author', 403 ),
			'editor'     => array( 'editor', 403 ),
		);
	}

	public function test_registers_the_routes_of_the_contract_and_lets_administrators_in(): void {
		$known = array_map( static fn ( array $route ): string => implode( ' ', $route ), $this->routes() );
		sort( $known );
		$this->assertSame(
			array(
				'DELETE /docent/v1/connection',
				'DELETE /docent/v1/sync',
				'GET /docent/v1/calls',
				'GET /docent/v1/calls/export',
				'GET /docent/v1/settings',
				'GET /docent/v1/site-health/connection',
				'GET /docent/v1/site-health/token',
				'GET /docent/v1/sync',
				'GET /docent/v1/usage',
				'POST /docent/v1/connection/test',
				'POST /docent/v1/sync',
				'POST /docent/v1/sync/step',
				'POST /docent/v1/token',
				'PUT /docent/v1/connection',
				'PUT /docent/v1/settings',
			),
			$known
		);
		$this->sign_in_as( 'administrator' );
		$this->assertSame( 200, $this->rest( 'GET', '/settings' )->get_status() );
		$this->assertSame( 200, $this->rest( 'GET', '/sync' )->get_status() );
	}

	public function test_answers_without_the_secret_whatever_is_asked(): void {
		$this->sign_in_as( 'administrator' );
		$said = '';
		foreach ( $this->routes() as list( $method, $path ) ) {
			if ( 'DELETE /docent/v1/connection' === "$method $path" || 'GET /docent/v1/site-health/token' === "$method $path" ) {
				continue;
			}
			$body     = 'PUT /docent/v1/connection' === "$method $path" ? array( 'connection' => $this->proxy->connection_string() ) : null;
			$response = $this->rest( $method, substr( $path, strlen( '/docent/v1' ) ), $body );
			$said    .= wp_json_encode( $response->get_data() ) . wp_json_encode( $response->get_headers() );
		}
		foreach ( array( '/docent/v1', '/' ) as $index ) {
			$said .= wp_json_encode( rest_do_request( new \WP_REST_Request( 'GET', $index ) )->get_data() );
		}
		$said .= wp_json_encode( rest_do_request( new \WP_REST_Request( 'GET', '/wp/v2/settings' ) )->get_data() );
		$this->assertStringContainsString( 'test-site', $said, 'What is searched holds the connection.' );
		$this->assertStringNotContainsString( Recording_Proxy::SECRET, $said );

		// And when a string is refused, it is not repeated.
		$refused = $this->rest( 'PUT', '/connection', array( 'connection' => 'docent+http://test-site:' . Recording_Proxy::SECRET . '@proxy.example.com' ) );
		$this->assertSame( 400, $refused->get_status() );
		$this->assertStringNotContainsString( Recording_Proxy::SECRET, (string) wp_json_encode( $refused->get_data() ) );
	}

	public function test_site_health_information_holds_no_secret(): void {
		$this->sign_in_as( 'administrator' );
		$health = new Site_Health( new Connection_Store(), new Connection_Check( new Proxy_Client( new Connection_Store() ) ) );
		$all    = (string) wp_json_encode( array( $health->add_information( array() ), $health->test_connection() ) );
		$this->assertStringContainsString( 'test-site', $all );
		$this->assertStringNotContainsString( Recording_Proxy::SECRET, $all );
	}

	/**
	 * Lists every route of docent/v1 with each of its methods.
	 *
	 * @return list<array{ string, string }>
	 */
	private function routes(): array {
		$routes = array();
		foreach ( rest_get_server()->get_routes( Plugin::REST_NAMESPACE ) as $path => $handlers ) {
			if ( '/' . Plugin::REST_NAMESPACE === $path ) {
				continue;
			}
			foreach ( $handlers as $handler ) {
				$this->assertIsCallable( $handler['permission_callback'], "$path says who may use it." );
				foreach ( array_keys( $handler['methods'] ) as $method ) {
					foreach ( str_contains( $path, '(?P<test>' ) ? array( 'connection', 'token' ) : array( '' ) as $test ) {
						$routes[] = array( $method, (string) preg_replace( '/\(\?P<test>[^)]*\)/', $test, $path ) );
					}
				}
			}
		}
		return $routes;
	}
}
