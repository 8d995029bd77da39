<?php
/**
 * Describes what `PUT docent/v1/settings` takes.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Holds the JSON schemas of the settings. */
final class Settings_Schema {

	/** Limits in nano-dollars. */
	public const MONEY_LIMITS = array( 'siteDayNanoUsd', 'siteMonthNanoUsd', 'visitorDayNanoUsd' );

	/** All limits that the owner sets here, but for that of voice, which is set with the voice. */
	public const LIMITS = array( ...self::MONEY_LIMITS, 'softShare', 'imagesDay' );

	/** Questions a minute. */
	public const RATE_LIMITS = array( 'visitorPerMinute', 'addressPerMinute', 'sitePerMinute' );

	/** Also the most that the proxy takes: a million dollars. */
	private const MAX_NANO_USD = 1_000_000_000_000_000;

	/**
	 * Returns the arguments of the route.
	 *
	 * @return array<string, array<string, mixed>>
	 */
	public static function args(): array {
		return array(
			'assistant'    => self::an_object(
				array(
					'name'         => array(
						'type'      => 'string',
						'maxLength' => Settings::MAX_NAME_CHARACTERS,
					),
					'instructions' => array(
						'type'      => 'string',
						'maxLength' => 4000,
					),
				)
			),
			'contentTypes' => array(
				'type'     => 'array',
				'maxItems' => 100,
				'items'    => array( 'type' => 'string' ),
			),
			'launcher'     => self::an_object(
				array(
					'isEnabled' => array( 'type' => 'boolean' ),
					'position'  => array(
						'type' => 'string',
						'enum' => Settings::POSITIONS,
					),
				)
			),
			'limits'       => self::an_object(
				array_merge(
					array_fill_keys( self::MONEY_LIMITS, self::nano_usd() ),
					array(
						'softShare' => array(
							'type'    => 'number',
							'minimum' => 0,
							'maximum' => 1,
						),
						'imagesDay' => self::a_number( 0, 1_000_000_000 ),
					)
				)
			),
			'rateLimits'   => self::an_object(
				array(
					'visitorPerMinute' => self::a_number( 1, 1_000_000 ),
					'addressPerMinute' => self::a_number( 1, 1_000_000 ),
					'sitePerMinute'    => self::a_number( 1, 10_000_000 ),
				)
			),
			'retention'    => self::an_object(
				array(
					'conversationHours' => self::a_number( 1, 8760 ),
					'callDays'          => self::a_number( 1, 3650 ),
				)
			),
			'routing'      => Routing_Settings::schema(),
			'voice'        => Voice_Settings::schema(),
			'readAloud'    => self::an_object( array( 'isMadeAhead' => array( 'type' => 'boolean' ) ) ),
		);
	}

	/**
	 * Describes an amount of money.
	 *
	 * @return array<string, mixed>
	 */
	public static function nano_usd(): array {
		return self::a_number( 0, self::MAX_NANO_USD );
	}

	/**
	 * Describes a whole number.
	 *
	 * @param int $minimum Smallest.
	 * @param int $maximum Largest.
	 * @return array<string, mixed>
	 */
	public static function a_number( int $minimum, int $maximum ): array {
		return array(
			'type'    => 'integer',
			'minimum' => $minimum,
			'maximum' => $maximum,
		);
	}

	/**
	 * Describes an object that takes these properties and no others.
	 *
	 * @param array<string, array<string, mixed>> $properties Schemas by name.
	 * @return array<string, mixed>
	 */
	public static function an_object( array $properties ): array {
		return array(
			'type'                 => 'object',
			'properties'           => $properties,
			'additionalProperties' => false,
		);
	}
}
