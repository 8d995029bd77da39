<?php
/**
 * Owns the option `docent_view`: what a page may print about the assistant, prepared beforehand so that no page asks the database.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Holds nothing secret and nothing that differs from visitor to visitor: pages with it may be cached.
 *
 * @phpstan-import-type Voice from Voice_View
 */
final class Assistant_View {

	public const OPTION                  = 'docent_view';
	public const EVENT                   = 'docent_view';
	public const DEFAULT_RETENTION_HOURS = 24;
	public const DEFAULT_CALL_DAYS       = 90;

	/**
	 * Returns what a block or the launcher may print. A worklet's address is `workletUrl + name + '.js?ver=' + workletVersion`.
	 * `voice.isOffered` says whether a microphone may be shown; it is false without a connection.
	 *
	 * @return array{ tokenUrl: string, proxyUrl: string, assistantName: string, siteName: string, locale: string, privacyUrl: string, isConnected: bool, retentionHours: int, launcherPosition: 'end'|'start', workletUrl: string, workletVersion: string, voice: Voice }
	 */
	public static function config(): array {
		$stored       = self::stored();
		$settings     = Settings::all();
		$url          = self::public_url( Connection_Store::has_constants() ? self::connected_url() : $stored['proxyUrl'] );
		$is_connected = '' !== $url && ! Off_Switch::is_off();
		return array(
			'tokenUrl'         => rest_url( Plugin::REST_NAMESPACE . '/token' ),
			'proxyUrl'         => $url,
			'assistantName'    => '' === $settings['assistantName'] ? __( 'Assistant', 'docent' ) : $settings['assistantName'],
			'siteName'         => wp_specialchars_decode( (string) get_option( 'blogname' ), ENT_QUOTES ),
			'locale'           => Language::tag( get_locale() ),
			'privacyUrl'       => $stored['privacyUrl'],
			'isConnected'      => $is_connected,
			'retentionHours'   => $stored['retentionHours'],
			'launcherPosition' => $settings['launcherPosition'],
			'workletUrl'       => plugins_url( 'build/worklets/', PLUGIN_FILE ),
			'workletVersion'   => VERSION,
			'voice'            => array_merge( $stored['voice'], array( 'isOffered' => $is_connected && $stored['voice']['isOffered'] ) ),
		);
	}

	/** Says whether the site is connected, from what every page has loaded anyway. */
	public static function is_connected(): bool {
		return '' !== ( Connection_Store::has_constants() ? self::connected_url() : self::stored()['proxyUrl'] );
	}

	/** Says whether what pages may print was never written down, or by a version that knew less. */
	public static function is_incomplete(): bool {
		$stored = get_option( self::OPTION );
		return ! is_array( $stored ) || ! isset( $stored['voice'] );
	}

	/** Returns for how many days the proxy keeps its log of calls. */
	public static function call_days(): int {
		return self::stored()['callDays'];
	}

	/** Writes down afresh what pages print, after the connection, the privacy page or the site's addresses changed. */
	public static function refresh(): void {
		self::write( array() );
	}

	/**
	 * Notes how long the proxy keeps what, and what it offers of voice, as it last told.
	 *
	 * @param array<string, mixed> $answer The proxy's settings; without limits it is no such answer, and nothing is noted.
	 */
	public static function note_settings( array $answer ): void {
		if ( ! is_array( $answer['limits'] ?? null ) ) {
			return;
		}
		$hours = $answer['retention']['conversationHours'] ?? null;
		$days  = $answer['retention']['callDays'] ?? null;
		self::write( array( 'voice' => Voice_View::of_settings( $answer ) ) + ( is_int( $hours ) ? array( 'retentionHours' => $hours ) : array() ) + ( is_int( $days ) ? array( 'callDays' => $days ) : array() ) );
	}

	/**
	 * Notes the same after asking the proxy: its operator may have changed settings there, or a key came or went. Runs in the background.
	 *
	 * @param Proxy_Client $proxy The proxy.
	 */
	public static function ask( Proxy_Client $proxy ): void {
		if ( Off_Switch::is_off() || ! self::is_connected() ) {
			return;
		}
		try {
			self::note_settings( $proxy->request( 'GET', '/v1/site/settings' ) );
		} catch ( Proxy_Error ) {
			// What was last told still stands.
			return;
		}
	}

	/**
	 * Writes what changed, if anything did.
	 *
	 * @param array{ retentionHours?: int, callDays?: int, voice?: Voice } $changes Values that refresh() cannot find out itself.
	 */
	private static function write( array $changes ): void {
		$next = array_merge(
			self::stored(),
			array(
				'proxyUrl'   => self::connected_url(),
				'privacyUrl' => get_privacy_policy_url(),
			),
			$changes
		);
		update_option( self::OPTION, $next, true );
	}

	/** Returns the address of the proxy, empty without a usable connection. */
	private static function connected_url(): string {
		return ( new Connection_Store() )->load_usable()->proxy_url ?? '';
	}

	/**
	 * Returns the address at which browsers reach the proxy.
	 *
	 * @param string $url Address at which this server reaches it, empty without a connection.
	 */
	private static function public_url( string $url ): string {
		if ( '' === $url || ! defined( 'DOCENT_PROXY_PUBLIC_URL' ) ) {
			return $url;
		}
		try {
			return Connection::checked_url( (string) constant( 'DOCENT_PROXY_PUBLIC_URL' ) );
		} catch ( Invalid_Connection ) {
			return '';
		}
	}

	/**
	 * Reads the option, complete.
	 *
	 * @return array{ proxyUrl: string, privacyUrl: string, retentionHours: int, callDays: int, voice: Voice }
	 */
	private static function stored(): array {
		$stored = get_option( self::OPTION );
		$stored = is_array( $stored ) ? $stored : array();
		$hours  = $stored['retentionHours'] ?? null;
		$days   = $stored['callDays'] ?? null;
		return array(
			'proxyUrl'       => is_string( $stored['proxyUrl'] ?? null ) ? $stored['proxyUrl'] : '',
			'privacyUrl'     => is_string( $stored['privacyUrl'] ?? null ) ? $stored['privacyUrl'] : '',
			'retentionHours' => is_int( $hours ) && $hours >= 0 ? $hours : self::DEFAULT_RETENTION_HOURS,
			'callDays'       => is_int( $days ) && $days > 0 ? $days : self::DEFAULT_CALL_DAYS,
			'voice'          => Voice_View::complete( $stored['voice'] ?? null ),
		);
	}
}
