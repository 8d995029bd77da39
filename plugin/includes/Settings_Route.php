<?php
/**
 * Answers docent/v1/settings: the choices kept on this site together with those kept at the proxy.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Reads and changes settings. The site's secret is in none of its answers. */
final class Settings_Route {

	public function __construct( private readonly Connection_Store $connections, private readonly Proxy_Client $proxy ) {
	}

	/** Registers the route. */
	public function register(): void {
		register_rest_route(
			Plugin::REST_NAMESPACE,
			'/settings',
			array(
				array(
					'methods'             => 'GET',
					'callback'            => fn (): \WP_REST_Response => new \WP_REST_Response( $this->everything() ),
					'permission_callback' => array( Admin_Permission::class, 'check' ),
				),
				array(
					'methods'             => 'PUT',
					'callback'            => array( $this, 'change' ),
					'permission_callback' => array( Admin_Permission::class, 'check' ),
					'args'                => Settings_Schema::args(),
				),
			)
		);
	}

	/**
	 * Saves the given part. What belongs to the proxy goes first, so that nothing is half saved when the proxy cannot take it.
	 *
	 * @param \WP_REST_Request<array<string, mixed>> $request Any part of the settings.
	 */
	public function change( \WP_REST_Request $request ): \WP_REST_Response|\WP_Error {
		$assistant  = (array) ( $request['assistant'] ?? array() );
		$launcher   = (array) ( $request['launcher'] ?? array() );
		$read_aloud = (array) ( $request['readAloud'] ?? array() );
		$local      = array();
		if ( isset( $assistant['name'] ) ) {
			$local['assistantName'] = $assistant['name'];
		}
		if ( isset( $launcher['isEnabled'] ) ) {
			$local['launcherIsEnabled'] = $launcher['isEnabled'];
		}
		if ( isset( $launcher['position'] ) ) {
			$local['launcherPosition'] = $launcher['position'];
		}
		if ( isset( $read_aloud['isMadeAhead'] ) ) {
			$local['speechIsMadeAhead'] = $read_aloud['isMadeAhead'];
		}
		if ( isset( $request['contentTypes'] ) ) {
			$local['contentTypes'] = array_values( array_intersect( (array) $request['contentTypes'], array_keys( Settings::eligible_content_types() ) ) );
		}

		try {
			$remote = $this->change_remote( Remote_Settings::patch( $request->get_params() ) );
		} catch ( Proxy_Error $error ) {
			return $error->to_wp_error();
		}
		if ( array() !== $local ) {
			Settings::change( $local );
		}
		return new \WP_REST_Response( $this->everything( $remote ) );
	}

	/**
	 * Puts together what the settings page shows.
	 *
	 * @param array<string, mixed>|null $remote The proxy's settings if they were just answered.
	 * @return array<string, mixed>
	 */
	public function everything( ?array $remote = null ): array {
		$settings = Settings::all();
		$error    = '';
		if ( ! isset( $remote['limits'] ) ) {
			try {
				$remote = $this->proxy->request( 'GET', '/v1/site/settings' );
			} catch ( Proxy_Error $failure ) {
				$remote = array();
				$error  = $failure->getMessage();
			}
		}
		Assistant_View::note_settings( $remote );
		$kept   = Remote_Settings::shown( $remote );
		$answer = array(
			'connection'   => self::connection_summary( $this->connections ),
			'assistant'    => array(
				'name'         => $settings['assistantName'],
				'instructions' => $kept['instructions'],
			),
			'contentTypes' => self::content_types(),
			'launcher'     => array(
				'isEnabled' => $settings['launcherIsEnabled'],
				'position'  => $settings['launcherPosition'],
			),
			'limits'       => $kept['limits'],
			'rateLimits'   => $kept['rateLimits'],
			'retention'    => $kept['retention'],
			'routing'      => $kept['routing'],
			'voice'        => $kept['voice'],
			'readAloud'    => array( 'isMadeAhead' => $settings['speechIsMadeAhead'] ),
		);
		if ( '' !== $error ) {
			$answer['limitsError'] = $error;
		}
		return $answer;
	}

	/**
	 * Says how the site is connected, without the secret.
	 *
	 * @param Connection_Store $connections Where the connection is kept.
	 * @return array{ isConnected: bool, source: string, proxyUrl: string, siteId: string, error?: string }
	 */
	private static function connection_summary( Connection_Store $connections ): array {
		$summary = array(
			'isConnected' => false,
			'source'      => $connections->source(),
			'proxyUrl'    => '',
			'siteId'      => '',
		);
		try {
			$connection = $connections->load();
		} catch ( Invalid_Connection $error ) {
			return array_merge( $summary, array( 'error' => $error->getMessage() ) );
		}
		if ( null !== $connection ) {
			$summary['isConnected'] = true;
			$summary['proxyUrl']    = $connection->proxy_url;
			$summary['siteId']      = $connection->site_id;
		}
		return $summary;
	}

	/**
	 * Lists the content types the owner may choose.
	 *
	 * @return list<array{ name: string, label: string, count: int, isSelected: bool }>
	 */
	private static function content_types(): array {
		$selected = Public_Content::types();
		$types    = array();
		foreach ( Settings::eligible_content_types() as $name => $type ) {
			$types[] = array(
				'name'       => $name,
				'label'      => (string) $type->labels->name,
				'count'      => (int) ( wp_count_posts( $name )->publish ?? 0 ),
				'isSelected' => in_array( $name, $selected, true ),
			);
		}
		return $types;
	}

	/**
	 * Sends the proxy its part of a change.
	 *
	 * @param array<string, array<string, mixed>> $patch What Remote_Settings made of the change.
	 * @return array<string, mixed>|null The proxy's settings after it, null when nothing was for the proxy.
	 * @throws Proxy_Error When the proxy did not take it.
	 */
	private function change_remote( array $patch ): ?array {
		// A name alone is also kept here; before the site is connected there is nobody to tell.
		$is_name_alone = array( 'assistant' ) === array_keys( $patch ) && array( 'name' ) === array_keys( $patch['assistant'] );
		if ( array() === $patch || ( $is_name_alone && null === $this->connections->load_usable() ) ) {
			return null;
		}
		return $this->proxy->request( 'PUT', '/v1/site/settings', $patch );
	}
}
