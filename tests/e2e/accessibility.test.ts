/**
 * Looks for barriers in every state of the assistant, in every look a page can have.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { findBarriers } from '../support/e2e/axe.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';

const QUESTION = 'How long does delivery take?';
const ANSWER =
	'Delivery takes **two to three** working days:\n\n- Germany: 2 to 3 days\n- Austria: 4 to 6 days\n\nSee [the page](/shipping/).';

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

describe.each( [ 'ltr', 'rtl' ] as const )(
	'axe on a page that runs %s',
	( direction ) => {
		it.each( [
			[ 'light', {} ],
			[ 'dark', { colorScheme: 'dark' } ],
			[ 'light with forced colours', { forcedColors: 'active' } ],
			[
				'dark with forced colours',
				{ colorScheme: 'dark', forcedColors: 'active' },
			],
		] as const )(
			'and is %s finds nothing in any state',
			async ( name, options ) => {
				const { page } = await stage.newVisitor( options );
				const scheme = name.startsWith( 'dark' ) ? 'dark' : 'light';
				await page.goto(
					`/ask/?direction=${ direction }&scheme=${ scheme }`
				);
				expect(
					await page.evaluate(
						() => document.documentElement.dir || 'ltr'
					)
				).toBe( direction );
				const inline = assistantPanel( page );
				const floating = assistantPanel( page, 'launcher' );
				const found: string[] = [];
				const look = async ( state: string ) => {
					for ( const barrier of await findBarriers( page, {
						hasForcedColors: 'forcedColors' in options,
					} ) ) {
						found.push( `${ state }: ${ barrier }` );
					}
				};

				await look( 'closed' );
				await floating.open();
				await look( 'open' );
				await floating.menu.click();
				await look( 'menu' );
				await floating.menu.click();

				await floating.field.fill( QUESTION );
				await floating.field.press( 'Enter' );
				await floating.consentCard.waitFor();
				await look( 'consent' );

				stage.provider.script( {
					text: asModel( ANSWER ),
					// A press on stop this soon after sending would count as a double click.
					firstChunkDelayMs: 600,
					stall: { afterChunks: 12 },
				} );
				await floating.consent.click();
				await floating.sees( 'two to three' );
				await look( 'answering' );
				await floating.stop.click();
				await floating.turn.status
					.filter( { hasText: 'Stopped.' } )
					.waitFor();

				stage.provider.script( { text: asModel( ANSWER ) } );
				await floating.askToEnd( QUESTION );
				await floating.turn.thumbUp.click();
				await look( 'answered' );

				await page.route( '**/v1/ask', ( route ) => route.abort() );
				await floating.ask( QUESTION );
				await floating.turn.failure.waitFor();
				await look( 'error' );

				await floating.close.click();
				await inline.field.focus();
				await inline.turn.failure.waitFor();
				await look( 'answered and error in the page' );
				expect( found ).toEqual( [] );
			}
		);
	}
);

describe( 'a screen reader', () => {
	const SENTENCES = [
		'Orders within Germany arrive in two to three working days.',
		'Deliveries to Austria and France take four to six.',
		'Shipping costs 4.90 euros, i.e. less than most.',
		'Above 80 euros it is free!',
		'Do you need it sooner?',
	];

	it( 'is told that an answer begins, each sentence once and whole, and that it is complete', async () => {
		stage.provider.script( {
			text: asModel( SENTENCES.join( ' ' ) ),
			chunkDelayMs: 40,
		} );
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		const assistant = assistantPanel( page );
		await assistant.root.evaluate( ( root ) => {
			const told: Array< { atMs: number; text: string } > = [];
			const busy: string[] = [];
			Object.assign( window, { told, busy } );
			new MutationObserver( ( changes ) => {
				for ( const { target, addedNodes } of changes ) {
					const region = ( target as Element ).closest?.(
						'[aria-live]:not([aria-live="off"]), [role="alert"], [role="status"]'
					);
					for ( const node of region ? addedNodes : [] ) {
						told.push( {
							atMs: performance.now(),
							text: node.textContent ?? '',
						} );
					}
				}
			} ).observe( root, {
				subtree: true,
				childList: true,
				characterData: true,
			} );
			new MutationObserver( ( changes ) => {
				for ( const { target } of changes ) {
					busy.push(
						( target as Element ).getAttribute( 'aria-busy' ) ?? ''
					);
				}
			} ).observe( root, {
				subtree: true,
				attributeFilter: [ 'aria-busy' ],
			} );
		} );

		await assistant.askToEnd( QUESTION );
		await assistant.root
			.locator( '[data-docent="announcer"]' )
			.filter( { hasText: 'Answer complete.' } )
			.waitFor();
		const { told, busy } = await page.evaluate( () => {
			const log = window as unknown as {
				told: Array< { atMs: number; text: string } >;
				busy: string[];
			};
			return { told: log.told, busy: log.busy };
		} );
		const texts = told.map( ( { text } ) => text );
		expect( texts.length ).toBeLessThanOrEqual( SENTENCES.length + 2 );
		expect( texts.join( ' ' ) ).toBe(
			[
				'Assistant is answering.',
				...SENTENCES,
				'Answer complete. Pages linked: 1.',
			].join( ' ' )
		);
		for ( const text of texts ) {
			expect( text ).toMatch( /[.!?]$/ );
		}
		const gaps = told
			.slice( 1 )
			.map( ( { atMs }, index ) => atMs - told[ index ]!.atMs );
		expect( Math.min( ...gaps ) ).toBeGreaterThan( 100 );
		expect( await assistant.log.getAttribute( 'role' ) ).toBe( 'log' );
		expect( busy.at( -1 ) ).toBe( 'false' );
	} );

	it( 'is told why nothing came', async () => {
		const { page } = await stage.newVisitor();
		await page.goto( '/ask/' );
		await page.route( '**/v1/ask', ( route ) => route.abort() );
		const assistant = assistantPanel( page );
		await assistant.ask( QUESTION );
		await assistant.root
			.locator( '[data-docent="announcer"]' )
			.filter( { hasText: 'The assistant cannot be reached right now.' } )
			.waitFor();
	} );

	it( 'finds names, roles and states on everything', async () => {
		stage.provider.script( { text: asModel( ANSWER ) } );
		const { page } = await stage.newVisitor();
		await page.goto( '/opening-hours/' );
		const assistant = assistantPanel( page, 'launcher' );
		expect( await assistant.launcher.ariaSnapshot() ).toBe(
			'- button "Ask a question"'
		);
		await assistant.open();
		await assistant.askToEnd( QUESTION );
		const tree = await assistant.panel.ariaSnapshot();
		for ( const part of [
			'dialog "Assistant"',
			'button "Options"',
			'button "Close"',
			'log "Conversation"',
			'list',
			'link "Shipping"',
			'button "Copy"',
			'button "Good answer"',
			'button "Poor answer"',
			'textbox "Your question"',
			'button "Send"',
		] ) {
			expect( tree ).toContain( part );
		}
	} );
} );

describe( 'on a screen of 320 pixels, as at 400 % zoom', () => {
	it.each( [ 'inline', 'launcher' ] as const )(
		'nothing of the panel (%s) is cut off or scrolls sideways',
		async ( display ) => {
			stage.provider.script( {
				text: asModel(
					`${ ANSWER }\n\nDonaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen ${ 'x'.repeat( 90 ) } http://127.0.0.1/${ 'y'.repeat( 90 ) }`
				),
			} );
			const { page } = await stage.newVisitor( {
				viewport: { width: 320, height: 256 },
			} );
			await page.goto( '/ask/' );
			const assistant = assistantPanel( page, display );
			if ( display === 'launcher' ) {
				await assistant.open();
			}
			await assistant.askToEnd( QUESTION );
			expect(
				await page.evaluate(
					() => document.documentElement.scrollWidth
				)
			).toBe( 320 );
			const cutOff = await assistant.panel.evaluate( ( panel ) =>
				[ panel, ...panel.querySelectorAll( '*' ) ]
					.filter(
						( { clientWidth, scrollWidth } ) =>
							clientWidth > 1 && scrollWidth > clientWidth + 1
					)
					.map( ( { className } ) => className )
			);
			expect( cutOff ).toEqual( [] );
			await assistant.field.scrollIntoViewIfNeeded();
			expect( await assistant.send.isVisible() ).toBe( true );
		}
	);
} );
