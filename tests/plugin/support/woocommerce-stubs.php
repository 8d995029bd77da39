<?php
/**
 * Tells PHPStan of the parts of WooCommerce that the plugin calls when WooCommerce is there. Never loaded.
 *
 * @package Docent
 */

declare(strict_types=1);

// phpcs:disable -- Declarations without bodies, as WooCommerce has them.

/** A product. */
class WC_Product {
	/** @return string */
	public function get_price_html() {}
	/** @return bool */
	public function is_in_stock() {}
	/** @return string */
	public function get_sku() {}
	/** @return bool */
	public function has_weight() {}
	/** @return string */
	public function get_weight() {}
	/** @return bool */
	public function has_dimensions() {}
	/**
	 * @param bool $formatted
	 * @return array<string, string>
	 */
	public function get_dimensions( $formatted = true ) {}
	/** @return array<string, WC_Product_Attribute|string> */
	public function get_attributes() {}
	/**
	 * @param string $attribute
	 * @return string
	 */
	public function get_attribute( $attribute ) {}
}

/** An attribute of a product. */
class WC_Product_Attribute {
	/** @return bool */
	public function get_visible() {}
}

/**
 * @param int $id
 * @return WC_Product|null|false
 */
function wc_get_product( $id ) {}

/**
 * @param float $weight
 * @return string
 */
function wc_format_weight( $weight ) {}

/**
 * @param array<string, string> $dimensions
 * @return string
 */
function wc_format_dimensions( $dimensions ) {}

/**
 * @param string     $name
 * @param WC_Product $product
 * @return string
 */
function wc_attribute_label( $name, $product ) {}
