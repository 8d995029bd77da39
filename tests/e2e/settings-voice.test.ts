/**
 * An owner chooses what is offered of voice, the proxy keeps it, and pages and the editor go by it.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { findBarriers } from '../support/e2e/axe.ts';
import { settingsPage } from '../support/e2e/settings-page.ts';
import { openUnconnectedSite } from '../support/e2e/unconnected-site.ts';
import type { UnconnectedSite } from '../support/e2e/unconnected-site.ts';
import { signRequest } from '../support/proxy/credentials.ts';

let site: UnconnectedSite;

beforeAll( async () => {
	// A key is enough to be offered; nothing is asked of the provider here.
	site = await openUnconnectedSite( {
		proxyEnv: {
			OPENAI_API_KEY: 'test-key',
			OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
		},
	} );
	const page = await site.openAsOwner();
	const { open, connect, voice } = settingsPage( page );
	await open();
	await connect.getByLabel( 'Connection string' ).fill( site.connection );
	await connect.getByRole( 'button', { name: 'Connect' } ).click();
	await voice.getByLabel( 'Offer voice' ).waitFor();
	await page.close();
} );
afterEach( () => site.closePages() );
afterAll( () => site?.stop() );

interface Kept {
	modalities: Record< string, unknown >;
	assistant: Record< string, unknown >;
	limits: Record< string, unknown >;
	rateLimits: Record< string, unknown >;
	retention: Record< string, unknown >;
	voice: Record< string, unknown >;
}

/** Asks the proxy itself what it keeps for the site. */
async function keptAtProxy(): Promise< Kept > {
	const path = '/v1/site/settings';
	const { host } = new URL( site.connection.replace( 'docent+', '' ) );
	const response = await fetch( `http://${ host }${ path }`, {
		headers: signRequest( 'GET', path, '', site.identity ),
	} );
	expect( response.status ).toBe( 200 );
	return response.json() as Promise< Kept >;
}

/** Tells whether a visitor's page has a microphone. */
async function hasMicrophone(): Promise< boolean > {
	const context = await site.newContext();
	const page = await context.newPage();
	await page.goto( '/ask/' );
	await assistantPanel( page ).panel.waitFor();
	const count = await page.locator( '[data-docent="microphone"]' ).count();
	await context.close();
	return count > 0;
}

describe( 'the choice of voice', () => {
	it( 'is a microphone on every page, until the owner takes it away, and again with one undo', async () => {
		expect( await hasMicrophone() ).toBe( true );
		const page = await site.openAsOwner();
		const { open, voice, save, snackbar } = settingsPage( page );
		await open();
		await voice.getByLabel( 'Offer voice' ).uncheck();
		expect( await voice.getByText( 'Kinds of voice' ).count() ).toBe( 0 );
		await save( voice, 'Voice saved.' );
		expect( ( await keptAtProxy() ).modalities.voice ).toBe( false );
		expect( await hasMicrophone() ).toBe( false );

		await snackbar.getByRole( 'button', { name: 'Undo' } ).first().click();
		await voice.getByText( 'Kinds of voice' ).waitFor();
		expect( ( await keptAtProxy() ).modalities.voice ).toBe( true );
		expect( await hasMicrophone() ).toBe( true );
	} );

	it( 'says what a minute of each kind costs, and what a browser that speaks saves', async () => {
		const page = await site.openAsOwner();
		const { open, voice } = settingsPage( page );
		await open();
		await voice
			.getByText( 'About $0.0045 for a minute heard and $0.0' )
			.waitFor();
		await voice
			.getByText(
				'About $0.024 for a minute heard and $0.077 for a minute spoken.'
			)
			.waitFor();
		await voice.getByLabel( 'The visitor’s browser' ).check();
		await voice
			.getByText( 'About $0.0045 for a minute heard; speaking is free.' )
			.waitFor();
	} );

	it( 'goes to the proxy in its units, and comes back', async () => {
		const page = await site.openAsOwner();
		const { open, voice, save, snackbar } = settingsPage( page );
		await open();
		const before = await keptAtProxy();
		await voice.getByLabel( 'Live conversation', { exact: true } ).check();
		await voice.getByLabel( 'Expressive answers' ).check();
		await voice
			.getByLabel( 'Voice', { exact: true } )
			.selectOption( 'Marin' );
		await voice.getByLabel( 'How it speaks' ).fill( 'Calm.' );
		await voice.getByLabel( 'Voice, per day (minutes)' ).fill( '45' );
		await voice.getByLabel( 'Spoken question (seconds)' ).fill( '30' );
		await voice.getByLabel( 'Live conversation (minutes)' ).fill( '5' );
		await voice.getByLabel( 'Show what it has cost' ).check();
		await voice.getByLabel( 'Speak pages when they are published' ).check();
		await voice.getByLabel( 'Allow downloads' ).check();
		await save( voice, 'Voice saved.' );
		const after = await keptAtProxy();
		expect( after.modalities ).toMatchObject( {
			voice: true,
			realtime: true,
		} );
		expect( after.assistant.voice ).toBe( 'marin' );
		expect( after.limits.voiceSecondsDay ).toBe( 2_700 );
		expect( after.voice ).toEqual( {
			...before.voice,
			expressive: true,
			instructions: 'Calm.',
			maxQuestionSeconds: 30,
			liveMaxSeconds: 300,
			showSpent: true,
			download: true,
		} );

		await page.reload();
		expect(
			await voice.getByLabel( 'Voice, per day (minutes)' ).inputValue()
		).toBe( '45' );
		expect(
			await voice
				.getByLabel( 'Speak pages when they are published' )
				.isChecked()
		).toBe( true );
		await voice.getByLabel( 'Voice, per day (minutes)' ).fill( '60' );
		await save( voice, 'Voice saved.' );
		await snackbar.getByRole( 'button', { name: 'Undo' } ).first().click();
		await expect
			.poll( async () => ( await keptAtProxy() ).limits.voiceSecondsDay )
			.toBe( 2_700 );
	} );

	it( 'takes a voice role by keyboard, with an id that stays', async () => {
		const page = await site.openAsOwner();
		const { open, voice, save } = settingsPage( page );
		await open();
		await voice.getByText( 'No voice roles yet.' ).waitFor();
		await voice.getByRole( 'button', { name: 'Add a voice role' } ).focus();
		await page.keyboard.press( 'Enter' );
		// The new row has the focus, and cannot be saved without a name.
		await page.keyboard.press( 'Enter' );
		await voice.getByText( 'Write a name.' ).waitFor();
		await page.keyboard.type( 'Émile' );
		await page.keyboard.press( 'Tab' );
		await page.keyboard.press( 'b' );
		await page.keyboard.press( 'Tab' );
		await page.keyboard.type( 'Slow and warm.' );
		await save( voice, 'Voice saved.' );
		const role = {
			id: 'emile',
			name: 'Émile',
			voice: 'ballad',
			instructions: 'Slow and warm.',
		};
		expect( ( await keptAtProxy() ).voice.roles ).toEqual( [ role ] );

		await voice.getByLabel( 'Voice role 1: name' ).fill( 'Emma' );
		await voice
			.getByRole( 'listitem' )
			.getByLabel( 'Voice', { exact: true } )
			.selectOption( 'Another…' );
		await voice
			.getByRole( 'button', { name: 'Save', exact: true } )
			.click();
		await voice.getByText( 'Write the name of a voice.' ).waitFor();
		await voice.getByLabel( 'Name of the voice' ).fill( 'nova' );
		await save( voice, 'Voice saved.' );
		await expect
			.poll( async () => ( await keptAtProxy() ).voice.roles )
			.toEqual( [ { ...role, name: 'Emma', voice: 'nova' } ] );
		await page.reload();
		expect(
			await voice.getByLabel( 'Name of the voice' ).inputValue()
		).toBe( 'nova' );
	} );

	it( 'refuses what is no number and leads there', async () => {
		const page = await site.openAsOwner();
		const { open, voice } = settingsPage( page );
		await open();
		const seconds = voice.getByLabel( 'Spoken question (seconds)' );
		await seconds.fill( '600' );
		await voice
			.getByText( 'Write a whole number from 5 to 120.' )
			.waitFor();
		await voice
			.getByRole( 'button', { name: 'Save', exact: true } )
			.click();
		expect(
			await seconds.evaluate( ( field ) => field.matches( ':focus' ) )
		).toBe( true );
		await voice.getByRole( 'button', { name: 'Discard changes' } ).click();
		expect( await seconds.inputValue() ).toBe( '30' );
	} );

	it( 'says what is missing where the proxy has no key, and what holds while it is away', async () => {
		const page = await site.openAsOwner();
		const { open, voice } = settingsPage( page );
		await page.route( '**/docent/v1/settings*', async ( route ) => {
			const response = await route.fetch();
			const settings = await response.json();
			const none = {
				transcription: null,
				speech: null,
				audioChat: null,
				realtime: null,
			};
			await route.fulfill( {
				response,
				json: {
					...settings,
					voice: { ...settings.voice, abilities: none },
				},
			} );
		} );
		await open();
		await voice.getByText( 'The proxy has no key for a model' ).waitFor();
		expect(
			await voice
				.getByText( 'The proxy has no model and key for this.' )
				.count()
		).toBe( 2 );
		expect(
			await findBarriers( page, { within: '#docent-settings' } )
		).toEqual( [] );

		await page.unroute( '**/docent/v1/settings*' );
		await page.route( '**/docent/v1/settings*', async ( route ) => {
			const response = await route.fetch();
			await route.fulfill( {
				response,
				json: {
					...( await response.json() ),
					voice: null,
					limitsError: 'The proxy does not answer.',
				},
			} );
		} );
		await page.reload();
		await voice.getByText( 'The proxy does not answer.' ).waitFor();
		await page.unroute( '**/docent/v1/settings*' );
		await voice.getByRole( 'button', { name: 'Try again' } ).click();
		await voice.getByLabel( 'Offer voice' ).waitFor();
	} );

	it.each( [ 1280, 390 ] )(
		'has no barriers and fits a screen of %i pixels',
		async ( width ) => {
			const page = await site.openAsOwner();
			await page.setViewportSize( { width, height: 844 } );
			const { open, voice } = settingsPage( page );
			await open();
			await voice
				.getByRole( 'button', { name: 'Add a voice role' } )
				.click();
			await voice
				.getByRole( 'button', { name: 'Save', exact: true } )
				.click();
			await voice.getByText( 'Write a name.' ).waitFor();
			expect(
				await findBarriers( page, { within: '#docent-settings' } )
			).toEqual( [] );
			expect(
				await page.evaluate(
					() => document.documentElement.scrollWidth - innerWidth
				)
			).toBeLessThanOrEqual( 0 );
		}
	);
} );

describe( 'the other limits', () => {
	it( 'count questions a minute and pictures a day, and keep the log as long as the owner says', async () => {
		const page = await site.openAsOwner();
		const { open, limits, assistant, save, snackbar } =
			settingsPage( page );
		await open();
		await limits.getByLabel( 'One visitor', { exact: true } ).fill( '7' );
		await limits.getByLabel( 'One network address' ).fill( '30' );
		await limits.getByLabel( 'Whole site', { exact: true } ).fill( '200' );
		await limits.getByLabel( 'Pictures, per day' ).fill( '0' );
		await save( limits, 'Limits saved.' );
		await assistant
			.getByLabel( 'Keep the call log for (days)' )
			.fill( '30' );
		await save( assistant, 'Assistant saved.' );
		const kept = await keptAtProxy();
		expect( kept.rateLimits ).toEqual( {
			visitorPerMinute: 7,
			addressPerMinute: 30,
			sitePerMinute: 200,
		} );
		expect( kept.limits.imagesDay ).toBe( 0 );
		expect( kept.retention.callDays ).toBe( 30 );

		await limits
			.getByLabel( 'Whole site', { exact: true } )
			.fill( 'all of them' );
		await limits
			.getByText( 'Write a whole number from 1 to 10,000,000.' )
			.waitFor();
		await limits.getByLabel( 'Whole site', { exact: true } ).fill( '300' );
		await save( limits, 'Limits saved.' );
		await snackbar.getByRole( 'button', { name: 'Undo' } ).last().click();
		await expect
			.poll(
				async () => ( await keptAtProxy() ).rateLimits.sitePerMinute
			)
			.toBe( 200 );
	} );
} );
