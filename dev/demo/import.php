<?php
/**
 * Fills a WordPress with the demo shop. Does nothing when this version of the content has been imported already, and
 * leaves alone what was changed or deleted since. Prints `imported` or `unchanged`.
 *
 * Expects that wp-load.php has been loaded, with the demo's must-use plugin.
 *
 * @package Docent
 */

declare( strict_types=1 );

require_once __DIR__ . '/markdown.php';
require_once ABSPATH . 'wp-admin/includes/misc.php';

/**
 * Creates or updates one page, product or article.
 *
 * @param string $file      Content file.
 * @param string $name      Its name in the content folder.
 * @param string $post_type WordPress's word for the kind of content.
 * @return int Post id.
 */
function docent_demo_import_file( string $file, string $name, string $post_type ): int {
	list( $fields, $body ) = docent_demo_front_matter( (string) file_get_contents( $file ) );
	$is_markdown           = str_ends_with( $file, '.md' );
	$content               = $is_markdown ? docent_demo_blocks( $body ) : $body;
	if ( 'post' === $post_type ) {
		// Articles can be listened to.
		$content = "<!-- wp:docent/listen /-->\n\n" . $content;
	}
	$existing = get_posts(
		array(
			'post_type'   => $post_type,
			'post_status' => 'any',
			'meta_key'    => '_docent_demo',
			'meta_value'  => $name,
			'numberposts' => 1,
			'fields'      => 'ids',
		)
	);
	$excerpt  = $fields['excerpt'] ?? ( 'product' === $post_type ? $fields['price'] . '. ' . strtok( $body, "\n" ) : '' );
	$post     = array(
		'ID'           => $existing[0] ?? 0,
		'post_type'    => $post_type,
		'post_status'  => 'publish',
		'post_title'   => $fields['title'],
		'post_name'    => $fields['slug'],
		'post_excerpt' => $excerpt,
		'post_content' => $content,
		'menu_order'   => (int) ( $fields['order'] ?? 0 ),
		'meta_input'   => array_filter(
			array(
				'_docent_demo'      => $name,
				'_docent_language'  => $fields['language'] ?? '',
				'_wp_page_template' => $fields['template'] ?? '',
			)
		),
	);
	if ( isset( $fields['weeksAgo'] ) ) {
		$post['post_date'] = wp_date( 'Y-m-d 09:00:00', time() - (int) $fields['weeksAgo'] * WEEK_IN_SECONDS );
	}
	$id = wp_insert_post( wp_slash( $post ), true );
	if ( is_wp_error( $id ) ) {
		throw new RuntimeException( $name . ': ' . $id->get_error_message() );
	}
	return $id;
}

/**
 * Imports the whole shop.
 *
 * @return string `imported` or `unchanged`.
 */
function docent_demo_import(): string {
	$folders = array(
		'pages'    => 'page',
		'products' => 'product',
		'posts'    => 'post',
	);
	$files   = array();
	foreach ( $folders as $folder => $post_type ) {
		foreach ( glob( __DIR__ . "/content/$folder/*" ) as $file ) {
			$files[ $folder . '/' . basename( $file ) ] = array( $file, $post_type );
		}
	}
	$version = hash( 'sha256', implode( '', array_map( static fn ( array $entry ): string => (string) hash_file( 'sha256', $entry[0] ), $files ) ) . hash_file( 'sha256', __FILE__ ) . hash_file( 'sha256', __DIR__ . '/footer.html' ) );
	if ( get_option( 'docent_demo' ) === $version ) {
		return 'unchanged';
	}
	// Block markup is kept as written only for somebody who may write it.
	wp_set_current_user( (int) get_users( array( 'role' => 'administrator', 'number' => 1, 'fields' => 'ID' ) )[0] );
	if ( false === get_option( 'docent_demo' ) ) {
		foreach ( array( 'hello-world', 'sample-page', 'privacy-policy' ) as $slug ) {
			foreach ( get_posts( array( 'name' => $slug, 'post_type' => array( 'post', 'page' ), 'post_status' => 'any' ) ) as $post ) {
				wp_delete_post( $post->ID, true );
			}
		}
	}
	update_option( 'blogname', 'Tarn & Trail' );
	update_option( 'blogdescription', 'Gear for the hills, since 2009' );
	update_option( 'timezone_string', 'Europe/London' );

	$ids = array();
	foreach ( $files as $name => list( $file, $post_type ) ) {
		$ids[ $name ] = docent_demo_import_file( $file, $name, $post_type );
	}
	update_option( 'show_on_front', 'page' );
	update_option( 'page_on_front', $ids['pages/home.html'] );
	update_option( 'wp_page_for_privacy_policy', $ids['pages/privacy.md'] );
	docent_demo_articles_page();
	docent_demo_navigation( $ids );
	docent_demo_footer();

	global $wp_rewrite;
	$wp_rewrite->flush_rules( false );
	update_option( 'docent_demo', $version );
	return 'imported';
}

/** Makes sure that the articles have a page of their own. */
function docent_demo_articles_page(): void {
	if ( get_post( (int) get_option( 'page_for_posts' ) ) instanceof WP_Post ) {
		return;
	}
	update_option(
		'page_for_posts',
		wp_insert_post(
			array(
				'post_type'   => 'page',
				'post_status' => 'publish',
				'post_title'  => 'Articles',
				'post_name'   => 'articles',
			)
		)
	);
}

/**
 * Writes the menu of the site's header.
 *
 * @param array<string, int> $ids Post ids by content file.
 */
function docent_demo_navigation( array $ids ): void {
	$link    = static fn ( string $label, string $url ): string => '<!-- wp:navigation-link ' . wp_json_encode(
		array(
			'label' => $label,
			'url'   => $url,
			'kind'  => 'custom',
		),
		JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE
	) . ' /-->';
	$links   = array( $link( 'Products', '/products/' ), $link( 'Articles', '/articles/' ) );
	$entries = array( 'shipping', 'returns', 'warranty', 'opening-hours', 'about', 'shipping-zh', 'returns-zh' );
	foreach ( $entries as $entry ) {
		$post    = get_post( $ids[ "pages/$entry.md" ] );
		$links[] = $link( $post->post_title, '/' . $post->post_name . '/' );
	}
	$menus = get_posts( array( 'post_type' => 'wp_navigation', 'numberposts' => 1, 'fields' => 'ids' ) );
	wp_insert_post(
		wp_slash(
			array(
				'ID'           => $menus[0] ?? 0,
				'post_type'    => 'wp_navigation',
				'post_status'  => 'publish',
				'post_title'   => 'Main menu',
				'post_content' => implode( "\n", $links ),
			)
		)
	);
}

/** Puts the shop's address where the theme has links that lead nowhere. */
function docent_demo_footer(): void {
	$existing = get_posts( array( 'post_type' => 'wp_template_part', 'name' => 'footer', 'post_status' => 'any', 'numberposts' => 1, 'fields' => 'ids' ) );
	$id       = wp_insert_post(
		wp_slash(
			array(
				'ID'           => $existing[0] ?? 0,
				'post_type'    => 'wp_template_part',
				'post_status'  => 'publish',
				'post_title'   => 'Footer',
				'post_name'    => 'footer',
				'post_content' => (string) file_get_contents( __DIR__ . '/footer.html' ),
			)
		)
	);
	wp_set_object_terms( $id, get_stylesheet(), 'wp_theme' );
	wp_set_object_terms( $id, 'footer', 'wp_template_part_area' );
}

echo docent_demo_import(), "\n"; // phpcs:ignore WordPress.Security.EscapeOutput -- One of two fixed words, for a program.
