/**
 * Starts what an owner has on the first day: a WordPress with the plugin, a proxy, and a connection string not yet pasted.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { newSiteIdentity } from '../../../dev/connection.ts';
import type { SiteIdentity } from '../../../dev/connection.ts';
import { keepPort } from '../../../dev/ports.ts';
import { startProxyProcess } from '../../../dev/start/proxy-process.ts';
import { launchBrowser, signIn } from '../wordpress/browser.ts';
import { startNativeWordPress } from '../wordpress/native.ts';
import type { NativeWordPress } from '../wordpress/native.ts';
import { publishPages, shopPages } from './pages.ts';
import { settingsPath } from './settings-page.ts';

export interface UnconnectedSite {
	wordpress: NativeWordPress;
	identity: SiteIdentity;
	/** What the owner pastes. */
	connection: string;
	/** Opens a browser of its own. */
	newContext(): Promise< BrowserContext >;
	/** Opens the settings page in the owner's browser. */
	openAsOwner(): Promise< Page >;
	/** Every body that any browser got from WordPress so far. */
	bodies(): Promise< string[] >;
	/** Closes the owner's pages. For `afterEach`. */
	closePages(): Promise< void >;
	stop(): Promise< void >;
}

/** Starts both, publishes the shop's pages and connects nothing. `proxyEnv` lays over the proxy's environment, which has no provider. */
export async function openUnconnectedSite( {
	proxyEnv = {},
}: {
	proxyEnv?: Record< string, string >;
} = {} ): Promise< UnconnectedSite > {
	const identity = newSiteIdentity();
	const folder = await mkdtemp( join( tmpdir(), 'docent-e2e-' ) );
	const ends: Array< () => Promise< unknown > > = [
		() => rm( folder, { recursive: true, force: true } ),
	];
	const stop = async (): Promise< void > => {
		for ( const end of ends.splice( 0 ).reverse() ) {
			await end();
		}
	};
	try {
		const wordpress = await startNativeWordPress();
		ends.push( wordpress.stop );
		const browser: Browser = await launchBrowser();
		ends.push( () => browser.close() );
		const { port, release } = await keepPort();
		await release();
		const proxy = await startProxyProcess( {
			port,
			logFile: join( folder, 'proxy.log' ),
			env: {
				DOCENT_DATA_DIR: join( folder, 'data' ),
				DOCENT_SITE_ID: identity.siteId,
				DOCENT_SITE_SECRET: identity.secret,
				DOCENT_SITE_ORIGINS: wordpress.url,
				OPENAI_API_KEY: '',
				...proxyEnv,
			},
		} );
		ends.push( proxy.stop );
		await publishPages( wordpress, shopPages );

		const bodies: Array< Promise< string > > = [];
		const newContext = async (): Promise< BrowserContext > => {
			const context = await browser.newContext( {
				baseURL: wordpress.url,
				viewport: { width: 1280, height: 900 },
			} );
			context.setDefaultTimeout( 20_000 );
			context.on( 'response', ( response ) => {
				if ( response.url().startsWith( wordpress.url ) ) {
					bodies.push( response.text().catch( () => '' ) );
				}
			} );
			return context;
		};
		const owner = await newContext();
		return {
			wordpress,
			identity,
			connection: `docent+http://${ identity.siteId }:${ identity.secret }@127.0.0.1:${ port }`,
			newContext,
			async openAsOwner() {
				const page = await owner.newPage();
				await page.goto( settingsPath );
				if ( page.url().includes( 'wp-login.php' ) ) {
					await signIn( page, wordpress );
				}
				return page;
			},
			bodies: () => Promise.all( bodies ),
			async closePages() {
				for ( const page of owner.pages() ) {
					await page.close();
				}
			},
			stop,
		};
	} catch ( error ) {
		await stop();
		throw error;
	}
}
