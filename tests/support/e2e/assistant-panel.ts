/**
 * Handles the assistant's panel as a visitor does. Everything waits for what the visitor would see.
 */

import type { Locator, Page } from 'playwright-core';

/** One panel on a page. */
export interface AssistantPanel {
	root: Locator;
	panel: Locator;
	launcher: Locator;
	log: Locator;
	field: Locator;
	send: Locator;
	stop: Locator;
	consent: Locator;
	consentCard: Locator;
	suggestions: Locator;
	menu: Locator;
	close: Locator;
	turns: Locator;
	/** The last turn and what stands in it. */
	turn: TurnPart;
	/** Opens a floating panel. */
	open(): Promise< void >;
	/** Writes a question and sends it with Enter; agrees when asked to. Resolves when it stands in the log. */
	ask( question: string ): Promise< void >;
	/** Asks and waits for the end of the answer. Returns its text. */
	askToEnd( question: string ): Promise< string >;
	/** Waits until the running answer contains this. */
	sees( text: string ): Promise< void >;
	/** Waits for the end of the answer, whichever it is. */
	end(): Promise< void >;
	/** Chooses from the menu. */
	choose( hook: 'start-over' | 'text-size' | 'privacy' ): Promise< void >;
}

interface TurnPart {
	root: Locator;
	question: Locator;
	answer: Locator;
	status: Locator;
	notice: Locator;
	failure: Locator;
	retry: Locator;
	sources: Locator;
	copy: Locator;
	thumbUp: Locator;
	thumbDown: Locator;
}

/** Finds a panel on a page: the one in the text, the one behind a button, or the site-wide one. */
export function assistantPanel(
	page: Page,
	display: 'inline' | 'button' | 'launcher' = 'inline'
): AssistantPanel {
	const root = page.locator( `.docent--${ display }` );
	const hook = ( name: string, within: Locator = root ) =>
		within.locator( `[data-docent="${ name }"]` );
	const turns = root.locator( '.docent-turn' );
	const last = turns.last();
	const consent = hook( 'consent' );
	const field = hook( 'composer' );

	const panel: AssistantPanel = {
		root,
		panel: hook( 'panel' ),
		launcher: hook( 'launcher' ),
		log: hook( 'log' ),
		field,
		send: hook( 'send' ),
		stop: hook( 'stop' ),
		consent,
		consentCard: hook( 'consent-card' ),
		suggestions: hook( 'suggestion' ),
		menu: hook( 'menu' ),
		close: hook( 'close' ),
		turns,
		turn: {
			root: last,
			question: last.locator( '.docent-question' ),
			answer: last.locator( '.docent-answer' ),
			status: hook( 'status', last ),
			notice: hook( 'notice', last ),
			failure: hook( 'failure', last ),
			retry: hook( 'retry', last ),
			sources: hook( 'sources', last ).locator( 'a' ),
			copy: hook( 'copy', last ),
			thumbUp: hook( 'thumb-up', last ),
			thumbDown: hook( 'thumb-down', last ),
		},
		async open() {
			await hook( 'launcher' ).click();
			await field.waitFor();
		},
		async ask( question ) {
			const before = await turns.count();
			await field.fill( question );
			await field.press( 'Enter' );
			const asked = turns.nth( before );
			await asked.or( consent ).first().waitFor();
			if ( await consent.isVisible() ) {
				await consent.click();
			}
			await asked.waitFor();
		},
		async askToEnd( question ) {
			await panel.ask( question );
			await panel.end();
			return ( await panel.turn.answer.textContent() ) ?? '';
		},
		sees: ( text ) =>
			panel.turn.answer.filter( { hasText: text } ).waitFor(),
		end: () =>
			turns.last().and( root.locator( '[aria-busy="false"]' ) ).waitFor(),
		async choose( name ) {
			await hook( 'menu' ).click();
			await hook( name ).click();
		},
	};
	return panel;
}
