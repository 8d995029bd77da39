<?php
/**
 * Collects the translatable strings of the sources: PHP by its tokens, TypeScript by the form of its calls, block.json by its fields.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

/**
 * Reads files, never runs them.
 *
 * @phpstan-type Entry array{ singular: string, plural: string, context: string, comment: string, places: list<string>, isPhp: bool, isScript: bool }
 */
final class Source_Strings {

	/** Positions of singular, plural and context among the arguments of each function. */
	private const FUNCTIONS = array(
		'__'         => array( 0, null, null ),
		'_e'         => array( 0, null, null ),
		'esc_html__' => array( 0, null, null ),
		'esc_html_e' => array( 0, null, null ),
		'esc_attr__' => array( 0, null, null ),
		'esc_attr_e' => array( 0, null, null ),
		'_x'         => array( 0, null, 1 ),
		'_n'         => array( 0, 1, null ),
		'_nx'        => array( 0, 1, 3 ),
	);

	/**
	 * Strings by context and singular, as WordPress keys them.
	 *
	 * @var array<string, array<string, mixed>>
	 */
	private array $entries = array();

	/**
	 * Returns the strings of the plugin and its blocks.
	 *
	 * @param string $root Folder of the repository.
	 * @return array<string, array<string, mixed>>
	 */
	public static function of( string $root ): array {
		$strings = new self();
		foreach ( array( 'plugin/docent.php', 'plugin/includes', 'blocks' ) as $place ) {
			foreach ( self::files( $root . '/' . $place ) as $file ) {
				$path = substr( $file, strlen( $root ) + 1 );
				match ( pathinfo( $file, PATHINFO_EXTENSION ) ) {
					'php'       => $strings->read_php( (string) file_get_contents( $file ), $path ),
					'ts', 'tsx' => $strings->read_script( (string) file_get_contents( $file ), $path ),
					'json'      => $strings->read_block( (array) json_decode( (string) file_get_contents( $file ), true ), $path ),
					default     => null,
				};
			}
		}
		return $strings->entries;
	}

	private static function files( string $place ): array {
		if ( is_file( $place ) ) {
			return array( $place );
		}
		$files = array();
		foreach ( new \RecursiveIteratorIterator( new \RecursiveDirectoryIterator( $place, \FilesystemIterator::SKIP_DOTS ) ) as $file ) {
			if ( 'block.json' === $file->getFilename() || in_array( $file->getExtension(), array( 'php', 'ts', 'tsx' ), true ) ) {
				$files[] = $file->getPathname();
			}
		}
		sort( $files );
		return $files;
	}

	private function read_php( string $source, string $path ): void {
		$tokens  = array_values( array_filter( token_get_all( $source ), static fn ( $token ): bool => ! is_array( $token ) || T_WHITESPACE !== $token[0] ) );
		$comment = '';
		foreach ( $tokens as $index => $token ) {
			if ( is_array( $token ) && in_array( $token[0], array( T_COMMENT, T_DOC_COMMENT ), true ) ) {
				$comment = self::translators( $token[1] ) ?: $comment;
				continue;
			}
			$form = is_array( $token ) && T_STRING === $token[0] ? ( self::FUNCTIONS[ $token[1] ] ?? null ) : null;
			if ( null === $form || '(' !== ( $tokens[ $index + 1 ] ?? '' ) ) {
				continue;
			}
			$arguments = array();
			for ( $at = $index + 2, $depth = 1, $number = 0; isset( $tokens[ $at ] ) && $depth > 0; $at++ ) {
				$part   = $tokens[ $at ];
				$depth += in_array( $part, array( '(', '[' ), true ) ? 1 : ( in_array( $part, array( ')', ']' ), true ) ? -1 : 0 );
				if ( ',' === $part && 1 === $depth ) {
					++$number;
				} elseif ( is_array( $part ) && T_CONSTANT_ENCAPSED_STRING === $part[0] && 1 === $depth ) {
					$arguments[ $number ] = self::unquoted( $part[1] );
				}
			}
			$this->add( $form, $arguments, $path . ':' . $token[2], $comment, true );
			$comment = '';
		}
	}

	private function read_script( string $source, string $path ): void {
		$string = "'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"";
		preg_match_all( "/(?:\\/\\*\\s*translators:(?<comment>.*?)\\*\\/|\\b(?<name>__|_x|_n|_nx)\\(\\s*(?<first>$string)\\s*(?:,\\s*(?<second>$string))?\\s*(?:,\\s*(?<third>[^,()]+(?:\\([^()]*\\))?[^,()]*))?(?:,\\s*(?<fourth>$string))?)/s", $source, $matches, PREG_SET_ORDER | PREG_OFFSET_CAPTURE | PREG_UNMATCHED_AS_NULL );
		$comment = '';
		foreach ( $matches as $match ) {
			if ( null !== $match['comment'][0] ) {
				$comment = trim( (string) preg_replace( '/\s+/', ' ', $match['comment'][0] ) );
				continue;
			}
			$arguments = array_map( static fn ( string $part ): string => null === $match[ $part ][0] ? '' : self::unquoted( $match[ $part ][0] ), array( 'first', 'second', 'third', 'fourth' ) );
			$line      = substr_count( substr( $source, 0, $match[0][1] ), "\n" ) + 1;
			$this->add( self::FUNCTIONS[ $match['name'][0] ], $arguments, "$path:$line", $comment, false );
			$comment = '';
		}
	}

	private function read_block( array $block, string $path ): void {
		foreach ( array( 'title', 'description' ) as $field ) {
			$this->add( array( 0, null, 1 ), array( $block[ $field ] ?? '', "block $field" ), $path, '', true );
		}
		foreach ( $block['keywords'] ?? array() as $keyword ) {
			$this->add( array( 0, null, 1 ), array( $keyword, 'block keyword' ), $path, '', true );
		}
	}

	private function add( array $form, array $arguments, string $place, string $comment, bool $is_php ): void {
		list( $singular, $plural, $context ) = array_map( static fn ( ?int $position ): string => null === $position ? '' : (string) ( $arguments[ $position ] ?? '' ), $form );
		if ( '' === $singular ) {
			return;
		}
		$key                     = ( '' === $context ? '' : $context . "\4" ) . $singular;
		$this->entries[ $key ] ??= array(
			'singular' => $singular,
			'plural'   => $plural,
			'context'  => $context,
			'comment'  => $comment,
			'places'   => array(),
			'isPhp'    => false,
			'isScript' => false,
		);

		$this->entries[ $key ]['places'][]                       = $place;
		$this->entries[ $key ][ $is_php ? 'isPhp' : 'isScript' ] = true;
		$this->entries[ $key ]['plural']                         = $this->entries[ $key ]['plural'] ?: $plural;
		$this->entries[ $key ]['comment']                        = $this->entries[ $key ]['comment'] ?: $comment;
	}

	private static function translators( string $comment ): string {
		return 1 === preg_match( '/translators:\s*(.*?)\s*(?:\*\/)?$/s', $comment, $matches ) ? $matches[1] : '';
	}

	private static function unquoted( string $literal ): string {
		$literal = trim( $literal );
		if ( strlen( $literal ) < 2 || ! in_array( $literal[0], array( "'", '"' ), true ) ) {
			return '';
		}
		$inside = substr( $literal, 1, -1 );
		return str_replace( array( "\\'", '\\"', '\\n', '\\\\' ), array( "'", '"', "\n", '\\' ), $inside );
	}
}
