/**
 * Handles a live conversation in the assistant's panel as a visitor does.
 */
import type { Locator, Page } from 'playwright-core';
import { voicePanel } from './voice-panel.ts';
import type { VoicePanel } from './voice-panel.ts';
import type { Stage } from './stage.ts';

/** One panel on a page, with what belongs to live conversations in it. */
export interface LivePanel extends VoicePanel {
	/** The button that begins one. */
	live: Locator;
	bar: Locator;
	/** The word that says what it is doing. */
	state: Locator;
	mute: Locator;
	/** Chooses that the microphone hears only while a button is held. */
	push: Locator;
	/** That button. */
	talk: Locator;
	endLive: Locator;
	/** Presses the button, and agrees when asked to. */
	begin(): Promise< void >;
	/** Waits for a state; 15 s unless told. */
	is( state: string, timeoutMs?: number ): Promise< void >;
}

/** Finds a panel on a page. */
export function livePanel(
	page: Page,
	display: 'inline' | 'launcher' = 'inline'
): LivePanel {
	const panel = voicePanel( page, display );
	const hook = ( name: string ) =>
		panel.root.locator( `[data-docent="${ name }"]` );
	const live = hook( 'live' );
	const bar = hook( 'live-bar' );
	return {
		...panel,
		live,
		bar,
		state: hook( 'live-state' ),
		mute: hook( 'live-mute' ),
		push: hook( 'live-push' ),
		talk: hook( 'live-talk' ),
		endLive: hook( 'live-end' ),
		async begin() {
			await live.click();
			await bar.or( panel.consent ).first().waitFor();
			if ( await panel.consent.isVisible() ) {
				await panel.consent.click();
			}
			await bar.waitFor();
		},
		is: ( state, timeout = 15_000 ) =>
			bar
				.and( panel.root.locator( `[data-state="${ state }"]` ) )
				.waitFor( { timeout } ),
	};
}

/** Has the shop offer live conversations, and its pages know. */
export async function offerLive( stage: Stage ): Promise< void > {
	await stage.setProxySettings( {
		modalities: { voice: true, realtime: true },
		cache: { enabled: false },
		limits: {
			visitorDayNanoUsd: 10_000_000_000,
			siteDayNanoUsd: 100_000_000_000,
		},
	} );
	await stage.site.wordpress.runPhp( "do_action( 'docent_view' );" );
}

/** Has a page remember what it says to screen readers. Call it before the page is opened. */
export async function watchAnnouncements( page: Page ): Promise< void > {
	await page.addInitScript( () => {
		const announced: string[] = [];
		Object.assign( window, { announced } );
		new MutationObserver( ( changes ) => {
			for ( const { target, addedNodes } of changes ) {
				const place =
					target instanceof Element ? target : target.parentElement;
				if (
					place?.closest( '[aria-live="polite"], [role="status"]' )
				) {
					addedNodes.forEach( ( node ) =>
						announced.push( node.textContent ?? '' )
					);
				}
			}
		} ).observe( document, { childList: true, subtree: true } );
	} );
}

/** Returns what `watchAnnouncements` remembers. */
export function announcements( page: Page ): Promise< string > {
	return page.evaluate( () =>
		( window as unknown as { announced: string[] } ).announced.join( '\n' )
	);
}

/** A control frame that the page sent. */
export interface SentFrame {
	type: string;
	/** Milliseconds since the page began. */
	at: number;
	/** Samples that had been heard of the page then, where it has ears. */
	samples: number;
}

/** Has a page remember the control frames that it sends. Call it before the page is opened. */
export async function watchFrames( page: Page ): Promise< void > {
	await page.addInitScript( () => {
		const sentFrames: SentFrame[] = [];
		Object.assign( window, { sentFrames } );
		const { send } = WebSocket.prototype;
		WebSocket.prototype.send = function ( data ) {
			if ( typeof data === 'string' ) {
				const { docentEar } = window as {
					docentEar?: { samples: unknown[] };
				};
				sentFrames.push( {
					...JSON.parse( data ),
					at: performance.now(),
					samples: ( docentEar?.samples.length ?? 0 ) * 128,
				} );
			}
			send.call( this, data );
		};
	} );
}

/** Returns what `watchFrames` remembers. */
export function sentFrames( page: Page ): Promise< SentFrame[] > {
	return page.evaluate(
		() => ( window as unknown as { sentFrames: SentFrame[] } ).sentFrames
	);
}
