<?php
/**
 * Tests what Tools → Site Health says about Docent.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Assistant_View;
use Docent\Connection_Store;

/** Runs the tests over REST, as Site Health does in the browser. */
final class Site_Health_Test extends Test_Case {

	protected function setUp(): void {
		parent::setUp();
		$this->sign_in_as( 'administrator' );
	}

	public function test_offers_its_tests_asynchronously(): void {
		$tests = apply_filters( 'site_status_tests', array( 'direct' => array(), 'async' => array() ) );
		$this->assertSame( array(), $tests['direct'], 'Site Health itself does not wait.' );
		foreach ( array( 'connection', 'token' ) as $name ) {
			$this->assertTrue( $tests['async'][ "docent_$name" ]['has_rest'] );
			$this->assertSame( rest_url( "docent/v1/site-health/$name" ), $tests['async'][ "docent_$name" ]['test'] );
		}
		$this->assertSame( 'docent_connection', $tests['async']['docent_connection']['async_direct_test']()['test'] );
	}

	public function test_recommends_what_the_proxy_recommends(): void {
		$result = $this->rest( 'GET', '/site-health/connection' )->get_data();
		$this->assertSame( 'recommended', $result['status'] );
		$this->assertStringContainsString( 'Set OPENAI_API_KEY.', $result['description'] );
		$this->assertStringContainsString( 'page=docent', $result['actions'] );
		$this->assertEqualsCanonicalizing( array( 'label', 'status', 'badge', 'description', 'actions', 'test' ), array_keys( $result ) );
	}

	public function test_is_content_when_all_is_well(): void {
		$this->proxy->answer( 'GET /v1/site/health', 200, array( 'checks' => array() ) );
		$this->assertSame( 'good', $this->rest( 'GET', '/site-health/connection' )->get_data()['status'] );
	}

	public function test_is_critical_when_the_proxy_is_down(): void {
		$this->proxy->stop();
		$result = $this->rest( 'GET', '/site-health/connection' )->get_data();
		$this->proxy->start();
		$this->assertSame( 'critical', $result['status'] );
		$this->assertStringContainsString( 'firewall', $result['description'] );
	}

	public function test_escapes_what_the_proxy_says(): void {
		$this->proxy->answer( 'GET /v1/site/health', 200, array( 'checks' => array( array( 'id' => 'provider', 'status' => 'error', 'message' => '5 < 6 & "x"' ) ) ) );
		$this->assertStringContainsString( '5 &lt; 6 &amp; &quot;x&quot;', $this->rest( 'GET', '/site-health/connection' )->get_data()['description'] );
	}

	public function test_recommends_to_connect(): void {
		( new Connection_Store() )->forget();
		Assistant_View::refresh();
		$this->assertSame( 'recommended', $this->rest( 'GET', '/site-health/connection' )->get_data()['status'] );
		$this->assertSame( 'recommended', $this->rest( 'GET', '/site-health/token' )->get_data()['status'] );
	}

	/**
	 * Plays the site's own answers at the HTTP layer of WordPress, where a page cache would stand.
	 *
	 * @dataProvider token_answers
	 */
	public function test_notices_when_a_cache_or_firewall_stands_before_the_token_route( array $answers, string $status, string $word ): void {
		$play = static function ( $early, array $args, string $url ) use ( &$answers ) {
			return str_contains( $url, 'docent/v1/token' ) ? array_shift( $answers ) : $early;
		};
		add_filter( 'pre_http_request', $play, 10, 3 );
		$result = $this->rest( 'GET', '/site-health/token' )->get_data();
		remove_filter( 'pre_http_request', $play );
		$this->assertSame( $status, $result['status'] );
		$this->assertStringContainsString( $word, $result['description'] );
	}

	public static function token_answers(): array {
		$answer = static fn ( int $status, string $token, string $cache ): array => array(
			'response' => array( 'code' => $status ),
			'headers'  => array( 'cache-control' => $cache ),
			'body'     => (string) wp_json_encode( array( 'token' => $token ) ),
		);
		$fresh  = 'no-store, private';
		return array(
			'fresh'       => array( array( $answer( 200, 'a', $fresh ), $answer( 200, 'b', $fresh ) ), 'good', 'of their own' ),
			'cached'      => array( array( $answer( 200, 'a', $fresh ), $answer( 200, 'a', $fresh ) ), 'critical', 'Exclude' ),
			'stripped'    => array( array( $answer( 200, 'a', 'max-age=3600' ), $answer( 200, 'b', 'max-age=3600' ) ), 'critical', 'Exclude' ),
			'blocked'     => array( array( $answer( 403, '', $fresh ), $answer( 403, '', $fresh ) ), 'critical', 'security plugin' ),
			'unreachable' => array( array( new \WP_Error( 'x', 'x' ), new \WP_Error( 'x', 'x' ) ), 'recommended', 'could not reach' ),
		);
	}
}
