<?php
/**
 * Plugin Name: Docent demo shop
 * Description: Gives the demo shop its products, without a shop plugin.
 *
 * @package Docent
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;

add_action(
	'init',
	static function (): void {
		register_post_type(
			'product',
			array(
				'labels'       => array(
					'name'          => 'Products',
					'singular_name' => 'Product',
				),
				'public'       => true,
				'show_in_rest' => true,
				'has_archive'  => 'products',
				'rewrite'      => array(
					'slug'       => 'products',
					'with_front' => false,
				),
				'menu_icon'    => 'dashicons-products',
				'supports'     => array( 'title', 'editor', 'excerpt', 'thumbnail', 'custom-fields' ),
			)
		);
		// The theme's template for single posts names an author and a category, which products do not have.
		register_block_template(
			'docent-demo//single-product',
			array(
				'title'   => 'Product',
				'content' => '<!-- wp:template-part {"slug":"header","tagName":"header"} /-->'
					. '<!-- wp:group {"tagName":"main","style":{"spacing":{"margin":{"top":"var:preset|spacing|60"}}},"layout":{"type":"constrained"}} -->'
					. '<main class="wp-block-group" style="margin-top:var(--wp--preset--spacing--60)">'
					. '<!-- wp:post-title {"level":1} /--><!-- wp:post-content {"layout":{"type":"constrained"}} /-->'
					. '</main><!-- /wp:group -->'
					. '<!-- wp:template-part {"slug":"footer","tagName":"footer"} /-->',
			)
		);
	}
);
