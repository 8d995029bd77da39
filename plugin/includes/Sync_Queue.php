<?php
/**
 * Remembers which posts changed and delivers them in the background, again and again until the proxy has them.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Keeps one small row a post, so that saving a post costs one statement and never waits for the proxy. */
final class Sync_Queue {

	public const EVENT      = 'docent_sync_queue';
	public const ROW_PREFIX = 'docent_queue_';

	private const RUN_SECONDS   = 20;
	private const FIRST_RETRY   = 30;
	private const LONGEST_RETRY = 6 * HOUR_IN_SECONDS;
	private const SOON_SECONDS  = 60;
	private const MAX_CHILDREN  = 200;
	private const FOLLOWED_META = array( Public_Content::EXCLUDE_META, Document::LANGUAGE_META, '_price', '_sku', '_stock_status' );

	public function __construct( private readonly Delivery $delivery, private readonly Connection_Store $connections, private readonly Listening $listening ) {
	}

	/**
	 * Notes a post that was saved, when what the public sees of it may have changed.
	 *
	 * @param \WP_Post      $post   The post as it is now.
	 * @param \WP_Post|null $before The post as it was, null when it is new.
	 */
	public static function note_save( \WP_Post $post, ?\WP_Post $before ): void {
		$was_public = null !== $before && 'publish' === $before->post_status;
		$is_public  = 'publish' === $post->post_status;
		if ( ( ! $was_public && ! $is_public ) || ! in_array( $post->post_type, Public_Content::types(), true ) ) {
			return;
		}
		self::add( $post->ID );
		$has_moved = null !== $before && ( $before->post_name !== $post->post_name || $before->post_parent !== $post->post_parent );
		if ( $has_moved && is_post_type_hierarchical( $post->post_type ) ) {
			self::add_descendants( $post );
		}
	}

	/**
	 * Notes a post that is gone for good.
	 *
	 * @param \WP_Post $post The post as it was.
	 */
	public static function note_deletion( \WP_Post $post ): void {
		if ( 'publish' === $post->post_status && in_array( $post->post_type, Public_Content::types(), true ) ) {
			self::add( $post->ID );
		}
	}

	/**
	 * Notes a post of which a field changed that its document rests on.
	 *
	 * @param int    $post_id  Id of the post.
	 * @param string $meta_key Name of the field.
	 */
	public static function note_meta( int $post_id, string $meta_key ): void {
		if ( ! in_array( $meta_key, self::FOLLOWED_META, true ) ) {
			return;
		}
		$post = get_post( $post_id );
		if ( $post instanceof \WP_Post ) {
			self::note_save( $post, null );
		}
	}

	/**
	 * Puts a post into the queue and makes sure that the queue is worked on soon. Without a connection nothing is queued: what
	 * connects a site later begins with a full sync.
	 *
	 * @param int $post_id Id of the post.
	 */
	public static function add( int $post_id ): void {
		if ( ! Assistant_View::is_connected() ) {
			return;
		}
		// A new value each time: work that began before this change does not remove the row.
		Atomic_Option::put( self::ROW_PREFIX . $post_id, bin2hex( random_bytes( 8 ) ) );
		self::schedule( time() );
	}

	/** Makes sure that what waits is worked on. */
	public static function wake(): void {
		if ( self::length() > 0 ) {
			self::schedule( time() );
		}
	}

	/** Counts the posts that wait. */
	public static function length(): int {
		return Atomic_Option::count_beginning_with( self::ROW_PREFIX );
	}

	/** Works on the queue for a while, as cron does; comes back later for what is left. */
	public function run(): void {
		if ( Off_Switch::is_off() || null === $this->connections->load_usable() ) {
			return;
		}
		$until = time() + self::RUN_SECONDS;
		do {
			$is_left = Sync_Lock::hold( fn (): bool => $this->step() );
		} while ( true === $is_left && time() < $until && 0 === Sync_State::read()['queueFailures'] );

		if ( self::length() > 0 ) {
			$failures = Sync_State::read()['queueFailures'];
			self::schedule( time() + ( 0 === $failures ? self::FIRST_RETRY : self::retry_seconds( $failures ) ) );
		}
	}

	/**
	 * Delivers one batch; must be called by the holder of the lock.
	 *
	 * @return bool Whether more is waiting.
	 */
	public function step(): bool {
		$rows = Atomic_Option::beginning_with( self::ROW_PREFIX, Delivery::MAX_POSTS );
		if ( array() === $rows ) {
			return false;
		}
		$ids = array_map( static fn ( string $name ): int => (int) substr( $name, strlen( self::ROW_PREFIX ) ), array_keys( $rows ) );
		try {
			$result = $this->delivery->deliver( $ids );
		} catch ( Proxy_Error $error ) {
			Sync_State::change(
				static fn ( array $state ): array => array(
					'queueFailures' => $state['queueFailures'] + 1,
					'queueMessage'  => $error->getMessage(),
				)
			);
			return true;
		}
		foreach ( $result['done'] as $id ) {
			Atomic_Option::remove( self::ROW_PREFIX . $id, $rows[ self::ROW_PREFIX . $id ] );
		}
		Sync_State::change(
			static fn (): array => array(
				'queueFailures' => 0,
				'queueMessage'  => $result['message'],
			)
		);
		$this->listening->make_ahead( $result['changed'] );
		return self::length() > 0;
	}

	/**
	 * Says how long to wait after so many failures in a row: half a minute, doubled each time, six hours at most.
	 *
	 * @param int $failures Failures in a row, from 1.
	 */
	public static function retry_seconds( int $failures ): int {
		return (int) min( self::LONGEST_RETRY, self::FIRST_RETRY * 2 ** min( 16, max( 0, $failures - 1 ) ) );
	}

	private static function schedule( int $time ): void {
		$next = wp_next_scheduled( self::EVENT );
		if ( false !== $next && $next <= $time + self::SOON_SECONDS ) {
			return;
		}
		if ( false !== $next ) {
			wp_unschedule_event( $next, self::EVENT );
		}
		wp_schedule_single_event( $time, self::EVENT );
	}

	/** Notes the pages below a page whose address changed: theirs changed with it. */
	private static function add_descendants( \WP_Post $post ): void {
		$children = get_posts(
			array(
				'post_type'        => $post->post_type,
				'post_parent'      => $post->ID,
				'post_status'      => 'publish',
				'numberposts'      => self::MAX_CHILDREN, // phpcs:ignore WordPress.WP.PostsPerPage -- Ids of the pages below one page, once, when its address changed.
				'suppress_filters' => false,
			)
		);
		foreach ( $children as $child ) {
			self::add( $child->ID );
			self::add_descendants( $child );
		}
	}
}
