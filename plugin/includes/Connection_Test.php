<?php
/**
 * Tries the connection to the proxy from end to end and says what is wrong and how to mend it.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Turns one signed request into a list of checks.
 *
 * @phpstan-type Check array{ id: string, status: 'ok'|'warning'|'error', message: string, remedy?: string, occasion?: string }
 */
final class Connection_Test {

	private const WARN_SECONDS  = 30;
	private const LIMIT_SECONDS = 300;

	public function __construct( private readonly Proxy_Client $proxy ) {
	}

	/**
	 * Asks the proxy for its health, signed.
	 *
	 * @return list<Check>
	 */
	public function run(): array {
		try {
			$answer = $this->proxy->exchange( 'GET', '/v1/site/health', null, Proxy_Client::TEST_SECONDS );
		} catch ( Proxy_Error $error ) {
			return self::after( $error );
		}
		$checks = array(
			self::check( 'reachable', 'ok', __( 'The proxy answers.', 'docent' ) ),
			self::check( 'signed', 'ok', __( 'The proxy accepts this site’s signature.', 'docent' ) ),
		);
		if ( null !== $answer['proxyTime'] ) {
			$checks[] = self::clock( abs( time() - $answer['proxyTime'] ) );
		}
		return array( ...$checks, ...self::reported( (array) ( $answer['body']['checks'] ?? array() ), array_column( $checks, 'id' ) ) );
	}

	/**
	 * Says what a failed request shows.
	 *
	 * @param Proxy_Error $error The failure.
	 * @return list<Check>
	 */
	private static function after( Proxy_Error $error ): array {
		if ( Proxy_Error::NOT_CONNECTED === $error->kind || 0 === $error->status ) {
			$remedy = Proxy_Error::NOT_CONNECTED === $error->kind ? '' : __( 'Look whether the proxy runs at this address, and whether a firewall or WP_HTTP_BLOCK_EXTERNAL in wp-config.php keeps this server from connecting to it.', 'docent' );
			return array( self::check( 'reachable', 'error', $error->getMessage(), $remedy ) );
		}
		if ( Proxy_Error::UNREADABLE === $error->kind || 404 === $error->status ) {
			return array( self::check( 'reachable', 'error', __( 'Something answers at this address, but it is not the Docent proxy.', 'docent' ), __( 'Compare the address with the one your proxy prints when it starts.', 'docent' ) ) );
		}
		$reachable = self::check( 'reachable', 'ok', __( 'The proxy answers.', 'docent' ) );
		if ( 'signature_expired' === $error->proxy_code ) {
			return array( $reachable, self::clock( self::LIMIT_SECONDS + 1 ) );
		}
		if ( in_array( $error->status, array( 401, 403 ), true ) ) {
			return array(
				$reachable,
				self::check( 'signed', 'error', __( 'The proxy does not accept this site’s signature.', 'docent' ), __( 'The site id or the secret differs. Copy the connection string from the proxy again and paste it here.', 'docent' ) ),
			);
		}
		return array( $reachable, self::check( 'signed', 'error', $error->getMessage(), __( 'Try again in a minute; if it stays, look into the log of the proxy.', 'docent' ) ) );
	}

	/**
	 * Judges how far the two clocks are apart.
	 *
	 * @param int $seconds Difference.
	 * @return Check
	 */
	private static function clock( int $seconds ): array {
		if ( $seconds <= self::WARN_SECONDS ) {
			return self::check( 'clock', 'ok', __( 'The clocks of both servers agree.', 'docent' ) );
		}
		$remedy = __( 'Set the clock of both servers by NTP. Signatures are accepted for five minutes only.', 'docent' );
		if ( $seconds > self::LIMIT_SECONDS ) {
			return self::check( 'clock', 'error', __( 'The clocks of this server and of the proxy differ by more than five minutes.', 'docent' ), $remedy );
		}
		/* translators: %d: number of seconds. */
		return self::check( 'clock', 'warning', sprintf( _n( 'The clocks of this server and of the proxy differ by %d second.', 'The clocks of this server and of the proxy differ by %d seconds.', $seconds, 'docent' ), $seconds ), $remedy );
	}

	/**
	 * Takes over the checks the proxy made of itself, as plain text.
	 *
	 * @param array<mixed> $entries What the proxy answered.
	 * @param list<string> $known   Ids of checks that were made from here, where both sides are seen.
	 * @return list<Check>
	 */
	private static function reported( array $entries, array $known ): array {
		$checks = array();
		foreach ( $entries as $entry ) {
			$id     = is_array( $entry ) ? sanitize_key( (string) ( $entry['id'] ?? '' ) ) : '';
			$status = is_array( $entry ) ? ( $entry['status'] ?? '' ) : '';
			if ( '' === $id || in_array( $id, $known, true ) || ! in_array( $status, array( 'ok', 'warning', 'error' ), true ) ) {
				continue;
			}
			$check    = self::check( $id, $status, sanitize_text_field( (string) ( $entry['message'] ?? '' ) ), sanitize_text_field( (string) ( $entry['remedy'] ?? '' ) ) );
			$occasion = substr( sanitize_text_field( (string) ( $entry['occasion'] ?? '' ) ), 0, 120 );
			$checks[] = '' === $occasion ? $check : array_merge( $check, array( 'occasion' => $occasion ) );
		}
		return $checks;
	}

	/**
	 * Makes one check.
	 *
	 * @param string                 $id      What was checked.
	 * @param 'ok'|'warning'|'error' $status  How it is.
	 * @param string                 $message What was found.
	 * @param string                 $remedy  What to do, empty when nothing.
	 * @return Check
	 */
	private static function check( string $id, string $status, string $message, string $remedy = '' ): array {
		$check = array(
			'id'      => $id,
			'status'  => $status,
			'message' => $message,
		);
		if ( '' !== $remedy ) {
			$check['remedy'] = $remedy;
		}
		return $check;
	}
}
