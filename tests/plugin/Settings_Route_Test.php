<?php
/**
 * Tests what an administrator reads and changes: settings, connection, connection test, usage.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Assistant_View;
use Docent\Connection_Store;
use Docent\Full_Sync;
use Docent\Settings;

/** Speaks to the routes as the settings page does. */
final class Settings_Route_Test extends Test_Case {

	protected function setUp(): void {
		parent::setUp();
		$this->sign_in_as( 'administrator' );
	}

	public function test_reads_the_settings_of_both_sides(): void {
		$this->post();
		$data = $this->rest( 'GET', '/settings' )->get_data();
		$this->assertSame(
			array(
				'isConnected' => true,
				'source'      => 'option',
				'proxyUrl'    => $this->proxy->url(),
				'siteId'      => 'test-site',
			),
			$data['connection']
		);
		$this->assertSame( 'Be brief.', $data['assistant']['instructions'] );
		$this->assertSame( 1_000_000_000, $data['limits']['siteDayNanoUsd'] );
		$this->assertSame( 24, $data['retention']['conversationHours'] );
		$this->assertArrayNotHasKey( 'limitsError', $data );
		$page = current( array_filter( $data['contentTypes'], static fn ( array $type ): bool => 'page' === $type['name'] ) );
		$this->assertSame(
			array(
				'name'       => 'page',
				'label'      => 'Pages',
				'count'      => 1,
				'isSelected' => true,
			),
			$page
		);
		$this->assertNotContains( 'attachment', array_column( $data['contentTypes'], 'name' ) );
	}

	public function test_changes_a_part_and_leaves_the_rest(): void {
		$response = $this->rest(
			'PUT',
			'/settings',
			array(
				'assistant'    => array(
					'name'         => 'Wanda',
					'instructions' => 'Say “you”.',
				),
				'contentTypes' => array( 'page', 'nonsense' ),
				'launcher'     => array( 'isEnabled' => true ),
				'limits'       => array( 'siteDayNanoUsd' => 0 ),
				'retention'    => array( 'conversationHours' => 2 ),
			)
		);
		$this->assertSame( 200, $response->get_status() );
		$data = $this->rest( 'GET', '/settings' )->get_data();
		$this->assertSame( $response->get_data(), $data );
		$this->assertSame( array( 'name' => 'Wanda', 'instructions' => 'Say “you”.' ), $data['assistant'] );
		$this->assertSame( array( 'page' ), array_column( array_filter( $data['contentTypes'], static fn ( array $type ): bool => $type['isSelected'] ), 'name' ) );
		$this->assertSame( array( 'isEnabled' => true, 'position' => 'end' ), $data['launcher'] );
		$this->assertSame( 0, $data['limits']['siteDayNanoUsd'], 'Zero means: spend nothing.' );
		$this->assertSame( 100_000_000, $data['limits']['visitorDayNanoUsd'] );
		$this->assertSame( 2, Assistant_View::config()['retentionHours'] );
		$this->assertSame( 'Wanda', Assistant_View::config()['assistantName'] );
		$this->assertNotFalse( wp_next_scheduled( Full_Sync::RECONCILE_SOON_EVENT ), 'The dropped type is removed at the proxy.' );
		$this->assertSame(
			array(
				'assistant' => array( 'name' => 'Wanda', 'instructions' => 'Say “you”.' ),
				'limits'    => array(
					'siteDayNanoUsd' => 0,
					'timeZone'       => wp_timezone_string(),
				),
				'retention' => array( 'conversationHours' => 2 ),
			),
			json_decode( $this->proxy->requests( 'PUT /v1/site/settings' )[0]['body'], true )
		);
	}

	public function test_hands_the_choice_of_models_to_the_proxy_and_back(): void {
		$this->assertNull( $this->rest( 'GET', '/settings' )->get_data()['routing'], 'A proxy that does not route cannot be set.' );
		$kept = array(
			'tiers'              => array( 'economy', 'standard' ),
			'maxTier'            => 'premium',
			'passUp'             => true,
			'rules'              => array( array( 'containing' => array( 'refund', '退款' ), 'tier' => 'standard' ) ),
			'languageTiers'      => array(),
			'decisionModel'      => false,
			'decisionMaxNanoUsd' => 200_000,
		);
		$this->proxy->answer( 'PUT /v1/site/settings', 200, array( 'limits' => array( 'softShare' => 0.65 ), 'routing' => array( 'languageTiers' => new \stdClass() ) + $kept ) );
		$response = $this->rest(
			'PUT',
			'/settings',
			array(
				'limits'  => array( 'softShare' => 0.65 ),
				'routing' => array(
					'tiers'         => $kept['tiers'],
					'rules'         => $kept['rules'],
					'languageTiers' => new \stdClass(),
				),
			)
		);
		$this->assertSame( 200, $response->get_status() );
		$this->assertSame( 0.65, $response->get_data()['limits']['softShare'] );
		$this->assertStringContainsString( '"languageTiers":{}', (string) wp_json_encode( $response->get_data() ), 'No languages are an object all the same.' );
		$this->assertSame( $kept['rules'], $response->get_data()['routing']['rules'] );
		$told = $this->proxy->requests( 'PUT /v1/site/settings' )[0]['body'];
		$this->assertStringContainsString( '"languageTiers":{}', $told );
		$this->assertSame(
			array(
				'limits'  => array(
					'softShare' => 0.65,
					'timeZone'  => wp_timezone_string(),
				),
				'routing' => array(
					'tiers'         => $kept['tiers'],
					'rules'         => $kept['rules'],
					'languageTiers' => array(),
				),
			),
			json_decode( $told, true )
		);
	}

	public function test_does_not_show_a_choice_of_models_that_it_cannot_understand(): void {
		$this->proxy->answer( 'GET /v1/site/settings', 200, array( 'limits' => array(), 'routing' => array( 'tiers' => array( 'economy', 'luxury' ) ) ) );
		$data = $this->rest( 'GET', '/settings' )->get_data();
		$this->assertNull( $data['routing'] );
		$this->assertArrayNotHasKey( 'limitsError', $data );
		$this->assertSame( 0.8, $data['limits']['softShare'] );
	}

	public function test_saves_no_choice_of_models_while_the_proxy_is_down(): void {
		$this->proxy->stop();
		$data   = $this->rest( 'GET', '/settings' )->get_data();
		$change = $this->rest( 'PUT', '/settings', array( 'routing' => array( 'passUp' => false ) ) );
		$this->proxy->start();
		$this->assertNull( $data['routing'] );
		$this->assertArrayHasKey( 'limitsError', $data );
		$this->assertSame( 502, $change->get_status() );
	}

	/**
	 * The schema keeps rubbish out.
	 *
	 * @dataProvider bad_settings
	 */
	public function test_refuses_settings_of_another_shape( array $data ): void {
		$this->assertSame( 400, $this->rest( 'PUT', '/settings', $data )->get_status() );
		$this->assertSame( array(), $this->proxy->requests() );
	}

	public static function bad_settings(): array {
		return array(
			'negative limit'   => array( array( 'limits' => array( 'siteDayNanoUsd' => -1 ) ) ),
			'fractional limit' => array( array( 'limits' => array( 'siteDayNanoUsd' => 0.5 ) ) ),
			'infinite limit'   => array( array( 'limits' => array( 'siteDayNanoUsd' => 1e30 ) ) ),
			'unknown limit'    => array( array( 'limits' => array( 'none' => 1 ) ) ),
			'unknown position' => array( array( 'launcher' => array( 'position' => 'top' ) ) ),
			'long name'        => array( array( 'assistant' => array( 'name' => str_repeat( 'x', 200 ) ) ) ),
			'soft share over 1' => array( array( 'limits' => array( 'softShare' => 80 ) ) ),
			'soft share of text' => array( array( 'limits' => array( 'softShare' => 'most' ) ) ),
			'no class'         => array( array( 'routing' => array( 'tiers' => array() ) ) ),
			'a class twice'    => array( array( 'routing' => array( 'tiers' => array( 'economy', 'economy' ) ) ) ),
			'unknown class'    => array( array( 'routing' => array( 'maxTier' => 'luxury' ) ) ),
			'rule of no words' => array( array( 'routing' => array( 'rules' => array( array( 'containing' => array(), 'tier' => 'standard' ) ) ) ) ),
			'rule of blanks'   => array( array( 'routing' => array( 'rules' => array( array( 'containing' => array( '  ' ), 'tier' => 'standard' ) ) ) ) ),
			'rule, no class'   => array( array( 'routing' => array( 'rules' => array( array( 'containing' => array( 'a' ) ) ) ) ) ),
			'rule with more'   => array( array( 'routing' => array( 'rules' => array( array( 'containing' => array( 'a' ), 'tier' => 'standard', 'id' => 1 ) ) ) ) ),
			'too many rules'   => array( array( 'routing' => array( 'rules' => array_fill( 0, 51, array( 'containing' => array( 'a' ), 'tier' => 'standard' ) ) ) ) ),
			'no language'      => array( array( 'routing' => array( 'languageTiers' => array( 'Deutsch' => 'standard' ) ) ) ),
			'language, no class' => array( array( 'routing' => array( 'languageTiers' => array( 'de' => 'best' ) ) ) ),
			'negative price'   => array( array( 'routing' => array( 'decisionMaxNanoUsd' => -1 ) ) ),
			'unknown choice'   => array( array( 'routing' => array( 'model' => 'x' ) ) ),
			'no retention'     => array( array( 'retention' => array( 'conversationHours' => 0 ) ) ),
			'types no list'    => array( array( 'contentTypes' => array( array( 'page' ) ) ) ),
		);
	}

	public function test_says_what_is_wrong_when_the_proxy_is_down_and_saves_nothing_by_halves(): void {
		$this->proxy->stop();
		$data = $this->rest( 'GET', '/settings' )->get_data();
		$this->assertStringContainsString( $this->proxy->url(), $data['limitsError'] );
		$this->assertTrue( $data['connection']['isConnected'] );
		$both = $this->rest(
			'PUT',
			'/settings',
			array(
				'limits'   => array( 'siteDayNanoUsd' => 5 ),
				'launcher' => array( 'isEnabled' => true ),
			)
		);
		$this->assertSame( 502, $both->get_status() );
		$this->assertFalse( Settings::all()['launcherIsEnabled'] );
		$here = $this->rest( 'PUT', '/settings', array( 'launcher' => array( 'isEnabled' => true ) ) );
		$this->proxy->start();
		$this->assertSame( 200, $here->get_status(), 'What is kept on this site can be changed all the same.' );
		$this->assertTrue( Settings::all()['launcherIsEnabled'] );
	}

	public function test_connects_and_disconnects(): void {
		$this->rest( 'DELETE', '/connection' );
		$this->assertFalse( Assistant_View::config()['isConnected'] );
		$this->assertFalse( get_option( Connection_Store::OPTION ) );
		$response = $this->rest( 'PUT', '/connection', array( 'connection' => $this->proxy->connection_string() ) );
		$this->assertSame( 200, $response->get_status() );
		$this->assertTrue( $response->get_data()['connection']['isConnected'] );
		$this->assertSame( $this->proxy->url(), Assistant_View::config()['proxyUrl'] );
		$told = json_decode( $this->proxy->requests( 'PUT /v1/site/settings' )[0]['body'], true );
		$this->assertSame( wp_timezone_string(), $told['limits']['timeZone'] );
		$this->assertSame( 'en-US', $told['assistant']['language'] );
	}

	public function test_begins_anew_with_another_proxy_but_not_with_another_secret(): void {
		$post = $this->post();
		$this->run_queue();
		\Docent\Sync_State::change( static fn (): array => array( 'status' => 'done' ) );
		$this->rest( 'PUT', '/connection', array( 'connection' => str_replace( Recording_Proxy::SECRET, Recording_Proxy::SECRET . 'new', $this->proxy->connection_string() ) ) );
		$this->assertSame( 'done', $this->rest( 'GET', '/sync' )->get_data()['status'] );
		$this->rest( 'PUT', '/connection', array( 'connection' => str_replace( Recording_Proxy::SITE_ID, 'another-site', $this->proxy->connection_string() ) ) );
		$this->assertSame( 'idle', $this->rest( 'GET', '/sync' )->get_data()['status'] );
		$this->assertSame( '', get_post_meta( $post->ID, \Docent\Delivery::HASH_META, true ) );
	}

	public function test_the_connection_test_signs_and_passes_on_what_the_proxy_finds(): void {
		$checks = array_column( $this->rest( 'POST', '/connection/test' )->get_data()['checks'], null, 'id' );
		$this->assertSame( array( 'reachable', 'signed', 'clock', 'provider' ), array_keys( $checks ) );
		$this->assertSame( 'ok', $checks['reachable']['status'] );
		$this->assertSame( 'ok', $checks['signed']['status'] );
		$this->assertSame( 'ok', $checks['clock']['status'] );
		$this->assertSame( 'Set OPENAI_API_KEY.', $checks['provider']['remedy'] );
		$request = $this->proxy->requests( 'GET /v1/site/health' )[0];
		$this->assertSame( 'test-site', $request['headers']['x-docent-site'] );
		$this->assertSame( self::expected_signature( $request ), $request['headers']['x-docent-signature'] );
		$this->assertSame( '', $request['body'] );
	}

	/**
	 * Each failure has its own words.
	 *
	 * @dataProvider broken_connections
	 */
	public function test_the_connection_test_says_what_is_wrong_and_how_to_mend_it( int $status, mixed $body, array $more, string $id, string $check_status, string $remedy ): void {
		$this->proxy->answer( 'GET /v1/site/health', $status, $body, $more );
		$checks = array_column( $this->rest( 'POST', '/connection/test' )->get_data()['checks'], null, 'id' );
		$this->assertSame( $check_status, $checks[ $id ]['status'] );
		$this->assertStringContainsString( $remedy, $checks[ $id ]['remedy'] );
	}

	public static function broken_connections(): array {
		$error = static fn ( string $code ): array => array( 'error' => array( 'code' => $code, 'message' => 'No.', 'requestId' => '1' ) );
		return array(
			'another secret'  => array( 401, $error( 'signature_invalid' ), array(), 'signed', 'error', 'Copy the connection string' ),
			'clock off'       => array( 401, $error( 'signature_expired' ), array(), 'clock', 'error', 'NTP' ),
			'clock a bit off' => array( 200, array( 'checks' => array() ), array( 'headers' => array( 'Date' => gmdate( 'D, d M Y H:i:s', time() - 90 ) . ' GMT' ) ), 'clock', 'warning', 'NTP' ),
			'another server'  => array( 200, '<html>Welcome to nginx!</html>', array(), 'reachable', 'error', 'Compare the address' ),
			'redirect'        => array( 302, '', array( 'headers' => array( 'Location' => 'http://127.0.0.1:1/steal' ) ), 'reachable', 'error', 'Compare the address' ),
			'wrong path'      => array( 404, $error( 'not_found' ), array(), 'reachable', 'error', 'Compare the address' ),
			'proxy ill'       => array( 503, $error( 'storage_unavailable' ), array(), 'signed', 'error', 'log of the proxy' ),
		);
	}

	public function test_strips_markup_from_what_the_proxy_says(): void {
		$this->proxy->answer( 'GET /v1/site/health', 200, array( 'checks' => array( array( 'id' => 'provider', 'status' => 'error', 'message' => '<img src=x onerror=alert(1)>Bad key', 'remedy' => '<script>1</script>Mend' ) ) ) );
		$said = (string) wp_json_encode( $this->rest( 'POST', '/connection/test' )->get_data() );
		$this->assertStringContainsString( 'Bad key', $said );
		$this->assertStringNotContainsString( 'onerror', $said );
		$this->assertStringNotContainsString( 'script', $said );
	}

	public function test_passes_usage_through(): void {
		$usage = array( 'day' => array( 'spentNanoUsd' => 12 ), 'answers' => array( 'total' => 3 ) );
		$this->proxy->answer( 'GET /v1/site/usage', 200, $usage );
		$this->assertSame( $usage, $this->rest( 'GET', '/usage' )->get_data() );
		$this->proxy->answer( 'GET /v1/site/usage', 500, '' );
		$this->assertSame( 502, $this->rest( 'GET', '/usage' )->get_status() );
	}

	public function test_hands_on_the_filters_of_figures_it_knows_and_no_others(): void {
		$this->proxy->answer( 'GET /v1/site/usage', 200, array( 'rows' => array() ) );
		$this->proxy->answer( 'GET /v1/site/calls', 200, array( 'calls' => array() ) );
		$this->rest( 'GET', '/usage?from=2026-11-01&to=2026-11-20&by=day,model&secret=1' );
		$this->rest( 'GET', '/calls?outcome=failed&model=a%20b&limit=50&cursor=x&format=csv&siteId=other' );
		$this->assertSame(
			array( '/v1/site/usage?from=2026-11-01&to=2026-11-20&by=day%2Cmodel', '/v1/site/calls?model=a%20b&outcome=failed&cursor=x&limit=50' ),
			array_map(
				static function ( string $target ): string {
					list( $path, $query ) = explode( '?', $target );
					$parts                = explode( '&', $query );
					$order                = array( 'from', 'to', 'by', 'model', 'outcome', 'cursor', 'limit' );
					usort( $parts, static fn ( string $a, string $b ): int => array_search( strtok( $a, '=' ), $order, true ) <=> array_search( strtok( $b, '=' ), $order, true ) );
					return $path . '?' . implode( '&', $parts );
				},
				array_column( $this->proxy->requests( 'GET' ), 'target' )
			)
		);
		foreach ( array( '/usage?from=yesterday', '/usage?by=visitor', '/calls?limit=0', '/calls?limit=1000000', '/calls?model=' . str_repeat( 'x', 200 ) ) as $bad ) {
			$this->assertSame( 400, $this->rest( 'GET', $bad )->get_status(), $bad );
		}
	}

	public function test_exports_the_call_log_as_a_file_and_leaves_none_behind(): void {
		$csv    = "at,model\n2026-11-20,m\n";
		$before = glob( get_temp_dir() . 'docent-calls*' );
		$this->proxy->answer( 'GET /v1/site/calls', 200, $csv );
		$response = $this->rest( 'GET', '/calls/export?tier=economy' );
		$this->assertSame( 200, $response->get_status() );
		ob_start();
		$is_served = @apply_filters( 'rest_pre_serve_request', false, $response, new \WP_REST_Request(), rest_get_server() ); // phpcs:ignore WordPress.PHP.NoSilencedErrors.Discouraged -- Headers are sent in a test run.
		$this->assertSame( $csv, ob_get_clean() );
		$this->assertTrue( $is_served );
		$this->assertFalse( apply_filters( 'rest_pre_serve_request', false, $response, new \WP_REST_Request(), rest_get_server() ), 'The next answer is JSON again.' );
		$this->proxy->answer( 'GET /v1/site/calls', 500, '' );
		$this->assertSame( 502, $this->rest( 'GET', '/calls/export' )->get_status() );
		$this->assertSame( $before, glob( get_temp_dir() . 'docent-calls*' ) );
		$this->assertStringContainsString( 'format=csv', $this->proxy->requests( 'GET /v1/site/calls' )[0]['target'] );
	}

	public function test_speaks_to_the_proxy_with_a_time_limit_verified_tls_and_no_redirects(): void {
		$seen = array();
		$note = static function ( array $args, string $url ) use ( &$seen ): array {
			$seen[] = array( $args['timeout'] <= 20, $args['sslverify'], $args['redirection'], $args['cookies'], str_contains( $args['user-agent'], home_url() ), $args['limit_response_size'] > 0, $url );
			return $args;
		};
		$this->post();
		add_filter( 'http_request_args', $note, 10, 2 );
		$this->run_queue();
		$this->rest( 'GET', '/settings' );
		$this->rest( 'GET', '/usage' );
		$this->rest( 'POST', '/connection/test' );
		remove_filter( 'http_request_args', $note );
		$this->assertCount( 4, $seen );
		foreach ( $seen as $request ) {
			$this->assertStringStartsWith( $this->proxy->url() . '/v1/site/', array_pop( $request ) );
			$this->assertSame( array( true, true, 0, array(), false, true ), $request );
		}
	}

	public function test_does_not_read_an_endless_answer(): void {
		$this->proxy->answer( 'GET /v1/site/usage', 200, '{"a":"' . str_repeat( 'x', 9_000_000 ) . '"}' );
		$before = memory_get_peak_usage();
		$this->assertSame( 502, $this->rest( 'GET', '/usage' )->get_status() );
		$this->assertLessThan( 64 * MB_IN_BYTES, memory_get_peak_usage() - $before );
	}
}
