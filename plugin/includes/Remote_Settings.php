<?php
/**
 * Knows the settings that the proxy keeps: what of a change goes there, and what of its answer the settings page shows.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Keeps nothing itself.
 *
 * @phpstan-type Shown array{ instructions: string, limits: array<string, int|float>, rateLimits: array<string, int>, retention: array<string, int>, routing: array<string, mixed>|null, voice: array<mixed>|null }
 */
final class Remote_Settings {

	/** What holds at a proxy that does not say otherwise. */
	private const USUAL_SOFT_SHARE  = 0.8;
	private const USUAL_IMAGES_DAY  = 200;
	private const USUAL_RATE_LIMITS = array(
		'visitorPerMinute' => 20,
		'addressPerMinute' => 60,
		'sitePerMinute'    => 600,
	);

	/**
	 * Prepares what of a change is for the proxy.
	 *
	 * @param array<string, mixed> $changes Any part of the settings, of the shape of Settings_Schema.
	 * @return array<string, array<string, mixed>> By section of the proxy's settings; empty when nothing is for the proxy.
	 */
	public static function patch( array $changes ): array {
		$part      = static fn ( string $name ): array => (array) ( $changes[ $name ] ?? array() );
		$assistant = array_intersect_key( $part( 'assistant' ), array_flip( array( 'name', 'instructions' ) ) );
		if ( isset( $assistant['name'] ) && '' === trim( (string) $assistant['name'] ) ) {
			$assistant['name'] = __( 'Assistant', 'docent' );
		}
		$patch = array_filter(
			array(
				'assistant'  => $assistant,
				'limits'     => array_intersect_key( $part( 'limits' ), array_flip( Settings_Schema::LIMITS ) ),
				'rateLimits' => array_intersect_key( $part( 'rateLimits' ), array_flip( Settings_Schema::RATE_LIMITS ) ),
				'retention'  => array_intersect_key( $part( 'retention' ), array_flip( array( 'conversationHours', 'callDays' ) ) ),
				'routing'    => Routing_Settings::patch( $part( 'routing' ) ),
			)
		);
		foreach ( Voice_Settings::patch( $part( 'voice' ) ) as $section => $values ) {
			$patch[ $section ] = array_merge( $patch[ $section ] ?? array(), $values );
		}
		if ( isset( $patch['limits'] ) ) {
			// A day of the limit is a day of the site.
			$patch['limits']['timeZone'] = wp_timezone_string();
		}
		return $patch;
	}

	/**
	 * Reads what the proxy answered, complete.
	 *
	 * @param array<string, mixed> $answer The proxy's settings; empty when it could not be asked.
	 * @return Shown
	 */
	public static function shown( array $answer ): array {
		$limits = array();
		foreach ( Settings_Schema::MONEY_LIMITS as $name ) {
			$limits[ $name ] = (int) ( $answer['limits'][ $name ] ?? 0 );
		}
		$limits['softShare'] = (float) ( $answer['limits']['softShare'] ?? self::USUAL_SOFT_SHARE );
		$limits['imagesDay'] = (int) ( $answer['limits']['imagesDay'] ?? self::USUAL_IMAGES_DAY );
		$rate_limits         = array();
		foreach ( Settings_Schema::RATE_LIMITS as $name ) {
			$rate_limits[ $name ] = (int) ( $answer['rateLimits'][ $name ] ?? self::USUAL_RATE_LIMITS[ $name ] );
		}
		return array(
			'instructions' => (string) ( $answer['assistant']['instructions'] ?? '' ),
			'limits'       => $limits,
			'rateLimits'   => $rate_limits,
			'retention'    => array(
				'conversationHours' => (int) ( $answer['retention']['conversationHours'] ?? Assistant_View::config()['retentionHours'] ),
				'callDays'          => (int) ( $answer['retention']['callDays'] ?? Assistant_View::call_days() ),
			),
			'routing'      => Routing_Settings::shown( $answer['routing'] ?? null ),
			'voice'        => Voice_Settings::shown( $answer ),
		);
	}
}
