<?php
/**
 * Knows the owner's choice of models (`settings.routing` of the proxy): its schema, and its way there and back.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Keeps nothing itself: the proxy does. */
final class Routing_Settings {

	/** The classes of models, from the cheapest. */
	private const TIERS = array( 'economy', 'standard', 'premium' );

	/**
	 * Describes what the proxy takes of it.
	 *
	 * @return array<string, mixed>
	 */
	public static function schema(): array {
		$tier = array(
			'type' => 'string',
			'enum' => self::TIERS,
		);
		$rule = Settings_Schema::an_object(
			array(
				'containing' => array(
					'type'     => 'array',
					'minItems' => 1,
					'maxItems' => 20,
					'items'    => array(
						'type'      => 'string',
						'minLength' => 1,
						'maxLength' => 80,
						'pattern'   => '\S',
					),
				),
				'tier'       => $tier,
			)
		);
		return Settings_Schema::an_object(
			array(
				'tiers'              => array(
					'type'        => 'array',
					'minItems'    => 1,
					'uniqueItems' => true,
					'items'       => $tier,
				),
				'maxTier'            => $tier,
				'passUp'             => array( 'type' => 'boolean' ),
				'rules'              => array(
					'type'     => 'array',
					'maxItems' => 50,
					'items'    => array_merge( $rule, array( 'required' => array( 'containing', 'tier' ) ) ),
				),
				'languageTiers'      => array(
					'type'                 => 'object',
					'patternProperties'    => array( '^[a-z]{2,3}$' => $tier ),
					'additionalProperties' => false,
				),
				'decisionModel'      => array( 'type' => 'boolean' ),
				'decisionMaxNanoUsd' => Settings_Schema::nano_usd(),
			)
		);
	}

	/**
	 * Prepares a change, of the shape of the schema, for the proxy.
	 *
	 * @param array<string, mixed> $changes Some of the choices.
	 * @return array<string, mixed>
	 */
	public static function patch( array $changes ): array {
		// To PHP, no languages are an empty list; to the proxy, an object without members.
		return isset( $changes['languageTiers'] ) ? array_merge( $changes, array( 'languageTiers' => (object) $changes['languageTiers'] ) ) : $changes;
	}

	/**
	 * Reads what the proxy answered; null when it did not answer, or is too old or too new to be understood.
	 *
	 * @param mixed $answer The part `routing` of the proxy's settings.
	 * @return array<string, mixed>|null All that the schema names.
	 */
	public static function shown( mixed $answer ): ?array {
		$schema = self::schema();
		$names  = array_keys( $schema['properties'] );
		if ( ! is_array( $answer ) || array() !== array_diff( $names, array_keys( $answer ) ) ) {
			return null;
		}
		$known = array_intersect_key( $answer, array_flip( $names ) );
		return is_wp_error( rest_validate_value_from_schema( $known, $schema ) ) ? null : self::patch( $known );
	}
}
