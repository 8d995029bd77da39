/**
 * Handles Settings → Docent as an owner does.
 */

import type { Locator, Page } from 'playwright-core';

export const settingsPath = '/wp-admin/options-general.php?page=docent';

/** The settings page with its seven cards. */
export interface SettingsPage {
	connect: Locator;
	content: Locator;
	sync: Locator;
	limits: Locator;
	models: Locator;
	assistant: Locator;
	voice: Locator;
	/** What was said about the last thing that was saved. */
	snackbar: Locator;
	open(): Promise< void >;
	/** Presses the button that saves a card, and waits until it was saved. */
	save( card: Locator, message: string ): Promise< void >;
}

/** Finds the cards of the settings page. */
export function settingsPage( page: Page ): SettingsPage {
	const card = ( step: number ) =>
		page.locator( '.docent-step' ).nth( step - 1 );
	const snackbar = page.locator( '.components-snackbar' );
	return {
		connect: card( 1 ),
		content: card( 2 ),
		sync: card( 3 ),
		limits: card( 4 ),
		models: card( 5 ),
		assistant: card( 6 ),
		voice: card( 7 ),
		snackbar,
		async open() {
			await page.goto( settingsPath );
			await card( 7 ).waitFor();
		},
		async save( within, message ) {
			await within
				.getByRole( 'button', { name: 'Save', exact: true } )
				.click();
			await snackbar.filter( { hasText: message } ).first().waitFor();
		},
	};
}
