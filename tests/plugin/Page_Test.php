<?php
/**
 * Tests over HTTP which pages carry the launcher, what it costs them, and that they hold nothing personal or secret.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Assistant_View;
use Docent\Connection_Store;
use Docent\Settings;

/** Gets pages as guests and as an administrator. */
final class Page_Test extends Http_Test_Case {

	private const MEASURED_PAGES = 40;
	private const MODULE         = '#<script(?=[^>]+type="module")[^>]+build/assistant/view#';

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

	public function test_a_block_in_a_post_stays_out_of_feeds(): void {
		$id = (int) wp_insert_post( array( 'post_type' => 'post', 'post_status' => 'publish', 'post_title' => 'Docent page test', 'post_content' => '<!-- wp:paragraph --><p>Post with a panel</p><!-- /wp:paragraph --><!-- wp:docent/assistant /-->' ) );
		$this->assertStringContainsString( 'data-docent="panel"', $this->request( 'GET', (string) get_permalink( $id ) )['body'] );
		$feed = $this->get( '/feed/' )['body'];
		$this->assertStringContainsString( 'Post with a panel', $feed );
		$this->assertStringNotContainsString( 'data-docent', $feed );
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

	private function lay_classic_theme(): void {
		$theme = get_theme_root() . '/classic-for-tests';
		$this->lay( $theme . '/style.css', "/*\nTheme Name: Classic for tests\n*/" );
		$this->lay( $theme . '/index.php', '<!DOCTYPE html><html <?php language_attributes(); ?>><head><?php wp_head(); ?></head><body>classic theme<?php wp_footer(); ?></body></html>' );
		update_option( 'template', 'classic-for-tests' );
		update_option( 'stylesheet', 'classic-for-tests' );
	}

	private function without_site_name( string $html ): string {
		return str_ireplace( array( (string) get_option( 'blogname' ), 'Docent page test' ), '', $html );
	}
}
