<?php
/**
 * Reads what a shop says about a product beside its description: price, availability, number, attributes.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Writes the facts that WooCommerce keeps of a product as lines of text. */
final class Product_Facts {

	/**
	 * Returns facts by label, empty when the post is no product of WooCommerce.
	 *
	 * @param \WP_Post $post Any post.
	 * @return array<string, string>
	 */
	public static function of( \WP_Post $post ): array {
		$product = 'product' === $post->post_type && function_exists( 'wc_get_product' ) ? wc_get_product( $post->ID ) : null;
		$facts   = $product instanceof \WC_Product ? self::of_product( $product ) : array();
		/**
		 * Filters the facts of a post that are written under its text, label by label. They must be the same for every visitor.
		 *
		 * @param array<string, string> $facts Facts by label.
		 * @param \WP_Post              $post  The post.
		 */
		$facts = (array) apply_filters( 'docent_facts', $facts, $post );
		return array_filter( array_map( static fn ( $fact ): string => is_scalar( $fact ) ? self::one_line( (string) $fact ) : '', $facts ) );
	}

	/**
	 * Reads a product.
	 *
	 * @param \WC_Product $product Product of WooCommerce.
	 * @return array<string, string>
	 */
	private static function of_product( \WC_Product $product ): array {
		$facts = array(
			__( 'Price', 'docent' )          => (string) $product->get_price_html(),
			__( 'Availability', 'docent' )   => $product->is_in_stock() ? __( 'In stock', 'docent' ) : __( 'Out of stock', 'docent' ),
			__( 'Product number', 'docent' ) => (string) $product->get_sku(),
			__( 'Weight', 'docent' )         => $product->has_weight() ? wc_format_weight( (float) $product->get_weight() ) : '',
			__( 'Dimensions', 'docent' )     => $product->has_dimensions() ? wc_format_dimensions( $product->get_dimensions( false ) ) : '',
		);
		foreach ( $product->get_attributes() as $name => $attribute ) {
			if ( ! $attribute instanceof \WC_Product_Attribute || $attribute->get_visible() ) {
				$facts[ wc_attribute_label( (string) $name, $product ) ] = (string) $product->get_attribute( (string) $name );
			}
		}
		return $facts;
	}

	private static function one_line( string $html ): string {
		return trim( (string) preg_replace( '/\s+/u', ' ', Plain_Text::from_html( $html ) ) );
	}
}
