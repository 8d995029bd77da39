/**
 * An owner sets Docent up from nothing, on the settings page, within minutes.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newSiteIdentity } from '../../dev/connection.ts';
import { keepPort } from '../../dev/ports.ts';
import { startProxyProcess } from '../../dev/start/proxy-process.ts';
import type { ProxyProcess } from '../../dev/start/proxy-process.ts';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { findBarriers } from '../support/e2e/axe.ts';
import { publishPages, shopPages } from '../support/e2e/pages.ts';
import { settingsPage, settingsPath } from '../support/e2e/settings-page.ts';
import { launchBrowser, signIn } from '../support/wordpress/browser.ts';
import { startNativeWordPress } from '../support/wordpress/native.ts';
import type { NativeWordPress } from '../support/wordpress/native.ts';

const identity = newSiteIdentity();

let folder: string;
let proxy: ProxyProcess;
let wordpress: NativeWordPress;
let browser: Browser;
let context: BrowserContext;
let connection: string;
/** Every body that the browser got from this site. */
const bodies: Array< Promise< string > > = [];

beforeAll( async () => {
	folder = await mkdtemp( join( tmpdir(), 'docent-e2e-' ) );
	[ wordpress, browser ] = await Promise.all( [
		startNativeWordPress(),
		launchBrowser(),
	] );
	const { port, release } = await keepPort();
	await release();
	proxy = await startProxyProcess( {
		port,
		logFile: join( folder, 'proxy.log' ),
		env: {
			DOCENT_DATA_DIR: join( folder, 'data' ),
			DOCENT_SITE_ID: identity.siteId,
			DOCENT_SITE_SECRET: identity.secret,
			DOCENT_SITE_ORIGINS: wordpress.url,
			OPENAI_API_KEY: '',
		},
	} );
	connection = `docent+http://${ identity.siteId }:${ identity.secret }@127.0.0.1:${ port }`;
	await publishPages( wordpress, shopPages );
	context = await openContext();
} );
afterAll( async () => {
	await browser?.close();
	await wordpress?.stop();
	await proxy?.stop();
	await rm( folder, { recursive: true, force: true } );
} );
afterEach( async () => {
	for ( const page of context.pages() ) {
		await page.close();
	}
} );

async function openContext(): Promise< BrowserContext > {
	const opened = await browser.newContext( {
		baseURL: wordpress.url,
		viewport: { width: 1280, height: 900 },
	} );
	opened.setDefaultTimeout( 20_000 );
	opened.on( 'response', ( response ) => {
		if ( response.url().startsWith( wordpress.url ) ) {
			bodies.push( response.text().catch( () => '' ) );
		}
	} );
	return opened;
}

async function openAsOwner(): Promise< Page > {
	const page = await context.newPage();
	await page.goto( settingsPath );
	if ( page.url().includes( 'wp-login.php' ) ) {
		await signIn( page, { ...wordpress, url: wordpress.url } );
	}
	return page;
}

describe( 'the settings page, from nothing to an answer', () => {
	it( 'says what is wrong with a string that cannot connect', async () => {
		const page = await openAsOwner();
		const { open, connect } = settingsPage( page );
		await open();
		const field = connect.getByLabel( 'Connection string' );
		for ( const [ pasted, problem ] of [
			[ 'hello', 'This is not a connection string.' ],
			[ connection.slice( 0, 40 ), 'This is not a connection string.' ],
			[
				'docent+http://shop:' + 'a'.repeat( 40 ) + '@proxy.example.com',
				'Without https',
			],
		] as const ) {
			await field.fill( pasted );
			await connect.getByText( problem ).waitFor();
		}
		await field.fill(
			connection.replace( identity.secret, 'b'.repeat( 43 ) )
		);
		await connect.getByRole( 'button', { name: 'Connect' } ).click();
		await connect
			.getByText( 'Problem:' )
			.or( connect.locator( '.components-notice.is-error' ) )
			.first()
			.waitFor();
		const disconnect = connect.getByRole( 'button', {
			name: 'Disconnect',
		} );
		if ( await disconnect.isVisible() ) {
			await disconnect.click();
			await page
				.getByRole( 'dialog' )
				.getByRole( 'button', { name: 'Disconnect' } )
				.click();
			await field.waitFor();
		}
	} );

	it( 'connects with the pasted string and tests the connection', async () => {
		const page = await openAsOwner();
		const { open, connect } = settingsPage( page );
		await open();
		await connect
			.getByLabel( 'Connection string' )
			.fill( `  ${ connection } ` );
		await connect
			.getByText( `Connects this site as “${ identity.siteId }”` )
			.waitFor();
		await connect.getByRole( 'button', { name: 'Connect' } ).click();
		await connect.locator( '.docent-checks__item' ).first().waitFor();
		await connect
			.getByRole( 'button', { name: 'Test the connection' } )
			.click();
		const checks = connect.locator( '.docent-checks__item' );
		await expect
			.poll( () =>
				checks.evaluateAll( ( items ) =>
					items.map( ( item ) => item.getAttribute( 'data-status' ) )
				)
			)
			.toContain( 'ok' );
		expect(
			await checks.evaluateAll(
				( items ) =>
					items.filter(
						( item ) =>
							item.getAttribute( 'data-status' ) === 'error'
					).length
			)
		).toBe( 0 );
		expect( await connect.textContent() ).toContain( identity.siteId );
	} );

	it( 'chooses content, sends it with progress, and says when it is ready', async () => {
		const page = await openAsOwner();
		const { open, content, sync, save } = settingsPage( page );
		await open();
		await content.getByLabel( 'Posts' ).uncheck();
		await save( content, 'Content types saved.' );
		await sync.getByRole( 'button', { name: 'Sync now' } ).click();
		await sync
			.locator( '.docent-sync__status' )
			.filter( { hasText: /entries are ready for the assistant/ } )
			.waitFor();
		await page.reload();
		await sync
			.locator( '.docent-sync__status' )
			.filter( { hasText: /Last full sync/ } )
			.waitFor();
		expect( await content.getByLabel( 'Posts' ).isChecked() ).toBe( false );
		expect( await content.getByLabel( 'Pages' ).isChecked() ).toBe( true );
	} );

	it( 'sets the limits, refuses what is no amount, and takes a change back', async () => {
		const page = await openAsOwner();
		const { open, limits, save, snackbar } = settingsPage( page );
		await open();
		const day = limits.getByLabel( 'Whole site, per day (USD)' );
		await day.fill( 'plenty' );
		await limits.locator( '.docent-field__problem' ).waitFor();
		await limits
			.getByRole( 'button', { name: 'Save', exact: true } )
			.click();
		expect(
			await day.evaluate( ( field ) => field.matches( ':focus' ) )
		).toBe( true );
		await day.fill( '2.50' );
		await save( limits, 'Limits saved.' );
		await page.reload();
		expect( await day.inputValue() ).toBe( '2.50' );

		await day.fill( '3' );
		await save( limits, 'Limits saved.' );
		await snackbar.getByRole( 'button', { name: 'Undo' } ).first().click();
		await expect.poll( () => day.inputValue() ).toBe( '2.50' );
	} );

	it( 'switches the launcher on, and every page has it', async () => {
		const page = await openAsOwner();
		const { open, assistant, save } = settingsPage( page );
		await page.goto( '/opening-hours/' );
		expect( await assistantPanel( page, 'launcher' ).root.count() ).toBe(
			0
		);
		await open();
		await assistant.getByLabel( 'Name' ).fill( 'Robin' );
		await assistant.getByLabel( 'Show a button on every page' ).check();
		await save( assistant, 'Assistant saved.' );

		const visitor = await openContext();
		const visited = await visitor.newPage();
		await visited.goto( '/opening-hours/' );
		const launched = assistantPanel( visited, 'launcher' );
		await launched.open();
		expect(
			await launched.root.locator( '.docent-name' ).textContent()
		).toBe( 'Robin' );
		expect(
			await launched.askToEnd( 'How long does delivery take?' )
		).toContain( 'two to three working days' );
		await visitor.close();
	} );

	it( 'has no barriers, connected or not', async () => {
		const page = await openAsOwner();
		const { open, connect } = settingsPage( page );
		await open();
		await connect
			.getByRole( 'button', { name: 'Test the connection' } )
			.click();
		await connect.locator( '.docent-checks__item' ).first().waitFor();
		expect(
			await findBarriers( page, { within: '#docent-settings' } )
		).toEqual( [] );
		await page.route( '**/docent/v1/settings*', ( route ) =>
			route.fulfill( {
				status: 500,
				json: { code: 'x', message: 'WordPress is out of order.' },
			} )
		);
		await page.reload();
		await page.getByText( 'WordPress is out of order.' ).first().waitFor();
		expect(
			await findBarriers( page, { within: '#docent-settings' } )
		).toEqual( [] );
	} );

	it( 'never shows the secret to the browser', async () => {
		const all = await Promise.all( bodies );
		expect( all.length ).toBeGreaterThan( 20 );
		expect(
			all.filter( ( body ) => body.includes( identity.secret ) )
		).toEqual( [] );
	} );
} );

describe( 'somebody who may not change settings', () => {
	it( 'sees neither the page nor what its routes hold', async () => {
		await wordpress.runPhp(
			`wp_insert_user( array( 'user_login' => 'reader', 'user_pass' => 'password', 'role' => 'subscriber' ) );`
		);
		const own = await openContext();
		const page = await own.newPage();
		await signIn( page, {
			url: wordpress.url,
			adminUser: 'reader',
			adminPassword: 'password',
		} );
		expect(
			await page.locator( '#adminmenu' ).textContent()
		).not.toContain( 'Docent' );
		const response = await page.goto( settingsPath );
		expect( response?.status() ).toBe( 403 );
		expect( await page.locator( '#docent-settings' ).count() ).toBe( 0 );

		const nonce = await (
			await page.request.get(
				'/wp-admin/admin-ajax.php?action=rest-nonce'
			)
		).text();
		const ask = (
			method: string,
			route: string,
			headers: Record< string, string >
		) =>
			page.request.fetch( `/wp-json/docent/v1/${ route }`, {
				method,
				headers,
				data: { connection },
			} );
		for ( const [ method, route ] of [
			[ 'GET', 'settings' ],
			[ 'PUT', 'settings' ],
			[ 'PUT', 'connection' ],
			[ 'DELETE', 'connection' ],
			[ 'POST', 'connection/test' ],
			[ 'GET', 'sync' ],
			[ 'POST', 'sync' ],
			[ 'POST', 'sync/step' ],
			[ 'DELETE', 'sync' ],
			[ 'GET', 'usage' ],
		] as const ) {
			const signed = await ask( method, route, { 'X-WP-Nonce': nonce } );
			expect( [ route, method, signed.status() ] ).toEqual( [
				route,
				method,
				403,
			] );
			const unsigned = await ask( method, route, {} );
			expect( [ route, method, unsigned.status() ] ).toEqual( [
				route,
				method,
				401,
			] );
		}
		await own.close();
	} );
} );
