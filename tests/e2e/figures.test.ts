/**
 * An owner sees what the assistant was asked, who answered, and what it cost.
 */

import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { findBarriers } from '../support/e2e/axe.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';
import { settingsPath } from '../support/e2e/settings-page.ts';
import { signIn } from '../support/wordpress/browser.ts';

let stage: Stage;

beforeAll( async () => {
	stage = await openStage();
} );
afterEach( () => stage.leave() );
afterAll( () => stage?.close() );

async function openFigures(): Promise< Page > {
	const { page } = await stage.newVisitor();
	await signIn( page, stage.site.wordpress );
	await page.goto( `${ settingsPath }&tab=figures` );
	return page;
}

describe( 'questions and cost', () => {
	it( 'says what will appear while nobody has asked', async () => {
		const page = await openFigures();
		await page.getByText( 'No questions in this period.' ).waitFor();
		await page
			.getByText( 'Nobody has asked anything yet. Every' )
			.waitFor();
		expect(
			await findBarriers( page, { within: '#docent-settings' } )
		).toEqual( [] );
	} );

	it( 'shows what was asked, who answered and what it cost', async () => {
		stage.provider.script( {
			text: asModel( 'Two to three working days.' ),
		} );
		for ( const question of [
			'How long does delivery take?',
			'How long does delivery take?',
			'Who won the football game yesterday?',
		] ) {
			const { page } = await stage.newVisitor();
			await page.goto( '/ask/' );
			await assistantPanel( page ).askToEnd( question );
		}
		const page = await openFigures();
		const log = page.getByRole( 'region', { name: 'Calls' } );
		await log.getByText( 'Answered by a model' ).waitFor();
		await log.getByText( 'From saved answers' ).waitFor();
		await log.getByText( 'Not in your site' ).waitFor();
		expect( await log.locator( 'tbody tr' ).count() ).toBe( 3 );

		const questions = page.locator( '.docent-totals > div' ).first();
		expect( await questions.textContent() ).toContain( 'Questions3' );
		expect( await questions.textContent() ).toContain( '67% at no cost' );
		await page.getByText( 'Show as a table' ).click();
		const today = page.locator( '.docent-chart__table tbody tr' );
		expect( await today.count() ).toBe( 1 );
		expect( await today.textContent() ).toContain( '$0.0' );
		expect(
			await findBarriers( page, { within: '#docent-settings' } )
		).toEqual( [] );
	} );

	it( 'filters the log and gives it away as a file', async () => {
		const page = await openFigures();
		const log = page.getByRole( 'region', { name: 'Calls' } );
		await log.waitFor();
		await page
			.getByLabel( 'What happened' )
			.selectOption( { label: 'From saved answers' } );
		await log.getByText( 'Answered by a model' ).waitFor( {
			state: 'detached',
		} );
		expect( await log.locator( 'tbody tr' ).count() ).toBe( 1 );
		const [ download ] = await Promise.all( [
			page.waitForEvent( 'download' ),
			page.getByRole( 'button', { name: 'Download as CSV' } ).click(),
		] );
		expect( download.suggestedFilename() ).toBe( 'docent-calls.csv' );
		const lines = ( await readFile( await download.path(), 'utf8' ) )
			.trim()
			.split( /\r?\n/ );
		expect( lines ).toHaveLength( 2 );
		expect( lines[ 1 ] ).toContain( 'cached' );

		await page
			.getByLabel( 'What happened' )
			.selectOption( { label: 'Failed' } );
		await page.getByText( 'No call fits this choice.' ).waitFor();
	} );

	it( 'says what is wrong when the proxy is away, and tries again', async () => {
		const page = await openFigures();
		let isAway = true;
		await page.route( /docent(%2F|\/)v1(%2F|\/)calls/, ( route ) =>
			isAway
				? route.fulfill( {
						status: 502,
						json: {
							code: 'docent_proxy_unreachable',
							message: 'The proxy could not be reached.',
							data: { status: 502 },
						},
					} )
				: route.continue()
		);
		await page.reload();
		await page
			.locator( '.components-notice' )
			.getByText( 'The proxy could not be reached.' )
			.waitFor();
		isAway = false;
		await page.getByRole( 'button', { name: 'Try again' } ).click();
		await page
			.getByRole( 'region', { name: 'Calls' } )
			.getByText( 'Not in your site' )
			.waitFor();
	} );
} );
