<?php
/**
 * Answers docent/v1/sync: starts and stops the full sync, tells how far it is, and moves it on while the settings page is open.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Hands each request to Full_Sync.
 *
 * @phpstan-import-type State from Sync_State
 */
final class Sync_Route {

	public function __construct( private readonly Full_Sync $sync, private readonly Connection_Store $connections ) {
	}

	/** Registers the routes. */
	public function register(): void {
		$route = static fn ( string $method, callable $callback ): array => array(
			'methods'             => $method,
			'callback'            => $callback,
			'permission_callback' => array( Admin_Permission::class, 'check' ),
		);
		register_rest_route(
			Plugin::REST_NAMESPACE,
			'/sync',
			array(
				$route( 'GET', static fn (): \WP_REST_Response => self::answer( Sync_State::read() ) ),
				$route( 'POST', fn (): \WP_REST_Response|\WP_Error => $this->when_connected( fn (): array => $this->sync->start() ) ),
				$route( 'DELETE', fn (): \WP_REST_Response => self::answer( $this->sync->stop() ) ),
			)
		);
		register_rest_route(
			Plugin::REST_NAMESPACE,
			'/sync/step',
			$route( 'POST', fn (): \WP_REST_Response|\WP_Error => $this->when_connected( fn (): array => $this->sync->step() ) )
		);
	}

	/**
	 * Does something for which a connection is needed.
	 *
	 * @param callable(): State $work What to do.
	 */
	private function when_connected( callable $work ): \WP_REST_Response|\WP_Error {
		if ( null === $this->connections->load_usable() ) {
			return new \WP_Error( 'docent_not_connected', __( 'This site is not connected to a proxy yet. Connect it first.', 'docent' ), array( 'status' => 409 ) );
		}
		if ( Off_Switch::is_off() ) {
			return new \WP_Error( 'docent_switched_off', __( 'AI is switched off for this site (WP_AI_SUPPORT or another plugin). Docent sends nothing until it is on again.', 'docent' ), array( 'status' => 409 ) );
		}
		return self::answer( $work() );
	}

	/**
	 * Shows of the state what the settings page needs.
	 *
	 * @param State $state State of the sync.
	 */
	private static function answer( array $state ): \WP_REST_Response {
		$time = static fn ( int $seconds ): ?string => 0 === $seconds ? null : gmdate( 'Y-m-d\TH:i:s\Z', $seconds );
		return new \WP_REST_Response(
			array(
				'status'     => $state['status'],
				'total'      => $state['total'],
				'sent'       => $state['sent'],
				'failed'     => $state['failed'],
				'startedAt'  => $time( $state['startedAt'] ),
				'finishedAt' => $time( $state['finishedAt'] ),
				'message'    => '' === $state['message'] ? null : $state['message'],
			)
		);
	}
}
