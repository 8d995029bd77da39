<?php
/**
 * Knows the owner's choices about voice, which the proxy keeps in four of its sections: their schema, and their way there and back.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Keeps nothing itself. To the settings page voice is one object: the proxy's section `voice`, and beside it `enabled` and `realtime`
 * (`modalities.voice`, `modalities.realtime`), the assistant's own `voice` (`assistant.voice`) and `voiceSecondsDay` (`limits`).
 */
final class Voice_Settings {

	private const MAX_VOICE_NAME   = 40;
	private const MAX_INSTRUCTIONS = 1000;
	private const MAX_ROLES        = 20;

	/** Where the proxy keeps what is not in its section `voice`: section and name there. */
	private const ELSEWHERE = array(
		'enabled'         => array( 'modalities', 'voice' ),
		'realtime'        => array( 'modalities', 'realtime' ),
		'voice'           => array( 'assistant', 'voice' ),
		'voiceSecondsDay' => array( 'limits', 'voiceSecondsDay' ),
	);

	/**
	 * Describes what the proxy takes of it.
	 *
	 * @return array<string, mixed>
	 */
	public static function schema(): array {
		$on_or_off    = array( 'type' => 'boolean' );
		$instructions = array(
			'type'      => 'string',
			'maxLength' => self::MAX_INSTRUCTIONS,
		);
		$voice        = array(
			'type'      => 'string',
			'minLength' => 1,
			'maxLength' => self::MAX_VOICE_NAME,
			'pattern'   => '\S',
		);
		$role         = Settings_Schema::an_object(
			array(
				'id'           => array(
					'type'    => 'string',
					'pattern' => '^[a-z0-9-]{1,40}$',
				),
				'name'         => array(
					'type'      => 'string',
					'minLength' => 1,
					'maxLength' => 80,
					'pattern'   => '\S',
				),
				'voice'        => $voice,
				'instructions' => $instructions,
			)
		);
		return Settings_Schema::an_object(
			array(
				'enabled'              => $on_or_off,
				'realtime'             => $on_or_off,
				'voice'                => $voice,
				'voiceSecondsDay'      => Settings_Schema::a_number( 0, 1_000_000_000 ),
				'instructions'         => $instructions,
				'roles'                => array(
					'type'     => 'array',
					'maxItems' => self::MAX_ROLES,
					'items'    => array_merge( $role, array( 'required' => array( 'id', 'name', 'voice', 'instructions' ) ) ),
				),
				'speech'               => array(
					'type' => 'string',
					'enum' => array( 'provider', 'browser' ),
				),
				'expressive'           => $on_or_off,
				'browserTranscription' => $on_or_off,
				'maxQuestionSeconds'   => Settings_Schema::a_number( Voice_View::MIN_QUESTION_SECONDS, Voice_View::MAX_QUESTION_SECONDS ),
				'liveMaxSeconds'       => Settings_Schema::a_number( 60, 7200 ),
				'showSpent'            => $on_or_off,
				'readAloud'            => $on_or_off,
				'download'             => $on_or_off,
			)
		);
	}

	/**
	 * Prepares a change, of the shape of the schema, for the proxy.
	 *
	 * @param array<string, mixed> $changes Some of the choices.
	 * @return array<string, array<string, mixed>> By section of the proxy's settings.
	 */
	public static function patch( array $changes ): array {
		$patch = array();
		foreach ( $changes as $name => $value ) {
			list( $section, $member )     = self::ELSEWHERE[ $name ] ?? array( 'voice', $name );
			$patch[ $section ][ $member ] = $value;
		}
		return $patch;
	}

	/**
	 * Reads what the proxy answered; null when it did not answer, or is too old or too new to be understood.
	 *
	 * @param array<string, mixed> $answer The proxy's settings.
	 * @return array<mixed>|null All that the schema names, and `abilities`: what the proxy has a model and a key for, null when it does not tell.
	 */
	public static function shown( array $answer ): ?array {
		$schema = self::schema();
		$shown  = array();
		foreach ( array_keys( $schema['properties'] ) as $name ) {
			list( $section, $member ) = self::ELSEWHERE[ $name ] ?? array( 'voice', $name );
			$kept                     = is_array( $answer[ $section ] ?? null ) ? $answer[ $section ] : array();
			if ( ! array_key_exists( $member, $kept ) ) {
				return null;
			}
			$shown[ $name ] = $kept[ $member ];
		}
		if ( is_wp_error( rest_validate_value_from_schema( $shown, $schema ) ) ) {
			return null;
		}
		$shown['abilities'] = is_array( $answer['abilities'] ?? null ) ? self::abilities( $answer['abilities'] ) : null;
		return $shown;
	}

	/**
	 * Takes over what the proxy tells of its models for voice.
	 *
	 * @param array<mixed> $told By role: a model with the prices of a minute, or null.
	 * @return array<string, array{ model: string, heardMinuteNanoUsd: int|null, spokenMinuteNanoUsd: int|null }|null>
	 */
	private static function abilities( array $told ): array {
		$abilities = array();
		foreach ( Voice_View::ROLES as $role ) {
			$ability            = $told[ $role ] ?? null;
			$price              = static fn ( string $name ): ?int => is_int( $ability[ $name ] ?? null ) ? $ability[ $name ] : null;
			$abilities[ $role ] = is_array( $ability ) ? array(
				'model'               => sanitize_text_field( (string) ( $ability['model'] ?? '' ) ),
				'heardMinuteNanoUsd'  => $price( 'heardMinuteNanoUsd' ),
				'spokenMinuteNanoUsd' => $price( 'spokenMinuteNanoUsd' ),
			) : null;
		}
		return $abilities;
	}
}
