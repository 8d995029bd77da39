/**
 * An owner sets Docent up from nothing, on the settings page, within minutes.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { findBarriers } from '../support/e2e/axe.ts';
import { settingsPage, settingsPath } from '../support/e2e/settings-page.ts';
import { openUnconnectedSite } from '../support/e2e/unconnected-site.ts';
import type { UnconnectedSite } from '../support/e2e/unconnected-site.ts';
import { signIn } from '../support/wordpress/browser.ts';

let site: UnconnectedSite;

beforeAll( async () => {
	site = await openUnconnectedSite();
} );
afterEach( () => site.closePages() );
afterAll( () => site?.stop() );

describe( 'the settings page, from nothing to an answer', () => {
	it( 'leaves pages calm until it is connected', async () => {
		const context = await site.newContext();
		const page = await context.newPage();
		await page.goto( '/ask/' );
		expect( await assistantPanel( page ).root.textContent() ).toContain(
			'The assistant is not available right now.'
		);
		expect( await assistantPanel( page ).panel.count() ).toBe( 0 );
		await context.close();
	} );

	it( 'says what is wrong with a string that cannot connect', async () => {
		const page = await site.openAsOwner();
		const { open, connect } = settingsPage( page );
		await open();
		const field = connect.getByLabel( 'Connection string' );
		for ( const [ pasted, problem ] of [
			[ 'hello', 'This is not a connection string.' ],
			[
				site.connection.slice( 0, 40 ),
				'This is not a connection string.',
			],
			[
				'docent+http://shop:' + 'a'.repeat( 40 ) + '@proxy.example.com',
				'Without https',
			],
		] as const ) {
			await field.fill( pasted );
			await connect.getByText( problem ).waitFor();
		}
		await field.fill(
			site.connection.replace( site.identity.secret, 'b'.repeat( 43 ) )
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
		const page = await site.openAsOwner();
		const { open, connect } = settingsPage( page );
		await open();
		await connect
			.getByLabel( 'Connection string' )
			.fill( `  ${ site.connection } ` );
		await connect
			.getByText( `Connects this site as “${ site.identity.siteId }”` )
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
		expect( await connect.textContent() ).toContain( site.identity.siteId );
	} );

	it( 'chooses content, sends it with progress, and says when it is ready', async () => {
		const page = await site.openAsOwner();
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
		const page = await site.openAsOwner();
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
		const page = await site.openAsOwner();
		const { open, assistant, save } = settingsPage( page );
		await page.goto( '/opening-hours/' );
		expect( await assistantPanel( page, 'launcher' ).root.count() ).toBe(
			0
		);
		await open();
		await assistant.getByLabel( 'Name' ).fill( 'Robin' );
		await assistant.getByLabel( 'Show a button on every page' ).check();
		await save( assistant, 'Assistant saved.' );

		const visitor = await site.newContext();
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
		const page = await site.openAsOwner();
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
		const all = await site.bodies();
		expect( all.length ).toBeGreaterThan( 20 );
		expect(
			all.filter( ( body ) => body.includes( site.identity.secret ) )
		).toEqual( [] );
	} );
} );

describe( 'somebody who may not change settings', () => {
	it( 'sees neither the page nor what its routes hold', async () => {
		await site.wordpress.runPhp(
			`wp_insert_user( array( 'user_login' => 'reader', 'user_pass' => 'password', 'role' => 'subscriber' ) );`
		);
		const own = await site.newContext();
		const page = await own.newPage();
		await signIn( page, {
			url: site.wordpress.url,
			adminUser: 'reader',
			adminPassword: 'password',
		} );
		await page.goto( '/wp-admin/' );
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
				data: { connection: site.connection },
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
