/**
 * The assistant without a mouse: everything is reached, nothing holds on to the focus, and focus comes back.
 */

import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';

const QUESTION = 'How long does delivery take?';
const ANSWER = 'Two to three working days.';

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

/** Names what has the focus: its hook, or its tag and first words. */
function focused( page: Page ): Promise< string > {
	return page.evaluate( () => {
		const element = document.querySelector< HTMLElement >( ':focus' );
		return (
			element?.dataset.docent ??
			`${ element?.localName } ${ element?.textContent?.trim().slice( 0, 40 ) }`
		);
	} );
}

/** Presses a key until the focus is where it should be, and returns what it passed on the way; fails after 60 presses. */
async function pressUntil(
	page: Page,
	key: 'Tab' | 'Shift+Tab',
	target: string
): Promise< string[] > {
	const passed: string[] = [];
	while ( passed.length < 60 ) {
		await page.keyboard.press( key );
		const now = await focused( page );
		if ( now === target ) {
			return passed;
		}
		passed.push( now );
	}
	throw new Error(
		`${ key } never reached ${ target }; it passed ${ passed.join( ' | ' ) }`
	);
}

describe( 'by keyboard alone', () => {
	it( 'the launcher is opened, a question asked and stopped, an answer read, rated and left, and focus returns', async () => {
		const { page } = await stage.newVisitor();
		await page.goto( '/opening-hours/' );
		const assistant = assistantPanel( page, 'launcher' );
		await pressUntil( page, 'Tab', 'launcher' );
		await page.keyboard.press( 'Enter' );
		await assistant.field.waitFor();
		expect( await focused( page ) ).toBe( 'composer' );
		expect( await assistant.launcher.getAttribute( 'aria-expanded' ) ).toBe(
			'true'
		);

		stage.provider.script( {
			text: asModel( ANSWER ),
			// A press on stop this soon after sending would count as a double click.
			firstChunkDelayMs: 600,
			stall: { afterChunks: 2 },
		} );
		await page.keyboard.type( QUESTION );
		await page.keyboard.press( 'Enter' );
		await assistant.consentCard.waitFor();
		expect( await focused( page ) ).toBe( 'consent' );
		await page.keyboard.press( 'Enter' );
		await assistant.sees( 'Two' );
		expect( await focused( page ) ).toBe( 'composer' );
		await pressUntil( page, 'Tab', 'stop' );
		await page.keyboard.press( 'Enter' );
		await assistant.turn.status.filter( { hasText: 'Stopped.' } ).waitFor();
		expect( await focused( page ) ).toBe( 'send' );

		stage.provider.script( { text: asModel( ANSWER ) } );
		await pressUntil( page, 'Shift+Tab', 'composer' );
		await page.keyboard.type( QUESTION );
		await page.keyboard.press( 'Enter' );
		await assistant.sees( ANSWER );
		await assistant.end();
		const passed = await pressUntil( page, 'Shift+Tab', 'a Shipping' );
		expect( passed ).toEqual( [
			'thumb-down',
			'thumb-up',
			'copy',
			'listen',
		] );
		await pressUntil( page, 'Tab', 'thumb-up' );
		await page.keyboard.press( 'Space' );
		await assistant.root
			.locator( '[data-docent="thumb-up"][aria-pressed="true"]' )
			.waitFor();

		await pressUntil( page, 'Shift+Tab', 'menu' );
		await page.keyboard.press( 'Enter' );
		await expect.poll( () => focused( page ) ).toBe( 'start-over' );
		await page.keyboard.press( 'Escape' );
		await expect.poll( () => focused( page ) ).toBe( 'menu' );
		expect( await assistant.menu.getAttribute( 'aria-expanded' ) ).toBe(
			'false'
		);
		await page.keyboard.press( 'Escape' );
		await assistant.panel.waitFor( { state: 'hidden' } );
		expect( await focused( page ) ).toBe( 'launcher' );
		expect( await assistant.launcher.getAttribute( 'aria-expanded' ) ).toBe(
			'false'
		);
	} );

	it( 'the panel in the page is walked through and left at both ends', async () => {
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		await pressUntil( page, 'Tab', 'menu' );
		const inside = await pressUntil( page, 'Tab', 'a the shop' );
		expect( inside ).toEqual( [
			'suggestion',
			'suggestion',
			'composer',
			'microphone',
			'send',
		] );
		await pressUntil( page, 'Shift+Tab', 'menu' );
		await page.keyboard.press( 'Shift+Tab' );
		expect(
			await page.evaluate(
				() => document.querySelector( '.docent :focus' ) !== null
			)
		).toBe( false );
	} );

	it( 'Shift and Enter write a new line, Enter held down agrees to nothing', async () => {
		const { page, watch } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.field.focus();
		await page.keyboard.type( 'How long' );
		await page.keyboard.press( 'Shift+Enter' );
		await page.keyboard.type( 'does delivery take?' );
		expect( await assistant.field.inputValue() ).toBe(
			'How long\ndoes delivery take?'
		);
		await page.keyboard.down( 'Enter' );
		await assistant.consent.waitFor();
		await page.keyboard.down( 'Enter' );
		await page.keyboard.down( 'Enter' );
		await page.keyboard.up( 'Enter' );
		expect( await assistant.consent.isVisible() ).toBe( true );
		expect( watch.posts() ).toEqual( [] );
	} );

	it( 'an Enter that chooses a word of an input method sends nothing', async () => {
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.field.focus();
		await assistant.consentCard.waitFor( { state: 'attached' } );
		const client = await page.context().newCDPSession( page );
		await client.send( 'Input.imeSetComposition', {
			text: '送货',
			selectionStart: 2,
			selectionEnd: 2,
		} );
		await client.send( 'Input.dispatchKeyEvent', {
			type: 'rawKeyDown',
			key: 'Process',
			code: 'Enter',
			windowsVirtualKeyCode: 229,
		} );
		await client.send( 'Input.insertText', { text: '送货' } );
		expect( await assistant.field.inputValue() ).toBe( '送货' );
		expect( await assistant.consentCard.isVisible() ).toBe( false );
	} );
} );

describe( 'on a phone', () => {
	const phone = {
		viewport: { width: 390, height: 844 },
		hasTouch: true,
		isMobile: true,
	};

	it( 'the open sheet keeps the focus inside, and gives it back when it closes', async () => {
		const { page } = await stage.newVisitor( phone );
		await page.goto( '/opening-hours/' );
		const assistant = assistantPanel( page, 'launcher' );
		await assistant.launcher.tap();
		await assistant.panel.waitFor();
		const box = await assistant.panel.boundingBox();
		expect( box ).toMatchObject( { x: 0, y: 0, width: 390, height: 844 } );

		const seen = new Set< string >();
		for ( let press = 0; press < 20; press++ ) {
			await page.keyboard.press( 'Tab' );
			seen.add( await focused( page ) );
			expect(
				await page.evaluate( () => {
					const element = document.querySelector( ':focus' );
					// Between the last control and the first the browser's own buttons have the focus.
					return (
						element === null ||
						element.closest( 'dialog.docent-panel' ) !== null
					);
				} )
			).toBe( true );
		}
		expect( [ ...seen ] ).toEqual(
			expect.arrayContaining( [ 'menu', 'close', 'composer', 'send' ] )
		);

		await page.keyboard.press( 'Escape' );
		await assistant.panel.waitFor( { state: 'hidden' } );
		expect( await focused( page ) ).toBe( 'launcher' );
		await page.keyboard.press( 'Shift+Tab' );
		expect(
			await page.evaluate(
				() => document.querySelector( '.docent :focus' ) !== null
			)
		).toBe( false );
	} );

	it( 'every control is large enough for a finger, and the field does not make the page zoom', async () => {
		stage.provider.script( { text: asModel( ANSWER ) } );
		const { page } = await stage.newVisitor( phone );
		await page.goto( '/opening-hours/' );
		const assistant = assistantPanel( page, 'launcher' );
		await assistant.launcher.tap();
		await assistant.askToEnd( QUESTION );
		const controls = await assistant.panel
			.locator( 'button:visible, a:visible' )
			.evaluateAll( ( elements ) =>
				elements.map( ( element ) => {
					const { width, height } = element.getBoundingClientRect();
					return {
						name:
							element.getAttribute( 'aria-label' ) ??
							element.textContent ??
							'',
						isLargeEnough:
							height >= 43.5 &&
							( width >= 43.5 || element.localName === 'a' ),
					};
				} )
			);
		expect( controls.length ).toBeGreaterThan( 5 );
		expect(
			controls.filter( ( { isLargeEnough } ) => ! isLargeEnough )
		).toEqual( [] );
		expect(
			await assistant.field.evaluate( ( element ) =>
				parseFloat( getComputedStyle( element ).fontSize )
			)
		).toBeGreaterThanOrEqual( 16 );
	} );
} );
