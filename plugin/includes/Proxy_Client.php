<?php
/**
 * Speaks to the proxy for this site. The only place in PHP that does; never called while a visitor's page is made.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Sends signed JSON requests and turns whatever comes back into an array or a Proxy_Error. */
final class Proxy_Client {

	public const QUICK_SECONDS = 5;
	public const TEST_SECONDS  = 15;
	public const SYNC_SECONDS  = 20;
	public const FILE_SECONDS  = 60;

	private const MAX_RESPONSE_BYTES = 8 * MB_IN_BYTES;

	public function __construct( private readonly Connection_Store $connections ) {
	}

	/**
	 * Sends one signed request and returns the decoded answer.
	 *
	 * @param string                    $method          GET, POST, PUT or DELETE.
	 * @param string                    $target          Path with query below the proxy's address, for example `/v1/site/usage`.
	 * @param array<string, mixed>|null $data            What to send as JSON, null for no body.
	 * @param int                       $timeout_seconds Longest wait.
	 * @return array<string, mixed> Decoded JSON object, empty for an answer without a body.
	 * @throws Proxy_Error When the proxy cannot be reached, refuses, or answers something unreadable.
	 */
	public function request( string $method, string $target, ?array $data = null, int $timeout_seconds = self::QUICK_SECONDS ): array {
		return $this->exchange( $method, $target, $data, $timeout_seconds )['body'];
	}

	/**
	 * Sends one signed request and returns the answer with the proxy's own clock, which the connection test compares.
	 *
	 * @param string                    $method          GET, POST, PUT or DELETE.
	 * @param string                    $target          Path with query below the proxy's address.
	 * @param array<string, mixed>|null $data            What to send as JSON, null for no body.
	 * @param int                       $timeout_seconds Longest wait.
	 * @return array{ body: array<string, mixed>, proxyTime: int|null } Decoded answer and the proxy's Unix time if it told.
	 * @throws Proxy_Error When the proxy cannot be reached, refuses, or answers something unreadable.
	 */
	public function exchange( string $method, string $target, ?array $data = null, int $timeout_seconds = self::QUICK_SECONDS ): array {
		$body    = null === $data ? '' : self::encoded( $data );
		$headers = array( 'Accept' => 'application/json' ) + ( '' === $body ? array() : array( 'Content-Type' => 'application/json' ) );
		$answer  = $this->send(
			$method,
			$target,
			$body,
			$headers,
			array(
				'timeout'             => $timeout_seconds,
				'limit_response_size' => self::MAX_RESPONSE_BYTES,
			)
		);
		return array(
			'body'      => self::decoded( $answer ),
			'proxyTime' => self::proxy_time( $answer ),
		);
	}

	/**
	 * Sends one signed GET request and writes the answer into a file, whatever its length.
	 *
	 * @param string $target Path with query below the proxy's address.
	 * @param string $file   Where to write; its folder exists.
	 * @throws Proxy_Error When the proxy cannot be reached or refuses.
	 */
	public function download( string $target, string $file ): void {
		$answer = $this->send(
			'GET',
			$target,
			'',
			array( 'Accept' => 'text/csv' ),
			array(
				'timeout' => self::FILE_SECONDS,
				'stream' => true,
				'filename' => $file,
			)
		);
		$status = (int) wp_remote_retrieve_response_code( $answer );
		if ( 200 !== $status ) {
			throw self::failure( $status, '', '', (int) wp_remote_retrieve_header( $answer, 'retry-after' ) );
		}
	}

	/**
	 * Sends one signed request.
	 *
	 * @param string                $method  GET, POST, PUT or DELETE.
	 * @param string                $target  Path with query below the proxy's address.
	 * @param string                $body    Body, empty for none.
	 * @param array<string, string> $headers Headers beside the signature.
	 * @param array<string, mixed>  $options Further arguments of wp_remote_request().
	 * @return array<string, mixed> What wp_remote_request() gave.
	 * @throws Proxy_Error When the proxy cannot be reached.
	 */
	private function send( string $method, string $target, string $body, array $headers, array $options ): array {
		$connection = $this->connection();
		$answer     = wp_remote_request(
			$connection->proxy_url . $target,
			array(
				'method'      => $method,
				'headers'     => $headers + Request_Signature::headers( $connection, $method, $target, $body, time(), bin2hex( random_bytes( 16 ) ) ),
				'body'        => $body,
				'redirection' => 0,
				'sslverify'   => true,
				'cookies'     => array(),
				'user-agent'  => 'Docent/' . VERSION,
			) + $options
		);
		if ( is_wp_error( $answer ) ) {
			throw new Proxy_Error(
				Proxy_Error::UNREACHABLE,
				sprintf(
					/* translators: 1: address of the proxy, 2: reason. */
					__( 'The proxy at %1$s could not be reached (%2$s). Check that it is running and that this server may connect to it.', 'docent' ),
					$connection->proxy_url,
					$answer->get_error_message()
				)
			);
		}
		return $answer;
	}

	private function connection(): Connection {
		try {
			$connection = $this->connections->load();
		} catch ( Invalid_Connection $error ) {
			throw new Proxy_Error( Proxy_Error::NOT_CONNECTED, $error->getMessage() );
		}
		if ( null === $connection ) {
			throw new Proxy_Error( Proxy_Error::NOT_CONNECTED, __( 'This site is not connected to a proxy yet. Paste the connection string under Settings → Docent.', 'docent' ) );
		}
		return $connection;
	}

	/**
	 * Encodes a body; text that is not valid UTF-8 is mended rather than refused.
	 *
	 * @param array<string, mixed> $data What to send.
	 */
	private static function encoded( array $data ): string {
		$json = wp_json_encode( $data, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE );
		if ( false === $json ) {
			throw new Proxy_Error( Proxy_Error::REFUSED, __( 'The content could not be written as JSON.', 'docent' ) );
		}
		return $json;
	}

	/**
	 * Reads the answer, or says why it cannot be used.
	 *
	 * @param array<string, mixed> $answer What wp_remote_request() gave.
	 * @return array<string, mixed>
	 */
	private static function decoded( array $answer ): array {
		$status = (int) wp_remote_retrieve_response_code( $answer );
		$body   = wp_remote_retrieve_body( $answer );
		$json   = '' === $body ? array() : json_decode( $body, true, 64 );
		if ( $status >= 200 && $status < 300 && is_array( $json ) ) {
			return $json;
		}
		$error   = is_array( $json ) && is_array( $json['error'] ?? null ) ? $json['error'] : array();
		$code    = is_string( $error['code'] ?? null ) ? $error['code'] : '';
		$message = is_string( $error['message'] ?? null ) ? sanitize_text_field( $error['message'] ) : '';
		throw self::failure( $status, $code, $message, (int) wp_remote_retrieve_header( $answer, 'retry-after' ) );
	}

	private static function failure( int $status, string $code, string $message, int $retry_after_seconds ): Proxy_Error {
		if ( $status >= 200 && $status < 400 ) {
			return new Proxy_Error( Proxy_Error::UNREADABLE, __( 'Something answered at the address of the proxy, but not as Docent does. Check the address in the connection string.', 'docent' ), $status );
		}
		$is_temporary = $status >= 500 || in_array( $status, array( 408, 425, 429 ), true );
		if ( '' === $message ) {
			/* translators: %d: HTTP status code. */
			$message = sprintf( __( 'The proxy answered with status %d.', 'docent' ), $status );
		}
		return new Proxy_Error( $is_temporary ? Proxy_Error::FAILED : Proxy_Error::REFUSED, $message, $status, $code, max( 0, min( HOUR_IN_SECONDS, $retry_after_seconds ) ) );
	}

	/**
	 * Reads the Date header.
	 *
	 * @param array<string, mixed> $answer What wp_remote_request() gave.
	 */
	private static function proxy_time( array $answer ): ?int {
		$date = wp_remote_retrieve_header( $answer, 'date' );
		$time = is_string( $date ) && '' !== $date ? strtotime( $date ) : false;
		return false === $time ? null : $time;
	}
}
