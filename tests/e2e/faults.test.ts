/**
 * What a visitor meets when something between the page and the answer fails, and how it goes on.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assistantPanel } from '../support/e2e/assistant-panel.ts';
import type { AssistantPanel } from '../support/e2e/assistant-panel.ts';
import { asModel, openStage } from '../support/e2e/stage.ts';
import type { Stage, Visitor } from '../support/e2e/stage.ts';
import { useSecret } from '../support/e2e/site-secret.ts';
import type { FaultProxy } from '../support/fault-proxy/index.ts';

const QUESTION = 'How long does delivery take?';
const numbers = Array.from( { length: 40 }, ( _, index ) => `step ${ index }` );
const ANSWER = `Delivery takes these steps: ${ numbers.join( ', ' ) }.`;

let stage: Stage;
let faults: FaultProxy;

beforeAll( async () => {
	stage = await openStage( { isFaulty: true } );
	faults = stage.faults!;
	await stage.setProxySettings( { cache: { enabled: false } } );
} );
afterEach( async () => {
	faults.set( 'up', {} );
	faults.set( 'down', {} );
	faults.refuse( false );
	stage.provider.reset();
	await stage.leave();
} );
afterAll( () => stage?.close() );

async function openAsk(): Promise< Visitor & { assistant: AssistantPanel } > {
	const visitor = await stage.newVisitor();
	await visitor.page.goto( '/ask/', { waitUntil: 'load' } );
	// After loading: WordPress's own modules need the real clock to begin.
	await visitor.page.clock.install();
	return { ...visitor, assistant: assistantPanel( visitor.page ) };
}

/** Expects one calm sentence with a way to try again, and the question still there. */
async function expectFailure(
	{ turn }: AssistantPanel,
	kind: string,
	sentence: RegExp
): Promise< void > {
	await turn.failure.waitFor();
	expect( await turn.failure.getAttribute( 'data-kind' ) ).toBe( kind );
	expect( await turn.failure.locator( 'p' ).textContent() ).toMatch(
		sentence
	);
	expect( await turn.question.textContent() ).toContain( QUESTION );
	expect( await turn.retry.isVisible() ).toBe( true );
}

describe( 'a connection that breaks in mid-answer', () => {
	/** Begins a slow answer and resolves in the middle of it. */
	async function begin() {
		stage.provider.script( { text: asModel( ANSWER ), chunkDelayMs: 12 } );
		const visitor = await openAsk();
		await visitor.assistant.ask( QUESTION );
		await visitor.assistant.sees( 'step 12,' );
		return visitor;
	}

	async function expectWholeAnswer( {
		turn,
		sees,
		end,
	}: AssistantPanel ): Promise< void > {
		await sees( 'step 39.' );
		await end();
		expect( await turn.answer.textContent() ).toBe( ANSWER );
		expect( await turn.sources.allTextContents() ).toEqual( [
			'Shipping',
		] );
		expect( await turn.failure.count() ).toBe( 0 );
		expect( stage.provider.journal.entries ).toHaveLength( 1 );
	}

	it( 'by a reset goes on without loss or repetition', async () => {
		const { assistant } = await begin();
		faults.resetAll();
		await expectWholeAnswer( assistant );
	} );

	it( 'by an orderly end goes on without loss or repetition', async () => {
		const { assistant } = await begin();
		faults.halfCloseAll();
		await expectWholeAnswer( assistant );
	} );

	it( 'again and again goes on without loss or repetition', async () => {
		const { assistant } = await begin();
		faults.resetAll();
		await assistant.sees( 'step 22,' );
		faults.halfCloseAll();
		await assistant.sees( 'step 33,' );
		faults.resetAll();
		await expectWholeAnswer( assistant );
	} );

	it( 'by falling silent is noticed and said, and goes on when the way is free', async () => {
		const { page, assistant } = await begin();
		faults.set( 'down', { isPaused: true } );
		await page.clock.fastForward( 26_000 );
		await assistant.turn.status
			.filter( { hasText: 'The connection was lost.' } )
			.waitFor();
		faults.set( 'down', {} );
		await page.clock.fastForward( 1_000 );
		await expectWholeAnswer( assistant );
	} );

	it( 'for good says so, keeps what was read, and goes on at the visitor’s wish', async () => {
		const { page, assistant } = await begin();
		faults.refuse( true );
		faults.resetAll();
		await assistant.turn.status
			.filter( { hasText: 'The connection was lost.' } )
			.waitFor();
		// Every pause between attempts is shorter than this.
		while ( ! ( await assistant.turn.failure.isVisible() ) ) {
			await page.clock.fastForward( 10_000 );
		}
		await expectFailure( assistant, 'unreachable', /cannot be reached/ );
		expect( await assistant.turn.answer.textContent() ).toContain(
			'step 12,'
		);

		faults.refuse( false );
		await assistant.turn.retry.click();
		await assistant.sees( 'step 39.' );
		await assistant.end();
		expect( await assistant.turn.answer.textContent() ).toBe( ANSWER );
	} );
} );

describe( 'a question that meets', () => {
	it( 'a spending limit that is reached is answered in the site’s own words, calmly', async () => {
		await stage.setProxySettings( { limits: { siteDayNanoUsd: 0 } } );
		try {
			const { assistant } = await openAsk();
			const answer = await assistant.askToEnd( QUESTION );
			expect( await assistant.turn.notice.textContent() ).toMatch(
				/limit for new answers is reached/
			);
			expect( answer ).toContain( 'two to three working days' );
			expect( await assistant.turn.sources.allTextContents() ).toContain(
				'Shipping'
			);
			expect( await assistant.turn.failure.count() ).toBe( 0 );
			expect( stage.provider.bill.totalNanoUsd ).toBe( 0 );
		} finally {
			await stage.setProxySettings( {
				limits: { siteDayNanoUsd: 1_000_000_000 },
			} );
		}
	} );

	it( 'a provider that is down is answered in the site’s own words', async () => {
		stage.provider.setDefault( {
			kind: 'refusal',
			status: 500,
			error: { message: 'down', type: 'server_error', code: null },
		} );
		const { assistant } = await openAsk();
		expect( await assistant.askToEnd( QUESTION ) ).toContain(
			'two to three working days'
		);
		expect( await assistant.turn.notice.textContent() ).toContain(
			'quoted from the site'
		);
	} );

	it( 'a proxy that is down can be tried again, and is answered once it is back', async () => {
		await stage.site.proxy.stop();
		const { assistant } = await openAsk();
		try {
			await assistant.ask( QUESTION );
			await expectFailure(
				assistant,
				'unreachable',
				/cannot be reached/
			);
		} finally {
			await stage.site.proxy.restart();
		}
		stage.provider.script( { text: asModel( ANSWER ) } );
		await assistant.turn.retry.click();
		await assistant.sees( 'step 39.' );
		await assistant.end();
		expect( await assistant.turns.count() ).toBe( 1 );
		expect( await assistant.turn.failure.count() ).toBe( 0 );
	} );

	it( 'a site that signs with a wrong secret can be tried again, and is answered once that is mended', async () => {
		const config = await useSecret(
			stage.site.wordpress,
			'x'.repeat( 43 )
		);
		const { assistant } = await openAsk();
		try {
			await assistant.ask( QUESTION );
			await expectFailure(
				assistant,
				'refused',
				/could not confirm this visit/
			);
		} finally {
			await config.restore();
		}
		stage.provider.script( { text: asModel( ANSWER ) } );
		await assistant.turn.retry.click();
		await assistant.sees( 'step 39.' );
		expect( await assistant.turn.failure.count() ).toBe( 0 );
	} );

	it( 'the limit of questions a minute is told how long to wait, and is answered after', async () => {
		await stage.setProxySettings( { rateLimits: { visitorPerMinute: 1 } } );
		const { assistant } = await openAsk();
		try {
			await assistant.askToEnd( 'Is the shop open on Sundays?' );
			await assistant.ask( QUESTION );
			await expectFailure(
				assistant,
				'rate_limited',
				/again in \d+ seconds/
			);
		} finally {
			await stage.setProxySettings( {
				rateLimits: { visitorPerMinute: 100_000 },
			} );
		}
		stage.provider.script( { text: asModel( ANSWER ) } );
		await assistant.turn.retry.click();
		await assistant.sees( 'step 39.' );
	} );

	it( 'no network is told so, and is answered by itself once it is back', async () => {
		stage.provider.script( { text: asModel( ANSWER ) } );
		const { context, assistant } = await openAsk();
		await assistant.field.focus();
		await assistant.root
			.locator( '[data-docent="consent-card"]' )
			.waitFor( {
				state: 'attached',
			} );
		await context.setOffline( true );
		await assistant.ask( QUESTION );
		await assistant.turn.status
			.filter( { hasText: 'You are offline.' } )
			.waitFor();
		await context.setOffline( false );
		await assistant.sees( 'step 39.' );
		await assistant.end();
		expect( await assistant.turn.answer.textContent() ).toBe( ANSWER );
	} );

	it( 'WordPress being down for a moment can be tried again', async () => {
		stage.provider.script( { text: asModel( ANSWER ) } );
		const { page, assistant } = await openAsk();
		await page.route( '**/docent/v1/token', ( route ) =>
			route.fulfill( {
				status: 503,
				contentType: 'text/html',
				body: '<h1>Briefly unavailable for scheduled maintenance.</h1>',
			} )
		);
		await assistant.ask( QUESTION );
		await expectFailure( assistant, 'busy', /busy right now/ );
		await page.unroute( '**/docent/v1/token' );
		await assistant.turn.retry.click();
		await assistant.sees( 'step 39.' );
	} );
} );
