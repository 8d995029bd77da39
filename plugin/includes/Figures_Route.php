<?php
/**
 * Answers docent/v1/usage, /calls and /calls/export: what the proxy spent, on what, and how questions were answered.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Passes the proxy's figures through; the proxy checks what the filters mean, this side only their shape. */
final class Figures_Route {

	/** Filters of the call log, by name. All are optional. */
	private const FILTERS = array( 'from', 'to', 'model', 'tier', 'kind', 'cache', 'outcome', 'turnId' );

	private const MAX_PAGE = 200;

	/** The export that waits to be printed. */
	private string $file = '';

	public function __construct( private readonly Proxy_Client $proxy ) {
	}

	/** Registers the routes. */
	public function register(): void {
		$text  = array(
			'type'      => 'string',
			'maxLength' => 120,
		);
		$date  = array(
			'type'    => 'string',
			'pattern' => '^\d{4}-\d{2}-\d{2}$',
		);
		$usage = array(
			'from' => $date,
			'to'   => $date,
			'by'   => array(
				'type'    => 'string',
				'pattern' => '^(day|model|tier|kind|cache)(,(day|model|tier|kind|cache))*$',
			),
		);
		$calls = array_fill_keys( self::FILTERS, $text );
		$page  = array(
			'cursor' => array(
				'type'      => 'string',
				'maxLength' => 500,
			),
			'limit'  => array(
				'type'    => 'integer',
				'minimum' => 1,
				'maximum' => self::MAX_PAGE,
			),
		);
		$this->route( '/usage', array( $this, 'usage' ), $usage );
		$this->route( '/calls', array( $this, 'calls' ), $calls + $page );
		$this->route( '/calls/export', array( $this, 'export' ), $calls );
		add_filter( 'rest_pre_serve_request', array( $this, 'serve_file' ) );
	}

	/**
	 * Answers the sums.
	 *
	 * @param \WP_REST_Request<array<string, mixed>> $request Request.
	 */
	public function usage( \WP_REST_Request $request ): \WP_REST_Response|\WP_Error {
		return $this->pass( '/v1/site/usage', $request, array( 'from', 'to', 'by' ) );
	}

	/**
	 * Answers one page of the call log.
	 *
	 * @param \WP_REST_Request<array<string, mixed>> $request Request.
	 */
	public function calls( \WP_REST_Request $request ): \WP_REST_Response|\WP_Error {
		return $this->pass( '/v1/site/calls', $request, array( ...self::FILTERS, 'cursor', 'limit' ) );
	}

	/**
	 * Fetches the call log as a CSV file and hands it on; a log of any length takes no memory here.
	 *
	 * @param \WP_REST_Request<array<string, mixed>> $request Request.
	 */
	public function export( \WP_REST_Request $request ): \WP_REST_Response|\WP_Error {
		// Readable by this user of the server only, and removed however the request ends.
		$file = (string) tempnam( get_temp_dir(), 'docent-calls' );
		register_shutdown_function( 'wp_delete_file', $file );
		try {
			$this->proxy->download( self::target( '/v1/site/calls', $request, self::FILTERS, array( 'format' => 'csv' ) ), $file );
		} catch ( Proxy_Error $error ) {
			wp_delete_file( $file );
			return $error->to_wp_error();
		}
		$this->file = $file;
		return new \WP_REST_Response();
	}

	/**
	 * Prints the file of an export in place of JSON, and removes it.
	 *
	 * @param mixed $is_served Whether somebody has answered already.
	 */
	public function serve_file( mixed $is_served ): bool {
		if ( '' === $this->file || true === $is_served ) {
			return true === $is_served;
		}
		header( 'Content-Type: text/csv; charset=utf-8' );
		header( 'Content-Disposition: attachment; filename="docent-calls.csv"' );
		header( 'X-Content-Type-Options: nosniff' );
		readfile( $this->file ); // phpcs:ignore WordPress.WP.AlternativeFunctions.file_system_read_readfile -- Streams; WP_Filesystem would read the whole file into memory.
		wp_delete_file( $this->file );
		$this->file = '';
		return true;
	}

	/**
	 * Registers one readable route.
	 *
	 * @param non-falsy-string                    $path     Path below the namespace.
	 * @param callable                            $callback What answers.
	 * @param array<string, array<string, mixed>> $args     Schema of the query.
	 */
	private function route( string $path, callable $callback, array $args ): void {
		register_rest_route(
			Plugin::REST_NAMESPACE,
			$path,
			array(
				'methods'             => 'GET',
				'callback'            => $callback,
				'permission_callback' => array( Admin_Permission::class, 'check' ),
				'args'                => $args,
			)
		);
	}

	/**
	 * Asks the proxy.
	 *
	 * @param string                                 $path    Path at the proxy.
	 * @param \WP_REST_Request<array<string, mixed>> $request Request.
	 * @param list<string>                           $names   Parameters to hand on.
	 */
	private function pass( string $path, \WP_REST_Request $request, array $names ): \WP_REST_Response|\WP_Error {
		try {
			return new \WP_REST_Response( $this->proxy->request( 'GET', self::target( $path, $request, $names ) ) );
		} catch ( Proxy_Error $error ) {
			return $error->to_wp_error();
		}
	}

	/**
	 * Writes a path with the given parameters as its query.
	 *
	 * @param string                                 $path    Path at the proxy.
	 * @param \WP_REST_Request<array<string, mixed>> $request Request.
	 * @param list<string>                           $names   Parameters to hand on.
	 * @param array<string, string>                  $more    Further parameters.
	 */
	private static function target( string $path, \WP_REST_Request $request, array $names, array $more = array() ): string {
		$query = array_intersect_key( $request->get_query_params(), array_flip( $names ) );
		$query = array_filter( $query, static fn ( mixed $value ): bool => is_scalar( $value ) && '' !== (string) $value ) + $more;
		return array() === $query ? $path : $path . '?' . http_build_query( $query, '', '&', PHP_QUERY_RFC3986 );
	}
}
