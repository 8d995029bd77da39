<?php
/**
 * Tests over HTTP what visitors' browsers and caches get: pages, the token route, the settings page.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Assistant_View;
use Docent\Connection;
use Docent\Connection_Store;
use Docent\Settings;
use PHPUnit\Framework\TestCase;

/** Changes the site for real and puts it back, because another process serves the pages. */
final class Page_Test extends TestCase {

	private const MEASURED_PAGES = 40;
	private const MODULE         = '#<script(?=[^>]+type="module")[^>]+build/assistant/view#';

	private Recording_Proxy $proxy;

	/**
	 * Options to put back.
	 *
	 * @var array<string, mixed>
	 */
	private array $options = array();

	/**
	 * Files and folders to remove.
	 *
	 * @var list<string>
	 */
	private array $files = array();

	private static ?Php_Server $server = null;

	/** Starts a server of its own, whatever serves the site otherwise: with the opcode cache that every real server has. */
	public static function setUpBeforeClass(): void {
		self::$server = new Php_Server( Php_Server::free_port(), ABSPATH, __DIR__ . '/support/router.php' );
	}

	public static function tearDownAfterClass(): void {
		self::$server?->stop();
	}

	protected function setUp(): void {
		wp_cache_flush();
		foreach ( array( Connection_Store::OPTION, Settings::OPTION, Assistant_View::OPTION, 'template', 'stylesheet', 'wp_page_for_privacy_policy' ) as $option ) {
			$this->options[ $option ] = get_option( $option );
		}
		$this->proxy = Recording_Proxy::instance();
		$this->proxy->reset();
		( new Connection_Store() )->save( Connection::parse( $this->proxy->connection_string() ) );
		Assistant_View::refresh();
		Settings::change( array( 'launcherIsEnabled' => true ) );
	}

	protected function tearDown(): void {
		global $wpdb;
		foreach ( $this->options as $option => $value ) {
			false === $value ? delete_option( $option ) : update_option( $option, $value );
		}
		\Docent\Atomic_Option::remove_beginning_with( \Docent\Mint_Limit::ROW_PREFIX );
		foreach ( array_reverse( $this->files ) as $file ) {
			is_dir( $file ) ? rmdir( $file ) : unlink( $file );
		}
		delete_option( 'theme_mods_classic-for-tests' );
		$wpdb->query( "DELETE FROM {$wpdb->posts} WHERE post_title = 'Docent page test'" );
	}

	public function test_two_guests_get_the_same_bytes_without_anything_personal_or_secret(): void {
		$first  = $this->get( '/' );
		$second = $this->get( '/' );
		$this->assertSame( 200, $first['status'] );
		$this->assertStringContainsString( 'data-docent="launcher"', $first['body'] );
		$this->assertSame( $first['body'], $second['body'] );
		$this->assertStringNotContainsString( Recording_Proxy::SECRET, $first['body'] );
		$this->assertDoesNotMatchRegularExpression( '/nonce|eyJ[A-Za-z0-9_-]{10}/', $first['body'] );
		$this->assertArrayNotHasKey( 'set-cookie', $first['headers'] );
		$this->assertSame( array(), $this->proxy->requests(), 'A page never waits for the proxy.' );
	}

	public function test_a_page_is_made_as_well_when_the_proxy_is_gone(): void {
		$this->proxy->stop();
		$page = $this->get( '/' );
		$this->proxy->start();
		$this->assertSame( 200, $page['status'] );
		$this->assertStringContainsString( 'data-docent="launcher"', $page['body'] );
	}

	public function test_the_launcher_arrives_with_its_style_in_the_head_and_its_module(): void {
		$body = $this->get( '/' )['body'];
		$head = (string) strstr( $body, '</head>', true );
		$this->assertMatchesRegularExpression( '#docent-assistant-style#', $head );
		$this->assertMatchesRegularExpression( self::MODULE, $body );
		$this->assertSame( 1, substr_count( $body, 'data-docent="launcher"' ) );
		$this->assertStringContainsString( '@wordpress/interactivity', $body );
	}

	public function test_the_launcher_arrives_in_a_classic_theme_too(): void {
		$this->lay_classic_theme();
		$body = $this->get( '/' )['body'];
		$this->assertStringContainsString( 'classic theme', $body );
		$this->assertSame( 1, substr_count( $body, 'data-docent="launcher"' ) );
		$this->assertMatchesRegularExpression( '#docent-assistant-style#', (string) strstr( $body, '</head>', true ) );
		$this->assertMatchesRegularExpression( self::MODULE, $body );
		$this->assertMatchesRegularExpression( '#type="importmap"#', $body );
	}

	public function test_the_launcher_stands_where_the_owner_wants_it(): void {
		$start = '/<div[^>]+class="[^"]*docent--start/';
		$this->assertDoesNotMatchRegularExpression( $start, $this->get( '/' )['body'] );
		Settings::change( array( 'launcherPosition' => 'start' ) );
		$this->assertMatchesRegularExpression( $start, $this->get( '/' )['body'] );
	}

	/**
	 * Only pages for visitors have a launcher.
	 *
	 * @dataProvider other_answers
	 */
	public function test_other_answers_have_no_launcher( string $path ): void {
		$answer = $this->get( $path );
		$this->assertSame( 200, $answer['status'] );
		$this->assertStringNotContainsString( 'data-docent', $answer['body'] );
		$this->assertStringNotContainsString( 'build/assistant', $answer['body'] );
	}

	public function test_an_embedded_page_has_no_launcher(): void {
		$embed = $this->request( 'GET', (string) get_post_embed_url( $this->privacy_page() ) );
		$this->assertSame( 200, $embed['status'] );
		$this->assertStringContainsString( 'wp-embed', $embed['body'] );
		$this->assertStringNotContainsString( 'data-docent', $embed['body'] );
	}

	public function test_the_preview_of_the_customizer_has_no_launcher(): void {
		$cookie = $this->login_cookie( 1 );
		$uuid   = wp_generate_uuid4();
		wp_set_current_user( 1 );
		$_COOKIE[ LOGGED_IN_COOKIE ] = rawurldecode( (string) preg_replace( '/^[^=]+=([^;]+);.*$/', '$1', $cookie ) );
		$nonce                       = wp_create_nonce( 'preview-customize_' . get_stylesheet() );
		$_COOKIE                     = array();
		wp_set_current_user( 0 );
		$query = http_build_query( array( 'customize_changeset_uuid' => $uuid, 'customize_theme' => get_stylesheet(), 'customize_messenger_channel' => 'preview-0', 'customize_preview_nonce' => $nonce ) );
		$page  = $this->get( '/?' . $query, array( 'Cookie' => $cookie ) );
		$this->assertSame( 200, $page['status'] );
		$this->assertStringContainsString( 'customize-preview', $page['body'] );
		$this->assertStringNotContainsString( 'data-docent="launcher"', $page['body'] );
	}

	public static function other_answers(): array {
		return array(
			'feed'         => array( '/feed/' ),
			'robots.txt'   => array( '/robots.txt' ),
			'login'        => array( '/wp-login.php' ),
			'rest index'   => array( '/wp-json/' ),
			'site map'     => array( '/wp-sitemap.xml' ),
		);
	}

	public function test_a_page_carries_nothing_of_docent_when_the_launcher_is_off_or_nothing_is_connected(): void {
		Settings::change( array( 'launcherIsEnabled' => false ) );
		$this->assertDoesNotMatchRegularExpression( '/docent/i', $this->without_site_name( $this->get( '/' )['body'] ) );
		Settings::change( array( 'launcherIsEnabled' => true ) );
		( new Connection_Store() )->forget();
		Assistant_View::refresh();
		$this->assertDoesNotMatchRegularExpression( '/docent/i', $this->without_site_name( $this->get( '/' )['body'] ) );
	}

	public function test_costs_no_query_and_little_time(): void {
		$this->lay( WPMU_PLUGIN_DIR . '/docent-measure.php', (string) file_get_contents( __DIR__ . '/support/measure.php' ) );
		$this->privacy_page();
		$costs = array(
			'with'    => array(),
			'without' => array(),
		);
		for ( $i = 0; $i < self::MEASURED_PAGES; $i++ ) {
			foreach ( array( 'with' => array(), 'without' => array( 'X-Docent-Left-Out' => '1' ) ) as $which => $headers ) {
				$body = $this->get( '/', $headers + array( 'X-Docent-Measure' => '1' ) )['body'];
				$this->assertSame( 'with' === $which, str_contains( $body, 'data-docent="launcher"' ) );
				$this->assertSame( 1, preg_match( '/<!-- measured (\d+) queries (\d+) microseconds -->/', $body, $matches ), 'The page tells its cost.' );
				// The first pages fill the opcode cache.
				if ( $i >= self::MEASURED_PAGES / 4 ) {
					$costs[ $which ]['queries'][] = (int) $matches[1];
					$costs[ $which ]['time'][]    = (int) $matches[2];
				}
			}
		}
		$queries = max( $costs['with']['queries'] ) - max( $costs['without']['queries'] );
		// The least of many is what it costs when nothing else runs on the machine.
		$time = min( $costs['with']['time'] ) - min( $costs['without']['time'] );
		fwrite( STDERR, sprintf( "A page with the launcher: %+d queries, %+.2f ms of PHP beside %.1f ms without Docent (least of %d).\n", $queries, $time / 1000, min( $costs['without']['time'] ) / 1000, count( $costs['with']['time'] ) ) );
		$this->assertSame( 0, $queries );
		$this->assertLessThan( 2000, $time );
	}

	public function test_the_privacy_page_is_known_without_a_query(): void {
		$id = $this->privacy_page();
		$this->assertSame( get_permalink( $id ), Assistant_View::config()['privacyUrl'] );
		wp_trash_post( $id );
		$this->assertSame( '', Assistant_View::config()['privacyUrl'] );
	}

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
		$this->assertSame( array( 200 => 30, 429 => 18 ), array_count_values( $statuses ) );
	}

	public function test_a_block_in_a_post_stays_out_of_feeds(): void {
		$id = (int) wp_insert_post( array( 'post_type' => 'post', 'post_status' => 'publish', 'post_title' => 'Docent page test', 'post_content' => '<!-- wp:paragraph --><p>Post with a panel</p><!-- /wp:paragraph --><!-- wp:docent/assistant /-->' ) );
		$this->assertStringContainsString( 'data-docent="panel"', $this->request( 'GET', (string) get_permalink( $id ) )['body'] );
		$feed = $this->get( '/feed/' )['body'];
		$this->assertStringContainsString( 'Post with a panel', $feed );
		$this->assertStringNotContainsString( 'data-docent', $feed );
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

	public function test_the_settings_page_has_the_apps_place_and_no_secret(): void {
		$page = $this->get( '/wp-admin/options-general.php?page=docent', array( 'Cookie' => $this->login_cookie( 1 ) ) );
		$this->assertSame( 200, $page['status'] );
		$this->assertStringContainsString( '<div id="docent-settings"></div>', $page['body'] );
		$this->assertStringContainsString( '<noscript>', $page['body'] );
		$this->assertMatchesRegularExpression( '#build/admin/index\.js#', $page['body'] );
		$this->assertStringNotContainsString( Recording_Proxy::SECRET, $page['body'] );
		$this->assertStringNotContainsString( 'data-docent="launcher"', $page['body'] );
		$this->assertSame( array(), $this->proxy->requests(), 'The page itself does not wait for the proxy.' );
		$options = $this->get( '/wp-admin/options.php', array( 'Cookie' => $this->login_cookie( 1 ) ) )['body'];
		$this->assertStringNotContainsString( Recording_Proxy::SECRET, $options );
	}

	/**
	 * Gets a page as a guest.
	 *
	 * @param array<string, string> $headers Headers.
	 */
	private function get( string $path, array $headers = array() ): array {
		return $this->request( 'GET', home_url( $path ), $headers );
	}

	/**
	 * Sends a request and lowers the names of the headers.
	 *
	 * @param array<string, string> $headers Headers.
	 */
	private function request( string $method, string $url, array $headers = array(), string $body = '' ): array {
		$home            = (array) wp_parse_url( home_url() );
		$headers['Host'] = $home['host'] . ( isset( $home['port'] ) ? ':' . $home['port'] : '' );
		$url             = str_replace( home_url(), 'http://127.0.0.1:' . self::$server?->port, $url );
		$answer          = wp_remote_request( $url, array( 'method' => $method, 'headers' => $headers, 'body' => $body, 'redirection' => 0, 'timeout' => 30 ) );
		$this->assertIsArray( $answer, is_wp_error( $answer ) ? $answer->get_error_message() : '' );
		return array(
			'status'  => (int) wp_remote_retrieve_response_code( $answer ),
			'headers' => wp_remote_retrieve_headers( $answer )->getAll(),
			'body'    => wp_remote_retrieve_body( $answer ),
		);
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

	private function login_cookie( int $user_id ): string {
		$expiration = time() + HOUR_IN_SECONDS;
		$session    = \WP_Session_Tokens::get_instance( $user_id )->create( $expiration );
		return LOGGED_IN_COOKIE . '=' . rawurlencode( wp_generate_auth_cookie( $user_id, $expiration, 'logged_in', $session ) ) . '; ' . AUTH_COOKIE . '=' . rawurlencode( wp_generate_auth_cookie( $user_id, $expiration, 'auth', $session ) );
	}

	private function privacy_page(): int {
		$id = (int) wp_insert_post( array( 'post_type' => 'page', 'post_status' => 'publish', 'post_title' => 'Docent page test', 'post_content' => 'Privacy' ) );
		update_option( 'wp_page_for_privacy_policy', $id );
		return $id;
	}

	private function lay_classic_theme(): void {
		$theme = get_theme_root() . '/classic-for-tests';
		$this->lay( $theme . '/style.css', "/*\nTheme Name: Classic for tests\n*/" );
		$this->lay( $theme . '/index.php', '<!DOCTYPE html><html <?php language_attributes(); ?>><head><?php wp_head(); ?></head><body>classic theme<?php wp_footer(); ?></body></html>' );
		update_option( 'template', 'classic-for-tests' );
		update_option( 'stylesheet', 'classic-for-tests' );
	}

	private function lay( string $file, string $content ): void {
		if ( ! is_dir( dirname( $file ) ) ) {
			mkdir( dirname( $file ), 0755, true );
			$this->files[] = dirname( $file );
		}
		file_put_contents( $file, $content );
		$this->files[] = $file;
	}

	private function without_site_name( string $html ): string {
		return str_ireplace( array( (string) get_option( 'blogname' ), 'Docent page test' ), '', $html );
	}
}
