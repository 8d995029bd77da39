/**
 * Plays samples through the audio thread, and knows at every moment what of them was heard.
 */
import type { PlaybackReport } from '../../../worklets/playback-messages.ts';
import { createHeardPlace } from './heard-place.ts';
import type { Line, Output } from './output.ts';
import { openLine } from './pending-line.ts';
import { PER_MS } from './playback.ts';
import type { Playback, PlaybackOptions, PlaybackState } from './playback.ts';
import { createSpeechFeed } from './speech-feed.ts';
import type { SpeechFeed } from './speech-feed.ts';

/** Loudness of speech under which somebody else may be speaking. */
const DUCKED = 0.15;

/** What the network needed before the last playback ended, for the next one to begin with. */
let startMs = 40;

/** Begins a playback that waits for `push` or `play`. */
export function createWorkletPlayback(
	{
		id,
		onChange,
		speed = 1,
		volume = 1,
		isReplayable = true,
	}: PlaybackOptions,
	{
		output,
		fetch,
		claim,
	}: {
		output: Output;
		fetch: typeof globalThis.fetch;
		/** Makes this the one voice that is heard, here and in other tabs. */
		claim: ( playback: Playback ) => void;
	}
): Playback {
	const place = createHeardPlace( output );
	/** Where what is held begins and ends, in samples. */
	let begin = 0;
	let end = 0;
	let starts: Array< { sentence: number; at: number } > = [];
	let feed: SpeechFeed | undefined;
	let storedSamples = 0;
	/** Whether nothing comes after what is held. */
	let isWhole = false;
	let isPaused = false;
	let isEnded = false;
	let isDucked = false;
	let final: 'stopped' | 'failed' | undefined;
	let error: unknown;
	let told = '';
	let ending: ReturnType< typeof setTimeout > | undefined;

	const send: Line[ 'send' ] = ( command ) => line.send( command );
	const sendLevel = () =>
		send( { do: 'level', level: volume * ( isDucked ? DUCKED : 1 ) } );

	/** Samples that have left the loudspeaker. */
	const heard = () => place.sample( end, speed );

	function state(): PlaybackState {
		if ( final ) {
			return final;
		}
		if ( isEnded ) {
			return 'ended';
		}
		if ( isPaused ) {
			return 'paused';
		}
		if ( output.isBlocked() ) {
			return 'blocked';
		}
		return place.phase === 'running' || place.phase === 'ended'
			? 'playing'
			: 'waiting';
	}

	function sentence(): number {
		const now = heard();
		return starts.findLast( ( { at } ) => at <= now )?.sentence ?? -1;
	}

	/** Tells of a change, after whatever caused it is over. */
	function changed(): void {
		queueMicrotask( () => {
			const now = `${ state() } ${ sentence() }`;
			if ( now !== told ) {
				told = now;
				onChange?.( playback );
			}
		} );
	}

	function report( next: PlaybackReport ): void {
		if ( next.phase === 'stopped' ) {
			line.close();
		}
		const wasEnded = place.phase === 'ended';
		if ( final || ! place.accept( next ) ) {
			return;
		}
		startMs = next.startMs;
		if ( next.phase === 'ended' && ! wasEnded ) {
			ending = setTimeout( () => {
				isEnded = true;
				stopWatching();
				changed();
			}, output.clock().latency * 1000 );
		}
		feed?.heard( heard() );
		changed();
	}

	function jump( kind: 'seek' | 'flush', at: number ): void {
		clearTimeout( ending );
		isEnded = false;
		send( { do: kind, at, epoch: place.jump( at ) } );
	}

	/** Has the rest of stored speech fetched, if there is any. */
	function fetchRest(): void {
		if ( ! isWhole ) {
			feed?.from( end );
		}
	}

	function finish(): void {
		isWhole = true;
		send( { do: 'finish' } );
	}

	function go( at: number ): void {
		if ( at < begin || at > end ) {
			feed?.halt();
			isWhole = false;
			begin = at;
			end = at;
		}
		jump( 'seek', at );
		fetchRest();
	}

	let stopWatching = () => {};
	/** Asks for the output, and hears of it until this is over. */
	function wake(): void {
		stopWatching();
		stopWatching = output.watch( changed );
		output.wake();
	}

	function close( how: 'stopped' | 'failed', why?: unknown ): void {
		if ( final ) {
			return;
		}
		// Remembered as it was heard, before the audio thread lets go.
		place.close( heard() );
		final = how;
		error = why;
		clearTimeout( ending );
		feed?.halt();
		send( { do: 'stop' } );
		stopWatching();
		changed();
	}

	const playback: Playback = {
		id,
		get state() {
			return state();
		},
		get error() {
			return error;
		},
		get heardMs() {
			return heard() / PER_MS;
		},
		get bufferedMs() {
			return ( end - heard() ) / PER_MS;
		},
		get durationMs() {
			return ( isWhole ? end : Math.max( storedSamples, end ) ) / PER_MS;
		},
		get sentence() {
			return sentence();
		},
		get underruns() {
			return place.underruns;
		},
		get speed() {
			return speed;
		},
		set speed( next ) {
			// What was heard until now was heard at the former speed.
			place.countFrom( heard() );
			speed = Math.min( 2, Math.max( 0.75, next ) );
			send( { do: 'speed', speed } );
		},
		get volume() {
			return volume;
		},
		set volume( next ) {
			volume = Math.min( 1, Math.max( 0, next ) );
			sendLevel();
		},
		push( pcm, number ) {
			const samples = (
				pcm instanceof ArrayBuffer
					? new Int16Array( pcm, 0, pcm.byteLength >> 1 )
					: pcm
			) as Int16Array< ArrayBuffer >;
			if ( final || samples.length === 0 ) {
				return;
			}
			if (
				number !== undefined &&
				starts.at( -1 )?.sentence !== number
			) {
				starts.push( { sentence: number, at: end } );
			}
			end += samples.length;
			// A view of a larger buffer would take that with it.
			const isOwn = samples.byteLength === samples.buffer.byteLength;
			send( { do: 'push', pcm: isOwn ? samples : samples.slice() } );
		},
		play( stored ) {
			starts = stored.sentences.map( ( { startMs: at }, index ) => ( {
				sentence: index,
				at: Math.round( at * PER_MS ),
			} ) );
			storedSamples = Math.round( stored.durationMs * PER_MS );
			feed = createSpeechFeed( {
				url: stored.url,
				fetch,
				push: ( pcm ) => playback.push( pcm ),
				finish,
				fail: ( why ) => close( 'failed', why ),
			} );
			feed.from( end );
		},
		finish() {
			// Stored speech knows its own end.
			if ( ! feed ) {
				finish();
			}
		},
		pause() {
			if ( ! final && ! isEnded && ! isPaused ) {
				isPaused = true;
				// A paused page must not hold a connection; what is missing is fetched by range.
				feed?.halt();
				send( { do: 'pause' } );
				stopWatching();
				changed();
			}
		},
		resume() {
			if ( final ) {
				return;
			}
			claim( playback );
			wake();
			if ( isEnded ) {
				go( 0 );
			}
			isPaused = false;
			send( { do: 'run' } );
			fetchRest();
			changed();
		},
		stop: () => close( 'stopped' ),
		duck( next ) {
			isDucked = next;
			sendLevel();
		},
		flush() {
			if ( final ) {
				return heard() / PER_MS;
			}
			const at = heard();
			feed?.halt();
			feed = undefined;
			storedSamples = 0;
			isWhole = false;
			end = at;
			starts = starts.filter( ( start ) => start.at <= at );
			if ( isEnded ) {
				wake();
			}
			jump( 'flush', at );
			changed();
			return at / PER_MS;
		},
		skipTo( number ) {
			const start = starts.find( ( entry ) => entry.sentence === number );
			if ( ! start || final || ! isReplayable ) {
				return;
			}
			if ( isEnded ) {
				claim( playback );
				wake();
			}
			go( start.at );
			changed();
		},
	};

	claim( playback );
	wake();
	// Only now: without a tap before, it is wake() that makes the output.
	const line = openLine(
		output,
		{ startMs, isReplayable },
		{ onReport: report, onFailure: ( why ) => close( 'failed', why ) }
	);
	if ( speed !== 1 ) {
		send( { do: 'speed', speed } );
	}
	sendLevel();
	return playback;
}
