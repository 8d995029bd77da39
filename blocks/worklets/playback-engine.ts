/**
 * Plays a tape without a click: fades at every start, stop and jump, waits for enough sound before it begins, and says where it is.
 */
import type {
	PlaybackCommand,
	PlaybackPhase,
	PlaybackReport,
	PlaybackSetup,
} from './playback-messages.ts';
import { Resampler } from './playback-resampler.ts';
import { Stretch } from './playback-stretch.ts';
import { Tape, TAPE_RATE } from './playback-tape.ts';

const FADE_SECONDS = 0.005;

/** A change of loudness from silence to full takes this long. */
const LEVEL_SECONDS = 0.015;

/** Sound waited for before it begins: what a fresh network needs, and the most after it kept failing. */
export const MIN_START_MS = 40;
const MAX_START_MS = 320;

/** After so long without an underrun less is waited for again. */
const CALM_SECONDS = 5;

const REPORT_SECONDS = 0.04;

/** Without replay, so much of what was heard is kept. */
const KEPT_SAMPLES = 2 * TAPE_RATE;

/** Commands before which the sound is faded out. */
const FADED = new Set( [ 'pause', 'seek', 'flush', 'stop' ] );

/** The part of the worklet that knows nothing of worklets. */
export class PlaybackEngine {
	readonly #rate: number;
	readonly #report: ( report: PlaybackReport ) => void;
	readonly #isReplayable: boolean;
	readonly #tape = new Tape();
	readonly #head = new Stretch( this.#tape );
	readonly #resampler: Resampler;
	/** Commands that wait until the sound is faded out for the first of them. */
	readonly #queue: PlaybackCommand[] = [];
	#phase: PlaybackPhase = 'filling';
	#isWhole = false;
	#isStarved = false;
	/** Whether the next sample has nothing to do with those before it. */
	#isFresh = true;
	/** Zeros given after the end, so that the last samples leave the resampler. */
	#drained = 0;
	/** Share of the fade, 0 to 1. */
	#fade = 0;
	#level = 1;
	#wantedLevel = 1;
	#epoch = 0;
	#underruns = 0;
	#startMs: number;
	#calmFrames = 0;
	#sinceReport = 0;
	/** What was last reported. */
	#told: { phase?: PlaybackPhase; epoch: number } = { epoch: 0 };

	constructor( {
		rate,
		report,
		startMs,
		isReplayable,
	}: PlaybackSetup & {
		/** Frames a second of the output. */
		rate: number;
		report: ( report: PlaybackReport ) => void;
	} ) {
		this.#rate = rate;
		this.#report = report;
		this.#startMs = startMs;
		this.#isReplayable = isReplayable;
		this.#resampler = new Resampler( rate );
	}

	/** Takes a command; those that need silence first are done a few milliseconds later, and all others after them. */
	handle( command: PlaybackCommand ): void {
		if (
			this.#queue.length > 0 ||
			( FADED.has( command.do ) && this.#fade > 0 )
		) {
			this.#queue.push( command );
		} else {
			this.#obey( command );
		}
	}

	/** Fills one quantum. `time` is the context's, in seconds, at its first frame. Returns whether there is anything left to do. */
	render( out: Float32Array, time: number ): boolean {
		this.#prepare( out.length );
		for ( let i = 0; i < out.length; i++ ) {
			out[ i ] = this.#phase === 'running' ? this.#frame() : 0;
		}
		this.#sinceReport += out.length;
		const isDue =
			this.#phase === 'running' &&
			this.#sinceReport >= REPORT_SECONDS * this.#rate;
		if (
			isDue ||
			this.#phase !== this.#told.phase ||
			this.#epoch !== this.#told.epoch
		) {
			this.#tell( time + out.length / this.#rate );
		}
		if ( ! this.#isReplayable ) {
			this.#tape.forget( this.#head.position - KEPT_SAMPLES );
		}
		return this.#phase !== 'stopped';
	}

	#tell( time: number ): void {
		this.#sinceReport = 0;
		this.#told = { phase: this.#phase, epoch: this.#epoch };
		this.#report( {
			epoch: this.#epoch,
			phase: this.#phase,
			position: this.#head.position,
			time,
			underruns: this.#underruns,
			startMs: this.#startMs,
		} );
	}

	/** Decides before a quantum whether there is enough to begin, or too little to go on. */
	#prepare( frames: number ): void {
		const left = this.#head.left;
		const { speed } = this.#head;
		const perFrame = ( TAPE_RATE / this.#rate ) * Math.max( 1, speed );
		if ( this.#phase === 'filling' ) {
			const enough =
				( this.#startMs / 1000 ) * TAPE_RATE * Math.max( 1, speed );
			if ( left >= enough || ( this.#isWhole && left > 0 ) ) {
				this.#phase = 'running';
				this.#drained = 0;
				if ( this.#isStarved ) {
					this.#isStarved = false;
					this.#underruns++;
					this.#startMs = Math.min( MAX_START_MS, this.#startMs * 2 );
					this.#calmFrames = 0;
				}
			} else if ( this.#isWhole && left <= 0 ) {
				this.#phase = 'ended';
			}
		} else if ( this.#phase === 'running' ) {
			// What is left must last for this quantum, the next and the fade.
			const needed =
				( 2 * frames + FADE_SECONDS * this.#rate ) * perFrame;
			this.#isStarved = ! this.#isWhole && left < needed;
			this.#calmFrames += frames;
			if ( this.#calmFrames > CALM_SECONDS * this.#rate ) {
				this.#calmFrames = 0;
				this.#startMs = Math.max( MIN_START_MS, this.#startMs / 2 );
			}
		}
	}

	#frame(): number {
		const isClosing = this.#queue.length > 0 || this.#isStarved;
		const step = 1 / ( FADE_SECONDS * this.#rate );
		this.#fade = Math.min(
			1,
			Math.max( 0, this.#fade + ( isClosing ? -step : step ) )
		);
		const change = 1 / ( LEVEL_SECONDS * this.#rate );
		this.#level += Math.max(
			-change,
			Math.min( change, this.#wantedLevel - this.#level )
		);
		if ( isClosing && this.#fade === 0 ) {
			this.#close();
			return 0;
		}
		if ( this.#isFresh ) {
			this.#isFresh = false;
			this.#resampler.begin( this.#pull );
		}
		const value = this.#resampler.next( this.#pull );
		// The resampler still holds the last samples when the tape has given them.
		if ( this.#drained > 16 ) {
			this.#fade = 0;
			this.#isStarved = ! this.#isWhole;
			this.#close();
		}
		return value * this.#fade * this.#level;
	}

	readonly #pull = (): number => {
		const value = this.#head.sample( this.#isWhole );
		if ( value === undefined ) {
			this.#drained++;
			return 0;
		}
		this.#drained = 0;
		return value;
	};

	/** It is silent: does what it was faded out for, or waits for more, or is at its end. */
	#close(): void {
		if ( this.#head.left <= 0 && this.#isWhole ) {
			this.#phase = 'ended';
		} else {
			this.#phase = 'filling';
		}
		const waiting = this.#queue.splice( 0 );
		waiting.forEach( ( command ) => this.handle( command ) );
	}

	#obey( command: PlaybackCommand ): void {
		switch ( command.do ) {
			case 'push':
				this.#tape.write( command.pcm );
				break;
			case 'finish':
				this.#isWhole = true;
				break;
			case 'run':
				if ( this.#phase === 'paused' ) {
					this.#phase = 'filling';
				}
				break;
			case 'pause':
				this.#phase = 'paused';
				break;
			case 'seek':
			case 'flush':
				this.#jump( command );
				break;
			case 'speed':
				this.#head.speed = command.speed;
				break;
			case 'level':
				this.#wantedLevel = command.level;
				if ( this.#fade === 0 ) {
					this.#level = command.level;
				}
				break;
			case 'stop':
				this.#phase = 'stopped';
		}
	}

	#jump( {
		do: kind,
		at,
		epoch,
	}: {
		do: 'seek' | 'flush';
		at: number;
		epoch: number;
	} ): void {
		const { begin, end } = this.#tape;
		this.#epoch = epoch;
		if ( kind === 'flush' || at < begin || at > end ) {
			this.#tape.cut( at );
			this.#isWhole = false;
		}
		this.#head.seek( at );
		this.#isFresh = true;
		this.#isStarved = false;
		if ( this.#phase !== 'paused' ) {
			this.#phase = 'filling';
		}
	}
}
