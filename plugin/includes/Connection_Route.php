<?php
/**
 * Answers docent/v1/connection: connects the site, disconnects it, tests the connection.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Takes the pasted connection string; never gives it back. */
final class Connection_Route {

	public function __construct( private readonly Connection_Store $connections, private readonly Connection_Test $test, private readonly Settings_Route $settings, private readonly Full_Sync $sync, private readonly Proxy_Client $proxy ) {
	}

	/** Registers the routes. */
	public function register(): void {
		register_rest_route(
			Plugin::REST_NAMESPACE,
			'/connection',
			array(
				array(
					'methods'             => 'PUT',
					'callback'            => array( $this, 'connect' ),
					'permission_callback' => array( Admin_Permission::class, 'check' ),
					'args'                => array(
						'connection' => array(
							'description' => __( 'The connection string of the proxy.', 'docent' ),
							'type'        => 'string',
							'required'    => true,
							'maxLength'   => 2048,
						),
					),
				),
				array(
					'methods'             => 'DELETE',
					'callback'            => array( $this, 'disconnect' ),
					'permission_callback' => array( Admin_Permission::class, 'check' ),
				),
			)
		);
		register_rest_route(
			Plugin::REST_NAMESPACE,
			'/connection/test',
			array(
				'methods'             => 'POST',
				'callback'            => fn (): \WP_REST_Response => new \WP_REST_Response( array( 'checks' => $this->test->run() ) ),
				'permission_callback' => array( Admin_Permission::class, 'check' ),
			)
		);
	}

	/**
	 * Keeps the connection that the owner pasted.
	 *
	 * @param \WP_REST_Request<array<string, mixed>> $request Request with `connection`.
	 */
	public function connect( \WP_REST_Request $request ): \WP_REST_Response|\WP_Error {
		if ( Connection_Store::has_constants() ) {
			return self::set_by_constant();
		}
		try {
			$connection = Connection::parse( (string) $request['connection'] );
		} catch ( Invalid_Connection $error ) {
			return new \WP_Error( 'docent_invalid_connection', $error->getMessage(), array( 'status' => 400 ) );
		}
		$earlier = $this->connections->load_usable();
		if ( null === $earlier || $earlier->proxy_url !== $connection->proxy_url || $earlier->site_id !== $connection->site_id ) {
			$this->sync->reset();
		}
		$this->connections->save( $connection );
		Assistant_View::refresh();
		Sync_Queue::wake();
		$this->tell_time_zone();
		return new \WP_REST_Response( $this->settings->everything() );
	}

	/** Forgets the connection; what the proxy knows of the site stays there until its operator removes the site. */
	public function disconnect(): \WP_REST_Response|\WP_Error {
		if ( Connection_Store::has_constants() ) {
			return self::set_by_constant();
		}
		$this->sync->stop();
		$this->connections->forget();
		Assistant_View::refresh();
		return new \WP_REST_Response( $this->settings->everything() );
	}

	/** Lets the proxy's days begin at the site's midnight. If it cannot be told now, the limits still hold, by another midnight. */
	private function tell_time_zone(): void {
		try {
			$this->proxy->request(
				'PUT',
				'/v1/site/settings',
				array(
					'assistant' => array( 'language' => Language::tag( get_locale() ) ),
					'limits'    => array( 'timeZone' => wp_timezone_string() ),
				)
			);
		} catch ( Proxy_Error ) {
			return;
		}
	}

	private static function set_by_constant(): \WP_Error {
		return new \WP_Error( 'docent_connection_constant', __( 'The connection is set in wp-config.php. Change it there.', 'docent' ), array( 'status' => 409 ) );
	}
}
