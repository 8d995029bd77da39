<?php
/**
 * Makes of a public post the document that the proxy searches.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/**
 * One page, post or product as plain text.
 *
 * @phpstan-type Document_Data array{ id: string, url: string, title: string, language: string, type: string, modifiedAt: string, hash: string, text: string }
 */
final class Document {

	/** Post meta with which a page says that it is in another language than the site. */
	public const LANGUAGE_META = '_docent_language';

	private const MAX_TITLE_CHARACTERS = 250;
	private const MAX_TEXT_BYTES       = 1_000_000;

	/**
	 * Returns the id under which the proxy knows a post.
	 *
	 * @param int $post_id Id of the post.
	 */
	public static function id( int $post_id ): string {
		return 'post-' . $post_id;
	}

	/**
	 * Makes the document of a post, null when there is nothing in it to read.
	 *
	 * @param \WP_Post $post Post that Public_Content includes.
	 * @return Document_Data|null
	 */
	public static function of( \WP_Post $post ): ?array {
		// An administrator who reads the admin in another language must not change what the pages say.
		$is_switched = switch_to_locale( get_locale() );
		try {
			$text = self::text( $post );
		} finally {
			if ( $is_switched ) {
				restore_previous_locale();
			}
		}
		if ( '' === $text ) {
			return null;
		}
		$document = array(
			'id'         => self::id( $post->ID ),
			'url'        => (string) get_permalink( $post ),
			'title'      => self::title( $post ),
			'language'   => self::language( $post ),
			'type'       => $post->post_type,
			'modifiedAt' => (string) get_post_modified_time( 'Y-m-d\TH:i:s\Z', true, $post ),
			'hash'       => '',
			'text'       => $text,
		);

		$document['hash'] = hash( 'sha256', implode( "\0", array( $document['title'], $document['url'], $document['language'], $document['type'], $text ) ) );
		return $document;
	}

	private static function title( \WP_Post $post ): string {
		$title = trim( (string) preg_replace( '/\s+/u', ' ', html_entity_decode( wp_strip_all_tags( $post->post_title ), ENT_QUOTES | ENT_HTML5, 'UTF-8' ) ) );
		return '' === $title ? (string) get_permalink( $post ) : mb_substr( $title, 0, self::MAX_TITLE_CHARACTERS );
	}

	private static function language( \WP_Post $post ): string {
		$own      = get_post_meta( $post->ID, self::LANGUAGE_META, true );
		$language = is_string( $own ) && '' !== $own ? $own : get_locale();
		/**
		 * Filters the language of a document, for example from a plugin for multilingual sites.
		 *
		 * @param string   $language BCP 47 tag such as `zh-CN`.
		 * @param \WP_Post $post     The post.
		 */
		return Language::tag( (string) apply_filters( 'docent_document_language', Language::tag( $language ), $post ) );
	}

	private static function text( \WP_Post $post ): string {
		$parts = array();
		if ( '' !== trim( $post->post_excerpt ) ) {
			$parts[] = Plain_Text::from_html( wpautop( strip_shortcodes( $post->post_excerpt ) ) );
		}
		$parts[] = Plain_Text::from_html( Guest_Rendering::html( $post ) );
		$facts   = array();
		foreach ( Product_Facts::of( $post ) as $label => $fact ) {
			$facts[] = '- ' . $label . ': ' . $fact;
		}
		if ( array() !== $facts ) {
			$parts[] = '## ' . __( 'Details', 'docent' ) . "\n\n" . implode( "\n", $facts );
		}
		$text = implode( "\n\n", array_filter( $parts, static fn ( string $part ): bool => '' !== $part ) );
		/**
		 * Filters the text of a document: plain text whose headings are Markdown lines.
		 *
		 * @param string   $text The text.
		 * @param \WP_Post $post The post.
		 */
		$text = trim( (string) apply_filters( 'docent_document_text', $text, $post ) );
		return self::cut( $text );
	}

	/** Cuts an immense text between two characters. */
	private static function cut( string $text ): string {
		$text = substr( $text, 0, self::MAX_TEXT_BYTES );
		while ( '' !== $text && 1 !== preg_match( '//u', $text ) ) {
			$text = substr( $text, 0, -1 );
		}
		return $text;
	}
}
