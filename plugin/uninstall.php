<?php
/**
 * Removes everything the plugin stored, on every site of a network.
 *
 * @package Docent
 */

declare(strict_types=1);

namespace Docent;

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/includes/autoload.php';

if ( is_multisite() ) {
	$docent_sites = get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	);
	foreach ( $docent_sites as $docent_site ) {
		switch_to_blog( (int) $docent_site );
		Uninstall::site();
		restore_current_blog();
	}
} else {
	Uninstall::site();
}
