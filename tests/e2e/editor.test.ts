/**
 * An editor places the assistant on a page, and visitors find it as the editor left it.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { editor, knowTheEditor } from '../support/e2e/editor.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';
import { signIn } from '../support/wordpress/browser.ts';

let stage: Stage;

beforeAll( async () => {
	stage = await openStage();
	await knowTheEditor( stage.site.wordpress );
} );
afterEach( async () => {
	stage.provider.reset();
	await stage.leave();
} );
afterAll( () => stage?.close() );

describe( 'in the block editor', () => {
	it( 'the block is inserted, its greeting and a question are written in place, and the published page has them', async () => {
		const { page } = await stage.newVisitor( {
			viewport: { width: 1280, height: 900 },
		} );
		await signIn( page, stage.site.wordpress );
		const { openNewPage, writeTitle, insert, canvas, publish } =
			editor( page );
		await openNewPage();
		await writeTitle( 'Questions' );
		await insert( 'Docent assistant' );
		const block = canvas.locator( '[data-type="docent/assistant"]' );
		await block.waitFor();
		expect( await block.locator( '.docent-panel' ).isVisible() ).toBe(
			true
		);

		await block
			.getByRole( 'textbox', { name: 'Greeting' } )
			.fill( 'Ask the “Shed” anything.' );
		await block.getByRole( 'button', { name: 'Add a question' } ).click();
		await block
			.getByRole( 'textbox', { name: 'Suggested question 1' } )
			.fill( 'How long does delivery take?' );
		const address = await publish();

		stage.provider.script( {
			text: asModel( 'Two to three working days.' ),
		} );
		const { page: visited } = await stage.newVisitor();
		await visited.goto( address );
		const assistant = assistantPanel( visited );
		expect(
			await assistant.root.locator( '.docent-greeting' ).textContent()
		).toBe( 'Ask the “Shed” anything.' );
		expect( await assistant.suggestions.allTextContents() ).toEqual( [
			'How long does delivery take?',
		] );
		await assistant.suggestions.first().click();
		await assistant.consent.click();
		await assistant.sees( 'Two to three working days.' );
	} );

	it( 'the sidebar makes a button of it, which opens the panel on the page', async () => {
		const { page } = await stage.newVisitor( {
			viewport: { width: 1280, height: 900 },
		} );
		await signIn( page, stage.site.wordpress );
		const { openNewPage, writeTitle, insert, canvas, sidebar, publish } =
			editor( page );
		await openNewPage();
		await writeTitle( 'A button' );
		await insert( 'Docent assistant' );
		await canvas.locator( '[data-type="docent/assistant"]' ).waitFor();
		if (
			! ( await sidebar
				.getByLabel( 'Button that opens the panel' )
				.isVisible() )
		) {
			await page
				.getByRole( 'button', { name: 'Settings', exact: true } )
				.click();
		}
		await sidebar.getByLabel( 'Button that opens the panel' ).check();
		await sidebar.getByLabel( 'Only the page it stands on' ).check();
		const address = await publish();

		const { page: visited } = await stage.newVisitor();
		await visited.goto( address );
		const assistant = assistantPanel( visited, 'button' );
		expect( await assistant.panel.isVisible() ).toBe( false );
		await assistant.open();
		const [ request ] = await Promise.all( [
			visited.waitForRequest( '**/v1/ask' ),
			assistant.ask( 'How long does delivery take?' ),
		] );
		expect( request.postDataJSON().scope ).toMatchObject( {
			url: address,
			title: 'A button',
		} );
	} );

	it( 'voice is part of a new block, which speaks in a voice of the settings, or is switched off', async () => {
		await stage.setProxySettings( {
			modalities: { voice: true },
			voice: {
				roles: [
					{
						id: 'storyteller',
						name: 'Storyteller',
						voice: 'ballad',
						instructions: '',
					},
				],
			},
		} );
		const { page } = await stage.newVisitor( {
			viewport: { width: 1280, height: 900 },
		} );
		await signIn( page, stage.site.wordpress );
		const { openNewPage, writeTitle, insert, canvas, sidebar, publish } =
			editor( page );
		await openNewPage();
		await writeTitle( 'Stories' );
		await insert( 'Docent assistant' );
		const block = canvas.locator( '[data-type="docent/assistant"]' );
		await block.locator( '.docent-microphone' ).waitFor();
		if ( ! ( await sidebar.getByLabel( 'Speaks as' ).isVisible() ) ) {
			await page
				.getByRole( 'button', { name: 'Settings', exact: true } )
				.click();
		}
		await sidebar.getByLabel( 'Speaks as' ).selectOption( 'Storyteller' );
		const address = await publish();
		const { page: visited } = await stage.newVisitor();
		await visited.goto( address );
		await visited.locator( '[data-docent="microphone"]' ).waitFor();
		expect(
			await visited
				.locator( '.docent[data-wp-context]' )
				.first()
				.getAttribute( 'data-wp-context' )
		).toContain( '"voiceRole":"storyteller"' );

		await openNewPage();
		await writeTitle( 'In writing' );
		await insert( 'Docent assistant' );
		await block.locator( '.docent-microphone' ).waitFor();
		await sidebar.getByLabel( 'Voice', { exact: true } ).uncheck();
		await expect
			.poll( () => block.locator( '.docent-microphone' ).count() )
			.toBe( 0 );
		expect( await sidebar.getByLabel( 'Speaks as' ).count() ).toBe( 0 );
		await visited.goto( await publish() );
		await assistantPanel( visited ).panel.waitFor();
		expect(
			await visited.locator( '[data-docent="microphone"]' ).count()
		).toBe( 0 );
	} );

	it( 'a saved block is valid when it is opened again', async () => {
		const { page } = await stage.newVisitor();
		await signIn( page, stage.site.wordpress );
		await page.goto(
			`/wp-admin/post.php?post=${ stage.pageIds.ask }&action=edit`
		);
		const block = editor( page ).canvas.locator(
			'[data-type="docent/assistant"]'
		);
		await block.locator( '.docent-panel' ).waitFor();
		expect( await block.locator( '.block-editor-warning' ).count() ).toBe(
			0
		);
	} );
} );
