/**
 * A conversation lives as long as its tab: over pages, reloads and tokens, and no longer than its visitor wishes.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';

const ANSWER =
	'Orders within Germany arrive in two to three working days. Above 80 euros, delivery is free of charge.';

let stage: Stage;

beforeAll( async () => {
	stage = await openStage( { launcher: true } );
	await stage.setProxySettings( { cache: { enabled: false } } );
} );
afterEach( async () => {
	stage.provider.reset();
	await stage.leave();
} );
afterAll( () => stage?.close() );

describe( 'the conversation', () => {
	it( 'survives a reload and a page change in the same tab, and goes on with its history', async () => {
		stage.provider.script( { text: asModel( ANSWER ) } );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.askToEnd( 'How long does delivery take?' );

		await page.reload();
		await assistant.sees( ANSWER );
		expect( await assistant.turn.sources.allTextContents() ).toEqual( [
			'Shipping',
		] );

		await page.goto( '/opening-hours/' );
		const elsewhere = assistantPanel( page, 'launcher' );
		await elsewhere.open();
		await elsewhere.sees( ANSWER );

		stage.provider.script( {
			text: asModel( 'Four to six working days.' ),
		} );
		await elsewhere.askToEnd( 'And to Austria?' );
		expect( await elsewhere.consentCard.isVisible() ).toBe( false );
		const { body } = stage.provider.journal.entries.at( -1 )!;
		expect( JSON.stringify( body ) ).toContain(
			'How long does delivery take?'
		);
		expect( await elsewhere.turns.count() ).toBe( 2 );
	} );

	it( 'goes on on the next page when the visitor leaves in mid-answer', async () => {
		stage.provider.script( { text: asModel( ANSWER ), chunkDelayMs: 60 } );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.ask( 'How long does delivery take?' );
		await assistant.sees( 'Orders within' );
		await page.reload();
		await assistant.sees( ANSWER );
		await assistant.end();
		expect( await assistant.turn.answer.textContent() ).toBe( ANSWER );
		expect( stage.provider.journal.entries ).toHaveLength( 1 );
	} );

	it( 'is not there in a second tab', async () => {
		stage.provider.script( { text: asModel( ANSWER ) } );
		const { page, context } = await stage.newVisitor();
		await page.goto( '/ask/' );
		await assistantPanel( page ).askToEnd( 'How long does delivery take?' );

		const second = await context.newPage();
		await second.goto( '/ask/' );
		const there = assistantPanel( second );
		await there.field.focus();
		await there.send.and( second.locator( ':visible' ) ).waitFor();
		expect( await there.turns.count() ).toBe( 0 );
		expect(
			await second.evaluate( () => sessionStorage.getItem( 'docent' ) )
		).toBeNull();
	} );

	it( 'started over is gone here and at the proxy', async () => {
		stage.provider.script( { text: asModel( ANSWER ) } );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.askToEnd( 'How long does delivery take?' );
		const [ forgotten ] = await Promise.all( [
			page.waitForResponse(
				( response ) => response.request().method() === 'DELETE'
			),
			assistant.choose( 'start-over' ),
		] );
		expect( forgotten.status() ).toBe( 204 );
		expect( new URL( forgotten.url() ).pathname ).toMatch(
			/^\/v1\/conversations\/[0-9a-f]{32}$/
		);
		await expect.poll( () => assistant.turns.count() ).toBe( 0 );
		expect( await assistant.suggestions.first().isVisible() ).toBe( true );
		await page.reload();
		expect( await assistant.turns.count() ).toBe( 0 );
	} );

	it( 'goes on after the token has run out, as the same visitor', async () => {
		const { page, watch } = await stage.newVisitor();
		await page.goto( '/ask/', { waitUntil: 'load' } );
		// After loading: WordPress's own modules need the real clock to begin.
		await page.clock.install();
		const assistant = assistantPanel( page );
		await assistant.askToEnd( 'How long does delivery take?' );
		const conversationId = () =>
			page.evaluate(
				() =>
					JSON.parse( sessionStorage.getItem( 'docent' ) ?? '{}' )
						.conversation.id
			);
		const before = await conversationId();
		await page.clock.fastForward( 20 * 60_000 );
		await assistant.askToEnd( 'Is the shop open on Sundays?' );
		expect( await assistant.turn.failure.count() ).toBe( 0 );
		expect( await conversationId() ).toBe( before );
		expect(
			watch
				.posts()
				.filter( ( url ) => url.includes( '/docent/v1/token' ) )
		).toHaveLength( 2 );
	} );

	it( 'that the proxy no longer keeps begins anew, and says so', async () => {
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.askToEnd( 'How long does delivery take?' );
		await page.evaluate( async ( proxyUrl ) => {
			const { token, conversation } = JSON.parse(
				sessionStorage.getItem( 'docent' ) ?? '{}'
			);
			await fetch(
				`${ proxyUrl }/v1/conversations/${ conversation.id }`,
				{
					method: 'DELETE',
					headers: { authorization: `Bearer ${ token.token }` },
				}
			);
		}, stage.site.proxy.url );
		expect(
			await assistant.askToEnd( 'Is the shop open on Sundays?' )
		).not.toBe( '' );
		expect( await assistant.turn.notice.textContent() ).toContain(
			'The earlier conversation has ended.'
		);
		expect( await assistant.turns.count() ).toBe( 2 );
	} );

	it( 'is the same in every panel of a page', async () => {
		stage.provider.script( { text: asModel( ANSWER ), chunkDelayMs: 20 } );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const inline = assistantPanel( page );
		const floating = assistantPanel( page, 'launcher' );
		await floating.open();
		await floating.ask( 'How long does delivery take?' );
		await floating.sees( 'Orders within' );
		await inline.field.focus();
		await inline.sees( ANSWER );
		await floating.sees( ANSWER );
		await floating.choose( 'start-over' );
		await expect.poll( () => inline.turns.count() ).toBe( 0 );
	} );

	it( 'and the agreement are forgotten when the visitor takes the agreement back', async () => {
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.askToEnd( 'How long does delivery take?' );
		await assistant.choose( 'privacy' );
		await assistant.root.locator( '[data-docent="withdraw"]' ).click();
		await expect.poll( () => assistant.turns.count() ).toBe( 0 );
		expect(
			await page.evaluate( () => sessionStorage.getItem( 'docent' ) )
		).toBeNull();
		await assistant.field.fill( 'How long does delivery take?' );
		await assistant.field.press( 'Enter' );
		await assistant.consentCard.waitFor();
	} );
} );
