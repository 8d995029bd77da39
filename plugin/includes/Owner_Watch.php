<?php
/**
 * Looks at the proxy every hour and tells the owner what needs a person: once by e-mail, and in wp-admin until it is over.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Keeps what was found, and what the owner was told. An occasion names one thing to tell, such as a limit of one month; it is told once.
 *
 * @phpstan-type Problem array{ occasion: string, status: string, message: string, remedy: string }
 * @phpstan-type State array{ problems: list<Problem>, told: list<string>, dismissed: list<string>, missed: int }
 */
final class Owner_Watch {

	public const EVENT  = 'docent_watch';
	public const OPTION = 'docent_watch';

	/** A proxy that restarts is away for a moment; one that is away twice in a row is worth a message. */
	private const TELL_AFTER_MISSED = 2;

	private const MAX_OCCASIONS = 60;

	public function __construct( private readonly Connection_Store $connections, private readonly Connection_Test $test ) {
	}

	/** Looks, remembers, and tells what is new. */
	public function run(): void {
		if ( Off_Switch::is_off() || null === $this->connections->load_usable() ) {
			delete_option( self::OPTION );
			return;
		}
		$state    = self::read();
		$problems = self::worth_telling( $this->test->run() );
		$is_away  = in_array( 'reachable error', array_column( $problems, 'occasion' ), true );

		$state['missed'] = $is_away ? $state['missed'] + 1 : 0;
		if ( $is_away && $state['missed'] < self::TELL_AFTER_MISSED ) {
			self::write( $state );
			return;
		}
		$known             = array_column( $problems, 'occasion' );
		$new               = array_values( array_filter( $problems, static fn ( array $problem ): bool => ! in_array( $problem['occasion'], $state['told'], true ) ) );
		$state['problems'] = $problems;
		// What has an end of its own (a month, a date) is never told twice; anything else may come back, and is told again.
		$lasting       = array_filter( $state['told'], static fn ( string $occasion ): bool => str_contains( $occasion, ':' ) || in_array( $occasion, $known, true ) );
		$state['told'] = array_slice( array_values( array_unique( array( ...$lasting, ...$known ) ) ), -self::MAX_OCCASIONS );
		self::write( $state );
		self::mail( $new );
	}

	/**
	 * Returns what is wrong and was not put away by a person.
	 *
	 * @return list<Problem>
	 */
	public static function problems(): array {
		$state = self::read();
		return array_values( array_filter( $state['problems'], static fn ( array $problem ): bool => ! in_array( $problem['occasion'], $state['dismissed'], true ) ) );
	}

	/**
	 * Puts away what is shown now; what is new comes up again.
	 */
	public static function dismiss(): void {
		$state              = self::read();
		$state['dismissed'] = array_slice( array_values( array_unique( array( ...$state['dismissed'], ...array_column( $state['problems'], 'occasion' ) ) ) ), -self::MAX_OCCASIONS );
		self::write( $state );
	}

	/**
	 * Picks faults, and warnings that name an occasion; other warnings are for whoever opens the connection test.
	 *
	 * @param list<array<string, string>> $checks What the connection test found.
	 * @return list<Problem>
	 */
	private static function worth_telling( array $checks ): array {
		$problems = array();
		foreach ( $checks as $check ) {
			if ( 'error' === $check['status'] || ( 'warning' === $check['status'] && '' !== ( $check['occasion'] ?? '' ) ) ) {
				$problems[] = array(
					'occasion' => ( $check['occasion'] ?? '' ) ?: $check['id'] . ' ' . $check['status'],
					'status'   => $check['status'],
					'message'  => $check['message'],
					'remedy'   => $check['remedy'] ?? '',
				);
			}
		}
		return $problems;
	}

	/**
	 * Writes one e-mail about everything that is new.
	 *
	 * @param list<Problem> $problems New problems.
	 */
	private static function mail( array $problems ): void {
		/**
		 * Filters who is written to when the assistant needs attention; an empty address writes to nobody.
		 *
		 * @param string $address E-mail address of the site's administrator.
		 */
		$address = (string) apply_filters( 'docent_owner_email', (string) get_option( 'admin_email' ) );
		if ( array() === $problems || '' === $address ) {
			return;
		}
		$lines = array_map( static fn ( array $problem ): string => '– ' . trim( $problem['message'] . ' ' . $problem['remedy'] ), $problems );
		wp_mail(
			$address,
			/* translators: %s: name of the site. */
			sprintf( __( '[%s] The assistant needs your attention', 'docent' ), wp_specialchars_decode( get_bloginfo( 'name' ), ENT_QUOTES ) ),
			implode( "\n\n", array( __( 'Docent, the assistant of your site, found this:', 'docent' ), ...$lines, __( 'Settings and figures:', 'docent' ) . ' ' . Settings_Page::url() ) )
		);
	}

	/**
	 * Reads what was kept.
	 *
	 * @return State
	 */
	private static function read(): array {
		$empty = array(
			'problems'  => array(),
			'told'      => array(),
			'dismissed' => array(),
			'missed'    => 0,
		);
		/** Written by write() below, and by nobody else. @var State $state */
		$state = get_option( self::OPTION, $empty );
		return $state;
	}

	/**
	 * Keeps it, loaded only where it is asked for.
	 *
	 * @param State $state State.
	 */
	private static function write( array $state ): void {
		update_option( self::OPTION, $state, false );
	}
}
