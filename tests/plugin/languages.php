<?php
/**
 * Writes plugin/languages/docent.pot from the sources, and what WordPress loads from each docent-LOCALE.po: php tests/plugin/languages.php
 *
 * Does what `wp i18n make-pot`, `make-php` and `make-json` do, where WP-CLI is not at hand. Prints what has no translation.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

require __DIR__ . '/support/Source_Strings.php';
require __DIR__ . '/support/Po_File.php';

$docent_root      = dirname( __DIR__, 2 );
$docent_languages = $docent_root . '/plugin/languages';
$docent_entries   = Source_Strings::of( $docent_root );

file_put_contents( $docent_languages . '/docent.pot', Po_File::written( $docent_entries, array(), '' ) );
echo count( $docent_entries ), " strings\n";

foreach ( (array) glob( $docent_languages . '/docent-*.po' ) as $docent_file ) {
	$docent_locale = substr( basename( (string) $docent_file, '.po' ), strlen( 'docent-' ) );
	$docent_known  = Po_File::read( (string) file_get_contents( (string) $docent_file ) );
	file_put_contents( (string) $docent_file, Po_File::written( $docent_entries, $docent_known, $docent_locale ) );

	$docent_php  = array();
	$docent_json = array();
	foreach ( $docent_entries as $docent_key => $docent_entry ) {
		$docent_translation = $docent_known[ $docent_key ] ?? array();
		if ( array() === $docent_translation ) {
			echo $docent_locale, ' lacks: ', $docent_entry['singular'], "\n";
			continue;
		}
		if ( $docent_entry['isPhp'] ) {
			$docent_php[ $docent_key ] = implode( "\0", $docent_translation );
		}
		if ( $docent_entry['isScript'] ) {
			$docent_json[ $docent_key ] = $docent_translation;
		}
	}
	Po_File::write_php( $docent_languages . '/docent-' . $docent_locale . '.l10n.php', $docent_php, $docent_locale );
	// One file for each script that WordPress knows by these handles.
	foreach ( array( 'docent-settings', 'docent-assistant-editor-script', 'docent-listen-editor-script' ) as $docent_handle ) {
		Po_File::write_json( $docent_languages . '/docent-' . $docent_locale . '-' . $docent_handle . '.json', $docent_json, $docent_locale );
	}
}
