<?php
/**
 * Tests what a visitor's browser gets from docent/v1/token, and what it does not get.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Assistant_View;
use Docent\Connection_Store;
use Docent\Pseudonym;
use Docent\Visitor_Token;

/** Verifies tokens by the rules of JWT, not with the class that made them. */
final class Token_Route_Test extends Test_Case {

	public function test_gives_a_token_whose_claims_and_signature_are_right(): void {
		$before   = time();
		$response = $this->ask_for_token( array( 'consent' => array( 'voice', 'text' ) ) );
		$this->assertSame( 200, $response->get_status() );
		$data   = $response->get_data();
		$claims = self::verified( $data['token'] );
		$this->assertSame( 'test-site', $claims['iss'] );
		$this->assertMatchesRegularExpression( '/^[0-9a-f]{32}$/', $claims['sub'] );
		$this->assertSame( 'docent', $claims['aud'] );
		$this->assertGreaterThanOrEqual( $before, $claims['iat'] );
		$this->assertSame( $claims['iat'] + 900, $claims['exp'] );
		$this->assertSame( $claims['exp'], $data['expiresAt'] );
		$this->assertSame( rtrim( home_url(), '/' ), $claims['origin'] );
		$this->assertSame( array( 'text', 'voice' ), $claims['consent'] );
		$this->assertArrayNotHasKey( 'user', $claims );
	}

	public function test_gives_two_guests_two_identities(): void {
		$this->assertNotSame( self::verified( $this->ask_for_token()->get_data()['token'] )['sub'], self::verified( $this->ask_for_token()->get_data()['token'] )['sub'] );
	}

	/**
	 * Everything but the site's own origin is refused.
	 *
	 * @dataProvider wrong_origins
	 */
	public function test_refuses_another_origin( string $origin ): void {
		$response = $this->ask_for_token( headers: array( 'Origin' => $origin ) );
		$this->assertSame( 403, $response->get_status() );
		$this->assertSame( 'docent_wrong_origin', $response->get_data()['code'] );
	}

	public static function wrong_origins(): array {
		$own = rtrim( (string) get_option( 'home' ), '/' );
		return array(
			'another site'   => array( 'https://evil.example' ),
			'no origin'      => array( '' ),
			'null'           => array( 'null' ),
			'another port'   => array( $own . '1' ),
			'another scheme' => array( str_replace( 'http://', 'https://', $own ) ),
			'a prefix'       => array( $own . '.evil.example' ),
			'with a path'    => array( $own . '/' ),
		);
	}

	public function test_accepts_a_second_origin_that_a_filter_adds(): void {
		$add      = static fn ( array $origins ): array => array( ...$origins, 'https://de.example.com' );
		add_filter( 'docent_origins', $add );
		$response = $this->ask_for_token( headers: array( 'Origin' => 'https://de.example.com' ) );
		remove_filter( 'docent_origins', $add );
		$this->assertSame( 'https://de.example.com', self::verified( $response->get_data()['token'] )['origin'] );
	}

	/**
	 * Bad input is refused by the schema.
	 *
	 * @dataProvider wrong_bodies
	 */
	public function test_refuses_a_body_of_another_shape( array $data ): void {
		$response = $this->ask_for_token( $data );
		$this->assertSame( 400, $response->get_status() );
		$this->assertContains( $response->get_data()['code'], array( 'rest_invalid_param', 'rest_missing_callback_param' ) );
		$this->assertStringContainsString( 'no-store', $response->get_headers()['Cache-Control'] );
	}

	public static function wrong_bodies(): array {
		return array(
			'no consent'       => array( array() ),
			'unknown consent'  => array( array( 'consent' => array( 'everything' ) ) ),
			'consent no list'  => array( array( 'consent' => array( 'text' => array( 'x' ) ) ) ),
			'previous no text' => array(
				array(
					'consent'  => array( 'text' ),
					'previous' => array( 'x' ),
				),
			),
			'previous too long' => array(
				array(
					'consent'  => array( 'text' ),
					'previous' => str_repeat( 'x', 5000 ),
				),
			),
		);
	}

	public function test_a_token_for_listening_says_that_nothing_may_be_sent(): void {
		$response = $this->ask_for_token( array( 'consent' => array() ) );
		$this->assertSame( 200, $response->get_status() );
		$this->assertSame( array(), self::verified( $response->get_data()['token'] )['consent'] );
	}

	public function test_keeps_the_visitor_when_a_valid_token_is_renewed(): void {
		$first  = $this->ask_for_token()->get_data()['token'];
		$second = $this->renewed( $first );
		$this->assertSame( self::verified( $first )['sub'], $second['sub'] );
	}

	public function test_keeps_the_visitor_up_to_a_day_after_the_token_expired(): void {
		$id  = str_repeat( 'ab', 16 );
		$now = time();
		$this->assertSame( $id, $this->renewed( $this->token( $id, $now - 900 - DAY_IN_SECONDS + 60 ) )['sub'] );
		$this->assertNotSame( $id, $this->renewed( $this->token( $id, $now - 900 - DAY_IN_SECONDS - 60 ) )['sub'] );
	}

	/**
	 * A changed token makes a new visitor.
	 *
	 * @dataProvider tamperings
	 */
	public function test_gives_a_new_identity_when_the_previous_token_was_tampered_with( callable $tamper ): void {
		$id    = str_repeat( 'cd', 16 );
		$token = $tamper( explode( '.', $this->token( $id, time() ) ) );
		$this->assertNotSame( $id, $this->renewed( $token )['sub'] );
	}

	public static function tamperings(): array {
		$encode = static fn ( array $part ): string => rtrim( strtr( base64_encode( (string) wp_json_encode( $part ) ), '+/', '-_' ), '=' );
		$sign   = static fn ( string $signed, string $secret ): string => $signed . '.' . rtrim( strtr( base64_encode( hash_hmac( 'sha256', $signed, $secret, true ) ), '+/', '-_' ), '=' );
		$claims = array(
			'iss' => 'test-site',
			'sub' => str_repeat( 'cd', 16 ),
			'aud' => 'docent',
			'exp' => time() + 900,
		);
		$header = array(
			'alg' => 'HS256',
			'typ' => 'JWT',
		);
		return array(
			'no signature'       => array( static fn ( array $parts ): string => $parts[0] . '.' . $parts[1] . '.' ),
			'cut signature'      => array( static fn ( array $parts ): string => substr( implode( '.', $parts ), 0, -1 ) ),
			'alg none'           => array( static fn ( array $parts ): string => $encode( array( 'alg' => 'none' ) ) . '.' . $parts[1] . '.' ),
			'alg none, signed'   => array( static fn ( array $parts ): string => $sign( $encode( array( 'alg' => 'none' ) ) . '.' . $parts[1], Recording_Proxy::SECRET ) ),
			'other claims'       => array( static fn ( array $parts ): string => $parts[0] . '.' . $encode( $claims ) . '.' . $parts[2] ),
			'another secret'     => array( static fn (): string => $sign( $encode( $header ) . '.' . $encode( $claims ), str_repeat( 'x', 40 ) ) ),
			'another site'       => array( static fn (): string => $sign( $encode( $header ) . '.' . $encode( array( 'iss' => 'other-site' ) + $claims ), Recording_Proxy::SECRET ) ),
			'another audience'   => array( static fn (): string => $sign( $encode( $header ) . '.' . $encode( array( 'aud' => 'other' ) + $claims ), Recording_Proxy::SECRET ) ),
			'visitor not hex'    => array( static fn (): string => $sign( $encode( $header ) . '.' . $encode( array( 'sub' => '../../x' ) + $claims ), Recording_Proxy::SECRET ) ),
			'no expiry'          => array( static fn (): string => $sign( $encode( $header ) . '.' . $encode( array( 'exp' => 'never' ) + $claims ), Recording_Proxy::SECRET ) ),
			'rubbish'            => array( static fn (): string => 'a.b.c' ),
			'four parts'         => array( static fn ( array $parts ): string => implode( '.', $parts ) . '.x' ),
		);
	}

	public function test_adds_a_pseudonym_for_a_signed_in_person_without_a_nonce(): void {
		$user_id = $this->user( 'subscriber' );
		$this->bring_login_cookie( $user_id );
		$claims = self::verified( $this->ask_for_token()->get_data()['token'] );
		$this->assertMatchesRegularExpression( '/^[0-9a-f]{32}$/', $claims['user'] );
		$this->assertSame( Pseudonym::of( $user_id ), $claims['user'] );
		$this->assertNotSame( Pseudonym::of( $user_id + 1 ), $claims['user'] );
	}

	public function test_ignores_a_forged_login_cookie(): void {
		$user_id = $this->user( 'administrator' );
		$this->bring_login_cookie( $user_id );
		$_COOKIE[ LOGGED_IN_COOKIE ] .= '0';
		$this->assertArrayNotHasKey( 'user', self::verified( $this->ask_for_token()->get_data()['token'] ) );
	}

	public function test_does_not_hand_a_conversation_to_whoever_comes_after_a_signed_in_person(): void {
		$guest = $this->ask_for_token()->get_data()['token'];
		$this->bring_login_cookie( $this->user( 'subscriber' ) );
		$signed_in = $this->ask_for_token( array( 'consent' => array( 'text' ), 'previous' => $guest ) )->get_data()['token'];
		$this->assertSame( self::verified( $guest )['sub'], self::verified( $signed_in )['sub'], 'A guest who signs in goes on.' );
		$_COOKIE = array();
		$this->assertNotSame( self::verified( $signed_in )['sub'], $this->renewed( $signed_in )['sub'], 'After signing out somebody else may sit there.' );
		$this->bring_login_cookie( $this->user( 'subscriber' ) );
		$this->assertNotSame( self::verified( $signed_in )['sub'], $this->renewed( $signed_in )['sub'], 'Another person signed in.' );
	}

	public function test_is_unavailable_without_a_connection(): void {
		( new Connection_Store() )->forget();
		Assistant_View::refresh();
		$response = $this->ask_for_token();
		$this->assertSame( 503, $response->get_status() );
		$this->assertSame( 'docent_not_connected', $response->get_data()['code'] );
		$this->assertFalse( Assistant_View::config()['isConnected'] );
	}

	public function test_is_unavailable_when_the_site_switched_ai_off(): void {
		if ( ! function_exists( 'wp_supports_ai' ) ) {
			$this->assertFalse( defined( 'WP_AI_SUPPORT' ), 'WordPress before 7.0 knows only the constant.' );
			return;
		}
		add_filter( 'wp_supports_ai', '__return_false' );
		$response = $this->ask_for_token();
		$config   = Assistant_View::config();
		remove_filter( 'wp_supports_ai', '__return_false' );
		$this->assertSame( 503, $response->get_status() );
		$this->assertFalse( $config['isConnected'] );
	}

	public function test_says_when_to_come_back_when_an_address_asks_too_often(): void {
		add_filter( 'docent_mint_limit', '__return_zero' );
		$response = $this->ask_for_token();
		remove_filter( 'docent_mint_limit', '__return_zero' );
		$this->assertSame( 429, $response->get_status() );
		$this->assertSame( 'docent_rate_limited', $response->get_data()['code'] );
		$this->assertGreaterThan( 0, (int) $response->get_headers()['Retry-After'] );
		$this->assertLessThanOrEqual( 60, (int) $response->get_headers()['Retry-After'] );
		$this->assertStringContainsString( 'no-store', $response->get_headers()['Cache-Control'] );
	}

	public function test_does_not_count_refused_origins_against_an_address(): void {
		$this->ask_for_token( headers: array( 'Origin' => 'https://evil.example' ) );
		$this->assertSame( array(), \Docent\Atomic_Option::beginning_with( \Docent\Mint_Limit::ROW_PREFIX, 10 ) );
	}

	/** Returns the claims of the token that follows this one. */
	private function renewed( string $previous ): array {
		$response = $this->ask_for_token(
			array(
				'consent'  => array( 'text' ),
				'previous' => $previous,
			)
		);
		$this->assertSame( 200, $response->get_status() );
		return self::verified( $response->get_data()['token'] );
	}

	private function token( string $visitor_id, int $issued_at ): string {
		return ( new Visitor_Token( ( new Connection_Store() )->load() ) )->issue( $visitor_id, 'https://example.com', array( 'text' ), null, $issued_at )['token'];
	}

	private function bring_login_cookie( int $user_id ): void {
		$expiration                  = time() + HOUR_IN_SECONDS;
		$session                     = \WP_Session_Tokens::get_instance( $user_id )->create( $expiration );
		$_COOKIE[ LOGGED_IN_COOKIE ] = wp_generate_auth_cookie( $user_id, $expiration, 'logged_in', $session );
	}

	/** Checks header and signature as RFC 7515 says, and returns the claims. */
	private static function verified( string $token ): array {
		self::assertMatchesRegularExpression( '/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/', $token );
		list( $header, $claims, $signature ) = explode( '.', $token );
		$decode                              = static fn ( string $part ): string => (string) base64_decode( strtr( $part, '-_', '+/' ) . str_repeat( '=', ( 4 - strlen( $part ) % 4 ) % 4 ), true );
		self::assertSame(
			array(
				'alg' => 'HS256',
				'typ' => 'JWT',
			),
			json_decode( $decode( $header ), true )
		);
		self::assertSame( bin2hex( hash_hmac( 'sha256', "$header.$claims", Recording_Proxy::SECRET, true ) ), bin2hex( $decode( $signature ) ) );
		return json_decode( $decode( $claims ), true );
	}
}
