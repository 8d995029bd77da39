/**
 * Gives tests a real Chromium.
 */

import { chromium } from 'playwright-core';
import type { Browser, LaunchOptions, Page } from 'playwright-core';
import { findChromium } from '../../../dev/browser.ts';

/** Starts the browser of this machine, silent towards the outside. Rejects when there is none. */
export async function launchBrowser(
	options: LaunchOptions = {}
): Promise< Browser > {
	const executablePath = findChromium();
	if ( executablePath === undefined ) {
		throw new Error(
			'No Chromium or Chrome on this machine: install one, or set CHROME_PATH.'
		);
	}
	return chromium.launch( {
		executablePath,
		...options,
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			// Whatever a page asks of another machine fails at once: without a network wp-admin would wait for pictures of its users.
			'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
			...( options.args ?? [] ),
		],
	} );
}

/** Signs the page's browser in to wp-admin; the page stays where it is. */
export async function signIn(
	page: Page,
	site: { url: string; adminUser: string; adminPassword: string }
): Promise< void > {
	const response = await page.request.post( `${ site.url }/wp-login.php`, {
		form: { log: site.adminUser, pwd: site.adminPassword },
		maxRedirects: 0,
	} );
	if ( response.status() !== 302 ) {
		throw new Error(
			`WordPress answered ${ response.status() } and did not sign ${ site.adminUser } in.`
		);
	}
}
