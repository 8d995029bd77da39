<?php
/**
 * Tests over HTTP what the token route sends beside the token, and that nobody slips past its limit.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Assistant_View;
use Docent\Settings;

/** Asks for tokens as browsers do. */
final class Token_Over_Http_Test extends Http_Test_Case {

	public function test_the_token_route_sets_no_cookie_and_forbids_every_cache(): void {
		foreach ( array( Assistant_View::config()['tokenUrl'], home_url( '/?rest_route=/docent/v1/token' ) ) as $url ) {
			$answer = $this->request( 'POST', $url, array( 'Origin' => rtrim( home_url(), '/' ), 'Content-Type' => 'application/json' ), '{"consent":["text"]}' );
			$this->assertSame( 200, $answer['status'] );
			$this->assertArrayNotHasKey( 'set-cookie', $answer['headers'] );
			$this->assertStringContainsString( 'no-store', $answer['headers']['cache-control'] );
			$this->assertStringContainsString( 'private', $answer['headers']['cache-control'] );
			$this->assertStringContainsString( 'Origin', implode( ',', (array) $answer['headers']['vary'] ) );
			$this->assertStringNotContainsString( Recording_Proxy::SECRET, (string) wp_json_encode( $answer ) );
		}
		$this->assertSame( array(), $this->proxy->requests(), 'WordPress signs tokens itself.' );
	}

	public function test_the_token_route_refuses_other_sites_other_methods_and_rubbish(): void {
		$url = Assistant_View::config()['tokenUrl'];
		$this->assertSame( 403, $this->request( 'POST', $url, array( 'Origin' => 'https://evil.example', 'Content-Type' => 'application/json' ), '{"consent":["text"]}' )['status'] );
		$this->assertSame( 403, $this->request( 'POST', $url, array( 'Content-Type' => 'application/json' ), '{"consent":["text"]}' )['status'] );
		$this->assertSame( 404, $this->request( 'GET', $url . '?consent[]=text', array( 'Origin' => rtrim( home_url(), '/' ) ) )['status'] );
		$broken = $this->request( 'POST', $url, array( 'Origin' => rtrim( home_url(), '/' ), 'Content-Type' => 'application/json' ), '{"consent":' );
		$this->assertSame( 400, $broken['status'] );
		$this->assertStringContainsString( 'no-store', $broken['headers']['cache-control'] );
	}

	public function test_simultaneous_mints_of_one_address_do_not_slip_past_the_limit(): void {
		$servers = array();
		for ( $i = 0; $i < 4; $i++ ) {
			$servers[] = new Php_Server( Php_Server::free_port(), ABSPATH, __DIR__ . '/support/router.php' );
		}
		do {
			\Docent\Atomic_Option::remove_beginning_with( \Docent\Mint_Limit::ROW_PREFIX );
			$minute   = intdiv( time(), 60 );
			$statuses = $this->mint_at_once( $servers, 48 );
			// When the minute turned meanwhile, two limits were in force: once more.
		} while ( intdiv( time(), 60 ) !== $minute );
		foreach ( $servers as $server ) {
			$server->stop();
		}
		$counts = array_count_values( $statuses );
		ksort( $counts );
		$this->assertSame( array( 200, 429 ), array_keys( $counts ) );
		$this->assertLessThanOrEqual( 30, $counts[200] );
		// Requests that count at the same moment may see each other's count, which is never in favour of the one who asks.
		$this->assertGreaterThanOrEqual( 30 - count( $servers ), $counts[200] );
	}

	public function test_a_visitor_is_not_locked_out_by_a_stale_nonce_that_nobody_sends(): void {
		$cookie = $this->login_cookie( 1 );
		$answer = $this->request( 'POST', Assistant_View::config()['tokenUrl'], array( 'Origin' => rtrim( home_url(), '/' ), 'Content-Type' => 'application/json', 'Cookie' => $cookie ), '{"consent":["text"]}' );
		$this->assertSame( 200, $answer['status'] );
		$claims = json_decode( (string) base64_decode( strtr( explode( '.', json_decode( $answer['body'], true )['token'] )[1], '-_', '+/' ), true ), true );
		$this->assertArrayHasKey( 'user', $claims );
		$this->assertArrayNotHasKey( 'set-cookie', $answer['headers'] );
	}

	public function test_a_login_cookie_without_a_nonce_changes_nothing(): void {
		$answer = $this->request( 'PUT', rest_url( 'docent/v1/settings' ), array( 'Cookie' => $this->login_cookie( 1 ), 'Content-Type' => 'application/json', 'Origin' => 'https://evil.example' ), '{"launcher":{"isEnabled":false}}' );
		$this->assertSame( 401, $answer['status'] );
		wp_cache_flush();
		$this->assertTrue( Settings::all()['launcherIsEnabled'] );
	}

	/**
	 * Asks several servers of one site for tokens at the same moment.
	 *
	 * @param list<Php_Server> $servers Servers.
	 * @return list<int> Statuses.
	 */
	private function mint_at_once( array $servers, int $count ): array {
		$multi    = curl_multi_init();
		$requests = array();
		for ( $i = 0; $i < $count; $i++ ) {
			$url     = str_replace( home_url(), 'http://127.0.0.1:' . $servers[ $i % count( $servers ) ]->port, Assistant_View::config()['tokenUrl'] );
			$host    = (string) preg_replace( '#^https?://#', '', rtrim( home_url(), '/' ) );
			$request = curl_init( $url );
			curl_setopt_array(
				$request,
				array(
					CURLOPT_POSTFIELDS     => '{"consent":["text"]}',
					CURLOPT_HTTPHEADER     => array( 'Content-Type: application/json', 'Host: ' . $host, 'Origin: ' . rtrim( home_url(), '/' ) ),
					CURLOPT_RETURNTRANSFER => true,
					CURLOPT_TIMEOUT        => 60,
				)
			);
			curl_multi_add_handle( $multi, $request );
			$requests[] = $request;
		}
		do {
			curl_multi_exec( $multi, $running );
			curl_multi_select( $multi, 1 );
		} while ( $running > 0 );
		return array_map( static fn ( $request ): int => (int) curl_getinfo( $request, CURLINFO_RESPONSE_CODE ), $requests );
	}
}
