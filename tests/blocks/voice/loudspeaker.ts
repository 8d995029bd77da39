/**
 * Stands in for a page's sound: what is played is heard in real time, and nobody hears it.
 */
import type {
	Playback,
	PlaybackOptions,
	PlaybackState,
} from '../../../blocks/shared/voice/playback/playback.ts';

/** Begins a playback. */
export function playSilently( {
	id,
	onChange,
}: PlaybackOptions ): Playback & { isDucked: boolean } {
	let ms = 0;
	let beganAt: number | undefined;
	let isWhole = false;
	let stoppedAt: number | undefined;
	let state: PlaybackState = 'waiting';
	const heardMs = () =>
		stoppedAt ??
		( beganAt === undefined
			? 0
			: Math.min( ms, performance.now() - beganAt ) );
	const set = ( next: PlaybackState ) => {
		state = next;
		queueMicrotask( () => onChange?.( playback ) );
	};
	const timer = setInterval( () => {
		if ( isWhole && heardMs() >= ms && state === 'playing' ) {
			clearInterval( timer );
			set( 'ended' );
		}
	}, 10 );
	const playback = {
		id,
		isDucked: false,
		error: undefined,
		durationMs: 0,
		sentence: -1,
		underruns: 0,
		speed: 1,
		volume: 1,
		get state() {
			return state;
		},
		get heardMs() {
			return heardMs();
		},
		get bufferedMs() {
			return ms - heardMs();
		},
		push( pcm: Int16Array | ArrayBuffer ) {
			beganAt ??= performance.now();
			ms += pcm.byteLength / 48;
			if ( state === 'waiting' ) {
				set( 'playing' );
			}
		},
		finish() {
			isWhole = true;
		},
		stop() {
			stoppedAt ??= heardMs();
			clearInterval( timer );
			set( 'stopped' );
		},
		flush() {
			stoppedAt ??= heardMs();
			return stoppedAt;
		},
		duck( isDucked: boolean ) {
			playback.isDucked = isDucked;
		},
		play() {},
		pause() {},
		resume() {},
		skipTo() {},
	};
	return playback;
}
