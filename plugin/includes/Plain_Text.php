<?php
/**
 * Turns rendered HTML into plain text that keeps its structure: headings as `## …`, lists as `- …`, table rows as `a | b`.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Reads HTML with WordPress's own parser, so that broken markup means here what it means in a browser. */
final class Plain_Text {

	private const HEADINGS = array(
		'H1' => '# ',
		'H2' => '## ',
		'H3' => '### ',
		'H4' => '#### ',
		'H5' => '##### ',
		'H6' => '###### ',
	);

	private const LEFT_OUT = array( 'AUDIO', 'BUTTON', 'CANVAS', 'DATALIST', 'DIALOG', 'FORM', 'IFRAME', 'MAP', 'MATH', 'NAV', 'NOSCRIPT', 'OBJECT', 'PROGRESS', 'SCRIPT', 'SELECT', 'STYLE', 'SVG', 'TEMPLATE', 'TEXTAREA', 'TITLE', 'VIDEO' );

	private const PARAGRAPHS = array( 'ADDRESS', 'ARTICLE', 'ASIDE', 'BLOCKQUOTE', 'DETAILS', 'DIV', 'DL', 'FIGCAPTION', 'FIGURE', 'FOOTER', 'HEADER', 'HR', 'MAIN', 'P', 'PRE', 'SECTION', 'SUMMARY', 'TABLE' );

	private const LINES = array( 'BR', 'CAPTION', 'DD', 'DT', 'LI' );

	/**
	 * Finished lines; an empty one separates paragraphs.
	 *
	 * @var list<string>
	 */
	private array $lines = array();

	/** The line being written. */
	private string $line = '';

	/** What goes before the line once it has text: a heading's hashes or a list item's mark. */
	private string $mark = '';

	/** Tag that is being left out with all it holds, and how deep it is nested in itself. */
	private string $left_out_tag = '';

	private int $left_out_depth = 0;

	private int $pre_depth = 0;

	/**
	 * Counters of the open lists: 0 for bullets, else the number of the next item.
	 *
	 * @var list<int>
	 */
	private array $lists = array();

	private bool $is_in_cell = false;

	/**
	 * Cells of the open table row.
	 *
	 * @var list<string>
	 */
	private array $cells = array();

	private function __construct() {
	}

	/**
	 * Converts HTML.
	 *
	 * @param string $html Rendered content.
	 */
	public static function from_html( string $html ): string {
		$html      = self::valid_utf8( $html );
		$processor = \WP_HTML_Processor::create_fragment( $html );
		if ( null !== $processor ) {
			$text = ( new self() )->read( $processor );
			if ( null === $processor->get_last_error() ) {
				return $text;
			}
		}
		// The full parser gives up on a few rare nestings; the tag processor reads anything.
		return ( new self() )->read( new \WP_HTML_Tag_Processor( $html ) );
	}

	/** Drops bytes that are no text, which a page imported from elsewhere may hold. */
	private static function valid_utf8( string $html ): string {
		if ( 1 === preg_match( '//u', $html ) ) {
			return $html;
		}
		// The only function of PHP's core that mends UTF-8; escaping and unescaping cancel out.
		$mended = htmlspecialchars_decode( htmlspecialchars( $html, ENT_NOQUOTES | ENT_SUBSTITUTE, 'UTF-8' ), ENT_NOQUOTES );
		return str_replace( "\u{FFFD}", '', $mended );
	}

	private function read( \WP_HTML_Tag_Processor $html ): string {
		while ( $html->next_token() ) {
			$type = $html->get_token_type();
			if ( '#text' === $type ) {
				$this->text( $html->get_modifiable_text() );
			} elseif ( '#tag' === $type ) {
				$this->tag( (string) $html->get_tag(), $html->is_tag_closer(), $html );
			}
		}
		$this->end_row();
		$this->end_paragraph();
		return trim( implode( "\n", $this->lines ), "\n" );
	}

	private function text( string $text ): void {
		if ( $this->left_out_depth > 0 ) {
			return;
		}
		if ( $this->pre_depth > 0 && ! $this->is_in_cell ) {
			foreach ( explode( "\n", $text ) as $number => $piece ) {
				if ( $number > 0 ) {
					$this->end_line();
				}
				$this->line .= rtrim( $piece, "\r" );
			}
			return;
		}
		$text = (string) preg_replace( '/[\s\x{00A0}\x{200B}\x{FEFF}]+/u', ' ', $text );
		if ( '' === $this->line || str_ends_with( $this->line, ' ' ) ) {
			$text = ltrim( $text, ' ' );
		}
		$this->line .= $text;
	}

	private function tag( string $tag, bool $is_closer, \WP_HTML_Tag_Processor $html ): void {
		if ( $this->is_left_out( $tag, $is_closer, $html ) ) {
			return;
		}
		if ( isset( self::HEADINGS[ $tag ] ) && ! $this->is_in_cell ) {
			$this->end_paragraph();
			$this->mark = $is_closer ? '' : self::HEADINGS[ $tag ];
		} elseif ( 'PRE' === $tag ) {
			$this->end_paragraph();
			$this->pre_depth = max( 0, $this->pre_depth + ( $is_closer ? -1 : 1 ) );
		} elseif ( 'UL' === $tag || 'OL' === $tag || 'MENU' === $tag ) {
			$this->list_boundary( 'OL' === $tag ? 1 : 0, $is_closer );
		} elseif ( 'LI' === $tag && ! $this->is_in_cell ) {
			$this->end_line();
			$this->mark = $is_closer ? '' : $this->item_mark();
		} elseif ( 'TR' === $tag ) {
			$this->end_row();
		} elseif ( 'TD' === $tag || 'TH' === $tag ) {
			$this->end_cell();
			$this->is_in_cell = ! $is_closer;
		} elseif ( 'TABLE' === $tag && $is_closer ) {
			$this->end_row();
			$this->end_paragraph();
		} elseif ( 'IMG' === $tag && ! $is_closer ) {
			$this->picture( $html->get_attribute( 'alt' ) );
		} elseif ( in_array( $tag, self::PARAGRAPHS, true ) ) {
			$this->paragraph_boundary();
		} elseif ( in_array( $tag, self::LINES, true ) ) {
			$this->line_boundary();
		}
	}

	/** Follows tags that are left out with everything inside. */
	private function is_left_out( string $tag, bool $is_closer, \WP_HTML_Tag_Processor $html ): bool {
		if ( 0 === $this->left_out_depth ) {
			if ( ! in_array( $tag, self::LEFT_OUT, true ) ) {
				return false;
			}
			// SCRIPT, STYLE and their like are one token; an SVG may close itself.
			if ( ! $is_closer && ! in_array( $tag, array( 'SCRIPT', 'STYLE', 'TEXTAREA', 'TITLE', 'IFRAME' ), true ) && ! $html->has_self_closing_flag() ) {
				$this->left_out_tag   = $tag;
				$this->left_out_depth = 1;
			}
			return true;
		}
		if ( $tag === $this->left_out_tag && ! $html->has_self_closing_flag() ) {
			$this->left_out_depth += $is_closer ? -1 : 1;
		}
		return true;
	}

	private function list_boundary( int $counter, bool $is_closer ): void {
		if ( $this->is_in_cell ) {
			return;
		}
		if ( array() === $this->lists ) {
			$this->end_paragraph();
		} else {
			$this->end_line();
		}
		if ( $is_closer ) {
			array_pop( $this->lists );
		} else {
			$this->lists[] = $counter;
		}
		if ( array() === $this->lists ) {
			$this->end_paragraph();
		}
	}

	private function item_mark(): string {
		$depth = max( 0, count( $this->lists ) - 1 );
		$mark  = '- ';
		if ( ( $this->lists[ $depth ] ?? 0 ) > 0 ) {
			$mark = $this->lists[ $depth ] . '. ';
			++$this->lists[ $depth ];
		}
		return str_repeat( '  ', $depth ) . $mark;
	}

	/** Writes what a picture shows when it is described; most pictures in a text say nothing new. */
	private function picture( mixed $description ): void {
		if ( is_string( $description ) && '' !== trim( $description ) ) {
			$this->text( ' [' . trim( $description ) . '] ' );
		}
	}

	private function paragraph_boundary(): void {
		if ( $this->is_in_cell ) {
			$this->text( ' ' );
		} elseif ( array() !== $this->lists ) {
			$this->line_boundary();
		} else {
			$this->end_paragraph();
		}
	}

	private function line_boundary(): void {
		if ( $this->is_in_cell ) {
			$this->text( ' ' );
			return;
		}
		$mark = $this->mark;
		$had  = '' !== trim( $this->line );
		$this->end_line();
		// A paragraph that opens inside a list item keeps the item's mark; a break inside a heading goes on as a heading.
		$this->mark = $had && '' !== $mark && '#' !== $mark[0] ? str_repeat( ' ', strlen( $mark ) ) : $mark;
	}

	private function end_line(): void {
		$line = $this->pre_depth > 0 ? rtrim( $this->line ) : trim( $this->line );
		if ( '' !== $line ) {
			$this->lines[] = $this->mark . $line;
			$this->mark    = '';
		}
		$this->line = '';
	}

	private function end_paragraph(): void {
		$this->end_line();
		$this->mark = '';
		if ( array() !== $this->lines && '' !== end( $this->lines ) ) {
			$this->lines[] = '';
		}
	}

	private function end_cell(): void {
		if ( $this->is_in_cell ) {
			$this->cells[]    = str_replace( '|', '/', trim( $this->line ) );
			$this->line       = '';
			$this->is_in_cell = false;
		} else {
			$this->end_line();
		}
	}

	private function end_row(): void {
		$this->end_cell();
		if ( '' !== implode( '', $this->cells ) ) {
			$this->lines[] = implode( ' | ', $this->cells );
		}
		$this->cells = array();
	}
}
