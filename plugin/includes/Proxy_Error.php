<?php
/**
 * Says how a call to the proxy failed, in words for the owner and in a form the sync can act on.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Thrown by Proxy_Client. Never holds a secret: its message may be shown to the owner and logged. */
final class Proxy_Error extends \RuntimeException {

	public const NOT_CONNECTED = 'not_connected';
	public const UNREACHABLE   = 'unreachable';
	public const REFUSED       = 'refused';
	public const FAILED        = 'failed';
	public const UNREADABLE    = 'unreadable';

	/**
	 * Describes one failure.
	 *
	 * @param string $kind                NOT_CONNECTED, UNREACHABLE (no answer), REFUSED (4xx), FAILED (5xx, too many requests) or UNREADABLE.
	 * @param string $message             What happened and what to do.
	 * @param int    $status              HTTP status, 0 when there was no answer.
	 * @param string $proxy_code          The proxy's own code, empty when it gave none.
	 * @param int    $retry_after_seconds How long the proxy asked to wait, 0 when it did not.
	 */
	public function __construct(
		public readonly string $kind,
		string $message,
		public readonly int $status = 0,
		public readonly string $proxy_code = '',
		public readonly int $retry_after_seconds = 0
	) {
		parent::__construct( $message );
	}

	/** Says whether the same request may succeed later. */
	public function is_retryable(): bool {
		return in_array( $this->kind, array( self::UNREACHABLE, self::FAILED, self::UNREADABLE ), true );
	}

	/** Turns the failure into what a REST route of WordPress answers. */
	public function to_wp_error(): \WP_Error {
		$status = self::NOT_CONNECTED === $this->kind ? 409 : 502;
		return new \WP_Error( 'docent_proxy_' . $this->kind, $this->getMessage(), array( 'status' => $status ) );
	}
}
