/**
 * Says what can be done with an article that is read, and what it can be doing.
 */
import type { PlaybackState } from '../../shared/voice/playback/playback.ts';

/** What the reading is doing; `loading` waits for sound, `blocked` for a tap. */
export type ReadingState =
	'idle' | 'loading' | 'playing' | 'paused' | 'blocked' | 'ended' | 'failed';

/** Says whether there is something to steer: neither before nor after it, nor where nothing can be read. */
export const isUnderWay = ( state: ReadingState ): boolean =>
	state !== 'idle' && state !== 'ended' && state !== 'failed';

/** One article being read. Sentences are counted through all segments. */
export interface Reading {
	readonly state: ReadingState;
	/** The sentence being read, or from which it will go on. */
	readonly sentence: number;
	/** Whether the visitor's browser speaks. */
	readonly isBrowserVoice: boolean;
	/** Milliseconds at speed 1, partly estimated until all recordings are known. */
	readonly atMs: number;
	readonly totalMs: number;
	speed: number;
	/** Reads on, from a sentence if one is given. Call it in a tap. */
	play( sentence?: number ): void;
	pause(): void;
	/** Goes to a sentence, in the state it is in. */
	goTo( sentence: number ): void;
	/** Ends it; the place is kept. */
	stop(): void;
}

/** What the reading is doing while its playback does something; after another voice took over it may go on. */
export const STATES: Record< PlaybackState, ReadingState > = {
	waiting: 'loading',
	playing: 'playing',
	paused: 'paused',
	blocked: 'blocked',
	stopped: 'paused',
	ended: 'ended',
	failed: 'failed',
};
