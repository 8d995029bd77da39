/**
 * Names what the page tells the playback worklet, and what the worklet reports. Places are samples at 24 kHz from the beginning of the speech.
 */

/** What the page tells the worklet. */
export type PlaybackCommand =
	| { do: 'push'; pcm: Int16Array }
	/** Nothing more comes after what was pushed. */
	| { do: 'finish' }
	| { do: 'run' }
	| { do: 'pause' }
	/** Goes to a place; when it is not on the tape, what is pushed next begins there. `epoch` numbers these jumps. */
	| { do: 'seek'; at: number; epoch: number }
	/** Drops what lies behind a place. More will come. */
	| { do: 'flush'; at: number; epoch: number }
	| { do: 'speed'; speed: number }
	/** Loudness, 0 to 1. */
	| { do: 'level'; level: number }
	/** Ends the processor. */
	| { do: 'stop' };

/**
 * `filling` waits for more sound, `ended` has played everything after `finish`.
 */
export type PlaybackPhase =
	'filling' | 'running' | 'paused' | 'ended' | 'stopped';

/** What the worklet reports, some 25 times a second while it runs and at every change. */
export interface PlaybackReport {
	epoch: number;
	phase: PlaybackPhase;
	/** Place of the sample that is rendered at `time` (seconds of the context). */
	position: number;
	time: number;
	/** How often the sound ran out and went on later. */
	underruns: number;
	/** How much sound is waited for before it begins, in milliseconds; a later playback may begin with that. */
	startMs: number;
}

/** What the worklet is told when it is made. */
export interface PlaybackSetup {
	startMs: number;
	/** Whether what was heard is kept for going back. */
	isReplayable: boolean;
}
