/**
 * Handles voice in the assistant's panel as a visitor does.
 */
import type { Locator, Page } from 'playwright-core';
import { assistantPanel } from './assistant-panel.ts';
import type { AssistantPanel } from './assistant-panel.ts';

/** One panel on a page, with what belongs to voice in it. */
export interface VoicePanel extends AssistantPanel {
	microphone: Locator;
	/** The level and the time, while it records. */
	recorder: Locator;
	cancel: Locator;
	done: Locator;
	/** The sentence above the composer. */
	note: Locator;
	listen: Locator;
	correct: Locator;
	recordAgain: Locator;
	/** Agrees to be recorded and gives the recording up that begins with it. */
	agree(): Promise< void >;
	/** The sentence of the last answer that is marked as spoken, empty when none is. */
	spokenSentence(): Promise< string >;
}

/** Finds a panel on a page. */
export function voicePanel(
	page: Page,
	display: 'inline' | 'launcher' = 'inline'
): VoicePanel {
	const panel = assistantPanel( page, display );
	const hook = ( name: string, within = panel.root ) =>
		within.locator( `[data-docent="${ name }"]` );
	const microphone = hook( 'microphone' );
	const recorder = hook( 'recorder' );
	const cancel = hook( 'voice-cancel' );
	return {
		...panel,
		microphone,
		recorder,
		cancel,
		done: hook( 'voice-done' ),
		note: hook( 'voice-note' ),
		listen: hook( 'listen', panel.turn.root ),
		correct: hook( 'correct', panel.turn.root ),
		recordAgain: hook( 'record-again', panel.turn.root ),
		async agree() {
			await microphone.click();
			await panel.consent.click();
			await recorder.waitFor();
			await cancel.click();
			await recorder.waitFor( { state: 'detached' } );
		},
		spokenSentence: () =>
			page.evaluate( () =>
				Array.from(
					CSS.highlights.get( 'docent-spoken' ) ?? [],
					String
				).join( ' ' )
			),
	};
}

/** Says whether every microphone that the page ever opened is closed again; see `watchMicrophones`. */
export function areReleased( page: Page ): Promise< boolean > {
	return page.evaluate( () =>
		(
			window as unknown as { openedTracks: MediaStreamTrack[] }
		 ).openedTracks.every( ( { readyState } ) => readyState === 'ended' )
	);
}

/** Has a page remember every track that it is given, for `areReleased`. Call it before the page is opened. */
export async function watchMicrophones( page: Page ): Promise< void > {
	await page.addInitScript( () => {
		const openedTracks: MediaStreamTrack[] = [];
		Object.assign( window, { openedTracks } );
		const { mediaDevices } = navigator;
		const open = mediaDevices.getUserMedia.bind( mediaDevices );
		mediaDevices.getUserMedia = async ( constraints ) => {
			const stream = await open( constraints );
			openedTracks.push( ...stream.getTracks() );
			return stream;
		};
	} );
}
