<?php
/**
 * Answers docent/v1/usage: what the proxy spent and answered.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Passes the proxy's figures through. */
final class Usage_Route {

	public function __construct( private readonly Proxy_Client $proxy ) {
	}

	/** Registers the route. */
	public function register(): void {
		register_rest_route(
			Plugin::REST_NAMESPACE,
			'/usage',
			array(
				'methods'             => 'GET',
				'callback'            => array( $this, 'answer' ),
				'permission_callback' => array( Admin_Permission::class, 'check' ),
			)
		);
	}

	/** Asks the proxy. */
	public function answer(): \WP_REST_Response|\WP_Error {
		try {
			return new \WP_REST_Response( $this->proxy->request( 'GET', '/v1/site/usage' ) );
		} catch ( Proxy_Error $error ) {
			return $error->to_wp_error();
		}
	}
}
