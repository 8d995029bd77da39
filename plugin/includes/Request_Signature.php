<?php
/**
 * Signs a request of this site to the proxy, so that the proxy knows who sent it and that nobody changed or repeats it.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Makes the four X-Docent headers of a signed request. */
final class Request_Signature {

	/**
	 * Signs `METHOD \n path?query \n hex(sha256(body)) \n timestamp \n nonce` with the site's secret.
	 *
	 * @param Connection $connection Who signs.
	 * @param string     $method     Upper-case HTTP method.
	 * @param string     $target     Path with query as the proxy sees it, for example `/v1/site/usage`.
	 * @param string     $body       Raw body, empty when there is none.
	 * @param int        $timestamp  Unix seconds.
	 * @param string     $nonce      Used once.
	 * @return array<string, string> Header names and values.
	 */
	public static function headers( Connection $connection, string $method, string $target, string $body, int $timestamp, string $nonce ): array {
		$message = implode( "\n", array( $method, $target, hash( 'sha256', $body ), (string) $timestamp, $nonce ) );
		return array(
			'X-Docent-Site'      => $connection->site_id,
			'X-Docent-Timestamp' => (string) $timestamp,
			'X-Docent-Nonce'     => $nonce,
			'X-Docent-Signature' => 'v1=' . hash_hmac( 'sha256', $message, $connection->secret() ),
		);
	}
}
