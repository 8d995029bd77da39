<?php
/**
 * Tests that the shipped translation is found and fits the strings it translates.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

/** Speaks Simplified Chinese. */
final class Languages_Test extends Test_Case {

	public function test_wordpress_finds_the_shipped_translation(): void {
		$chinese = static fn (): string => 'zh_CN';
		add_filter( 'locale', $chinese );
		unload_textdomain( 'docent', true );
		load_plugin_textdomain( 'docent', false, dirname( plugin_basename( \Docent\PLUGIN_FILE ) ) . '/languages' );
		$name   = \Docent\Assistant_View::config()['assistantName'];
		$plural = _n( 'The conversation is kept for %s hour and then deleted. Please leave out personal details.', 'The conversation is kept for %s hours and then deleted. Please leave out personal details.', 24, 'docent' );
		remove_filter( 'locale', $chinese );
		unload_textdomain( 'docent', true );
		$this->assertSame( '助手', $name );
		$this->assertStringStartsWith( '对话会保留 %s 小时', $plural );
		$this->assertSame( 'Assistant', \Docent\Assistant_View::config()['assistantName'] );
	}

	public function test_scripts_find_theirs(): void {
		$chinese = static fn (): string => 'zh_CN';
		add_filter( 'locale', $chinese );
		wp_register_script( 'docent-settings', plugins_url( 'build/admin/index.js', \Docent\PLUGIN_FILE ), array(), '1', true );
		$settings = (string) load_script_textdomain( 'docent-settings', 'docent', \Docent\PLUGIN_DIR . '/languages' );
		$editor   = (string) load_script_textdomain( 'docent-assistant-editor-script', 'docent', \Docent\PLUGIN_DIR . '/languages' );
		$listen   = (string) load_script_textdomain( 'docent-listen-editor-script', 'docent', \Docent\PLUGIN_DIR . '/languages' );
		remove_filter( 'locale', $chinese );
		$this->assertSame( array( '整篇文章' ), json_decode( $listen, true )['locale_data']['messages']['The whole article'] );
		$this->assertSame( \Docent\PLUGIN_DIR . '/languages', wp_scripts()->registered['docent-listen-editor-script']->translations_path );
		$this->assertSame( \Docent\PLUGIN_DIR . '/languages', wp_scripts()->registered['docent-assistant-editor-script']->translations_path );
		wp_deregister_script( 'docent-settings' );
		$this->assertSame( array( '测试连接' ), json_decode( $settings, true )['locale_data']['messages']['Test the connection'] );
		$this->assertSame( array( '整个站点' ), json_decode( $editor, true )['locale_data']['messages']['The whole site'] );
	}

	public function test_translations_keep_the_places_for_values(): void {
		$places = static function ( string $text ): array {
			preg_match_all( '/%(?:\d\$)?[sd]|%%|<\/?[a-z]+>/', $text, $matches );
			sort( $matches[0] );
			return $matches[0];
		};
		$data   = require \Docent\PLUGIN_DIR . '/languages/docent-zh_CN.l10n.php';
		$this->assertGreaterThan( 100, count( $data['messages'] ) );
		foreach ( $data['messages'] as $singular => $translation ) {
			$this->assertSame( $places( $singular ), $places( $translation ), $singular );
		}
	}
}
