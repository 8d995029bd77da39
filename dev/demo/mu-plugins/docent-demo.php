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
	}
);
