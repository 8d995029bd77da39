<?php
/**
 * Tests how a pasted connection string is read, and that the secret stays inside.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Connection;
use Docent\Invalid_Connection;

/** Reads good and bad strings. */
final class Connection_Test extends Test_Case {

	private const SECRET = 'abcdefghijklmnopqrstuvwxyz_-0123';

	public function test_reads_address_site_and_secret(): void {
		$connection = Connection::parse( '  docent+https://my-shop:' . self::SECRET . "@Proxy.Example.com:8443/docent/ \n" );
		$this->assertSame( 'https://proxy.example.com:8443/docent', $connection->proxy_url );
		$this->assertSame( 'my-shop', $connection->site_id );
		$this->assertSame( self::SECRET, $connection->secret() );
	}

	/**
	 * Plain http stays on the machine.
	 *
	 * @dataProvider loopback_hosts
	 */
	public function test_accepts_plain_http_on_loopback( string $host ): void {
		$this->assertSame( "http://$host", Connection::parse( 'docent+http://dev:' . self::SECRET . "@$host" )->proxy_url );
	}

	public static function loopback_hosts(): array {
		return array( array( '127.0.0.1:8787' ), array( 'localhost:8787' ), array( '[::1]:8787' ), array( '127.0.0.1' ) );
	}

	/**
	 * Says what to mend.
	 *
	 * @dataProvider bad_strings
	 */
	public function test_refuses_with_a_sentence_that_says_what_to_do( string $text, string $expected ): void {
		try {
			Connection::parse( $text );
			$this->fail( 'It was accepted.' );
		} catch ( Invalid_Connection $error ) {
			$this->assertStringContainsString( $expected, $error->getMessage() );
			$this->assertStringNotContainsString( self::SECRET, $error->getMessage() );
		}
	}

	public static function bad_strings(): array {
		$secret = self::SECRET;
		return array(
			'empty'                => array( ' ', 'Paste the connection string' ),
			'an address'           => array( 'https://proxy.example.com', 'not a connection string' ),
			'another scheme'       => array( "docent+ftp://site:$secret@proxy.example.com", 'not a connection string' ),
			'no secret'            => array( 'docent+https://site@proxy.example.com', 'not a connection string' ),
			'two lines'            => array( "docent+https://site:$secret@proxy.example.com\nmore", 'not a connection string' ),
			'a short secret'       => array( 'docent+https://site:short@proxy.example.com', 'secret is too short' ),
			'a secret with a space' => array( 'docent+https://site:' . substr( $secret, 0, 20 ) . ' ' . $secret . '@proxy.example.com', 'secret is too short' ),
			'capital site id'      => array( "docent+https://My-Site:$secret@proxy.example.com", 'site id' ),
			'short site id'        => array( "docent+https://ab:$secret@proxy.example.com", 'site id' ),
			'a query'              => array( "docent+https://site:$secret@proxy.example.com/?a=b", 'not a connection string' ),
			'plain http'           => array( "docent+http://site:$secret@proxy.example.com", 'over https' ),
			'http to a lookalike'  => array( "docent+http://site:$secret@127.0.0.1.example.com", 'over https' ),
			'http to a lan host'   => array( "docent+http://site:$secret@192.168.1.10", 'over https' ),
			'markup in the host'   => array( "docent+https://site:$secret@<script>", 'not complete' ),
			'markup in the path'   => array( "docent+https://site:$secret@example.com/\"onload=", 'not complete' ),
		);
	}

	public function test_does_not_show_the_secret_when_dumped(): void {
		$connection = Connection::parse( 'docent+https://site:' . self::SECRET . '@proxy.example.com' );
		ob_start();
		var_dump( $connection );
		$dump = (string) ob_get_clean() . wp_json_encode( $connection );
		$this->assertStringContainsString( 'proxy.example.com', $dump );
		$this->assertStringNotContainsString( self::SECRET, $dump );
		$this->expectException( \LogicException::class );
		serialize( $connection );
	}

	public function test_is_not_loaded_with_every_page(): void {
		wp_cache_flush();
		$this->assertArrayNotHasKey( 'docent_connection', wp_load_alloptions() );
		$this->assertArrayHasKey( 'docent_view', wp_load_alloptions() );
	}

	/**
	 * Constants are tried in a process of their own.
	 *
	 * @dataProvider constants
	 */
	public function test_constants_win_over_the_option( array $constants, string $proxy_url, string $public_url ): void {
		$code = '';
		foreach ( $constants as $name => $value ) {
			$code .= sprintf( 'define( %s, %s );', var_export( $name, true ), var_export( $value, true ) );
		}
		$code .= '$_SERVER["HTTP_HOST"] = "127.0.0.1"; require ' . var_export( ABSPATH . 'wp-load.php', true ) . ';';
		$code .= '$s = new Docent\Connection_Store(); $c = $s->load_usable(); echo wp_json_encode( array( $s->source(), $c?->proxy_url, Docent\Assistant_View::config()["proxyUrl"], Docent\Assistant_View::config()["isConnected"] ) );';
		exec( escapeshellarg( PHP_BINARY ) . ' -d display_errors=0 -r ' . escapeshellarg( $code ), $output, $exit_code );
		$this->assertSame( 0, $exit_code );
		$this->assertSame( array( 'constant', '' === $proxy_url ? null : $proxy_url, $public_url, '' !== $public_url ), json_decode( (string) end( $output ), true ) );
	}

	public static function constants(): array {
		$string = 'docent+https://const-site:' . self::SECRET . '@constant.example.com';
		return array(
			'one string'     => array( array( 'DOCENT_CONNECTION' => $string ), 'https://constant.example.com', 'https://constant.example.com' ),
			'three parts'    => array(
				array(
					'DOCENT_PROXY_URL'   => 'http://127.0.0.1:8787/',
					'DOCENT_SITE_ID'     => 'const-site',
					'DOCENT_SITE_SECRET' => self::SECRET,
				),
				'http://127.0.0.1:8787',
				'http://127.0.0.1:8787',
			),
			'public address' => array(
				array(
					'DOCENT_CONNECTION'       => $string,
					'DOCENT_PROXY_PUBLIC_URL' => 'https://ask.example.com',
				),
				'https://constant.example.com',
				'https://ask.example.com',
			),
			'one missing'    => array( array( 'DOCENT_PROXY_URL' => 'https://constant.example.com' ), '', '' ),
		);
	}
}
