/**
 * An owner chooses which models answer and where saving begins, and the proxy does as it was told.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findBarriers } from '../support/e2e/axe.ts';
import { settingsPage } from '../support/e2e/settings-page.ts';
import { openUnconnectedSite } from '../support/e2e/unconnected-site.ts';
import type { UnconnectedSite } from '../support/e2e/unconnected-site.ts';
import { signRequest } from '../support/proxy/credentials.ts';

let site: UnconnectedSite;

beforeAll( async () => {
	site = await openUnconnectedSite();
	const page = await site.openAsOwner();
	const { open, connect, models } = settingsPage( page );
	await open();
	await connect.getByLabel( 'Connection string' ).fill( site.connection );
	await connect.getByRole( 'button', { name: 'Connect' } ).click();
	await models.getByLabel( 'Highest class' ).waitFor();
	await page.close();
} );
afterEach( () => site.closePages() );
afterAll( () => site?.stop() );

/** Asks the proxy itself what it keeps for the site. */
async function keptAtProxy(): Promise< {
	limits: Record< string, unknown >;
	routing: Record< string, unknown >;
} > {
	const path = '/v1/site/settings';
	const { host } = new URL( site.connection.replace( 'docent+', '' ) );
	const response = await fetch( `http://${ host }${ path }`, {
		headers: signRequest( 'GET', path, '', site.identity ),
	} );
	expect( response.status ).toBe( 200 );
	return response.json();
}

/** Figures of a site that has spent this share of its daily limit. */
function usageOf( share: number ) {
	const window = ( spentNanoUsd: number ) => ( {
		window: '2026-11-20',
		spentNanoUsd,
		heldNanoUsd: 0,
		limitNanoUsd: 1_000_000_000,
	} );
	return {
		day: window( share * 1_000_000_000 ),
		month: window( 50_000_000 ),
		answers: { total: 12, cached: 4, extractive: 2, unanswered: 1 },
	};
}

describe( 'the choice of models', () => {
	it( 'says when saving begins, and that it has begun', async () => {
		const page = await site.openAsOwner();
		const { open, limits, save } = settingsPage( page );
		await open();
		const share = limits.getByLabel( 'Begin to save at … % of the limit' );
		expect( await share.inputValue() ).toBe( '80' );
		await share.fill( '180' );
		await limits.getByText( 'Write a number from 0 to 100.' ).waitFor();
		await share.fill( '62,5' );
		await save( limits, 'Limits saved.' );
		expect( ( await keptAtProxy() ).limits.softShare ).toBe( 0.625 );
		expect( await limits.getByText( 'Saving: answers' ).count() ).toBe( 0 );

		await page.route( '**/docent/v1/usage*', ( route ) =>
			route.fulfill( { json: usageOf( 0.63 ) } )
		);
		await page.reload();
		await limits
			.getByText( 'Saving: answers come from the cheapest class.' )
			.waitFor();
		expect( await share.inputValue() ).toBe( '62.5' );
	} );

	it( 'chooses models and adds a rule by keyboard, and takes both back', async () => {
		const page = await site.openAsOwner();
		const { open, models, save, snackbar } = settingsPage( page );
		await open();
		const before = ( await keptAtProxy() ).routing;
		expect( await models.getByLabel( 'Economy' ).isDisabled() ).toBe(
			true
		);
		await models.getByLabel( 'Premium' ).focus();
		await page.keyboard.press( 'Space' );
		await models.getByText( 'Answers come from: Economy' ).waitFor();
		await models.getByText( 'No rules yet.' ).waitFor();
		await models.getByRole( 'button', { name: 'Add a rule' } ).focus();
		await page.keyboard.press( 'Enter' );
		// The new rule has the focus, and cannot be saved without words.
		await page.keyboard.press( 'Enter' );
		await models.getByText( 'Write at least one word.' ).waitFor();
		await page.keyboard.type( 'refund, 退款，money back' );
		await page.keyboard.press( 'Tab' );
		await page.keyboard.press( 'p' );
		await models
			.getByText( 'Premium may not answer, so Standard takes' )
			.waitFor();
		await save( models, 'Models saved.' );
		expect( ( await keptAtProxy() ).routing ).toEqual( {
			...before,
			tiers: [ 'economy', 'standard' ],
			rules: [
				{
					containing: [ 'refund', '退款', 'money back' ],
					tier: 'premium',
				},
			],
		} );

		await snackbar.getByRole( 'button', { name: 'Undo' } ).first().click();
		await models.getByText( 'No rules yet.' ).waitFor();
		expect( await models.getByLabel( 'Premium' ).isChecked() ).toBe( true );
		expect( ( await keptAtProxy() ).routing ).toEqual( before );
	} );

	it( 'puts a removed row back where it was', async () => {
		const page = await site.openAsOwner();
		const { open, models, snackbar } = settingsPage( page );
		await open();
		const rules = models.getByLabel( /^Rule \d: question contains$/ );
		for ( const words of [ 'one', 'two', 'three' ] ) {
			await models.getByRole( 'button', { name: 'Add a rule' } ).click();
			await page.keyboard.type( words );
		}
		await models.getByRole( 'button', { name: 'Move rule 3 up' } ).click();
		await models.getByRole( 'button', { name: 'Remove rule 1' } ).click();
		const typed = () =>
			rules.evaluateAll( ( fields ) =>
				fields.map( ( field ) => ( field as { value?: string } ).value )
			);
		expect( await typed() ).toEqual( [ 'three', 'two' ] );
		expect(
			await rules
				.first()
				.evaluate( ( field ) => field.matches( ':focus' ) )
		).toBe( true );
		await snackbar.getByRole( 'button', { name: 'Undo' } ).first().click();
		expect( await typed() ).toEqual( [ 'one', 'three', 'two' ] );
		await models.getByRole( 'button', { name: 'Discard changes' } ).click();
		await models.getByText( 'No rules yet.' ).waitFor();
	} );

	it( 'gives a language a class, once, and a doubtful question a price', async () => {
		const page = await site.openAsOwner();
		const { open, models, save } = settingsPage( page );
		await open();
		const add = models.getByRole( 'button', { name: 'Add a language' } );
		await add.click();
		expect( await models.getByText( 'Choose a language.' ).count() ).toBe(
			0
		);
		await models
			.getByRole( 'button', { name: 'Save', exact: true } )
			.click();
		await models.getByText( 'Choose a language.' ).waitFor();
		await models
			.getByLabel( 'Language 1', { exact: true } )
			.selectOption( 'zh' );
		await add.click();
		await models
			.getByLabel( 'Language 2', { exact: true } )
			.selectOption( 'zh' );
		await models
			.getByText( 'This language is in the list already.' )
			.waitFor();
		await models
			.getByLabel( 'Language 2', { exact: true } )
			.selectOption( 'de' );
		await models.getByRole( 'button', { name: 'Remove German' } ).click();
		await models
			.getByLabel( 'Ask a model about doubtful questions' )
			.check();
		const price = models.getByLabel( 'At most, each time (USD)' );
		expect( await price.inputValue() ).toBe( '0.0002' );
		await price.fill( 'little' );
		await models
			.getByRole( 'button', { name: 'Save', exact: true } )
			.click();
		expect(
			await price.evaluate( ( field ) => field.matches( ':focus' ) )
		).toBe( true );
		await price.fill( '0.0001' );
		await save( models, 'Models saved.' );
		expect( ( await keptAtProxy() ).routing ).toMatchObject( {
			languageTiers: { zh: 'standard' },
			decisionModel: true,
			decisionMaxNanoUsd: 100_000,
		} );
		await models.getByRole( 'button', { name: 'Remove Chinese' } ).click();
		await save( models, 'Models saved.' );
		expect( ( await keptAtProxy() ).routing.languageTiers ).toEqual( {} );
	} );

	it( 'says what holds while the proxy cannot be reached', async () => {
		const page = await site.openAsOwner();
		const { open, limits, models } = settingsPage( page );
		await page.route( '**/docent/v1/settings*', async ( route ) => {
			const response = await route.fetch();
			await route.fulfill( {
				response,
				json: {
					...( await response.json() ),
					routing: null,
					limitsError: 'The proxy does not answer.',
				},
			} );
		} );
		await open();
		await models.getByText( 'The proxy does not answer.' ).waitFor();
		await limits.getByText( 'The proxy does not answer.' ).waitFor();
		await page.unroute( '**/docent/v1/settings*' );
		await models.getByRole( 'button', { name: 'Try again' } ).click();
		await models.getByLabel( 'Highest class' ).waitFor();
	} );

	it( 'has no barriers, whatever is in it', async () => {
		const page = await site.openAsOwner();
		const { open, limits, models } = settingsPage( page );
		await page.route( '**/docent/v1/usage*', ( route ) =>
			route.fulfill( { json: usageOf( 0.9 ) } )
		);
		await open();
		await limits.getByText( 'Saving: answers' ).waitFor();
		const barriers = () =>
			findBarriers( page, { within: '#docent-settings' } );
		expect( await barriers() ).toEqual( [] );
		for ( const name of [ 'Add a rule', 'Add a language' ] ) {
			await models.getByRole( 'button', { name } ).click();
			await models.getByRole( 'button', { name } ).click();
		}
		await models.getByRole( 'button', { name: 'Remove rule 2' } ).click();
		await models
			.getByLabel( 'Ask a model about doubtful questions' )
			.setChecked( true );
		expect( await barriers() ).toEqual( [] );
	} );
} );
