<?php
/**
 * Has the proxy speak articles as soon as they are published or changed, when the owner wants that, so that the first listener need not wait.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Asks and forgets: what is not made ahead, the proxy makes when somebody first listens. Runs in the background only. */
final class Listening {

	public function __construct( private readonly Proxy_Client $proxy ) {
	}

	/**
	 * Has the speech of some posts made.
	 *
	 * @param list<int> $post_ids Posts of which the proxy has just got a new text.
	 */
	public function make_ahead( array $post_ids ): void {
		if ( ! Settings::all()['speechIsMadeAhead'] || ! Assistant_View::config()['voice']['readAloud'] ) {
			return;
		}
		foreach ( $post_ids as $post_id ) {
			$post = get_post( $post_id );
			/**
			 * Filters whether an entry is spoken ahead; it costs what its text costs to speak.
			 *
			 * @param bool     $is_made Whether the proxy makes its speech now. True.
			 * @param \WP_Post $post    The entry.
			 */
			if ( ! $post instanceof \WP_Post || ! apply_filters( 'docent_make_speech', true, $post ) ) {
				continue;
			}
			try {
				$this->proxy->request( 'POST', '/v1/site/speech', array( 'documentId' => Document::id( $post_id ) ) );
			} catch ( Proxy_Error $error ) {
				// Whoever cannot be reached, or refuses because a limit is reached, does the same with the next one.
				if ( $error->is_retryable() ) {
					return;
				}
			}
		}
	}
}
