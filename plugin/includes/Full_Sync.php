<?php
/**
 * Sends all public content to the proxy in small steps, then makes both sides agree.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * Goes by post id, so that it can stop and go on; each step is short enough for one request of the settings page.
 *
 * @phpstan-import-type State from Sync_State
 */
final class Full_Sync {

	public const EVENT                = 'docent_full_sync';
	public const RECONCILE_EVENT      = 'docent_reconcile';
	public const RECONCILE_SOON_EVENT = 'docent_reconcile_soon';
	public const ALL_EVENTS           = array( Sync_Queue::EVENT, self::EVENT, self::RECONCILE_EVENT, self::RECONCILE_SOON_EVENT );

	private const RUN_SECONDS  = 20;
	private const STEP_SECONDS = 5;
	private const MAX_ATTEMPTS = 5;
	private const PAGE_SIZE    = 200;

	public function __construct( private readonly Knowledge $knowledge, private readonly Delivery $delivery, private readonly Sync_Queue $queue ) {
	}

	/**
	 * Starts, or goes on where it was stopped or failed.
	 *
	 * @return State
	 */
	public function start(): array {
		$total = Public_Content::count();
		$state = Sync_State::change(
			static function ( array $state ) use ( $total ): array {
				if ( 'running' === $state['status'] ) {
					return array();
				}
				$running = array(
					'status'     => 'running',
					'attempts'   => 0,
					'retryAt'    => 0,
					'message'    => '',
					'finishedAt' => 0,
				);
				return in_array( $state['status'], array( 'stopped', 'failed' ), true ) ? $running : array_merge(
					$running,
					array(
						'phase'     => 'documents',
						'total'     => $total,
						'sent'      => 0,
						'failed'    => 0,
						'empty'     => 0,
						'cursor'    => 0,
						'startedAt' => time(),
					)
				);
			}
		);
		$this->schedule( time() );
		return $state;
	}

	/**
	 * Stops after the step that may be under way.
	 *
	 * @return State
	 */
	public function stop(): array {
		wp_clear_scheduled_hook( self::EVENT );
		return Sync_State::change( static fn ( array $state ): array => 'running' === $state['status'] ? array( 'status' => 'stopped' ) : array() );
	}

	/** Begins anew: another proxy knows nothing of what was sent so far. */
	public function reset(): void {
		wp_clear_scheduled_hook( self::EVENT );
		delete_post_meta_by_key( Delivery::HASH_META );
		Sync_State::reset();
	}

	/**
	 * Does one step if it is due and nobody else does it.
	 *
	 * @return State
	 */
	public function step(): array {
		$state = Sync_State::read();
		if ( 'running' !== $state['status'] || $state['retryAt'] > time() ) {
			return $state;
		}
		return Sync_Lock::hold( fn (): array => $this->locked_steps() ) ?? Sync_State::read();
	}

	/** Does steps for a while, as cron does; comes back for the rest. */
	public function run(): void {
		$until = time() + self::RUN_SECONDS;
		do {
			$before = Sync_State::read();
			$state  = $this->step();
		} while ( 'running' === $state['status'] && $state !== $before && $state['retryAt'] <= time() && time() < $until );
		if ( 'running' === $state['status'] ) {
			$this->schedule( max( time() + 5, $state['retryAt'] ) );
		}
	}

	/**
	 * Compares both sides without sending everything again, and puts what differs into the queue.
	 *
	 * @throws Proxy_Error When the proxy cannot be reached or does not accept this site.
	 */
	public function reconcile(): void {
		$hashes = array();
		$after  = 0;
		do {
			$ids = Public_Content::ids_after( $after, self::PAGE_SIZE );
			_prime_post_caches( $ids, true, true );
			foreach ( $ids as $id ) {
				$after = $id;
				$post  = get_post( $id );
				$hash  = get_post_meta( $id, Delivery::HASH_META, true );
				if ( ! $post instanceof \WP_Post || Delivery::EMPTY_MARK === $hash || ! Public_Content::includes( $post ) ) {
					continue;
				}
				if ( is_string( $hash ) && '' !== $hash ) {
					$hashes[ Document::id( $id ) ] = $hash;
				} else {
					Sync_Queue::add( $id );
				}
			}
			// A large site would otherwise fill the memory with its posts.
			if ( wp_cache_supports( 'flush_runtime' ) ) {
				wp_cache_flush_runtime();
			}
		} while ( array() !== $ids );

		$differences = $this->knowledge->differences( $hashes );
		foreach ( array_merge( ...array_values( $differences ) ) as $document_id ) {
			if ( 1 === preg_match( '/^post-(\d{1,18})$/D', $document_id, $matches ) ) {
				Sync_Queue::add( (int) $matches[1] );
			} else {
				$this->knowledge->remove( $document_id );
			}
		}
	}

	/**
	 * Does one piece of work, and goes through phases in which there is nothing to do.
	 *
	 * @return State
	 */
	private function locked_steps(): array {
		$until = time() + self::STEP_SECONDS;
		$state = Sync_State::read();
		do {
			$phase = $state['phase'];
			$state = $this->locked_step();
		} while ( 'running' === $state['status'] && $phase !== $state['phase'] && time() < $until );
		return $state;
	}

	/**
	 * Does what the current phase asks for.
	 *
	 * @return State
	 */
	private function locked_step(): array {
		$state = Sync_State::read();
		try {
			$change = match ( $state['phase'] ) {
				'documents' => $this->deliver_next( $state ),
				'manifest'  => $this->agree(),
				'queue'     => $this->empty_queue(),
			};
		} catch ( Proxy_Error $error ) {
			$change = self::after_failure( $error );
		}
		return Sync_State::change( $change );
	}

	/**
	 * Delivers the next posts.
	 *
	 * @param State $state Where it stands.
	 * @return \Closure(State): array<string, int|string>
	 */
	private function deliver_next( array $state ): \Closure {
		$ids = Public_Content::ids_after( $state['cursor'], Delivery::MAX_POSTS );
		if ( array() === $ids ) {
			return static fn (): array => array( 'phase' => 'manifest' );
		}
		$result = $this->delivery->deliver( $ids );
		return static fn ( array $state ): array => array(
			'cursor'   => max( 0, ...$result['done'] ),
			'sent'     => $state['sent'] + $result['sent'],
			'failed'   => $state['failed'] + $result['failed'],
			'empty'    => $state['empty'] + $result['empty'],
			// What turned out not to be public was counted before each post could be looked at.
			'total'    => max( $state['sent'] + $result['sent'] + $state['failed'] + $result['failed'], $state['total'] - $result['removed'] ),
			'message'  => '' === $result['message'] ? self::message_after_success( $state['attempts'], $state['message'] ) : $result['message'],
			'attempts' => 0,
		);
	}

	/**
	 * Finds what still differs.
	 *
	 * @return \Closure(State): array<string, int|string>
	 */
	private function agree(): \Closure {
		$this->reconcile();
		return static fn ( array $state ): array => array(
			'phase'    => 'queue',
			'message'  => self::message_after_success( $state['attempts'], $state['message'] ),
			'attempts' => 0,
		);
	}

	/**
	 * Delivers what still differs, then is done.
	 *
	 * @return \Closure(State): array<string, int|string>
	 */
	private function empty_queue(): \Closure {
		$is_left = $this->queue->step();
		$queue   = Sync_State::read();
		if ( $queue['queueFailures'] > 0 ) {
			return self::after_failure( new Proxy_Error( Proxy_Error::UNREACHABLE, $queue['queueMessage'] ) );
		}
		return static fn ( array $state ): array => $is_left ? array( 'attempts' => 0 ) : array(
			'status'     => 'running' === $state['status'] ? 'done' : $state['status'],
			'total'      => $state['sent'] + $state['failed'] + $state['empty'],
			'finishedAt' => time(),
			'message'    => self::message_after_success( $state['attempts'], $state['message'] ),
			'attempts'   => 0,
		);
	}

	/**
	 * Drops the reason of a failure that has passed; keeps the one about a page that could not be sent.
	 *
	 * @param int    $attempts Failures in a row before this success.
	 * @param string $message  Message so far.
	 */
	private static function message_after_success( int $attempts, string $message ): string {
		return $attempts > 0 ? '' : $message;
	}

	/**
	 * Waits and tries again; after five times in a row leaves it to the owner.
	 *
	 * @return \Closure(State): array<string, int|string>
	 */
	private static function after_failure( Proxy_Error $error ): \Closure {
		return static function ( array $state ) use ( $error ): array {
			$attempts = $state['attempts'] + 1;
			$gives_up = ! $error->is_retryable() || $attempts >= self::MAX_ATTEMPTS;
			return array(
				'status'   => $gives_up && 'running' === $state['status'] ? 'failed' : $state['status'],
				'attempts' => $attempts,
				'retryAt'  => time() + max( $error->retry_after_seconds, 2 ** $attempts ),
				'message'  => $error->getMessage(),
			);
		};
	}

	private function schedule( int $time ): void {
		wp_clear_scheduled_hook( self::EVENT );
		wp_schedule_single_event( $time, self::EVENT );
	}
}
