/**
 * Opens the page's sound inside a tap. Small and without imports, so that it is there before the first tap.
 */
import type { Playback } from './playback.ts';

/** What all blocks of the page share: they are built apart, so a module's own variables are not one for all. */
export interface PageSound {
	context?: AudioContext | undefined;
	/** Resolves when the context knows the playback worklet. */
	worklet?: Promise< void > | undefined;
	/** What is or was heard last. */
	current?: Playback | undefined;
	/** Whether the microphone is open. */
	isCapturing?: boolean;
	/** Tells this page from other tabs. */
	name?: string;
}

const KEY = Symbol.for( 'docent.sound' );

/** Returns what the page's blocks share. */
export function pageSound(): PageSound {
	const page = globalThis as { [ KEY ]?: PageSound };
	return ( page[ KEY ] ??= {} );
}

/**
 * Creates and resumes the page's audio context. Call it in the handler of the tap or key, before any `await`: browsers allow sound only there.
 * Does nothing where there is no Web Audio.
 */
export function unlock(): void {
	const sound = pageSound();
	if ( sound.context?.state === 'closed' ) {
		sound.context = undefined;
		sound.worklet = undefined;
	}
	if ( ! sound.context && typeof AudioContext === 'function' ) {
		sound.context = new AudioContext( { latencyHint: 'interactive' } );
	}
	// A resume() asked for earlier may stay pending for ever in WebKit, so every tap asks anew.
	sound.context?.resume().catch( () => {} );
}
