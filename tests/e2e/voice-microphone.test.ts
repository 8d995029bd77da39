/**
 * The microphone as a visitor meets it: explained before, asked for at the tap, and every refusal with its own words and way out.
 */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inProject } from '../../dev/project.ts';
import { findBarriers } from '../support/e2e/axe.ts';
import { launchHearing } from '../support/e2e/microphone.ts';
import type { HearingBrowser } from '../support/e2e/microphone.ts';
import { addMustUsePlugin } from '../support/e2e/must-use.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';
import {
	areReleased,
	voicePanel,
	watchMicrophones,
} from '../support/e2e/voice-panel.ts';
import { tone } from '../support/speech/index.ts';

/** `?policy` forbids the microphone; `?strict` allows only scripts that are files of the site, and Trusted Types. */
const policies = `
	if ( isset( $_GET['policy'] ) ) {
		add_action( 'send_headers', static function () { header( 'Permissions-Policy: microphone=()' ); } );
	}
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
let hearing: HearingBrowser;

beforeAll( async () => {
	stage = await openStage( { launcher: true } );
	await stage.setProxySettings( { cache: { enabled: false } } );
	await addMustUsePlugin( stage.site.wordpress, 'policies', policies );
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

/** Opens a page, presses the microphone and agrees. */
async function press( page: Page, path = '/ask/' ) {
	await page.goto( path );
	const panel = voicePanel( page );
	await panel.microphone.click();
	await panel.consent.click();
	return panel;
}

describe( 'before the first recording', () => {
	it( 'it is said what is sent where; nothing is asked for or loaded before, and nothing without agreement', async () => {
		const { page } = await hearing.newVisitor();
		await watchMicrophones( page );
		const asked: string[] = [];
		page.on( 'request', ( request ) => {
			asked.push( new URL( request.url() ).pathname );
		} );
		await page.goto( '/ask/' );
		const panel = voicePanel( page );
		await panel.microphone.click();
		await panel.consentCard.waitFor();
		const words = await panel.consentCard.textContent();
		expect( words ).toContain( 'What you say or write goes to 127.0.0.1' );
		expect( words ).toContain( 'No recording is kept' );
		expect( asked.join() ).not.toContain( 'worklets' );
		await panel.root.locator( '[data-docent="decline"]' ).click();
		expect( await panel.recorder.isVisible() ).toBe( false );
		expect(
			await page.evaluate(
				() =>
					( window as unknown as { openedTracks: unknown[] } )
						.openedTracks.length
			)
		).toBe( 0 );
	} );

	it( 'agreement is told to the proxy, and once is enough for the tab', async () => {
		const { page } = await hearing.newVisitor();
		const panel = await press( page );
		await panel.recorder.waitFor();
		await panel.cancel.click();
		expect(
			JSON.parse(
				( await page.evaluate( () =>
					sessionStorage.getItem( 'docent' )
				) ) ?? '{}'
			).consent
		).toEqual( [ 'text', 'voice' ] );
		await page.reload();
		await panel.microphone.click();
		await panel.recorder.waitFor();
		await page.keyboard.press( 'Escape' );
		await panel.recorder.waitFor( { state: 'detached' } );
	} );

	it( 'the press is answered within 100 ms, whatever has to be fetched', async () => {
		const { page } = await hearing.newVisitor();
		// The worst of cases: what records is still on its way.
		let letThrough = () => {};
		const held = new Promise< void >( ( resolve ) => {
			letThrough = resolve;
		} );
		await page.route(
			/plugins\/docent\/build\/[0-9]+\.js/,
			async ( route ) => {
				if ( isHeld ) {
					await held;
				}
				await route.continue();
			}
		);
		let isHeld = false;
		await page.goto( '/ask/' );
		const panel = voicePanel( page );
		await panel.microphone.click();
		await panel.consentCard.waitFor();
		isHeld = true;
		const answeredMs = await panel.consent.evaluate( async ( button ) => {
			const at = performance.now();
			( button as HTMLElement ).click();
			while ( ! document.querySelector( '.docent-recorder' ) ) {
				await new Promise( ( resolve ) =>
					requestAnimationFrame( resolve )
				);
			}
			return performance.now() - at;
		} );
		expect( answeredMs ).toBeLessThan( 100 );
		expect( await panel.root.textContent() ).toContain(
			'Opening the microphone…'
		);
		letThrough();
		await panel.recorder.waitFor();
		await panel.cancel.click();
	} );
} );

describe( 'a refusal says why and what to do', () => {
	it( 'when the question was closed without an answer: tap again', async () => {
		const { page } = await hearing.newVisitor( { choice: 'unasked' } );
		// Nobody sits in front of this browser to close its question.
		await page.addInitScript( () => {
			const { mediaDevices } = navigator;
			const open = mediaDevices.getUserMedia.bind( mediaDevices );
			let isFirst = true;
			mediaDevices.getUserMedia = ( constraints ) => {
				if ( isFirst ) {
					isFirst = false;
					return Promise.reject(
						new DOMException(
							'Permission dismissed',
							'NotAllowedError'
						)
					);
				}
				return open( constraints );
			};
		} );
		const panel = await press( page );
		await panel.note
			.filter( { hasText: 'Tap it to be asked again, or type.' } )
			.waitFor();
		expect( await panel.field.isVisible() ).toBe( true );
		await page.context().grantPermissions( [ 'microphone' ] );
		await panel.microphone.click();
		await panel.recorder.waitFor();
		expect( await panel.note.textContent() ).toBe( '' );
		await panel.cancel.click();
	} );

	it( 'when it is blocked: where to allow it; and says so once it is allowed', async () => {
		const { page, context } = await hearing.newVisitor( {
			choice: 'blocked',
		} );
		const panel = await press( page );
		await panel.note
			.filter( { hasText: 'Allow it in the address bar, or type.' } )
			.waitFor();
		await context.grantPermissions( [ 'microphone' ] );
		await panel.note
			.filter( { hasText: 'The microphone is allowed now.' } )
			.waitFor();
	} );

	it( 'when there is none', async () => {
		// The stage's own browser has no microphone.
		const { page } = await stage.newVisitor( {
			permissions: [ 'microphone' ],
		} );
		const panel = await press( page );
		await panel.note
			.filter( { hasText: 'No microphone was found.' } )
			.waitFor();
	} );

	it( 'when the page may not use one', async () => {
		const { page } = await hearing.newVisitor();
		const panel = await press( page, '/ask/?policy' );
		await panel.note
			.filter( { hasText: 'This page does not allow the microphone.' } )
			.waitFor();
	} );

	it.each( [
		[ 'NotReadableError', 'Another program may be using it' ],
		[ 'NotAllowedError', 'privacy settings' ],
	] )( 'when the device fails with %s', async ( name, words ) => {
		const { page } = await hearing.newVisitor();
		// A device that is taken, or kept away by the system, cannot be had on a machine without any.
		await page.addInitScript( ( failure ) => {
			navigator.mediaDevices.getUserMedia = () =>
				Promise.reject(
					new DOMException( 'Permission denied by system', failure )
				);
		}, name );
		const panel = await press( page );
		await panel.note.filter( { hasText: words } ).waitFor();
	} );

	it( 'when the page is not secure', async () => {
		const { page } = await hearing.newVisitor();
		// A browser takes every page of its own machine for secure.
		await page.addInitScript( () => {
			Object.defineProperty( window, 'isSecureContext', {
				value: false,
			} );
		} );
		const panel = await press( page );
		await panel.note
			.filter( { hasText: 'only on secure pages (https)' } )
			.waitFor();
	} );

	it( 'when a file of the recorder does not arrive, and works once it does', async () => {
		const { page } = await hearing.newVisitor();
		// What a worklet asks for passes by the route of a test.
		await page.addInitScript( () => {
			const { prototype } = AudioWorklet;
			const { addModule } = prototype;
			let isFirst = true;
			prototype.addModule = function ( ...args ) {
				if ( isFirst ) {
					isFirst = false;
					return Promise.reject(
						new DOMException( '', 'AbortError' )
					);
				}
				return addModule.apply( this, args );
			};
		} );
		const panel = await press( page );
		await panel.note
			.filter( { hasText: 'The recorder could not be loaded.' } )
			.waitFor();
		await panel.microphone.click();
		await panel.recorder.waitFor();
		await panel.cancel.click();
	} );
} );

it( 'all that is loaded at the first press of the microphone weighs less than 15 KB', async () => {
	const { page } = await hearing.newVisitor();
	await page.goto( '/ask/' );
	const panel = voicePanel( page );
	await panel.microphone.click();
	await panel.consentCard.waitFor();
	const loaded: Array< Promise< Buffer > > = [];
	page.on( 'response', ( response ) => {
		if ( /plugins\/docent\/build\/.*\.js/.test( response.url() ) ) {
			loaded.push( response.body() );
		}
	} );
	await panel.consent.click();
	await panel.recorder.waitFor();
	await panel.cancel.click();
	// What a worklet asks for is not among the requests of its page.
	for ( const name of [ 'capture', 'playback' ] ) {
		loaded.push(
			readFile( inProject( `plugin/build/worklets/${ name }.js` ) )
		);
	}
	const files = await Promise.all( loaded );
	expect( files.length ).toBeGreaterThan( 2 );
	const bytes = files.reduce(
		( sum, file ) => sum + gzipSync( file ).length,
		0
	);
	expect( bytes ).toBeLessThan( 15 * 1024 );
} );

describe( 'one recording at a time', () => {
	it( 'a double click is one recording that goes on', async () => {
		const { page } = await hearing.newVisitor();
		await watchMicrophones( page );
		const panel = await press( page );
		await panel.recorder.waitFor();
		await panel.cancel.click();
		await panel.microphone.dblclick();
		await panel.recorder.waitFor();
		expect(
			await page.evaluate(
				() =>
					( window as unknown as { openedTracks: unknown[] } )
						.openedTracks.length
			)
		).toBe( 2 );
		await panel.cancel.click();
		await expect.poll( () => areReleased( page ) ).toBe( true );
		expect( await panel.turns.count() ).toBe( 0 );
	} );

	it( 'another tab is told that this one records, and may once it has ended', async () => {
		const { page, context } = await hearing.newVisitor();
		const panel = await press( page );
		await panel.recorder.waitFor();
		const second = await context.newPage();
		const other = await press( second );
		await other.note
			.filter( { hasText: 'Another panel or tab of this site' } )
			.waitFor();
		// The first tab was hidden by nobody: it still records.
		await panel.cancel.click();
		await panel.recorder.waitFor( { state: 'detached' } );
		await other.microphone.click();
		await other.recorder.waitFor();
		await other.cancel.click();
	} );

	it( 'another panel of the page is told the same', async () => {
		const { page } = await hearing.newVisitor();
		const panel = await press( page );
		await panel.recorder.waitFor();
		const floating = voicePanel( page, 'launcher' );
		await floating.open();
		await floating.microphone.click();
		await floating.note
			.filter( { hasText: 'Another panel or tab of this site' } )
			.waitFor();
		await panel.cancel.click();
	} );
} );

describe( 'the choice of the visitor', () => {
	it( 'to have text only holds on every page and for good, until it is taken back', async () => {
		const { page } = await hearing.newVisitor();
		await page.goto( '/ask/' );
		const panel = voicePanel( page );
		expect( await page.evaluate( () => localStorage.length ) ).toBe( 0 );
		await panel.menu.click();
		await panel.root.locator( '[data-docent="text-only"]' ).click();
		await panel.microphone.waitFor( { state: 'hidden' } );
		const later = await page.context().newPage();
		await later.goto( '/ask/' );
		const again = voicePanel( later );
		await again.field.focus();
		await again.microphone.waitFor( { state: 'hidden' } );
		stage.provider.script( { text: asModel( 'Two to three days.' ) } );
		await again.askToEnd( 'How long does delivery take?' );
		expect( await again.listen.isVisible() ).toBe( false );
		await again.menu.click();
		await again.root.locator( '[data-docent="text-only"]' ).click();
		await again.microphone.waitFor();
		expect( await later.evaluate( () => localStorage.length ) ).toBe( 0 );
	} );

	it( 'to have answers read aloud has a typed question answered aloud', async () => {
		stage.provider.script( { text: asModel( 'Two to three days.' ) } );
		const { page } = await hearing.newVisitor();
		await page.goto( '/ask/' );
		const panel = voicePanel( page );
		await panel.menu.click();
		await panel.root.locator( '[data-docent="read-aloud"]' ).click();
		await panel.ask( 'How long does delivery take?' );
		await expect
			.poll( panel.spokenSentence, { timeout: 10_000 } )
			.toBe( 'Two to three days.' );
	} );
} );

it( 'under a strict content policy it records without a violation', async () => {
	const { page } = await hearing.newVisitor();
	await page.addInitScript( () => {
		const violations: string[] = [];
		Object.assign( window, { violations } );
		document.addEventListener( 'securitypolicyviolation', ( event ) => {
			violations.push(
				`${ event.effectiveDirective } ${ event.blockedURI }`
			);
		} );
	} );
	const panel = await press( page, '/ask/?strict' );
	await panel.recorder.waitFor();
	await page.waitForFunction(
		() =>
			document.querySelector( '.docent-recorder__time' )?.textContent ===
			'0:01'
	);
	await panel.cancel.click();
	expect(
		await page.evaluate(
			() => ( window as unknown as { violations: string[] } ).violations
		)
	).toEqual( [] );
} );

describe.each( [ 'light', 'dark' ] as const )(
	'axe in %s finds nothing',
	( scheme ) => {
		it.each( [ 'ltr', 'rtl' ] )(
			'on the card, while it records, and beside a refusal (%s)',
			async ( direction ) => {
				const { page } = await hearing.newVisitor( {
					colorScheme: scheme,
					reducedMotion: 'reduce',
				} );
				await page.goto(
					`/ask/?scheme=${ scheme }&direction=${ direction }`
				);
				const panel = voicePanel( page );
				await panel.microphone.click();
				await panel.consentCard.waitFor();
				expect( await findBarriers( page ) ).toEqual( [] );
				await panel.consent.click();
				await panel.recorder.waitFor();
				expect( await findBarriers( page ) ).toEqual( [] );
				await panel.cancel.click();
				await page.goto(
					`/ask/?policy&scheme=${ scheme }&direction=${ direction }`
				);
				await panel.microphone.click();
				await panel.note.filter( { hasText: /./ } ).waitFor();
				expect( await findBarriers( page ) ).toEqual( [] );
			}
		);
	}
);
