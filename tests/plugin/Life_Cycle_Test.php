<?php
/**
 * Tests activation, deactivation, uninstalling, and what the admin says when the plugin was not built.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent\Tests;

use Docent\Assistant_View;
use Docent\Atomic_Option;
use Docent\Full_Sync;
use Docent\Mint_Limit;
use Docent\Plugin;
use Docent\Pseudonym;
use Docent\Public_Content;
use Docent\Settings;
use Docent\Sync_Lock;
use Docent\Sync_State;

/** Looks into the tables. */
final class Life_Cycle_Test extends Test_Case {

	public function test_activation_lays_down_what_every_page_loads(): void {
		delete_option( Settings::OPTION );
		delete_option( Assistant_View::OPTION );
		wp_clear_scheduled_hook( Full_Sync::RECONCILE_EVENT );
		Plugin::instance()->activate();
		wp_cache_flush();
		$loaded = wp_load_alloptions();
		$this->assertArrayHasKey( Settings::OPTION, $loaded );
		$this->assertArrayHasKey( Assistant_View::OPTION, $loaded );
		$this->assertSame( 'daily', wp_get_schedule( Full_Sync::RECONCILE_EVENT ) );
		$this->assertFalse( Settings::all()['launcherIsEnabled'], 'Nothing appears before the owner wants it.' );
		$this->assertLessThanOrEqual( time(), wp_next_scheduled( Assistant_View::EVENT ), 'The proxy is asked soon what it offers.' );
	}

	public function test_an_update_asks_the_proxy_once_for_what_an_earlier_version_did_not_know(): void {
		wp_clear_scheduled_hook( Assistant_View::EVENT );
		update_option( Assistant_View::OPTION, array( 'proxyUrl' => 'https://x.example', 'privacyUrl' => '', 'retentionHours' => 5 ) );
		$this->open_admin();
		$this->assertNotFalse( wp_next_scheduled( Assistant_View::EVENT ) );
		$this->assertSame( 5, Assistant_View::config()['retentionHours'] );
		wp_clear_scheduled_hook( Assistant_View::EVENT );
		$this->open_admin();
		$this->assertFalse( wp_next_scheduled( Assistant_View::EVENT ) );
		do_action( Assistant_View::EVENT );
		$this->assertSame( array( '/v1/site/settings' ), array_column( $this->proxy->requests(), 'target' ) );
	}

	/** Runs what an admin page begins with. */
	private function open_admin(): void {
		set_current_screen( 'dashboard' );
		remove_all_actions( 'admin_init' );
		add_action( 'admin_init', array( Plugin::instance(), 'on_admin' ) );
		do_action( 'admin_init' );
		$GLOBALS['current_screen'] = null;
	}

	public function test_deactivation_ends_the_background_work_and_keeps_the_settings(): void {
		$this->post();
		wp_schedule_single_event( time(), Full_Sync::EVENT );
		wp_schedule_single_event( time(), Assistant_View::EVENT );
		Plugin::instance()->deactivate();
		foreach ( array( ...Full_Sync::ALL_EVENTS, Assistant_View::EVENT ) as $event ) {
			$this->assertFalse( wp_next_scheduled( $event ) );
		}
		$this->assertIsArray( get_option( Settings::OPTION ) );
		$this->assertTrue( Assistant_View::config()['isConnected'] );
	}

	public function test_there_is_one_daily_comparison_however_often_settings_change(): void {
		foreach ( array( array( 'page' ), array( 'post' ), array( 'page', 'post' ) ) as $types ) {
			Settings::change( array( 'contentTypes' => $types ) );
			Plugin::instance()->activate();
		}
		$events = array_map( static fn ( $event ): int => count( $event[ Full_Sync::RECONCILE_EVENT ] ?? array() ), array_filter( _get_cron_array(), 'is_array' ) );
		$this->assertSame( 1, array_sum( $events ) );
		$this->assertNotFalse( wp_next_scheduled( Full_Sync::RECONCILE_SOON_EVENT ) );
	}

	public function test_bears_with_plugins_that_replace_an_answer_by_something_else(): void {
		$this->assertNull( Plugin::forbid_caching( null, rest_get_server(), new \WP_REST_Request( 'GET', '/docent/v1/token' ) ) );
	}

	public function test_uninstalling_leaves_nothing(): void {
		global $wpdb;
		$post = $this->post();
		$this->run_queue();
		$this->post();
		update_post_meta( $post->ID, Public_Content::EXCLUDE_META, '1' );
		$this->ask_for_token();
		Pseudonym::of( 1 );
		Sync_State::change( static fn (): array => array( 'status' => 'running' ) );
		wp_schedule_single_event( time(), Full_Sync::EVENT );
		Atomic_Option::put( Sync_Lock::OPTION, '1-x' );
		( new Mint_Limit() )->count( '198.51.100.7', 1 );
		$left = static fn (): array => array(
			$wpdb->get_col( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE '%docent%' OR ( option_name <> 'active_plugins' AND option_name NOT LIKE '\_%' AND option_value LIKE '%docent\_%' )" ),
			$wpdb->get_col( "SELECT meta_key FROM {$wpdb->postmeta} WHERE meta_key LIKE '%docent%'" ),
			$wpdb->get_col( "SELECT meta_key FROM {$wpdb->usermeta} WHERE meta_key LIKE '%docent%'" ),
		);
		$this->assertGreaterThan( 8, count( $left()[0] ), 'There is something to remove.' );

		define( 'WP_UNINSTALL_PLUGIN', 'docent/docent.php' );
		require \Docent\PLUGIN_DIR . '/uninstall.php';
		$this->assertSame( array( array(), array(), array() ), $left() );
		$tables = $wpdb->get_col( "SHOW TABLES LIKE '%docent%'" );
		$this->assertSame( array(), $tables );
		$this->assertSame( array(), $this->proxy->requests( 'DELETE' ), 'Uninstalling does not wait for the proxy.' );
	}

	public function test_damaged_options_become_defaults(): void {
		foreach ( array( 'rubbish', array( 'contentTypes' => 'page', 'launcherPosition' => 7, 'assistantName' => array( 'x' ) ), array( 'proxyUrl' => 5, 'retentionHours' => -3 ) ) as $damage ) {
			update_option( Settings::OPTION, $damage );
			update_option( Assistant_View::OPTION, $damage );
			$config = Assistant_View::config();
			$this->assertSame( 'Assistant', $config['assistantName'] );
			$this->assertSame( 'end', $config['launcherPosition'] );
			$this->assertSame( 24, $config['retentionHours'] );
			$this->assertFalse( Settings::all()['launcherIsEnabled'] );
		}
	}

	public function test_the_view_asks_the_database_nothing(): void {
		global $wpdb;
		wp_cache_flush();
		wp_load_alloptions();
		$before = $wpdb->num_queries;
		$config = Assistant_View::config();
		$this->assertSame( $before, $wpdb->num_queries );
		$this->assertSame( rest_url( 'docent/v1/token' ), $config['tokenUrl'] );
		$this->assertSame( $this->proxy->url(), $config['proxyUrl'] );
		$this->assertStringNotContainsString( Recording_Proxy::SECRET, (string) wp_json_encode( $config ) );
	}

	public function test_says_with_which_command_the_blocks_are_built(): void {
		// A copy without the built blocks, in a process of its own.
		$copy = get_temp_dir() . 'docent-source-' . bin2hex( random_bytes( 4 ) );
		mkdir( $copy . '/includes', 0755, true );
		foreach ( array( 'docent.php', ...array_map( static fn ( string $file ): string => 'includes/' . basename( $file ), (array) glob( \Docent\PLUGIN_DIR . '/includes/*.php' ) ) ) as $file ) {
			copy( \Docent\PLUGIN_DIR . '/' . $file, $copy . '/' . $file );
		}
		$code = '$_SERVER["HTTP_HOST"] = "127.0.0.1"; define( "WP_PLUGIN_DIR", "' . $copy . '-none" ); require ' . var_export( ABSPATH . 'wp-load.php', true ) . '; require ' . var_export( $copy . '/docent.php', true ) . '; wp_set_current_user( 1 ); echo "NOTICE ", Docent\Requirements::problem(); Docent\Plugin::instance()->register_blocks();';
		exec( escapeshellarg( PHP_BINARY ) . ' -d display_errors=0 -r ' . escapeshellarg( $code ), $output, $exit_code );
		array_map( 'unlink', (array) glob( $copy . '/includes/*' ) );
		unlink( $copy . '/docent.php' );
		rmdir( $copy . '/includes' );
		rmdir( $copy );
		$this->assertSame( 0, $exit_code );
		$this->assertStringContainsString( '<code>npm install &amp;&amp; npm run build</code>', implode( "\n", $output ) );
		$this->assertSame( '', \Docent\Requirements::problem() );
	}
}
