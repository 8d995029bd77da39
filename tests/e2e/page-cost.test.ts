/**
 * What the assistant costs a page: queries, bytes, requests and movement.
 */

import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { addMustUsePlugin } from '../support/e2e/must-use.ts';
import { assistantBlock, prose, shopPages } from '../support/e2e/pages.ts';
import { openStage } from '../support/e2e/stage.ts';
import type { Stage, Visitor } from '../support/e2e/stage.ts';

const WORDS = prose( 'A page with a few words.', 'And a few more below.' );

/** Prints at the end of a page what the database was asked for it. */
const queryLog = `
	if ( isset( $_GET['queries'] ) ) {
		if ( 'without-plugin' === $_GET['queries'] ) {
			add_filter( 'option_active_plugins', static fn () => array() );
		}
		add_action( 'shutdown', static function () {
			echo "\\n<!--queries ", base64_encode( wp_json_encode( array_column( $GLOBALS['wpdb']->queries, 0 ) ) ), '-->';
		}, 0 );
	}
`;

let stage: Stage;

beforeAll( async () => {
	stage = await openStage( {
		launcher: true,
		constants: { SAVEQUERIES: true },
		pages: [
			...shopPages,
			{ slug: 'words', title: 'Words', content: WORDS },
			{
				slug: 'panel',
				title: 'Words',
				content: `${ assistantBlock() }\n${ WORDS }`,
			},
		],
	} );
	await addMustUsePlugin( stage.site.wordpress, 'query-log', queryLog );
} );
afterEach( () => stage.leave() );
afterAll( () => stage?.close() );

describe( 'a page with the assistant', () => {
	it.each( [ 'panel', 'words' ] )(
		'asks the database for nothing more than the same page without the plugin (%s)',
		async ( slug ) => {
			// The first visit after a change fills what WordPress keeps for later ones.
			await queriesOf( `/${ slug }/?queries` );
			const withPlugin = await queriesOf( `/${ slug }/?queries` );
			const without = await queriesOf(
				`/${ slug }/?queries=without-plugin`
			);
			expect( without.length ).toBeGreaterThan( 5 );
			expect( withPlugin.filter( isNew( without ) ) ).toEqual( [] );
			expect( withPlugin ).toHaveLength( without.length );
		}
	);

	it( 'loads one small script of Docent’s before it is touched, and the rest at the first touch', async () => {
		const { page, watch } = await stage.newVisitor();
		await page.goto( '/ask/', { waitUntil: 'load' } );
		await page.waitForFunction(
			() => performance.getEntriesByType( 'paint' ).length > 0
		);
		await frames( page );
		const scripts = () =>
			watch.docentFiles().filter( ( file ) => file.endsWith( '.js' ) );
		expect( scripts() ).toEqual( [ 'build/assistant/view.js' ] );
		expect( await weigh( watch, /\/view\.js/ ) ).toBeLessThan( 6 * 1024 );
		expect( watch.posts() ).toEqual( [] );
		expect(
			watch.requests.filter( ( request ) =>
				request.url().startsWith( stage.site.proxy.url )
			)
		).toEqual( [] );

		await assistantPanel( page ).field.focus();
		await assistantPanel( page ).consentCard.waitFor( {
			state: 'attached',
		} );
		expect( scripts() ).toHaveLength( 2 );
		expect(
			await weigh( watch, /\/plugins\/docent\/.*\.js/ )
		).toBeLessThan( 40 * 1024 );
		// Touched, but nothing asked: nobody is told.
		expect( watch.posts() ).toEqual( [] );
	} );

	it( 'says without JavaScript what it would need', async () => {
		const { page } = await stage.newVisitor( { javaScriptEnabled: false } );
		await page.goto( '/panel/' );
		const { panel } = assistantPanel( page );
		expect( await panel.textContent() ).toContain(
			'The assistant needs JavaScript.'
		);
		expect( await panel.isVisible() ).toBe( true );
	} );

	it( 'whose script is lost on the way says so when it is touched, and works once it arrives', async () => {
		const { page } = await stage.newVisitor();
		const rest = /plugins\/docent\/build\/(?!assistant\/view)[^/]*\.js/;
		await page.route( rest, ( route ) => route.abort() );
		await page.goto( '/panel/' );
		const assistant = assistantPanel( page );
		await assistant.field.fill( 'How long does delivery take?' );
		await assistant.field.press( 'Enter' );
		await assistant.root
			.getByText( 'The assistant cannot be reached right now.' )
			.waitFor();
		await page.unroute( rest );
		await assistant.field.press( 'Enter' );
		await assistant.consentCard.waitFor();
		expect( await assistant.field.inputValue() ).toBe(
			'How long does delivery take?'
		);
	} );

	it.each( [
		[ 'a phone', { width: 390, height: 844 } ],
		[ 'a desktop', { width: 1280, height: 800 } ],
	] )(
		'does not move while it loads or is first touched, on %s',
		async ( _name, viewport ) => {
			const { page } = await stage.newVisitor( { viewport } );
			// The theme's own fonts move the theme's menu when they arrive late.
			await page.route( '**/*.woff2', ( route ) => route.abort() );
			await page.addInitScript( () => {
				const shifts: number[] = [];
				Object.assign( window, { shifts } );
				new PerformanceObserver( ( list ) => {
					for ( const entry of list.getEntries() ) {
						shifts.push(
							( entry as PerformanceEntry & { value: number } )
								.value
						);
					}
				} ).observe( { type: 'layout-shift', buffered: true } );
			} );
			await page.goto( '/panel/', { waitUntil: 'networkidle' } );
			await page.mouse.move( 200, 400 );
			await assistantPanel( page ).field.focus();
			await assistantPanel( page ).consentCard.waitFor( {
				state: 'attached',
			} );
			await frames( page );
			expect(
				await page.evaluate(
					() => ( window as unknown as { shifts: number[] } ).shifts
				)
			).toEqual( [] );
		}
	);
} );

async function queriesOf( path: string ): Promise< string[] > {
	const html = await ( await fetch( stage.url + path ) ).text();
	const encoded = /<!--queries ([^-]+)-->/.exec( html )?.[ 1 ] ?? '';
	return JSON.parse( Buffer.from( encoded, 'base64' ).toString() );
}

/** Picks what is not among the others, counting each as often as it occurs. */
function isNew( others: string[] ): ( query: string ) => boolean {
	const left = [ ...others ];
	return ( query ) => {
		const at = left.indexOf( query );
		if ( at >= 0 ) {
			left.splice( at, 1 );
		}
		return at < 0;
	};
}

/** Adds up the files of these addresses, gzipped as a server sends them. */
async function weigh(
	{ requests }: Visitor[ 'watch' ],
	address: RegExp
): Promise< number > {
	let bytes = 0;
	for ( const request of requests ) {
		if ( address.test( request.url() ) ) {
			const body = await ( await request.response() )?.body();
			bytes += body ? gzipSync( body ).length : 0;
		}
	}
	return bytes;
}

/** Lets the browser draw twice, so that what was about to move has moved. */
function frames( page: Visitor[ 'page' ] ): Promise< void > {
	return page.evaluate(
		() =>
			new Promise< void >( ( resolve ) => {
				requestAnimationFrame( () =>
					requestAnimationFrame( () => resolve() )
				);
			} )
	);
}
