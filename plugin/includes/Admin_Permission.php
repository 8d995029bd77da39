<?php
/**
 * Decides who may see and change Docent's settings.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'ABSPATH' ) || exit;

/** Is the permission callback of every route of the settings page. */
final class Admin_Permission {

	public const CAPABILITY = 'manage_options';

	/** Lets administrators in; WordPress itself has made the visitor a guest when the nonce was missing or wrong. */
	public static function check(): bool|\WP_Error {
		if ( current_user_can( self::CAPABILITY ) ) {
			return true;
		}
		return new \WP_Error( 'rest_forbidden', __( 'Only an administrator of this site can do that.', 'docent' ), array( 'status' => rest_authorization_required_code() ) );
	}
}
