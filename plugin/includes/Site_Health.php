<?php
/**
 * Adds Docent to Tools → Site Health: is the proxy reached, does it accept this site, do caches keep away from the token.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Runs its tests asynchronously, over REST, so that Site Health never waits for the proxy.
 *
 * @phpstan-import-type Voice from Voice_View
 * @phpstan-type Result array{ label: string, status: 'good'|'recommended'|'critical', badge: array{ label: string, color: string }, description: string, actions: string, test: string }
 */
final class Site_Health {

	private const TESTS = array( 'connection', 'token' );

	public function __construct( private readonly Connection_Store $connections, private readonly Connection_Test $test ) {
	}

	/** Registers the route behind the tests. */
	public function register(): void {
		register_rest_route(
			Plugin::REST_NAMESPACE,
			'/site-health/(?P<test>' . implode( '|', self::TESTS ) . ')',
			array(
				'methods'             => 'GET',
				'callback'            => fn ( \WP_REST_Request $request ): \WP_REST_Response => new \WP_REST_Response( 'token' === $request['test'] ? $this->test_token() : $this->test_connection() ),
				'permission_callback' => static fn (): bool => current_user_can( 'view_site_health_checks' ),
			)
		);
	}

	/**
	 * Adds the tests.
	 *
	 * @param array<string, array<string, array<string, mixed>>> $tests Tests by kind and name.
	 * @return array<string, array<string, array<string, mixed>>>
	 */
	public function add_tests( array $tests ): array {
		$direct = array(
			'connection' => fn (): array => $this->test_connection(),
			'token'      => fn (): array => $this->test_token(),
		);
		$labels = array(
			'connection' => __( 'Docent’s connection', 'docent' ),
			'token'      => __( 'Docent’s visitor tokens', 'docent' ),
		);
		foreach ( self::TESTS as $name ) {
			$tests['async'][ 'docent_' . $name ] = array(
				'label'             => $labels[ $name ],
				'test'              => rest_url( Plugin::REST_NAMESPACE . '/site-health/' . $name ),
				'has_rest'          => true,
				'async_direct_test' => $direct[ $name ],
			);
		}
		return $tests;
	}

	/**
	 * Adds what support needs to know, without the secret.
	 *
	 * @param array<string, array<string, mixed>> $info Sections.
	 * @return array<string, array<string, mixed>>
	 */
	public function add_information( array $info ): array {
		$connection = $this->connections->load_usable();
		$sync       = Sync_State::read();
		$field      = static fn ( string $label, string $value ): array => array(
			'label' => $label,
			'value' => $value,
		);

		$info['docent'] = array(
			'label'  => __( 'Docent', 'docent' ),
			'fields' => array(
				'version' => $field( __( 'Version', 'docent' ), VERSION ),
				'source'  => $field( __( 'Connection set by', 'docent' ), $this->connections->source() ),
				'proxy'   => array_merge( $field( __( 'Address of the proxy', 'docent' ), $connection->proxy_url ?? '' ), array( 'private' => true ) ),
				'site'    => array_merge( $field( __( 'Site id', 'docent' ), $connection->site_id ?? '' ), array( 'private' => true ) ),
				'types'   => $field( __( 'Content types', 'docent' ), implode( ', ', Public_Content::types() ) ),
				'voice'   => $field( __( 'Voice', 'docent' ), self::voice_line( Assistant_View::config()['voice'] ) ),
				'sync'    => $field( __( 'Sync', 'docent' ), sprintf( '%s, %d/%d, %d failed, %d waiting', $sync['status'], $sync['sent'], $sync['total'], $sync['failed'], Sync_Queue::length() ) ),
			),
		);
		return $info;
	}

	/**
	 * Says in a line what visitors are offered of voice, for support, in the words of the settings.
	 *
	 * @param Voice $voice What pages know of voice.
	 */
	private static function voice_line( array $voice ): string {
		$has_key = match ( $voice['hears'] ) {
			true => 'yes',
			false => 'no',
			null => 'unknown',
		};
		return sprintf( 'key to hear with: %s, kinds: %s, speech: %s, read aloud: %s', $has_key, $voice['isOffered'] ? implode( ', ', $voice['kinds'] ) : 'none', $voice['speech'], $voice['readAloud'] ? 'provider' : 'browser' );
	}

	/**
	 * Tests whether the proxy is reached and accepts this site.
	 *
	 * @return Result
	 */
	public function test_connection(): array {
		if ( 'none' === $this->connections->source() ) {
			return self::result( 'connection', 'recommended', __( 'Docent is not connected', 'docent' ), array( __( 'Paste the connection string of your proxy, and the assistant can answer.', 'docent' ) ) );
		}
		$checks   = $this->test->run();
		$problems = array_filter( $checks, static fn ( array $check ): bool => 'ok' !== $check['status'] );
		$lines    = array_map( static fn ( array $check ): string => trim( $check['message'] . ' ' . ( $check['remedy'] ?? '' ) ), array() === $problems ? $checks : $problems );
		if ( array() === $problems ) {
			return self::result( 'connection', 'good', __( 'Docent reaches its proxy', 'docent' ), array_values( $lines ) );
		}
		$is_broken = in_array( 'error', array_column( $problems, 'status' ), true );
		return self::result( 'connection', $is_broken ? 'critical' : 'recommended', $is_broken ? __( 'Docent cannot work with its proxy', 'docent' ) : __( 'Docent’s proxy needs attention', 'docent' ), array_values( $lines ) );
	}

	/**
	 * Tests, as a browser would, whether two visitors get two tokens.
	 *
	 * @return Result
	 */
	public function test_token(): array {
		if ( null === $this->connections->load_usable() ) {
			return self::result( 'token', 'recommended', __( 'Docent issues no visitor tokens', 'docent' ), array( __( 'The site is not connected to a proxy.', 'docent' ) ) );
		}
		$first  = self::ask_for_token();
		$second = self::ask_for_token();
		if ( is_wp_error( $first ) || is_wp_error( $second ) ) {
			return self::result( 'token', 'recommended', __( 'Docent’s visitor tokens could not be tested', 'docent' ), array( __( 'This server could not reach its own REST API. Visitors’ browsers may still reach it.', 'docent' ) ) );
		}
		if ( 200 !== $first['status'] || 200 !== $second['status'] ) {
			return self::result( 'token', 'critical', __( 'Visitors get no token for the assistant', 'docent' ), array( __( 'The REST API answers docent/v1/token with an error. Look whether a security plugin or a firewall blocks POST requests to the REST API for guests.', 'docent' ) ) );
		}
		if ( $first['token'] === $second['token'] || ! str_contains( $first['cacheControl'], 'no-store' ) ) {
			return self::result( 'token', 'critical', __( 'A cache keeps visitor tokens', 'docent' ), array( __( 'Two visitors got the same token, or the header that forbids caching was removed. Exclude /wp-json/docent/ from your page cache and your CDN.', 'docent' ) ) );
		}
		return self::result( 'token', 'good', __( 'Docent’s visitor tokens are not cached', 'docent' ), array( __( 'Each visitor gets a token of their own.', 'docent' ) ) );
	}

	/**
	 * Asks this site for a token over HTTP.
	 *
	 * @return array{ status: int, token: string, cacheControl: string }|\WP_Error
	 */
	private static function ask_for_token(): array|\WP_Error {
		$answer = wp_remote_post(
			rest_url( Plugin::REST_NAMESPACE . '/token' ),
			array(
				'timeout'     => 10,
				'redirection' => 0,
				/** This filter is documented in wp-includes/class-wp-http-streams.php */
				'sslverify'   => apply_filters( 'https_local_ssl_verify', false ), // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals.NonPrefixedHooknameFound -- A filter of WordPress, for requests of a site to itself.
				'headers'     => array(
					'Content-Type' => 'application/json',
					'Origin'       => Site_Origin::of( home_url() ),
				),
				'body'        => '{"consent":["text"]}',
			)
		);
		if ( is_wp_error( $answer ) ) {
			return $answer;
		}
		$body  = json_decode( wp_remote_retrieve_body( $answer ), true );
		$cache = wp_remote_retrieve_header( $answer, 'cache-control' );
		return array(
			'status'       => (int) wp_remote_retrieve_response_code( $answer ),
			'token'        => is_array( $body ) ? (string) ( $body['token'] ?? '' ) : '',
			'cacheControl' => is_array( $cache ) ? implode( ', ', $cache ) : $cache,
		);
	}

	/**
	 * Writes a result as Site Health expects it.
	 *
	 * @param string                          $test   Name of the test.
	 * @param 'good'|'recommended'|'critical' $status How it is.
	 * @param string                          $label  Finding in a few words.
	 * @param list<string>                    $lines  Sentences.
	 * @return Result
	 */
	private static function result( string $test, string $status, string $label, array $lines ): array {
		return array(
			'label'       => $label,
			'status'      => $status,
			'badge'       => array(
				'label' => __( 'Docent', 'docent' ),
				'color' => 'blue',
			),
			'description' => '<p>' . implode( '</p><p>', array_map( 'esc_html', $lines ) ) . '</p>',
			'actions'     => sprintf( '<p><a href="%s">%s</a></p>', esc_url( Settings_Page::url() ), esc_html__( 'Open the settings of Docent', 'docent' ) ),
			'test'        => 'docent_' . $test,
		);
	}
}
