<?php
/**
 * Lists every hook of the plugin and builds each part when it is first needed.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Wires the plugin to WordPress. The only place that adds actions and filters for the life of a request. */
final class Plugin {

	public const REST_NAMESPACE = 'docent/v1';

	private const BLOCKS = array( 'assistant', 'listen' );

	private static ?self $instance = null;

	private readonly Connection_Store $connections;

	private ?Proxy_Client $proxy = null;

	private ?Sync_Queue $queue = null;

	private ?Full_Sync $full_sync = null;

	private function __construct() {
		$this->connections = new Connection_Store();
	}

	/** Returns the one plugin. */
	public static function instance(): self {
		self::$instance ??= new self();
		return self::$instance;
	}

	/** Adds all hooks. */
	public function register(): void {
		register_activation_hook( PLUGIN_FILE, array( $this, 'activate' ) );
		register_deactivation_hook( PLUGIN_FILE, array( $this, 'deactivate' ) );

		$this->register_for_pages();
		$this->register_for_content();
		$this->register_for_cron();
		$this->register_for_admin();

		add_action( 'rest_api_init', array( $this, 'register_routes' ) );
		add_filter( 'rest_post_dispatch', array( self::class, 'forbid_caching' ), 10, 3 );
	}

	/**
	 * Lays down the options that every page loads, and the daily comparison.
	 *
	 * @param bool $is_for_network Whether all sites of a network get the plugin.
	 */
	public function activate( bool $is_for_network = false ): void {
		$sites = $is_for_network && is_multisite() ? get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) : array(); // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing.AssociativeArrayFound -- Short.
		foreach ( $sites as $site ) {
			switch_to_blog( (int) $site );
			$this->set_up_site();
			restore_current_blog();
		}
		$this->set_up_site();
	}

	/** Stops what works in the background; settings stay. */
	public function deactivate(): void {
		foreach ( array( ...Full_Sync::ALL_EVENTS, Owner_Watch::EVENT, Assistant_View::EVENT ) as $event ) {
			wp_clear_scheduled_hook( $event );
		}
	}

	/** Registers the REST routes. */
	public function register_routes(): void {
		$settings = new Settings_Route( $this->connections, $this->proxy() );
		( new Token_Route( $this->connections, new Mint_Limit() ) )->register();
		$settings->register();
		( new Connection_Route( $this->connections, new Connection_Test( $this->proxy() ), $settings, $this->full_sync(), $this->proxy() ) )->register();
		( new Sync_Route( $this->full_sync(), $this->connections ) )->register();
		( new Figures_Route( $this->proxy() ) )->register();
		$this->site_health()->register();
	}

	/**
	 * Tells browsers, page caches and content delivery networks to keep no answer of our routes, errors included.
	 *
	 * @param mixed                                  $response Answer, of any type that another plugin may have made it.
	 * @param \WP_REST_Server                        $server   Server.
	 * @param \WP_REST_Request<array<string, mixed>> $request  Request.
	 */
	public static function forbid_caching( mixed $response, \WP_REST_Server $server, \WP_REST_Request $request ): mixed {
		if ( $response instanceof \WP_REST_Response && str_starts_with( $request->get_route(), '/' . self::REST_NAMESPACE . '/' ) ) {
			foreach ( array_filter( wp_get_nocache_headers() ) as $name => $value ) {
				$response->header( $name, $value );
			}
			$response->header( 'Cache-Control', 'no-cache, must-revalidate, max-age=0, no-store, private' );
			$response->header( 'Vary', 'Origin, Cookie', false );
			// Several page caches know this constant and nothing else.
			if ( ! defined( 'DONOTCACHEPAGE' ) ) {
				define( 'DONOTCACHEPAGE', true ); // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals.NonPrefixedConstantFound -- Their name, not ours.
			}
		}
		return $response;
	}

	/** Returns the full sync. */
	public function full_sync(): Full_Sync {
		$this->full_sync ??= new Full_Sync( $this->knowledge(), $this->delivery(), $this->queue() );
		return $this->full_sync;
	}

	/** Returns the queue of changed posts. */
	public function queue(): Sync_Queue {
		$this->queue ??= new Sync_Queue( $this->delivery(), $this->connections, new Listening( $this->proxy() ) );
		return $this->queue;
	}

	private function register_for_pages(): void {
		$launcher = new Launcher();
		add_action( 'init', array( $this, 'register_blocks' ) );
		add_action( 'wp_enqueue_scripts', array( $launcher, 'prepare' ) );
		add_action( 'wp_footer', array( $launcher, 'print' ) );
		foreach ( self::BLOCKS as $block ) {
			add_filter( 'render_block_docent/' . $block, array( Launcher::class, 'leave_out_of_feeds' ) );
		}
	}

	/** Registers the blocks and where their translations are. */
	public function register_blocks(): void {
		load_plugin_textdomain( 'docent', false, dirname( plugin_basename( PLUGIN_FILE ) ) . '/languages' );
		if ( Requirements::is_built() ) {
			wp_register_block_types_from_metadata_collection( PLUGIN_DIR . '/build', PLUGIN_DIR . '/build/blocks-manifest.php' );
			foreach ( self::BLOCKS as $block ) {
				wp_set_script_translations( 'docent-' . $block . '-editor-script', 'docent', PLUGIN_DIR . '/languages' );
			}
		}
	}

	private function register_for_content(): void {
		add_action( 'wp_after_insert_post', array( $this, 'after_save' ), 10, 4 );
		add_action( 'deleted_post', array( $this, 'after_deletion' ), 10, 2 );
		foreach ( array( 'added_post_meta', 'updated_post_meta', 'deleted_post_meta' ) as $hook ) {
			add_action( $hook, static fn ( $meta_id, $post_id, $meta_key ) => Sync_Queue::note_meta( (int) $post_id, (string) $meta_key ), 10, 3 );
		}
		foreach ( array( 'permalink_structure', 'home', 'wp_page_for_privacy_policy' ) as $option ) {
			add_action( 'update_option_' . $option, array( Assistant_View::class, 'refresh' ), 10, 0 );
		}
		foreach ( array( 'permalink_structure', 'home' ) as $option ) {
			add_action( 'update_option_' . $option, array( $this, 'forget_hashes' ), 10, 0 );
		}
		add_action( 'update_option_' . Settings::OPTION, array( $this, 'after_settings' ), 10, 2 );
	}

	private function register_for_cron(): void {
		add_action( Sync_Queue::EVENT, fn () => $this->queue()->run() );
		add_action( Full_Sync::EVENT, fn () => $this->full_sync()->run() );
		add_action( Full_Sync::RECONCILE_EVENT, array( $this, 'compare' ) );
		add_action( Owner_Watch::EVENT, fn () => ( new Owner_Watch( $this->connections, new Connection_Test( $this->proxy() ) ) )->run() );
		foreach ( array( Owner_Watch::EVENT, Assistant_View::EVENT ) as $event ) {
			add_action( $event, fn () => Assistant_View::ask( $this->proxy() ) );
		}
		add_action( Full_Sync::RECONCILE_SOON_EVENT, array( $this, 'compare' ) );
	}

	private function register_for_admin(): void {
		add_action( 'admin_menu', array( Settings_Page::class, 'add' ) );
		add_action( 'admin_enqueue_scripts', array( Settings_Page::class, 'enqueue' ) );
		add_action( 'admin_notices', array( Requirements::class, 'print_notice' ) );
		add_action( 'admin_notices', array( Owner_Notice::class, 'print' ) );
		add_action( 'admin_post_' . Owner_Notice::ACTION, array( Owner_Notice::class, 'dismiss' ) );
		add_filter( 'plugin_action_links_' . plugin_basename( PLUGIN_FILE ), array( Settings_Page::class, 'add_link' ) );
		add_action( 'admin_init', array( $this, 'on_admin' ) );
		add_filter( 'wp_privacy_personal_data_exporters', fn ( array $exporters ): array => $this->privacy()->add_exporter( $exporters ) );
		add_filter( 'wp_privacy_personal_data_erasers', fn ( array $erasers ): array => $this->privacy()->add_eraser( $erasers ) );
		add_filter( 'site_status_tests', fn ( array $tests ): array => $this->site_health()->add_tests( $tests ) );
		add_filter( 'debug_information', fn ( array $info ): array => $this->site_health()->add_information( $info ) );
	}

	/** Sets up a site that came without activation, such as a new one of a network, and suggests the policy text. */
	public function on_admin(): void {
		if ( Assistant_View::is_incomplete() ) {
			$this->set_up_site();
		}
		$this->schedule();
		Privacy::suggest_policy();
	}

	private function set_up_site(): void {
		Settings::ensure();
		Assistant_View::refresh();
		// A connection in wp-config.php is there from the first moment, and nobody opens the settings page.
		wp_schedule_single_event( time(), Assistant_View::EVENT );
		$this->schedule();
	}

	/**
	 * Notes that a post was saved.
	 *
	 * @param int           $post_id Id of the post.
	 * @param \WP_Post      $post    The post.
	 * @param bool          $update  Whether it existed before.
	 * @param \WP_Post|null $before  The post as it was.
	 */
	public function after_save( int $post_id, \WP_Post $post, bool $update, ?\WP_Post $before ): void {
		Sync_Queue::note_save( $post, $before );
		$this->after_privacy_page( $post_id );
	}

	/**
	 * Notes that a post is gone.
	 *
	 * @param int      $post_id Id of the post.
	 * @param \WP_Post $post    The post as it was.
	 */
	public function after_deletion( int $post_id, \WP_Post $post ): void {
		Sync_Queue::note_deletion( $post );
		$this->after_privacy_page( $post_id );
	}

	/**
	 * Sends what a newly chosen content type adds, and removes what a dropped one leaves.
	 *
	 * @param mixed $before Settings as they were.
	 * @param mixed $after  Settings as they are.
	 */
	public function after_settings( mixed $before, mixed $after ): void {
		$types = static fn ( mixed $settings ): mixed => is_array( $settings ) ? ( $settings['contentTypes'] ?? null ) : null;
		if ( $types( $before ) !== $types( $after ) ) {
			wp_schedule_single_event( time(), Full_Sync::RECONCILE_SOON_EVENT );
		}
	}

	/** Has every document sent again, because the addresses of all pages changed. */
	public function forget_hashes(): void {
		delete_post_meta_by_key( Delivery::HASH_META );
		wp_schedule_single_event( time(), Full_Sync::RECONCILE_SOON_EVENT );
	}

	/** Compares both sides and tidies up: once a day, and soon after something changed for many pages at once. */
	public function compare(): void {
		( new Mint_Limit() )->forget_past( time() );
		if ( Off_Switch::is_off() || null === $this->connections->load_usable() ) {
			return;
		}
		Sync_Queue::wake();
		try {
			$this->full_sync()->reconcile();
		} catch ( Proxy_Error $error ) {
			$wait = $error->is_retryable() ? HOUR_IN_SECONDS : DAY_IN_SECONDS;
			wp_schedule_single_event( time() + $wait, Full_Sync::RECONCILE_SOON_EVENT );
		}
	}

	private function after_privacy_page( int $post_id ): void {
		if ( (int) get_option( 'wp_page_for_privacy_policy' ) === $post_id ) {
			Assistant_View::refresh();
		}
	}

	private function schedule(): void {
		if ( false === wp_next_scheduled( Full_Sync::RECONCILE_EVENT ) ) {
			wp_schedule_event( time() + DAY_IN_SECONDS, 'daily', Full_Sync::RECONCILE_EVENT );
		}
		if ( false === wp_next_scheduled( Owner_Watch::EVENT ) ) {
			wp_schedule_event( time() + HOUR_IN_SECONDS, 'hourly', Owner_Watch::EVENT );
		}
	}

	private function proxy(): Proxy_Client {
		$this->proxy ??= new Proxy_Client( $this->connections );
		return $this->proxy;
	}

	private function knowledge(): Knowledge {
		return new Knowledge( $this->proxy() );
	}

	private function delivery(): Delivery {
		return new Delivery( $this->knowledge() );
	}

	private function privacy(): Privacy {
		return new Privacy( $this->connections, $this->proxy() );
	}

	private function site_health(): Site_Health {
		return new Site_Health( $this->connections, new Connection_Test( $this->proxy() ) );
	}
}
