/**
 * Questions that are empty, endless, or written in ways that trip programs up.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { assistantBlock, shopPages } from '../support/e2e/pages.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';

const ANSWER =
	'Orders within Germany arrive in two to three working days. Above 80 euros, delivery is free of charge.';

const EMOJI = '📦🚚⏱️👩‍👩‍👧‍👦🇩🇪';

let stage: Stage;

beforeAll( async () => {
	stage = await openStage( {
		pages: [
			...shopPages,
			{
				slug: 'emoji',
				title: 'Emoji',
				content: assistantBlock( {
					greeting: `Hello ${ EMOJI }`,
					suggestions: [ `${ EMOJI } How long does delivery take?` ],
				} ),
			},
		],
	} );
	await stage.setProxySettings( { cache: { enabled: false } } );
} );
afterEach( async () => {
	stage.provider.reset();
	await stage.leave();
} );
afterAll( () => stage?.close() );

describe( 'an unusual question', () => {
	it.each( [
		[ 'nothing', '' ],
		[ 'white space', '  \n ' ],
	] )( 'of %s is not sent', async ( _name, question ) => {
		const { page, watch } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const { field, send, consentCard, turns } = assistantPanel( page );
		await field.fill( question );
		await send.click();
		await page.locator( 'textarea:focus' ).waitFor();
		expect( await consentCard.isVisible() ).toBe( false );
		expect( await turns.count() ).toBe( 0 );
		expect( watch.posts() ).toEqual( [] );
	} );

	it( 'of 20,000 characters is kept, with how much is too much, and sent once shortened', async () => {
		const { page, watch } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.field.fill( 'x'.repeat( 20_000 ) );
		await assistant.send.click();
		const notice = assistant.root.locator(
			'[data-docent="length-notice"]'
		);
		await notice
			.filter( { hasText: '16,000 characters too long' } )
			.waitFor();
		expect( await assistant.field.getAttribute( 'aria-invalid' ) ).toBe(
			'true'
		);
		expect( ( await assistant.field.inputValue() ).length ).toBe( 20_000 );
		expect( watch.posts() ).toEqual( [] );

		const longest =
			`How long does delivery take? ${ 'please '.repeat( 567 ) }`
				.slice( 0, 4_000 )
				.trim();
		stage.provider.script( { text: asModel( ANSWER ) } );
		await assistant.askToEnd( longest );
		expect( await notice.isVisible() ).toBe( false );
		expect( await assistant.turn.failure.isVisible() ).toBe( false );
	} );

	it( 'that the owner suggests with emoji is asked with them', async () => {
		const { page } = await stage.newVisitor();
		await page.goto( '/emoji/' );
		const assistant = assistantPanel( page );
		await assistant.suggestions.first().click();
		await assistant.consent.click();
		await assistant.end();
		expect( await assistant.turn.question.textContent() ).toBe(
			`You asked: ${ EMOJI } How long does delivery take?`
		);
		expect(
			await assistant.root.locator( '.docent-greeting' ).textContent()
		).toBe( `Hello ${ EMOJI }` );
	} );

	it.each( [
		[ 'one character', '?' ],
		[ 'emoji', `${ EMOJI }?` ],
		[ 'Arabic', 'كم يستغرق التوصيل إلى ألمانيا؟' ],
		[ 'Chinese', '送货需要多长时间？' ],
		[
			'markup',
			'<b>How long</b> does **delivery** take? [x](javascript:alert(1))',
		],
	] )( 'of %s is shown as written and answered', async ( name, question ) => {
		stage.provider.setDefault( { text: asModel( ANSWER ) } );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		const answer = await assistant.askToEnd( question );
		expect( answer ).not.toBe( '' );
		expect( await assistant.turn.question.textContent() ).toBe(
			`You asked: ${ question }`
		);
		expect( await assistant.turn.failure.isVisible() ).toBe( false );
		if ( name === 'Arabic' ) {
			const direction = await assistant.turn.question.evaluate(
				( element ) => getComputedStyle( element ).direction
			);
			expect( direction ).toBe( 'rtl' );
		}
	} );
} );
