/**
 * A visitor asks the site: agreement, answer, sources, and what can be done with them.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { suggestions } from '../support/e2e/pages.ts';
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

describe( 'a first question', () => {
	it( 'waits for the visitor to agree, and nothing leaves the page before', async () => {
		const { page, context, watch } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const { field, consent, consentCard, turns } = assistantPanel( page );
		await field.fill( 'How long does delivery take?' );
		await field.press( 'Enter' );
		await consentCard.waitFor();
		expect( await consentCard.textContent() ).toContain(
			'You are writing to an AI.'
		);
		expect( await consentCard.textContent() ).toContain( '24 hours' );
		expect( await turns.count() ).toBe( 0 );
		expect( watch.posts() ).toEqual( [] );
		expect(
			await page.evaluate( () => sessionStorage.getItem( 'docent' ) )
		).toBeNull();

		await consent.click();
		await turns.first().waitFor();
		expect( await context.cookies() ).toEqual( [] );
		expect( await page.evaluate( () => localStorage.length ) ).toBe( 0 );
	} );

	it( 'not agreed to stays in the field, unsent', async () => {
		const { page, watch } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const { root, field, consentCard } = assistantPanel( page );
		await field.fill( 'How long does delivery take?' );
		await field.press( 'Enter' );
		await root.locator( '[data-docent="decline"]' ).click();
		await consentCard.waitFor( { state: 'hidden' } );
		expect( await field.inputValue() ).toBe(
			'How long does delivery take?'
		);
		expect( watch.posts() ).toEqual( [] );
	} );

	it( 'is answered word by word, with the page it rests on as a link that leads there', async () => {
		stage.provider.script( { text: asModel( ANSWER ), chunkDelayMs: 25 } );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.ask( 'How long does delivery take?' );
		await assistant.sees( 'Orders within Germany' );
		expect( await assistant.turn.answer.textContent() ).not.toContain(
			'free of charge'
		);
		expect( await assistant.turn.root.getAttribute( 'aria-busy' ) ).toBe(
			'true'
		);
		await assistant.end();
		expect( await assistant.turn.question.textContent() ).toContain(
			'How long does delivery take?'
		);
		expect( await assistant.turn.answer.textContent() ).toBe( ANSWER );
		expect( await assistant.turn.sources.allTextContents() ).toEqual( [
			'Shipping',
		] );

		await assistant.turn.sources.first().click();
		await page.waitForURL( '**/shipping/' );
		expect( await page.locator( 'h1' ).textContent() ).toBe( 'Shipping' );
	} );

	it( 'may be one that the owner suggested', async () => {
		stage.provider.script( { text: asModel( ANSWER ) } );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		expect( await assistant.suggestions.allTextContents() ).toEqual(
			suggestions
		);
		await assistant.suggestions.first().click();
		await assistant.consent.click();
		await assistant.end();
		expect( await assistant.turn.question.textContent() ).toContain(
			suggestions[ 0 ]
		);
		expect( await assistant.suggestions.first().isVisible() ).toBe( false );
	} );

	it( 'that the site does not answer gets an honest sentence', async () => {
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		const answer = await assistant.askToEnd(
			'Who won the chess championship of 1972?'
		);
		expect( answer ).toMatch( /could not find|does not say/i );
		expect( stage.provider.journal.entries ).toEqual( [] );
	} );
} );

describe( 'an answer', () => {
	it( 'is copied with the addresses of its sources', async () => {
		stage.provider.script( { text: asModel( ANSWER ) } );
		const { page, context } = await stage.newVisitor();
		await context.grantPermissions( [
			'clipboard-read',
			'clipboard-write',
		] );
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.askToEnd( 'How long does delivery take?' );
		await assistant.turn.copy.click();
		await expect
			.poll( () => page.evaluate( () => navigator.clipboard.readText() ) )
			.toBe( `${ ANSWER }\nShipping: ${ stage.url }/shipping/` );
	} );

	it( 'is rated, and the rating can be taken back', async () => {
		stage.provider.script( { text: asModel( ANSWER ) } );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const { turn, askToEnd } = assistantPanel( page );
		await askToEnd( 'How long does delivery take?' );

		const told = () => page.waitForResponse( '**/feedback' );
		for ( const [ button, rating ] of [
			[ turn.thumbUp, 'up' ],
			[ turn.thumbDown, 'down' ],
			[ turn.thumbDown, null ],
		] as const ) {
			const [ response ] = await Promise.all( [
				told(),
				button.click(),
			] );
			expect( response.status() ).toBe( 204 );
			expect( response.request().postDataJSON() ).toEqual( { rating } );
			expect( await turn.thumbUp.getAttribute( 'aria-pressed' ) ).toBe(
				String( rating === 'up' )
			);
			expect( await turn.thumbDown.getAttribute( 'aria-pressed' ) ).toBe(
				String( rating === 'down' )
			);
		}
	} );

	it( 'being written is stopped at once, at the provider too', async () => {
		stage.provider.script( { text: asModel( ANSWER ), chunkDelayMs: 200 } );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.ask( 'How long does delivery take?' );
		await assistant.sees( 'Orders within' );
		await assistant.stop.click();
		await assistant.turn.status.filter( { hasText: 'Stopped.' } ).waitFor();
		const call = await stage.provider.journal.waitFor(
			( { outcome } ) => outcome === 'aborted'
		);
		expect( call.path ).toBe( '/v1/chat/completions' );
		expect( await assistant.turn.answer.textContent() ).not.toContain(
			'free of charge'
		);

		stage.provider.script( {
			text: asModel( 'It is closed on Sundays.' ),
		} );
		expect(
			await assistant.askToEnd( 'Is the shop open on Sundays?' )
		).toBe( 'It is closed on Sundays.' );
	} );

	it( 'that grows does not pull away what the visitor scrolled back to', async () => {
		const lines = Array.from(
			{ length: 60 },
			( _, index ) => `- item ${ index }`
		);
		stage.provider.script( {
			text: asModel( lines.join( '\n' ) ),
			chunkDelayMs: 8,
		} );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		const jump = assistant.root.locator( '[data-docent="new-answer"]' );
		const scrollTop = () =>
			assistant.log.evaluate( ( log ) => log.scrollTop );
		await assistant.ask( 'How long does delivery take?' );
		await assistant.sees( 'item 30' );
		expect( await scrollTop() ).toBeGreaterThan( 0 );
		await assistant.log.hover();
		await page.mouse.wheel( 0, -5_000 );
		await expect.poll( scrollTop ).toBe( 0 );
		await assistant.sees( 'item 50' );
		expect( await scrollTop() ).toBe( 0 );
		await jump.click();
		await jump.waitFor( { state: 'hidden' } );
		await assistant.end();
		expect(
			await assistant.log.evaluate(
				( { scrollHeight, scrollTop: top, clientHeight } ) =>
					scrollHeight - top - clientHeight
			)
		).toBeLessThan( 2 );
	} );
} );
