<?php
/**
 * Reads and writes the files in which translations are kept.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

/** Knows the forms of .po, .l10n.php and .json that WordPress reads. */
final class Po_File {

	private const PLURAL_FORMS = array( 'zh_CN' => 'nplurals=1; plural=0;' );

	/**
	 * Reads translations by context and singular.
	 *
	 * @param string $text A .po file.
	 * @return array<string, list<string>>
	 */
	public static function read( string $text ): array {
		$translations = array();
		foreach ( preg_split( '/\n\s*\n/', $text ) ?: array() as $block ) {
			$fields = array();
			$field  = '';
			foreach ( explode( "\n", $block ) as $line ) {
				if ( 1 === preg_match( '/^(?:#~ )?(?:(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)\s+)?"(.*)"$/', $line, $matches ) ) {
					$field            = $matches[1] ?: $field;
					$fields[ $field ] = ( $fields[ $field ] ?? '' ) . stripcslashes( $matches[2] );
				}
			}
			$strings = array_values( array_filter( array_intersect_key( $fields, array_flip( array( 'msgstr', 'msgstr[0]', 'msgstr[1]', 'msgstr[2]' ) ) ) ) );
			if ( '' !== ( $fields['msgid'] ?? '' ) && array() !== $strings ) {
				$translations[ ( isset( $fields['msgctxt'] ) ? $fields['msgctxt'] . "\4" : '' ) . $fields['msgid'] ] = $strings;
			}
		}
		return $translations;
	}

	/**
	 * Writes a .po file, or a .pot without a locale.
	 *
	 * @param array<string, array<string, mixed>> $entries      Strings of the sources.
	 * @param array<string, list<string>>         $translations Translations.
	 * @param string                              $locale       Locale.
	 */
	public static function written( array $entries, array $translations, string $locale ): string {
		$text = "# Translation of Docent.\n# GPL-2.0-or-later\nmsgid \"\"\nmsgstr \"\"\n\"Project-Id-Version: Docent 0.1.0\\n\"\n\"MIME-Version: 1.0\\n\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Content-Transfer-Encoding: 8bit\\n\"\n\"X-Domain: docent\\n\"\n";
		if ( '' !== $locale ) {
			$text .= "\"Language: $locale\\n\"\n\"Plural-Forms: " . self::PLURAL_FORMS[ $locale ] . "\\n\"\n";
		}
		foreach ( $entries as $key => $entry ) {
			$translation = $translations[ $key ] ?? array( '' );
			$text       .= "\n" . ( '' === $entry['comment'] ? '' : '#. translators: ' . $entry['comment'] . "\n" );
			// Files without line numbers, or every change of a source would change this one.
			$text .= '#: ' . implode( ' ', array_unique( array_map( static fn ( string $place ): string => (string) strtok( $place, ':' ), $entry['places'] ) ) ) . "\n";
			$text .= '' === $entry['context'] ? '' : 'msgctxt ' . self::quoted( $entry['context'] ) . "\n";
			$text .= 'msgid ' . self::quoted( $entry['singular'] ) . "\n";
			if ( '' === $entry['plural'] ) {
				$text .= 'msgstr ' . self::quoted( $translation[0] ) . "\n";
				continue;
			}
			$text .= 'msgid_plural ' . self::quoted( $entry['plural'] ) . "\n";
			foreach ( '' === $locale ? array( '', '' ) : $translation as $number => $form ) {
				$text .= "msgstr[$number] " . self::quoted( $form ) . "\n";
			}
		}
		// A string that is gone keeps its translation, in case it comes back.
		foreach ( array_diff_key( $translations, $entries ) as $key => $translation ) {
			$parts = explode( "\4", (string) $key );
			$text .= "\n" . ( isset( $parts[1] ) ? '#~ msgctxt ' . self::quoted( $parts[0] ) . "\n" : '' ) . '#~ msgid ' . self::quoted( $parts[1] ?? $parts[0] ) . "\n#~ msgstr " . self::quoted( $translation[0] ) . "\n";
		}
		return $text;
	}

	/**
	 * Writes what PHP loads.
	 *
	 * @param string                $file     Path.
	 * @param array<string, string> $messages Translations.
	 * @param string                $locale   Locale.
	 */
	public static function write_php( string $file, array $messages, string $locale ): void {
		$data = array(
			'domain'       => 'docent',
			'plural-forms' => self::PLURAL_FORMS[ $locale ],
			'language'     => $locale,
			'messages'     => $messages,
		);
		file_put_contents( $file, "<?php\nreturn " . var_export( $data, true ) . ";\n" );
	}

	/**
	 * Writes what scripts load.
	 *
	 * @param string                      $file     Path.
	 * @param array<string, list<string>> $messages Translations.
	 * @param string                      $locale   Locale.
	 */
	public static function write_json( string $file, array $messages, string $locale ): void {
		$header = array(
			'' => array(
				'domain'       => 'messages',
				'lang'         => $locale,
				'plural-forms' => self::PLURAL_FORMS[ $locale ],
			),
		);
		$data   = array(
			'domain'      => 'messages',
			'locale_data' => array( 'messages' => $header + $messages ),
		);
		file_put_contents( $file, json_encode( $data, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT ) . "\n" );
	}

	private static function quoted( string $text ): string {
		return '"' . str_replace( array( '\\', '"', "\n" ), array( '\\\\', '\\"', '\\n' ), $text ) . '"';
	}
}
