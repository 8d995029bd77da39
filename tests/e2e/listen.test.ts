/**
 * A visitor has an article read aloud: what is heard is what stands there, the sentence is marked, and the place is remembered.
 */

import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findBarriers } from '../support/e2e/axe.ts';
import { editor, knowTheEditor } from '../support/e2e/editor.ts';
import { giveEars, heardOf, trimmed } from '../support/e2e/ear.ts';
import { addMustUsePlugin } from '../support/e2e/must-use.ts';
import { prose } from '../support/e2e/pages.ts';
import { openStage } from '../support/e2e/stage.ts';
import type { Stage, Visitor } from '../support/e2e/stage.ts';
import { signIn } from '../support/wordpress/browser.ts';
import {
	hasSpeech,
	readWav,
	shareHeard,
	SPEECH_LEFT_OUT,
	transcribe,
} from '../support/speech/index.ts';

const listen = ( attributes: Record< string, unknown > = {} ) =>
	`<!-- wp:docent/listen ${ JSON.stringify( attributes ) } /-->`;

const LONG = Array.from(
	{ length: 12 },
	( _, index ) =>
		`Paragraph number ${ index + 1 } tells of boots and tents. It says “much” about the weather in the hills.`
);

/** `?strict` allows only scripts that are files of the site, and Trusted Types. */
const policies = `
	if ( isset( $_GET['strict'] ) ) {
		remove_action( 'wp_head', 'print_emoji_detection_script', 7 );
		$nonce = 'bm9uY2U';
		add_filter( 'wp_inline_script_attributes', static fn ( $attributes ) => array_merge( $attributes, array( 'nonce' => $nonce ) ) );
		add_action( 'send_headers', static function () use ( $nonce ) {
			header( "Content-Security-Policy: default-src 'none'; script-src 'self' 'nonce-$nonce'; connect-src 'self' " . DOCENT_PROXY_URL . "; img-src 'self' data:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'" );
		} );
	}
`;

let stage: Stage;

beforeAll( async () => {
	stage = await openStage( {
		pages: [
			{
				slug: 'boots',
				type: 'post',
				title: 'Choosing boots',
				content:
					listen() +
					prose(
						'Good boots carry you far.',
						'You can return unused gear within sixty days of delivery.',
						'## Care',
						'Clean them well after every walk.'
					),
			},
			{
				slug: 'long',
				type: 'post',
				title: 'A long walk',
				content: listen( { label: 'Hear this' } ) + prose( ...LONG ),
			},
			{
				slug: 'parts',
				type: 'post',
				title: 'Two parts',
				content:
					prose( 'Not this.', '## Size' ) +
					listen( { what: 'section', hasSpeed: false } ) +
					prose(
						'Try them on in the evening.',
						'## Care',
						'Nor this.'
					),
			},
		],
	} );
	await addMustUsePlugin( stage.site.wordpress, 'policies', policies );
} );
afterEach( async () => {
	stage.provider.reset();
	await stage.leave();
} );
afterAll( () => stage?.close() );

/** Finds the player of a page. */
function playerOf( page: Page ) {
	const root = page.locator( '.docent-listen' );
	const hook = ( name: string ) =>
		root.locator( `[data-docent="${ name }"]` );
	return {
		root,
		play: hook( 'play' ),
		next: hook( 'next' ),
		previous: hook( 'previous' ),
		range: hook( 'range' ),
		speed: hook( 'speed' ),
		time: hook( 'time' ),
		restart: hook( 'restart' ),
		close: hook( 'close' ),
		state: hook( 'state' ),
		voice: hook( 'voice' ),
		/** The sentence that is marked on the page, empty when none is. */
		marked: () =>
			page.evaluate( () =>
				Array.from(
					CSS.highlights.get( 'docent-listen' ) ?? [],
					String
				).join( ' ' )
			),
		/** Waits until a sentence is marked that contains this. */
		reads: ( words: string ) =>
			page.waitForFunction(
				( wanted ) =>
					Array.from(
						CSS.highlights.get( 'docent-listen' ) ?? [],
						String
					)
						.join( ' ' )
						.includes( wanted ),
				words,
				{ polling: 50, timeout: 30_000 }
			),
		/** Waits until the button has this label. */
		offers: ( label: string ) =>
			root
				.locator( '.docent-listen__label' )
				.filter( { hasText: new RegExp( `^${ label }$` ) } )
				.waitFor( { timeout: 30_000 } ),
	};
}

async function open(
	path: string,
	options: Parameters< Stage[ 'newVisitor' ] >[ 0 ] = {}
): Promise< Visitor & ReturnType< typeof playerOf > > {
	const visitor = await stage.newVisitor( options );
	await giveEars( visitor.context );
	await visitor.page.goto( path );
	return { ...visitor, ...playerOf( visitor.page ) };
}

/** Lets the browser's own voice be one that says nothing and takes its time, and keeps what it was to say. */
async function giveBrowserVoice( page: Page ): Promise< void > {
	await page.addInitScript( () => {
		const said: string[] = [];
		let timer = 0;
		Object.assign( window, { said } );
		const synthesis = Object.assign( new EventTarget(), {
			getVoices: () => [],
			cancel: () => clearTimeout( timer ),
			pause() {},
			resume() {},
			speak( utterance: SpeechSynthesisUtterance ) {
				said.push( utterance.text );
				timer = window.setTimeout( () => {
					utterance.onstart?.(
						new Event( 'start' ) as SpeechSynthesisEvent
					);
					timer = window.setTimeout(
						() =>
							utterance.onend?.(
								new Event( 'end' ) as SpeechSynthesisEvent
							),
						400
					);
				}, 20 );
			},
		} );
		Object.defineProperty( window, 'speechSynthesis', {
			value: synthesis,
		} );
	} );
}

const said = ( page: Page ) =>
	page.evaluate( () => ( window as unknown as { said: string[] } ).said );

describe.skipIf( ! hasSpeech() )(
	hasSpeech() ? 'an article' : SPEECH_LEFT_OUT,
	() => {
		it( 'is heard word for word, each sentence marked while it is read, and nothing is loaded or asked before the tap', async () => {
			const { page, watch, play, reads, offers, marked } =
				await open( '/boots/' );
			expect(
				watch.docentFiles().filter( ( file ) => file.endsWith( '.js' ) )
			).toEqual( [ 'build/listen/view.js' ] );
			expect( watch.posts() ).toEqual( [] );
			await play.click();
			await reads( 'Good boots carry you far.' );
			await reads(
				'You can return unused gear within sixty days of delivery.'
			);
			await reads( 'Clean them well after every walk.' );
			await offers( 'Listen again' );
			expect( await marked() ).toBe( '' );
			const heard = trimmed( await heardOf( page ) );
			const words = await transcribe( heard.pcm, heard.sampleRate );
			expect(
				shareHeard(
					'good boots carry you far you can return unused gear within sixty days of delivery clean them well after every walk',
					words
				)
			).toBeGreaterThan( 0.6 );
		} );

		it( 'is spoken by the provider once: the second listener hears what is stored', async () => {
			const { play, reads } = await open( '/boots/' );
			await play.click();
			await reads( 'Good boots carry you far.' );
			expect( stage.provider.bill.entries ).toEqual( [] );
		} );
	}
);

describe( 'the controls', () => {
	it( 'take a double click for one, and read on', async () => {
		const { play, offers, reads } = await open( '/long/' );
		await play.dblclick();
		await reads( 'Paragraph number 1 ' );
		await offers( 'Pause' );
	} );

	it( 'pause, go on, skip and change the speed by keyboard alone', async () => {
		const { page, play, next, speed, range, reads, offers, marked, time } =
			await open( '/long/' );
		await play.focus();
		await page.keyboard.press( 'Enter' );
		await reads( 'Paragraph number 1 ' );
		await offers( 'Pause' );
		await page.keyboard.press( 'Enter' );
		await offers( 'Continue' );
		await page.keyboard.press( 'Tab' );
		await page.keyboard.press( 'Tab' );
		expect(
			await next.evaluate( ( button ) => button.matches( ':focus' ) )
		).toBe( true );
		await page.keyboard.press( 'Enter' );
		await page.keyboard.press( 'Enter' );
		await reads( 'Paragraph number 2 ' );
		await page.keyboard.press( 'Tab' );
		expect( await range.getAttribute( 'aria-valuetext' ) ).toMatch(
			/^Sentence 4 of 25, \d:\d\d of \d:\d\d$/
		);
		await page.keyboard.press( 'ArrowRight' );
		await reads( 'It says “much” about' );
		await speed.selectOption( '2' );
		await play.focus();
		await page.keyboard.press( 'Enter' );
		await offers( 'Pause' );
		await reads( 'Paragraph number 4 ' );
		expect( await time.textContent() ).toMatch( /^\d:\d\d \/ \d:\d\d$/ );
		expect( await marked() ).not.toBe( '' );
	} );

	it( 'are walked through with Tab, forwards, back and out, and give the focus back when they go', async () => {
		const { page, play, close, reads } = await open( '/long/' );
		await play.focus();
		await page.keyboard.press( 'Enter' );
		await reads( 'Paragraph number 1 ' );
		const way: string[] = [];
		for ( const key of [
			...Array< string >( 6 ).fill( 'Tab' ),
			...Array< string >( 6 ).fill( 'Shift+Tab' ),
		] ) {
			await page.keyboard.press( key );
			way.push(
				await page.evaluate(
					() =>
						document.querySelector< HTMLElement >(
							'.docent-listen :focus'
						)?.dataset.docent ?? 'outside'
				)
			);
		}
		expect( way ).toEqual( [
			'previous',
			'next',
			'range',
			'speed',
			'close',
			'outside',
			'close',
			'speed',
			'range',
			'next',
			'previous',
			'play',
		] );
		await close.press( 'Enter' );
		expect(
			await play.evaluate( ( button ) => button.matches( ':focus' ) )
		).toBe( true );
	} );

	it( 'keep the sentence in view, unless the visitor has scrolled away', async () => {
		const { page, play, next, reads } = await open( '/long/', {
			viewport: { width: 390, height: 600 },
		} );
		await play.click();
		await reads( 'Paragraph number 1 ' );
		for ( let count = 0; count < 12; count++ ) {
			await next.click();
		}
		await reads( 'Paragraph number 7 ' );
		const topOf = () =>
			page.evaluate( () => {
				const [ range ] = CSS.highlights.get( 'docent-listen' ) ?? [];
				return ( range as Range ).getBoundingClientRect().top;
			} );
		expect( await topOf() ).toBeGreaterThan( 0 );
		expect( await topOf() ).toBeLessThan( 600 );
		expect( await play.isVisible() ).toBe( true );

		await page.evaluate( () => scrollTo( 0, 0 ) );
		await reads( 'Paragraph number 8 ' );
		expect( await page.evaluate( () => scrollY ) ).toBe( 0 );
	} );

	it( 'are free of barriers, idle and at work, also with forced colours', async () => {
		const { page, play, reads } = await open( '/long/' );
		expect(
			await findBarriers( page, { within: '.docent-listen' } )
		).toEqual( [] );
		await play.click();
		await reads( 'Paragraph number 1 ' );
		expect(
			await findBarriers( page, { within: '.docent-listen' } )
		).toEqual( [] );
		await page.emulateMedia( { forcedColors: 'active' } );
		expect(
			await findBarriers( page, {
				within: '.docent-listen',
				hasForcedColors: true,
			} )
		).toEqual( [] );
	} );
} );

describe( 'a visitor who comes back', () => {
	it( 'goes on where they stopped, is told so, and may begin anew', async () => {
		const { page, play, next, close, restart, state, reads, marked } =
			await open( '/long/' );
		expect( await page.evaluate( () => localStorage.length ) ).toBe( 0 );
		await play.click();
		await reads( 'Paragraph number 1 ' );
		for ( let count = 0; count < 4; count++ ) {
			await next.click();
		}
		await reads( 'Paragraph number 3 ' );
		await close.click();
		expect( await marked() ).toBe( '' );
		await page.reload();
		await play.click();
		await reads( 'Paragraph number 3 ' );
		await state
			.filter( { hasText: 'Continued where you stopped.' } )
			.waitFor();
		await restart.click();
		await reads( 'Paragraph number 1 ' );
		expect( await restart.isVisible() ).toBe( false );
	} );
} );

describe( 'a section', () => {
	it( 'is read alone, without a choice of speed where the owner wants none', async () => {
		const { page, play, speed, offers } = await open( '/parts/' );
		await giveBrowserVoice( page );
		await page.route( '**/v1/listen', ( route ) => route.abort() );
		await page.reload();
		expect(
			await page
				.getByRole( 'group', { name: 'Listen to this section' } )
				.count()
		).toBe( 1 );
		await play.click();
		await offers( 'Listen again' );
		expect( await said( page ) ).toEqual( [
			'Size',
			'Try them on in the evening.',
		] );
		expect( await speed.count() ).toBe( 0 );
	} );
} );

describe( 'when there is no recording', () => {
	it( 'the browser’s own voice reads the page’s text, marks it, and the block says so', async () => {
		const { page, play, voice, reads, offers } = await open( '/boots/' );
		await giveBrowserVoice( page );
		await page.route( '**/v1/listen', ( route ) => route.abort() );
		await page.reload();
		await play.click();
		await reads( 'Good boots carry you far.' );
		expect( await voice.textContent() ).toBe(
			'The recording is not available right now, so your browser’s own voice reads.'
		);
		await offers( 'Listen again' );
		expect( await said( page ) ).toEqual( [
			'Good boots carry you far.',
			'You can return unused gear within sixty days of delivery.',
			'Care',
			'Clean them well after every walk.',
		] );
	} );

	it( 'of a later part, the browser’s voice goes on from there', async () => {
		const { page, play, offers } = await open( '/boots/' );
		await giveBrowserVoice( page );
		await page.route( '**/v1/speech/*', ( route ) =>
			route.fulfill( { status: 404 } )
		);
		await page.reload();
		await play.click();
		await offers( 'Listen again' );
		expect( ( await said( page ) ).slice( 1 ) ).toEqual( [
			'Good boots carry you far.',
			'You can return unused gear within sixty days of delivery.',
			'Care.',
			'Clean them well after every walk.',
		] );
	} );

	it( 'and no voice in the browser, a calm sentence says that it cannot be read here', async () => {
		const { page, play, state, voice, range, marked } =
			await open( '/boots/' );
		await page.addInitScript( () => {
			Object.defineProperty( window, 'speechSynthesis', {
				value: undefined,
			} );
		} );
		await page.route( '**/v1/listen', ( route ) => route.abort() );
		await page.reload();
		await play.click();
		await state
			.filter( { hasText: 'This cannot be read aloud here.' } )
			.waitFor();
		// Nobody is said to read, nothing is marked, and there is nothing to steer.
		expect( await voice.textContent() ).toBe( '' );
		expect( await marked() ).toBe( '' );
		expect( await range.isVisible() ).toBe( false );
	} );
} );

describe( 'a download', () => {
	it( 'is offered when the owner allows it, and is the whole article in one file', async () => {
		const { page: before } = await stage.newVisitor();
		await before.goto( '/boots/' );
		expect(
			await before.locator( '[data-docent="download"]' ).count()
		).toBe( 0 );

		await stage.setProxySettings( { voice: { download: true } } );
		await stage.site.callPlugin( 'GET', '/settings' );
		const { page, play, reads, root } = await open( '/boots/' );
		await play.click();
		await reads( 'Good boots carry you far.' );
		const [ download ] = await Promise.all( [
			page.waitForEvent( 'download', { timeout: 30_000 } ),
			root.locator( '[data-docent="download"]' ).click(),
		] );
		expect( download.suggestedFilename() ).toBe( 'Choosing boots.wav' );
		const file = readWav( await readFile( await download.path() ) );
		expect( file ).toMatchObject( { sampleRate: 24_000, channels: 1 } );
		expect( file?.pcm.length ).toBeGreaterThan( 5 * 24_000 );
	} );
} );

describe( 'under a content policy that allows only files of the site, and Trusted Types', () => {
	it( 'an article is read without a violation', async () => {
		// Without the test's ear, which would be no file of the site.
		const { page } = await stage.newVisitor();
		await page.goto( '/boots/?strict' );
		const { play, reads, voice } = playerOf( page );
		await page.evaluate( () => {
			const violations: string[] = [];
			Object.assign( window, { violations } );
			document.addEventListener( 'securitypolicyviolation', ( event ) => {
				violations.push( event.violatedDirective );
			} );
		} );
		await play.click();
		await reads( 'Good boots carry you far.' );
		expect( await voice.textContent() ).toBe( 'Read by an AI voice.' );
		expect(
			await page.evaluate(
				() =>
					( window as unknown as { violations: string[] } ).violations
			)
		).toEqual( [] );
	} );
} );

describe( 'in the block editor', () => {
	it( 'the block is inserted, its words are written in place, and the published page has them', async () => {
		const { page } = await stage.newVisitor( {
			viewport: { width: 1280, height: 900 },
		} );
		await knowTheEditor( stage.site.wordpress );
		await signIn( page, stage.site.wordpress );
		const { openNewPage, writeTitle, insert, canvas, publish } =
			editor( page );
		await openNewPage();
		await writeTitle( 'Heard' );
		await insert( 'Listen to this article' );
		const block = canvas.locator( '[data-type="docent/listen"]' );
		await block
			.getByRole( 'textbox', { name: 'Words on the button' } )
			.fill( 'Hear the “whole” story' );
		const address = await publish();
		const { page: visited } = await stage.newVisitor();
		await visited.goto( address );
		expect(
			await visited.locator( '.docent-listen__label' ).textContent()
		).toBe( 'Hear the “whole” story' );
	} );
} );
