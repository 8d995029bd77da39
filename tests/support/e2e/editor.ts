/**
 * Handles the block editor as an editor does.
 */

import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { NativeWordPress } from '../wordpress/native.ts';

export interface Editor {
	/** What stands in the iframe: the page being written. */
	canvas: FrameLocator;
	/** The settings of the selected block. */
	sidebar: Locator;
	/** Opens a new page. */
	openNewPage(): Promise< void >;
	writeTitle( title: string ): Promise< void >;
	/** Searches the inserter and chooses the block of this name. */
	insert( name: string ): Promise< void >;
	/** Publishes and returns the address of the page. */
	publish(): Promise< string >;
}

/** Puts away, for the administrator, the guide and the choice of patterns that greet whoever opens the editor first. */
export async function knowTheEditor( {
	runPhp,
}: NativeWordPress ): Promise< void > {
	await runPhp( `
		update_user_meta(
			1,
			$GLOBALS['wpdb']->get_blog_prefix() . 'persisted_preferences',
			array(
				'core'           => array( 'enableChoosePatternModal' => false ),
				'core/edit-post' => array( 'welcomeGuide' => false ),
				'_modified'      => gmdate( 'c' ),
			)
		);
	` );
}

/** Handles the editor in this page. */
export function editor( page: Page ): Editor {
	const canvas = page.frameLocator( 'iframe[name="editor-canvas"]' );
	const topBar = page.getByRole( 'region', { name: 'Editor top bar' } );
	return {
		canvas,
		sidebar: page.getByRole( 'region', { name: 'Editor settings' } ),
		async openNewPage() {
			await page.goto( '/wp-admin/post-new.php?post_type=page' );
			await canvas.locator( '.wp-block-post-title' ).waitFor();
		},
		async writeTitle( title ) {
			await canvas.locator( '.wp-block-post-title' ).fill( title );
		},
		async insert( name ) {
			await topBar
				.getByRole( 'button', { name: 'Block Inserter' } )
				.click();
			const library = page.getByRole( 'region', {
				name: 'Block Library',
			} );
			await library.getByRole( 'searchbox' ).fill( name );
			await library.getByRole( 'option', { name, exact: true } ).click();
			await topBar
				.getByRole( 'button', { name: 'Block Inserter' } )
				.click();
		},
		async publish() {
			await topBar
				.getByRole( 'button', { name: 'Publish', exact: true } )
				.click();
			const panel = page.getByRole( 'region', {
				name: 'Editor publish',
			} );
			await panel
				.getByRole( 'button', { name: 'Publish', exact: true } )
				.click();
			const link = panel.getByRole( 'link', { name: 'View Page' } );
			return ( await link.first().getAttribute( 'href' ) ) ?? '';
		},
	};
}
