/**
 * Says what can be done with one piece of speech while it is played, whoever makes the sound.
 */

/** Samples in a millisecond of everything that is played. */
export const PER_MS = 24;

/** A sentence of stored speech, and where it begins. */
export interface SpokenSentence {
	text: string;
	/** Milliseconds from the beginning of the speech. */
	startMs: number;
}

/** Speech that is ready at an address: WAV, PCM16, 24 kHz, mono. */
export interface StoredSpeech {
	/** Whole address; the `url` of the proxy's event is a path at the proxy. */
	url: string;
	durationMs: number;
	sentences: ReadonlyArray< SpokenSentence >;
}

/**
 * What a playback is doing.
 *
 * - `waiting`: nothing is heard yet, or the sound has not come fast enough: it goes on by itself.
 * - `playing`: it is heard.
 * - `paused`: by {@link Playback.pause}, or because another tab began to speak.
 * - `blocked`: the browser or the system holds the sound back (a call, a locked screen, no gesture yet). It goes on by itself, at the latest
 *   at the next tap or key.
 * - `ended`: everything was heard. {@link Playback.skipTo} and {@link Playback.resume} play it again from memory.
 * - `stopped`: by {@link Playback.stop}, because something else began on this page, or because the page was left. Final.
 * - `failed`: the speech could not be fetched or played. Final; {@link Playback.error} says why.
 */
export type PlaybackState =
	| 'waiting'
	| 'playing'
	| 'paused'
	| 'blocked'
	| 'ended'
	| 'stopped'
	| 'failed';

/** One piece of speech. All times are milliseconds of speech, whatever the speed at which it is played. */
export interface Playback {
	readonly id: string;
	readonly state: PlaybackState;
	/** Why `state` is `failed`. */
	readonly error: unknown;
	/** What has come out of the loudspeaker: the output's latency is taken off. Grows while it plays; after a skip it is the place skipped to. */
	readonly heardMs: number;
	/** What was pushed or fetched and not yet heard. `heardMs + bufferedMs` is where the next push will begin. */
	readonly bufferedMs: number;
	/** The whole length: as stored, or what was pushed so far. */
	readonly durationMs: number;
	/** The sentence being heard, as numbered in `push` or `play`; -1 before the first. */
	readonly sentence: number;
	/** How often the sound ran out before `finish()`. */
	readonly underruns: number;
	/** 0.75 to 2, pitch unchanged; takes effect at once. */
	speed: number;
	/** 0 to 1. */
	volume: number;
	/** Adds mono PCM16 samples at 24 kHz (little-endian when bytes). Takes the buffer over: do not use it afterwards. */
	push( pcm: Int16Array | ArrayBuffer, sentence?: number ): void;
	/** Plays stored speech; it is heard as soon as its first samples have come. */
	play( stored: StoredSpeech ): void;
	/** Says that nothing more will be pushed; without it the end of the sound is taken for a late network. */
	finish(): void;
	pause(): void;
	/** Goes on, or from the beginning when everything was heard. Call it in a tap or key handler. */
	resume(): void;
	/** Ends it for good, with a short fade. */
	stop(): void;
	/** Makes it quiet while somebody may be speaking (`true`, within 20 ms) and loud again. */
	duck( isDucked: boolean ): void;
	/**
	 * Drops what has not been heard, with a short fade, and returns `heardMs`. What is pushed afterwards is played as new speech that follows on
	 * what was heard.
	 */
	flush(): number;
	/** Goes to the beginning of a sentence; of what is not replayable nothing is kept to go to. */
	skipTo( sentence: number ): void;
}

/** What everything that speaks is told at its beginning. */
export interface PlaybackOptions {
	/** Names what is spoken, for example a turn or a document. */
	id: string;
	/** Hears of every change of state and sentence, never inside the call that begins it. Read `heardMs` when you draw. */
	onChange?: ( playback: Playback ) => void;
	/** Speed and volume to begin with; 1 if left out. */
	speed?: number;
	volume?: number;
	/** Whether what was heard is kept for going back; a long live conversation says `false`. Default `true`. */
	isReplayable?: boolean;
}
