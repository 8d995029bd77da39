<?php
/**
 * Knows where the proxy is and how this site proves itself to it; reads the one string that the owner pastes.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** The proxy's address, the site's id and the site's secret. The secret leaves only through secret(). */
final class Connection {

	private const EXAMPLE = 'docent+https://SITE_ID:SECRET@proxy.example.com';

	/**
	 * Use parse() or from_parts(), which check what they are given.
	 *
	 * @param string $proxy_url Address without a trailing slash, for example `https://proxy.example.com`.
	 * @param string $site_id   Name of this site at the proxy.
	 * @param string $secret    Shared secret of site and proxy.
	 */
	private function __construct(
		public readonly string $proxy_url,
		public readonly string $site_id,
		#[\SensitiveParameter]
		private readonly string $secret
	) {
	}

	/**
	 * Reads `docent+https://SITE_ID:SECRET@host[:port][/path]`.
	 *
	 * @param string $text What the owner pasted.
	 * @throws Invalid_Connection With a sentence that says what to mend.
	 */
	public static function parse( #[\SensitiveParameter] string $text ): self {
		$text = trim( $text );
		if ( '' === $text ) {
			throw new Invalid_Connection( __( 'Paste the connection string that your proxy gave you.', 'docent' ) );
		}
		if ( 1 !== preg_match( '#^docent\+(https?)://([^:@/]+):([^:@/]+)@([^@\s?\#]+)$#i', $text, $matches ) ) {
			throw new Invalid_Connection(
				sprintf(
					/* translators: %s: an example of a connection string. */
					__( 'This is not a connection string. It looks like %s, in one line.', 'docent' ),
					self::EXAMPLE
				)
			);
		}
		return self::from_parts( strtolower( $matches[1] ) . '://' . $matches[4], $matches[2], $matches[3] );
	}

	/**
	 * Puts a connection together from its three parts, as wp-config.php may give them.
	 *
	 * @param string $proxy_url Address of the proxy.
	 * @param string $site_id   3 to 64 small letters, digits and hyphens.
	 * @param string $secret    At least 32 letters, digits, hyphens and underscores.
	 * @throws Invalid_Connection With a sentence that says what to mend.
	 */
	public static function from_parts( string $proxy_url, string $site_id, #[\SensitiveParameter] string $secret ): self {
		$url = self::checked_url( $proxy_url );
		if ( 1 !== preg_match( '/^[a-z0-9-]{3,64}$/D', $site_id ) ) {
			throw new Invalid_Connection( __( 'The site id may hold 3 to 64 small letters, digits and hyphens. Copy the connection string again.', 'docent' ) );
		}
		if ( 1 !== preg_match( '/^[A-Za-z0-9_-]{32,512}$/D', $secret ) ) {
			throw new Invalid_Connection( __( 'The secret is too short or was cut off: it has at least 32 letters, digits, hyphens and underscores. Copy the connection string again.', 'docent' ) );
		}
		return new self( $url, $site_id, $secret );
	}

	/**
	 * Checks an address of the proxy: http(s), a host, nothing after the path, and encrypted unless it stays on this machine.
	 *
	 * @param string $url Address as given.
	 * @return string The address without a trailing slash.
	 * @throws Invalid_Connection With a sentence that says what to mend.
	 */
	public static function checked_url( string $url ): string {
		$parts = wp_parse_url( trim( $url ) );
		$host  = strtolower( (string) ( $parts['host'] ?? '' ) );
		$path  = rtrim( (string) ( $parts['path'] ?? '' ), '/' );
		if (
			! is_array( $parts ) || '' === $host || isset( $parts['user'] ) || isset( $parts['query'] ) || isset( $parts['fragment'] )
			|| 1 !== preg_match( '#^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$#D', $host ) || 1 !== preg_match( '#^[A-Za-z0-9._~/-]*$#D', $path )
		) {
			throw new Invalid_Connection( __( 'The address of the proxy is not complete. It looks like https://proxy.example.com.', 'docent' ) );
		}
		$scheme = strtolower( (string) ( $parts['scheme'] ?? '' ) );
		if ( 'https' !== $scheme && ! ( 'http' === $scheme && self::is_loopback( $host ) ) ) {
			throw new Invalid_Connection( __( 'The proxy must be reached over https. Plain http is accepted only on this machine (127.0.0.1 or localhost).', 'docent' ) );
		}
		$port = isset( $parts['port'] ) ? ':' . $parts['port'] : '';
		return $scheme . '://' . $host . $port . $path;
	}

	/** Gives the shared secret to whoever signs with it; must never reach an answer, a page or a log. */
	public function secret(): string {
		return $this->secret;
	}

	/**
	 * Keeps the secret out of var_dump(), error pages and logs.
	 *
	 * @return array<string, string>
	 */
	public function __debugInfo(): array {
		return array(
			'proxy_url' => $this->proxy_url,
			'site_id'   => $this->site_id,
		);
	}

	/**
	 * Keeps the secret out of anything that stores objects.
	 *
	 * @return array<string, mixed>
	 * @throws \LogicException Always.
	 */
	public function __serialize(): array {
		throw new \LogicException( 'A connection is not stored as an object.' );
	}

	private static function is_loopback( string $host ): bool {
		return 'localhost' === $host || '[::1]' === $host || 1 === preg_match( '/^127(?:\.\d{1,3}){3}$/D', $host );
	}
}
