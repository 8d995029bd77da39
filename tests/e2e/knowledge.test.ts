/**
 * What the owner changes in WordPress changes what the next visitor is told.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import { prose } from '../support/e2e/pages.ts';
import { openStage } from '../support/e2e/stage.ts';
import type { Stage } from '../support/e2e/stage.ts';
import { signIn } from '../support/wordpress/browser.ts';

const QUESTION = 'What are the shipping costs?';

let stage: Stage;

beforeAll( async () => {
	// Without a model the answer is the site's own words, and a changed page leaves nowhere to hide.
	stage = await openStage( { hasModel: false } );
} );
afterEach( () => stage.leave() );
afterAll( () => stage?.close() );

/** Asks as a visitor who was never here. */
async function askAnew(
	question: string
): Promise< { answer: string; sources: string[] } > {
	const { page } = await stage.newVisitor();
	await page.goto( '/ask/' );
	const assistant = assistantPanel( page );
	return {
		answer: await assistant.askToEnd( question ),
		sources: await assistant.turn.sources.allTextContents(),
	};
}

/** Signs in to wp-admin and resolves with what changes a page there, as the editor's own requests do. */
async function openAdmin(): Promise<
	( id: number, change: Record< string, string > ) => Promise< void >
> {
	const { page } = await stage.newVisitor();
	await signIn( page, stage.site.wordpress );
	const nonce = await page.request.get(
		'/wp-admin/admin-ajax.php?action=rest-nonce'
	);
	const headers = { 'X-WP-Nonce': await nonce.text() };
	return async ( id, data ) => {
		const response = await page.request.post(
			`/wp-json/wp/v2/pages/${ id }`,
			{ headers, data }
		);
		expect( response.status() ).toBe( 200 );
	};
}

describe( 'a published page', () => {
	it( 'that changes in wp-admin changes the next answer, also one that was kept', async () => {
		expect( ( await askAnew( QUESTION ) ).answer ).toContain(
			'4.90 euros'
		);
		// The second time the answer comes from the cache.
		expect( ( await askAnew( QUESTION ) ).answer ).toContain(
			'4.90 euros'
		);

		const change = await openAdmin();
		await change( stage.pageIds.shipping!, {
			content: prose(
				'## Shipping costs',
				'Shipping costs 6.20 euros since spring. Orders above 100 euros are delivered free of charge.'
			),
		} );
		await stage.site.wordpress.runCron();

		const { answer, sources } = await askAnew( QUESTION );
		expect( answer ).toContain( '6.20 euros' );
		expect( answer ).not.toContain( '4.90' );
		expect( sources ).toEqual( [ 'Shipping' ] );
	} );

	it( 'that is unpublished is no longer answered from, until it is published again', async () => {
		const question = 'Is the shop closed on Sundays?';
		expect( ( await askAnew( question ) ).sources ).toEqual( [
			'Opening hours',
		] );

		const change = await openAdmin();
		await change( stage.pageIds[ 'opening-hours' ]!, { status: 'draft' } );
		await stage.site.wordpress.runCron();
		const after = await askAnew( question );
		expect( after.answer ).not.toContain( 'On Sundays the shop is closed' );
		expect( after.sources ).not.toContain( 'Opening hours' );

		await change( stage.pageIds[ 'opening-hours' ]!, {
			status: 'publish',
		} );
		await stage.site.wordpress.runCron();
		expect( ( await askAnew( question ) ).answer ).toContain(
			'On Sundays the shop is closed'
		);
	} );

	it( 'that gets a password is no longer answered from', async () => {
		const question = 'Can boots that were worn outside be taken back?';
		expect( ( await askAnew( question ) ).sources ).toContain( 'Returns' );
		const change = await openAdmin();
		await change( stage.pageIds.returns!, { password: 'hush' } );
		await stage.site.wordpress.runCron();
		const after = await askAnew( question );
		expect( after.answer ).not.toContain( 'cannot be taken back' );
		expect( after.sources ).not.toContain( 'Returns' );
	} );

	it( 'saved while the proxy is away is sent once it is back, and saving does not wait for it', async () => {
		const change = await openAdmin();
		await stage.site.proxy.stop();
		try {
			const begun = performance.now();
			await change( stage.pageIds.shipping!, {
				content: prose(
					'## Parcel size',
					'A parcel may measure up to 120 centimetres.'
				),
			} );
			expect( performance.now() - begun ).toBeLessThan( 5_000 );
			await stage.site.wordpress.runCron();
		} finally {
			await stage.site.proxy.restart();
		}
		// The next attempt is due in half a minute; this is what it does.
		await stage.site.wordpress.runPhp(
			`do_action( 'docent_sync_queue' );`
		);
		expect(
			( await askAnew( 'How large may a parcel be, in centimetres?' ) )
				.answer
		).toContain( '120 centimetres' );
	} );
} );
