/**
 * Gives a test's WordPress must-use plugins of its own: what a host, a theme or a visitor's language would bring.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NativeWordPress } from '../wordpress/native.ts';

/** Writes a must-use plugin; it is in force from the next request on. Not for sites with the demo shop, whose folder is the clone's. */
export async function addMustUsePlugin(
	{ path }: NativeWordPress,
	name: string,
	php: string
): Promise< void > {
	const folder = join( path, 'wp-content/mu-plugins' );
	await mkdir( folder, { recursive: true } );
	await writeFile( join( folder, `${ name }.php` ), `<?php\n${ php }\n` );
}

/** Many tests come from one address within a minute: they must not meet the limit that keeps strangers from collecting tokens. */
export const manyVisitors = `add_filter( 'docent_mint_limit', static fn () => 100000 );`;

/** `?direction=rtl` shows a page as an Arabic site would, `?scheme=dark` as a theme with a dark palette would. */
export const looks = `
	if ( 'rtl' === ( $_GET['direction'] ?? '' ) ) {
		add_filter( 'locale', static fn () => 'ar' );
		add_action( 'init', static function () { $GLOBALS['wp_locale']->text_direction = 'rtl'; } );
	}
	if ( 'dark' === ( $_GET['scheme'] ?? '' ) ) {
		add_action( 'wp_head', static function () {
			echo '<style>:root{--wp--preset--color--base:#16181b!important;--wp--preset--color--contrast:#f1f1ee!important;--wp--preset--color--accent-4:#b8b8b2!important}</style>';
		}, 100 );
	}
`;
