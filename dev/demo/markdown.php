<?php
/**
 * Turns the Markdown of the demo content into WordPress blocks: headings, paragraphs, lists, tables, links, bold.
 *
 * @package Docent
 */

declare( strict_types=1 );

/**
 * Splits a content file into its front matter and its body.
 *
 * @param string $source Content of the file.
 * @return array{0: array<string, string>, 1: string} Fields and body.
 */
function docent_demo_front_matter( string $source ): array {
	if ( 1 !== preg_match( '/^---\n(.*?)\n---\n(.*)$/s', $source, $parts ) ) {
		return array( array(), $source );
	}
	$fields = array();
	foreach ( explode( "\n", $parts[1] ) as $line ) {
		list( $name, $value )     = array_map( 'trim', explode( ':', $line, 2 ) );
		$fields[ $name ] = trim( $value, '"' );
	}
	return array( $fields, trim( $parts[2] ) );
}

/**
 * Writes Markdown as serialized blocks.
 *
 * @param string $markdown Paragraphs, lists and tables with an empty line between them.
 */
function docent_demo_blocks( string $markdown ): string {
	$blocks = array();
	foreach ( preg_split( '/\n{2,}/', trim( $markdown ) ) as $part ) {
		$lines = explode( "\n", $part );
		if ( str_starts_with( $part, '## ' ) ) {
			$blocks[] = "<!-- wp:heading -->\n<h2 class=\"wp-block-heading\">" . docent_demo_inline( substr( $part, 3 ) ) . "</h2>\n<!-- /wp:heading -->";
		} elseif ( str_starts_with( $part, '| ' ) ) {
			$blocks[] = docent_demo_table( $lines );
		} elseif ( 1 === preg_match( '/^(- |\d+\. )/', $part ) ) {
			$blocks[] = docent_demo_list( $lines, ! str_starts_with( $part, '- ' ) );
		} else {
			$blocks[] = "<!-- wp:paragraph -->\n<p>" . docent_demo_inline( implode( ' ', $lines ) ) . "</p>\n<!-- /wp:paragraph -->";
		}
	}
	return implode( "\n\n", $blocks );
}

/**
 * Writes a table; the first line is its head, the second the rule below it.
 *
 * @param list<string> $lines Lines that begin and end with a bar.
 */
function docent_demo_table( array $lines ): string {
	$rows = array_map(
		static fn ( string $line ): array => array_map( 'trim', explode( '|', trim( $line, '| ' ) ) ),
		$lines
	);
	$row  = static fn ( array $cells, string $tag ): string => '<tr>' . implode( '', array_map( static fn ( string $cell ): string => "<$tag>" . docent_demo_inline( $cell ) . "</$tag>", $cells ) ) . '</tr>';
	$head = $row( $rows[0], 'th' );
	$body = implode( '', array_map( static fn ( array $cells ): string => $row( $cells, 'td' ), array_slice( $rows, 2 ) ) );
	return "<!-- wp:table {\"hasFixedLayout\":false} -->\n<figure class=\"wp-block-table\"><table><thead>$head</thead><tbody>$body</tbody></table></figure>\n<!-- /wp:table -->";
}

/**
 * Writes a list.
 *
 * @param list<string> $lines      One item a line, with its mark.
 * @param bool         $is_ordered Whether the items are numbered.
 */
function docent_demo_list( array $lines, bool $is_ordered ): string {
	$items = array_map(
		static fn ( string $line ): string => "<!-- wp:list-item -->\n<li>" . docent_demo_inline( (string) preg_replace( '/^(- |\d+\. )/', '', $line ) ) . "</li>\n<!-- /wp:list-item -->",
		$lines
	);
	list( $tag, $attributes ) = $is_ordered ? array( 'ol', ' {"ordered":true}' ) : array( 'ul', '' );
	return "<!-- wp:list$attributes -->\n<$tag class=\"wp-block-list\">" . implode( "\n\n", $items ) . "</$tag>\n<!-- /wp:list -->";
}

/**
 * Writes the inside of a line: bold and links.
 *
 * @param string $text Text of one line.
 */
function docent_demo_inline( string $text ): string {
	$html = htmlspecialchars( $text, ENT_NOQUOTES );
	$html = (string) preg_replace( '/\*\*(.+?)\*\*/', '<strong>$1</strong>', $html );
	return (string) preg_replace( '/\[(.+?)\]\((.+?)\)/', '<a href="$2">$1</a>', $html );
}
