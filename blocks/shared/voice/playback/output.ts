/**
 * The page's audio output: keeps it awake while something is to be heard, and hands out lines into it.
 */
import type {
	PlaybackCommand,
	PlaybackReport,
	PlaybackSetup,
} from '../../../worklets/playback-messages.ts';
import { pageSound, unlock } from './unlock.ts';

/** The way to one processor in the audio thread. */
export interface Line {
	send( command: PlaybackCommand ): void;
	close(): void;
}

/** What a playback needs of the page's sound. */
export interface Output {
	/** Starts a processor. Rejects where there is no audio worklet or its file cannot be loaded. */
	open(
		setup: PlaybackSetup,
		onReport: ( report: PlaybackReport ) => void
	): Promise< Line >;
	/** Seconds that the context has rendered, of which the last `latency` are not heard yet. */
	clock(): { time: number; latency: number };
	/** Asks for the output; in a tap it is allowed for certain. */
	wake(): void;
	/** Whether the browser or the system holds the output back. */
	isBlocked(): boolean;
	/** Hears when `isBlocked` may have changed. Returns what ends that. */
	watch( listener: () => void ): () => void;
}

/** A context that has just been asked for is suspended for a moment; only then somebody holds it back. */
const GRACE_MS = 600;

/** Without anything to play the output is given back after this long, as it keeps a phone's audio hardware busy. */
const IDLE_MS = 30_000;

/** Creates the output of the page. Every one uses the same context. */
export function createOutput( workletUrl: string ): Output {
	const sound = pageSound();
	const listeners = new Set< () => void >();
	let askedAt = 0;
	let idle: ReturnType< typeof setTimeout > | undefined;
	let watched: AudioContext | undefined;

	const isRunning = () => sound.context?.state === 'running';
	const tell = () => listeners.forEach( ( listener ) => listener() );

	/** Anything that may have freed the output: asks again while somebody waits for it. */
	const retry = () => {
		if ( listeners.size > 0 && ! isRunning() ) {
			unlock();
			watchContext();
		}
	};
	const retryWhenVisible = () => {
		if ( document.visibilityState === 'visible' ) {
			retry();
		}
	};
	// WebKit says `interrupted` for a call or a locked screen and leaves it to the page to ask again.
	const changed = () => {
		retryWhenVisible();
		tell();
	};

	function watchContext(): void {
		if ( watched !== sound.context ) {
			watched?.removeEventListener( 'statechange', changed );
			watched = sound.context;
			watched?.addEventListener( 'statechange', changed );
		}
	}

	const events: Array< [ EventTarget | undefined, string, () => void ] > = [
		[ document, 'pointerup', retry ],
		[ document, 'keydown', retry ],
		[ document, 'visibilitychange', retryWhenVisible ],
		[ window, 'pageshow', retry ],
		[ navigator.mediaDevices, 'devicechange', retry ],
	];

	return {
		async open( setup, onReport ) {
			const { context } = sound;
			if ( ! context?.audioWorklet ) {
				throw new Error( 'There is no audio worklet.' );
			}
			sound.worklet ??= context.audioWorklet
				.addModule( fileIn( workletUrl ) )
				.catch( ( error: unknown ) => {
					sound.worklet = undefined;
					throw error;
				} );
			await sound.worklet;
			const node = new AudioWorkletNode( context, 'docent-playback', {
				numberOfInputs: 0,
				outputChannelCount: [ 1 ],
				processorOptions: setup,
			} );
			node.connect( context.destination );
			node.port.onmessage = ( { data } ) =>
				onReport( data as PlaybackReport );
			return {
				send: ( command ) =>
					node.port.postMessage(
						command,
						command.do === 'push' ? [ command.pcm.buffer ] : []
					),
				close() {
					node.port.onmessage = null;
					node.disconnect();
				},
			};
		},
		clock() {
			const { currentTime, baseLatency, outputLatency } =
				sound.context ?? {};
			return {
				time: currentTime ?? 0,
				latency: ( baseLatency || 0 ) + ( outputLatency || 0 ),
			};
		},
		wake() {
			unlock();
			watchContext();
			askedAt = Date.now();
			setTimeout( tell, GRACE_MS );
		},
		isBlocked: () => ! isRunning() && Date.now() - askedAt >= GRACE_MS,
		watch( listener ) {
			if ( listeners.size === 0 ) {
				clearTimeout( idle );
				events.forEach( ( [ target, type, react ] ) =>
					target?.addEventListener( type, react, true )
				);
			}
			listeners.add( listener );
			return () => {
				if ( listeners.delete( listener ) && listeners.size === 0 ) {
					events.forEach( ( [ target, type, react ] ) =>
						target?.removeEventListener( type, react, true )
					);
					idle = setTimeout( () => {
						sound.context?.suspend().catch( () => {} );
					}, IDLE_MS );
				}
			};
		},
	};
}

/** Puts the file's name into the address of the worklets' folder, before its query. */
function fileIn( folder: string ): string {
	const url = new URL( folder, location.href );
	url.pathname = url.pathname.replace( /\/*$/, '/playback.js' );
	return url.href;
}
