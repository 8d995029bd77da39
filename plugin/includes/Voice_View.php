<?php
/**
 * Says what a page may know of voice, made from what the proxy last told of its settings.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Holds nothing itself: Assistant_View keeps the result. `kinds` has `cascade` (a spoken question is written down, answered in text and
 * spoken), `expressive` (one model hears and speaks) and `live` (a conversation without buttons); `speech` says who speaks; `readAloud`
 * whether articles are spoken by the provider, or else by the visitor's browser; `roles` are voices that a block may name; `hears` whether
 * the proxy has a key to hear with, null when it did not tell.
 *
 * @phpstan-type Voice array{ isOffered: bool, kinds: list<'cascade'|'expressive'|'live'>, maxSeconds: int, browserTranscription: bool, speech: 'provider'|'browser', readAloud: bool, download: bool, showSpent: bool, roles: list<array{ id: string, name: string }>, hears: bool|null }
 */
final class Voice_View {

	public const KINDS = array( 'cascade', 'expressive', 'live' );

	/** What the proxy's models do for voice. */
	public const ROLES = array( 'transcription', 'speech', 'audioChat', 'realtime' );

	/** What the proxy takes, in seconds. */
	public const MIN_QUESTION_SECONDS = 5;
	public const MAX_QUESTION_SECONDS = 120;

	private const USUAL_QUESTION_SECONDS = 60;

	/**
	 * Makes it from the answer of `/v1/site/settings`. A kind counts when the owner offers it and the proxy has models and a key for it: one that
	 * writes down what was said is needed for all of them, because pages are found by words. A proxy that does not tell what it has is taken at
	 * the owner's word.
	 *
	 * @param array<string, mixed> $answer The proxy's settings.
	 * @return Voice
	 */
	public static function of_settings( array $answer ): array {
		$modalities = is_array( $answer['modalities'] ?? null ) ? $answer['modalities'] : array();
		$voice      = is_array( $answer['voice'] ?? null ) ? $answer['voice'] : array();
		$has        = static fn ( string $role ): bool => ! is_array( $answer['abilities'] ?? null ) || is_array( $answer['abilities'][ $role ] ?? null );
		$is_on      = true === ( $modalities['voice'] ?? false ) && array() !== $voice;
		$can_hear   = $is_on && $has( 'transcription' );
		$speech     = $has( 'speech' ) ? ( $voice['speech'] ?? null ) : 'browser';
		$kinds      = array_keys(
			array_filter(
				array(
					'cascade'    => $can_hear,
					'expressive' => $can_hear && $has( 'audioChat' ) && true === ( $voice['expressive'] ?? false ),
					'live'       => $can_hear && $has( 'realtime' ) && true === ( $modalities['realtime'] ?? false ),
				)
			)
		);
		return self::complete(
			array(
				'isOffered'            => array() !== $kinds,
				'kinds'                => $kinds,
				'maxSeconds'           => $voice['maxQuestionSeconds'] ?? null,
				'browserTranscription' => $voice['browserTranscription'] ?? null,
				'speech'               => $speech,
				'readAloud'            => $is_on && 'provider' === $speech && true === ( $voice['readAloud'] ?? false ),
				'download'             => $voice['download'] ?? null,
				'showSpent'            => $voice['showSpent'] ?? null,
				'roles'                => $voice['roles'] ?? null,
				'hears'                => isset( $answer['abilities'] ) ? $has( 'transcription' ) : null,
			)
		);
	}

	/**
	 * Makes stored values complete and valid; without any, voice is not offered.
	 *
	 * @param mixed $values Values of any shape.
	 * @return Voice
	 */
	public static function complete( mixed $values ): array {
		$values  = is_array( $values ) ? $values : array();
		$kinds   = array_values( array_intersect( self::KINDS, (array) ( $values['kinds'] ?? array() ) ) );
		$seconds = $values['maxSeconds'] ?? null;
		$roles   = array();
		foreach ( (array) ( $values['roles'] ?? array() ) as $role ) {
			if ( is_array( $role ) && is_string( $role['id'] ?? null ) && is_string( $role['name'] ?? null ) ) {
				$roles[] = array(
					'id'   => $role['id'],
					'name' => $role['name'],
				);
			}
		}
		return array(
			'isOffered'            => array() !== $kinds && true === ( $values['isOffered'] ?? false ),
			'kinds'                => $kinds,
			'maxSeconds'           => is_int( $seconds ) ? min( self::MAX_QUESTION_SECONDS, max( self::MIN_QUESTION_SECONDS, $seconds ) ) : self::USUAL_QUESTION_SECONDS,
			'browserTranscription' => true === ( $values['browserTranscription'] ?? false ),
			'speech'               => 'provider' === ( $values['speech'] ?? '' ) ? 'provider' : 'browser',
			'readAloud'            => true === ( $values['readAloud'] ?? false ),
			'download'             => true === ( $values['download'] ?? false ),
			'showSpent'            => true === ( $values['showSpent'] ?? false ),
			'roles'                => $roles,
			'hears'                => is_bool( $values['hears'] ?? null ) ? $values['hears'] : null,
		);
	}
}
