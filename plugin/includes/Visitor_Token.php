<?php
/**
 * Issues and reads the short-lived token with which a visitor's browser speaks to the proxy: a JWT signed with HS256.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Signs and verifies visitor tokens of one site. */
final class Visitor_Token {

	public const LIFETIME_SECONDS = 15 * MINUTE_IN_SECONDS;
	public const RENEWAL_SECONDS  = DAY_IN_SECONDS;
	public const MODALITIES       = array( 'text', 'voice', 'image' );

	private const AUDIENCE  = 'docent';
	private const MAX_BYTES = 4096;

	public function __construct( private readonly Connection $connection ) {
	}

	/** Makes a visitor id nobody can guess: 128 random bits as 32 hexadecimal digits. */
	public static function new_visitor_id(): string {
		return bin2hex( random_bytes( 16 ) );
	}

	/**
	 * Signs a token.
	 *
	 * @param string       $visitor_id 32 hexadecimal digits.
	 * @param string       $origin     Origin of the page, for example `https://example.com`.
	 * @param list<string> $consent    What the visitor agreed to, of MODALITIES.
	 * @param string|null  $user       Pseudonym of a signed-in person.
	 * @param int          $now        Unix seconds.
	 * @return array{ token: string, expiresAt: int }
	 */
	public function issue( string $visitor_id, string $origin, array $consent, ?string $user, int $now ): array {
		$expires_at = $now + self::LIFETIME_SECONDS;
		$claims     = array(
			'iss'     => $this->connection->site_id,
			'sub'     => $visitor_id,
			'aud'     => self::AUDIENCE,
			'iat'     => $now,
			'exp'     => $expires_at,
			'origin'  => $origin,
			'consent' => array_values( array_intersect( self::MODALITIES, $consent ) ),
		);
		if ( null !== $user ) {
			$claims['user'] = $user;
		}
		$signed = self::encoded(
			array(
				'alg' => 'HS256',
				'typ' => 'JWT',
			)
		) . '.' . self::encoded( $claims );
		return array(
			'token'     => $signed . '.' . $this->signature( $signed ),
			'expiresAt' => $expires_at,
		);
	}

	/**
	 * Reads the visitor and user of an earlier token of this site, so that a conversation goes on with a new one.
	 * A token may be renewed until a day after it expired.
	 *
	 * @param string $token Token as the browser kept it.
	 * @param int    $now   Unix seconds.
	 * @return array{ visitorId: string, user: string|null }|null Null when the token is not ours, was changed or is too old.
	 */
	public function renewable( string $token, int $now ): ?array {
		$parts = strlen( $token ) <= self::MAX_BYTES ? explode( '.', $token ) : array();
		if ( 3 !== count( $parts ) || ! hash_equals( $this->signature( $parts[0] . '.' . $parts[1] ), $parts[2] ) ) {
			return null;
		}
		$header     = self::decoded( $parts[0] );
		$claims     = self::decoded( $parts[1] );
		$visitor_id = $claims['sub'] ?? null;
		$expires_at = $claims['exp'] ?? null;
		$user       = $claims['user'] ?? null;
		if (
			'HS256' !== ( $header['alg'] ?? null )
			|| ! hash_equals( $this->connection->site_id, (string) ( $claims['iss'] ?? '' ) )
			|| self::AUDIENCE !== ( $claims['aud'] ?? null )
			|| ! is_string( $visitor_id ) || 1 !== preg_match( '/^[0-9a-f]{32}$/D', $visitor_id )
			|| ! is_int( $expires_at ) || self::RENEWAL_SECONDS < $now - $expires_at
		) {
			return null;
		}
		return array(
			'visitorId' => $visitor_id,
			'user'      => is_string( $user ) ? $user : null,
		);
	}

	private function signature( string $signed ): string {
		return self::base64url( hash_hmac( 'sha256', $signed, $this->connection->secret(), true ) );
	}

	/**
	 * Writes a part of the token.
	 *
	 * @param array<string, mixed> $part Header or claims.
	 */
	private static function encoded( array $part ): string {
		return self::base64url( (string) wp_json_encode( $part, JSON_UNESCAPED_SLASHES ) );
	}

	/**
	 * Reads a part of the token.
	 *
	 * @param string $part Header or claims.
	 * @return array<string, mixed>
	 */
	private static function decoded( string $part ): array {
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions.obfuscation_base64_decode -- A JWT is base64url by its definition (RFC 7519).
		$json = base64_decode( strtr( $part, '-_', '+/' ), true );
		$data = false === $json ? null : json_decode( $json, true, 8 );
		return is_array( $data ) ? $data : array();
	}

	private static function base64url( string $bytes ): string {
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions.obfuscation_base64_encode -- A JWT is base64url by its definition (RFC 7519).
		return rtrim( strtr( base64_encode( $bytes ), '+/', '-_' ), '=' );
	}
}
