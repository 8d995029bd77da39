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
	mute: Locator;
	endLive: Locator;
	/** Presses the button, and agrees when asked to. */
	begin(): Promise< void >;
	/** Waits for a state. */
	is( state: string ): Promise< void >;
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
		mute: hook( 'live-mute' ),
		endLive: hook( 'live-end' ),
		async begin() {
			await live.click();
			await bar.or( panel.consent ).first().waitFor();
			if ( await panel.consent.isVisible() ) {
				await panel.consent.click();
			}
			await bar.waitFor();
		},
		is: ( state ) =>
			bar
				.and( panel.root.locator( `[data-state="${ state }"]` ) )
				.waitFor(),
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
