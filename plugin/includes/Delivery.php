<?php
/**
 * Brings the proxy's copy of some posts up to date: sends those that are public, removes the others.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Does one bounded piece of work for the queue and for the full sync. Runs in the background only. */
final class Delivery {

	/** Post meta that keeps the hash of what the proxy has of a post. */
	public const HASH_META = '_docent_hash';

	/** What HASH_META holds of a public post without any text, which the proxy does not get. */
	public const EMPTY_MARK = 'empty';

	public const MAX_POSTS = 20;

	private const PREPARE_SECONDS = 5.0;

	public function __construct( private readonly Knowledge $knowledge ) {
	}

	/**
	 * Delivers posts until the time to prepare them is over; at least one.
	 *
	 * @param list<int> $post_ids Ids, of which some may be gone.
	 * @return array{ done: list<int>, sent: int, failed: int, empty: int, removed: int, message: string, changed: list<int> } Which ids are dealt with; `empty` have no text, `removed` are not public; `message` tells of the last failure; `changed` lists those of which the proxy got another text than it had.
	 * @throws Proxy_Error When the proxy cannot be reached or does not accept this site; the same call may be made again.
	 */
	public function deliver( array $post_ids ): array {
		$until     = microtime( true ) + self::PREPARE_SECONDS;
		$done      = array();
		$documents = array();
		$absent    = array();
		$failures  = array();
		_prime_post_caches( $post_ids, false, true );
		foreach ( $post_ids as $post_id ) {
			if ( array() !== $done && microtime( true ) > $until ) {
				break;
			}
			$done[] = $post_id;
			try {
				$document = self::document( $post_id );
				if ( null === $document ) {
					$absent[] = $post_id;
				} else {
					$documents[ $post_id ] = $document;
				}
			} catch ( \Throwable $error ) {
				// Another plugin failed while it rendered this post: the others still go.
				$failures[ Document::id( $post_id ) ] = $error->getMessage();
			}
		}

		$empty = 0;
		foreach ( $absent as $post_id ) {
			$this->knowledge->remove( Document::id( $post_id ) );
			$post = get_post( $post_id );
			if ( $post instanceof \WP_Post && Public_Content::includes( $post ) ) {
				update_post_meta( $post_id, self::HASH_META, self::EMPTY_MARK );
				++$empty;
			} else {
				delete_post_meta( $post_id, self::HASH_META );
			}
		}
		$rejected = $this->knowledge->send( array_values( $documents ) );
		$changed  = array();
		foreach ( $documents as $post_id => $document ) {
			if ( ! isset( $rejected[ $document['id'] ] ) ) {
				if ( get_post_meta( $post_id, self::HASH_META, true ) !== $document['hash'] ) {
					$changed[] = $post_id;
				}
				update_post_meta( $post_id, self::HASH_META, $document['hash'] );
			}
		}

		$failures += $rejected;
		return array(
			'done'    => $done,
			'sent'    => count( $documents ) - count( $rejected ),
			'failed'  => count( $failures ),
			'empty'   => $empty,
			'removed' => count( $absent ) - $empty,
			'message' => array() === $failures ? '' : self::failure_sentence( $failures ),
			'changed' => $changed,
		);
	}

	/**
	 * Makes the document of a post, null when the proxy should have none.
	 *
	 * @param int $post_id Id of the post.
	 * @return array{ id: string, url: string, title: string, language: string, type: string, modifiedAt: string, hash: string, text: string }|null
	 */
	private static function document( int $post_id ): ?array {
		$post = get_post( $post_id );
		return $post instanceof \WP_Post && Public_Content::includes( $post ) ? Document::of( $post ) : null;
	}

	/**
	 * Says which post failed last, and why.
	 *
	 * @param non-empty-array<string, string> $failures Reasons by document id.
	 */
	private static function failure_sentence( array $failures ): string {
		$id = (string) array_key_last( $failures );
		return sprintf(
			/* translators: 1: id of a page, such as post-12, 2: reason. */
			__( '%1$s could not be sent: %2$s', 'docent' ),
			$id,
			wp_strip_all_tags( $failures[ $id ] )
		);
	}
}
