/**
 * Voice for everyone: what screen readers are told while an answer is heard, every state by keyboard alone, and no barriers in any of them.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findBarriers } from '../support/e2e/axe.ts';
import { launchHearing } from '../support/e2e/microphone.ts';
import type { HearingBrowser } from '../support/e2e/microphone.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';
import { voicePanel } from '../support/e2e/voice-panel.ts';
import type { VoicePanel } from '../support/e2e/voice-panel.ts';
import { tone } from '../support/speech/index.ts';

const QUESTION = 'what is your return policy';
const SENTENCES = [
	'You can return unused gear within 60 days.',
	'The refund reaches you within five working days.',
];

let stage: Stage;
let hearing: HearingBrowser;

beforeAll( async () => {
	stage = await openStage( { launcher: true } );
	await stage.setProxySettings( { cache: { enabled: false } } );
	hearing = await launchHearing( tone( 1_000 ), stage.url );
} );
afterEach( async () => {
	stage.provider.reset();
	await hearing.leave();
	await stage.leave();
} );
afterAll( async () => {
	await hearing?.close();
	await stage?.close();
} );

/** Says what the next recording is taken for, and what is answered. */
function script( heard = QUESTION ): void {
	stage.provider.script( { for: 'transcription', text: heard } );
	if ( heard ) {
		stage.provider.script( { text: asModel( SENTENCES.join( ' ' ) ) } );
	}
}

/** Records for a second. */
async function record( { microphone, recorder }: VoicePanel ): Promise< void > {
	await microphone.click();
	await recorder.filter( { hasText: '0:01' } ).waitFor();
}

/** Has the page remember everything that its live regions say. */
async function listenToRegions( { root }: VoicePanel ): Promise< void > {
	await root.evaluate( ( element ) => {
		const told: string[] = [];
		Object.assign( window, { told } );
		new MutationObserver( ( changes ) => {
			for ( const { target, addedNodes } of changes ) {
				const region = ( target as Element ).closest?.(
					'[aria-live]:not([aria-live="off"]), [role="alert"], [role="status"]'
				);
				for ( const node of region ? addedNodes : [] ) {
					told.push( node.textContent ?? '' );
				}
			}
		} ).observe( element, { subtree: true, childList: true } );
	} );
}

const toldOn = ( page: Page ): Promise< string > =>
	page.evaluate( () =>
		( window as unknown as { told: string[] } ).told.join( ' ' )
	);

/** Names what has the focus. */
const focused = ( page: Page ): Promise< string > =>
	page.evaluate(
		() =>
			document.querySelector< HTMLElement >( ':focus' )?.dataset.docent ??
			''
	);

describe( 'a screen reader', () => {
	it( 'is told what was heard, not the sentences that the page itself speaks', async () => {
		script();
		const { page } = await hearing.newVisitor();
		await page.goto( '/ask/' );
		const panel = voicePanel( page );
		await panel.agree();
		await listenToRegions( panel );
		await record( panel );
		await panel.done.click();
		await expect
			.poll( panel.spokenSentence, { timeout: 10_000 } )
			.toBe( SENTENCES[ 1 ] );
		await panel.end();
		const told = await toldOn( page );
		expect( told ).toContain( 'Recording' );
		expect( told ).toContain( `You asked: ${ QUESTION }` );
		for ( const sentence of SENTENCES ) {
			expect( told ).not.toContain( sentence );
		}
	} );

	it( 'is told that a recording was given up, and that no words were made out', async () => {
		const { page } = await hearing.newVisitor();
		await page.goto( '/ask/' );
		const panel = voicePanel( page );
		await panel.agree();
		await listenToRegions( panel );
		await record( panel );
		await page.keyboard.press( 'Escape' );
		await expect
			.poll( () => toldOn( page ) )
			.toContain( 'Recording cancelled.' );
		script( '' );
		await record( panel );
		await panel.done.click();
		await expect
			.poll( () => toldOn( page ), { timeout: 10_000 } )
			.toContain( 'No words could be made out.' );
	} );

	it( 'finds the microphone named and its state right at every moment', async () => {
		script();
		const { page } = await hearing.newVisitor();
		await page.goto( '/ask/' );
		const panel = voicePanel( page );
		const named = () => panel.microphone.ariaSnapshot();
		expect( await named() ).toBe( '- button "Ask by voice"' );
		await panel.microphone.click();
		await panel.consent.click();
		await panel.recorder.waitFor();
		expect( await named() ).toBe( '- button "Ask by voice" [pressed]' );
		expect( await panel.root.ariaSnapshot() ).toContain(
			'group "Recording"'
		);
		await panel.recorder.filter( { hasText: '0:01' } ).waitFor();
		await panel.done.click();
		await panel.sees( SENTENCES[ 1 ]! );
		expect( await named() ).toBe( '- button "Ask by voice"' );
	} );
} );

describe( 'by keyboard alone', () => {
	it( 'the way to the end of the recorder and back has no trap, and focus is never lost', async () => {
		const { page } = await hearing.newVisitor();
		await page.goto( '/ask/' );
		const panel = voicePanel( page );
		await panel.microphone.focus();
		await page.keyboard.press( 'Enter' );
		await panel.consentCard.waitFor();
		expect( await focused( page ) ).toBe( 'consent' );
		await page.keyboard.press( 'Tab' );
		expect( await focused( page ) ).toBe( 'decline' );
		await page.keyboard.press( 'Enter' );
		await panel.consentCard.waitFor( { state: 'hidden' } );
		expect( await focused( page ) ).not.toBe( '' );

		await panel.microphone.focus();
		await page.keyboard.press( 'Enter' );
		await panel.consent.press( 'Enter' );
		await panel.recorder.waitFor();
		await panel.cancel.focus();
		const way: string[] = [];
		for ( const key of [ 'Tab', 'Tab', 'Tab', 'Shift+Tab', 'Shift+Tab' ] ) {
			await page.keyboard.press( key );
			way.push( await focused( page ) );
		}
		expect( way ).toEqual( [
			'microphone',
			'voice-done',
			'',
			'voice-done',
			'microphone',
		] );
		await page.keyboard.press( 'Escape' );
		await panel.recorder.waitFor( { state: 'detached' } );
		expect( await focused( page ) ).toBe( 'microphone' );
	} );
} );

describe( 'who wants no motion', () => {
	it( 'sees none while recording and hearing', async () => {
		script();
		const { page } = await hearing.newVisitor( {
			reducedMotion: 'reduce',
		} );
		await page.goto( '/opening-hours/' );
		const panel = voicePanel( page, 'launcher' );
		await panel.open();
		const moving = () =>
			page.evaluate(
				() =>
					document
						.getAnimations()
						.filter( ( { playState } ) => playState === 'running' )
						.length
			);
		await panel.agree();
		await record( panel );
		expect( await moving() ).toBe( 0 );
		await panel.done.click();
		await expect
			.poll( panel.spokenSentence, { timeout: 10_000 } )
			.not.toBe( '' );
		expect( await moving() ).toBe( 0 );
	} );
} );

describe( 'where there is little room', () => {
	it.each( [
		[ 720, 450, 'launcher', '/opening-hours/' ],
		[ 320, 480, 'launcher', '/opening-hours/' ],
		[ 390, 844, 'inline', '/ask/' ],
	] as const )(
		'%d × %d, the card of the panel (%s) keeps its buttons and the composer in the panel, and the recorder covers nothing',
		async ( width, height, display, path ) => {
			const { page } = await hearing.newVisitor( {
				viewport: { width, height },
				hasTouch: true,
				reducedMotion: 'reduce',
			} );
			await page.goto( path );
			const panel = voicePanel( page, display );
			if ( display === 'launcher' ) {
				await panel.open();
			}
			const isInside = ( selector: string ) =>
				panel.panel.evaluate( ( element, wanted ) => {
					const whole = element.getBoundingClientRect();
					return [ ...element.querySelectorAll( wanted ) ].every(
						( part ) => {
							const {
								top,
								bottom,
								left,
								right,
								width: wide,
							} = part.getBoundingClientRect();
							return (
								wide === 0 ||
								( top >= whole.top &&
									bottom <= whole.bottom &&
									left >= whole.left &&
									right <= whole.right )
							);
						}
					);
				}, selector );
			await panel.microphone.click();
			await panel.consentCard.waitFor();
			expect(
				await isInside(
					'.docent-card__title, .docent-card button, .docent-composer'
				)
			).toBe( true );
			await panel.consent.click();
			await panel.recorder.waitFor();
			expect( await isInside( '.docent-composer > *' ) ).toBe( true );
			const overlaps = await panel.panel.evaluate( ( element ) => {
				const boxes = [
					...element.querySelectorAll(
						'.docent-composer button, .docent-recorder__time'
					),
				].map( ( part ) => part.getBoundingClientRect() );
				return boxes.some( ( one, index ) =>
					boxes
						.slice( index + 1 )
						.some(
							( other ) =>
								one.left < other.right &&
								other.left < one.right &&
								one.top < other.bottom &&
								other.top < one.bottom
						)
				);
			} );
			expect( overlaps ).toBe( false );
		}
	);
} );

describe( 'axe', () => {
	it.each( [
		[ 'ltr', 'dark', { colorScheme: 'dark' } ],
		[ 'rtl', 'light', {} ],
		[ 'rtl', 'dark', { colorScheme: 'dark' } ],
		[ 'ltr', 'forced colours', { forcedColors: 'active' } ],
	] as const )(
		'%s in %s finds nothing while an answer is heard, in the menu, and where nothing was made out',
		async ( direction, look, options ) => {
			const { page } = await hearing.newVisitor( {
				...options,
				reducedMotion: 'reduce',
			} );
			await page.goto(
				`/opening-hours/?direction=${ direction }&scheme=${ look }`
			);
			const panel = voicePanel( page, 'launcher' );
			await panel.open();
			await panel.agree();
			const barriers = () =>
				findBarriers( page, {
					hasForcedColors: look === 'forced colours',
					within: '.docent--launcher',
				} );
			script();
			await record( panel );
			await panel.done.click();
			await expect
				.poll( panel.spokenSentence, { timeout: 10_000 } )
				.not.toBe( '' );
			expect( await barriers() ).toEqual( [] );
			await panel.menu.click();
			expect( await barriers() ).toEqual( [] );
			await panel.menu.click();
			script( '' );
			await record( panel );
			await panel.done.click();
			await panel.turn.failure.waitFor();
			expect( await barriers() ).toEqual( [] );
		}
	);
} );
