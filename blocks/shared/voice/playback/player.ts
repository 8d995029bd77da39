/**
 * Plays speech on a page: one voice at a time, whichever block begins it, and none of it before a tap.
 *
 * In the tap or key handler, before any `await`: `unlock()` (from `unlock.ts`, small enough to be there before the tap; this module may be
 * imported in the same handler afterwards). Then `createPlayer( { workletUrl } ).begin( { id, onChange } )`.
 */
import { setSession, takeSilentSwitchHint } from './audio-session.ts';
import { createBrowserVoice } from './browser-voice.ts';
import { claimVoice } from './one-voice.ts';
import { createOutput } from './output.ts';
import type { Playback, PlaybackOptions } from './playback.ts';
import { pageSound } from './unlock.ts';
import { createWorkletPlayback } from './worklet-playback.ts';

export { unlock } from './unlock.ts';
export type {
	Playback,
	PlaybackOptions,
	PlaybackState,
	SpokenSentence,
	StoredSpeech,
} from './playback.ts';

/** Begins playbacks. Several players on a page share one output and one voice. */
export interface Player {
	/** Begins a playback that waits for `push` or `play`, and stops whatever else is heard on the page; other tabs pause. */
	begin( options: PlaybackOptions ): Playback;
	/** Lets the browser's own voice speak, sentence by sentence; free, and different on every device. Same rules as `begin`. */
	speakInBrowser(
		text: string | readonly string[],
		options: SpeakInBrowserOptions
	): Playback;
	/** What is or was heard last on this page, by any block. */
	readonly current: Playback | undefined;
	/** Tells the system whether the microphone is open too (WebKit's audio session), or that it is closed again. */
	setCapturing( isCapturing: boolean ): void;
	/** Whether to say once "No sound? Check the silent switch.": true at the first call of a visit on a device that mutes web pages by a switch. */
	takeSilentSwitchHint(): boolean;
}

/** How the browser's voice shall speak. */
export interface SpeakInBrowserOptions extends PlaybackOptions {
	/** BCP 47 tag of the text. */
	language: string;
	/** Hears the number of the sentence that begins. */
	onSentence?: ( sentence: number ) => void;
}

/** Creates a player. `workletUrl` is the folder of the worklets as the page's configuration has it, `?ver=` included. */
export function createPlayer( { workletUrl }: { workletUrl: string } ): Player {
	const output = createOutput( workletUrl );
	return {
		begin( options ) {
			setSession();
			return createWorkletPlayback( options, {
				output,
				fetch: ( input, init ) => fetch( input, init ),
				claim: claimVoice,
			} );
		},
		speakInBrowser( text, options ) {
			return createBrowserVoice( text, {
				...options,
				claim: claimVoice,
			} );
		},
		get current() {
			return pageSound().current;
		},
		setCapturing( isCapturing ) {
			pageSound().isCapturing = isCapturing;
			setSession();
		},
		takeSilentSwitchHint,
	};
}
