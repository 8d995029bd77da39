<?php
/**
 * Owns the option `docent_sync`: how far the copy of the content at the proxy has come.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Is read and written past the option cache, because cron and the settings page change it at the same time.
 *
 * @phpstan-type State array{ status: 'idle'|'running'|'stopped'|'failed'|'done', phase: 'documents'|'manifest'|'queue', total: int, sent: int, failed: int, empty: int, cursor: int, startedAt: int, finishedAt: int, attempts: int, retryAt: int, message: string, queueFailures: int, queueMessage: string }
 */
final class Sync_State {

	public const OPTION = 'docent_sync';

	private const INITIAL = array(
		'status'        => 'idle',
		'phase'         => 'documents',
		'total'         => 0,
		'sent'          => 0,
		'failed'        => 0,
		'empty'         => 0,
		'cursor'        => 0,
		'startedAt'     => 0,
		'finishedAt'    => 0,
		'attempts'      => 0,
		'retryAt'       => 0,
		'message'       => '',
		'queueFailures' => 0,
		'queueMessage'  => '',
	);

	private const MAX_TRIES = 10;

	/**
	 * Returns the state, complete.
	 *
	 * @return State
	 */
	public static function read(): array {
		return self::complete( Atomic_Option::get( self::OPTION ) );
	}

	/**
	 * Changes the state; when another process changed it meanwhile, asks again with what is there now.
	 *
	 * @param callable(State): array<string, int|string> $change Takes the state, returns what changes.
	 * @return State The new state.
	 */
	public static function change( callable $change ): array {
		for ( $try = 1; ; $try++ ) {
			$before = Atomic_Option::get( self::OPTION );
			$state  = self::complete( $before );
			$next   = self::complete( (string) wp_json_encode( array_merge( $state, $change( $state ) ) ) );
			$json   = (string) wp_json_encode( $next );
			if ( $json === $before || ( null === $before ? Atomic_Option::add( self::OPTION, $json ) : Atomic_Option::swap( self::OPTION, $before, $json ) ) ) {
				return $next;
			}
			if ( $try >= self::MAX_TRIES ) {
				throw new \RuntimeException( 'The state of the sync could not be saved: the options table does not take it.' );
			}
		}
	}

	/** Forgets everything. */
	public static function reset(): void {
		self::change( static fn (): array => self::INITIAL );
	}

	/**
	 * Completes stored values; values of another kind count as absent.
	 *
	 * @param string|null $stored JSON.
	 * @return State
	 */
	private static function complete( ?string $stored ): array {
		$values = null === $stored ? null : json_decode( $stored, true );
		$state  = self::INITIAL;
		foreach ( $state as $key => $initial ) {
			$value = is_array( $values ) ? ( $values[ $key ] ?? null ) : null;
			if ( gettype( $value ) === gettype( $initial ) ) {
				$state[ $key ] = $value;
			}
		}
		// Every key has the type of its initial value, and only this class writes the words.
		return $state; // @phpstan-ignore return.type
	}
}
