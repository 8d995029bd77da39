<?php
/**
 * Gives each test a site that another process serves over HTTP, with the launcher on, and puts back what the test changed.
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

/** Base of the tests that look at what browsers and caches get. A transaction would hide changes from the serving process. */
abstract class Http_Test_Case extends TestCase {

	protected Recording_Proxy $proxy;

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

	protected static ?Php_Server $server = null;

	/** Starts a server of its own, whatever serves the site otherwise: with the opcode cache that every real server has. */
	public static function setUpBeforeClass(): void {
		self::$server = new Php_Server( Php_Server::free_port(), ABSPATH, __DIR__ . '/router.php' );
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

	/**
	 * Gets a page as a guest.
	 *
	 * @param array<string, string> $headers Headers.
	 */
	protected function get( string $path, array $headers = array() ): array {
		return $this->request( 'GET', home_url( $path ), $headers );
	}

	/**
	 * Sends a request and lowers the names of the headers.
	 *
	 * @param array<string, string> $headers Headers.
	 */
	protected function request( string $method, string $url, array $headers = array(), string $body = '' ): array {
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

	protected function login_cookie( int $user_id ): string {
		$expiration = time() + HOUR_IN_SECONDS;
		$session    = \WP_Session_Tokens::get_instance( $user_id )->create( $expiration );
		return LOGGED_IN_COOKIE . '=' . rawurlencode( wp_generate_auth_cookie( $user_id, $expiration, 'logged_in', $session ) ) . '; ' . AUTH_COOKIE . '=' . rawurlencode( wp_generate_auth_cookie( $user_id, $expiration, 'auth', $session ) );
	}

	protected function privacy_page(): int {
		$id = (int) wp_insert_post( array( 'post_type' => 'page', 'post_status' => 'publish', 'post_title' => 'Docent page test', 'post_content' => 'Privacy' ) );
		update_option( 'wp_page_for_privacy_policy', $id );
		return $id;
	}

	protected function lay( string $file, string $content ): void {
		if ( ! is_dir( dirname( $file ) ) ) {
			mkdir( dirname( $file ), 0755, true );
			$this->files[] = dirname( $file );
		}
		file_put_contents( $file, $content );
		$this->files[] = $file;
	}
}
