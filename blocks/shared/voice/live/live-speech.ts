/**
 * Plays what the assistant says in a live conversation, one item after another, and knows at every moment what of it was heard.
 */
import type { Playback, PlaybackOptions } from '../playback/playback.ts';
import { SAMPLE_RATE } from './frames.ts';

const PER_MS = SAMPLE_RATE / 1_000;

/** The loudness of what is played is known for pieces of 20 ms. */
const PIECE = 20 * PER_MS;

/** What the loudspeaker says may reach the microphone so much later, and what is about to be said counts too; in pieces. */
const PIECES_BACK = 18;
const PIECES_AHEAD = 3;

interface Item {
	id: string;
	playback?: Playback;
	/** What came before its turn to be played. */
	waiting: ArrayBuffer[];
	samples: number;
	levels: number[];
	isWhole: boolean;
}

/** What was broken off. */
export interface Broken {
	itemId: string;
	heardMs: number;
	/** How much of what had come that is, 0 to 1. */
	share: number;
}

export interface LiveSpeech {
	/** Whether the assistant is heard, or about to be. */
	readonly isPlaying: boolean;
	/** Root mean square (0 to 1) of what the loudspeaker says around now. */
	readonly level: number;
	/** A new item begins. */
	begin( itemId: string ): void;
	push( pcm: ArrayBuffer ): void;
	/** All of an item has come. */
	finish( itemId: string ): void;
	duck( isDucked: boolean ): void;
	/** Stops at once, and says what of the item was heard. Undefined when there never was any. */
	cut(): Broken | undefined;
	/** Ends it for good. */
	close(): void;
}

/** Creates it. */
export function createLiveSpeech( {
	play,
	onChange,
	onTaken,
}: {
	play: ( options: PlaybackOptions ) => Playback;
	/** It began or ended. */
	onChange: () => void;
	/** Something else on the page or in another tab is heard instead. */
	onTaken: () => void;
} ): LiveSpeech {
	/** What is played, then what comes after it. */
	let items: Item[] = [];
	/** What comes in belongs to this; undefined when it was broken off. */
	let coming: Item | undefined;
	let last: Item | undefined;

	function next(): void {
		const [ item ] = items;
		if ( ! item || item.playback ) {
			return;
		}
		last = item;
		item.playback = play( {
			id: item.id,
			isReplayable: false,
			onChange: ( own ) => {
				if ( items[ 0 ]?.playback !== own ) {
					return;
				}
				switch ( own.state ) {
					case 'ended':
					case 'failed':
						items.shift();
						next();
						break;
					case 'paused':
					case 'stopped':
						onTaken();
				}
				onChange();
			},
		} );
		item.waiting
			.splice( 0 )
			.forEach( ( pcm ) => item.playback?.push( pcm ) );
		if ( item.isWhole ) {
			item.playback.finish();
		}
	}

	function stop(): void {
		const [ item ] = items;
		items = [];
		coming = undefined;
		item?.playback?.stop();
	}

	return {
		get isPlaying() {
			return items.length > 0;
		},
		get level() {
			const [ item ] = items;
			if ( ! item?.playback ) {
				return 0;
			}
			const at = Math.floor( ( item.playback.heardMs * PER_MS ) / PIECE );
			return Math.max(
				0.001,
				...item.levels.slice(
					Math.max( 0, at - PIECES_BACK ),
					at + PIECES_AHEAD
				)
			);
		},
		begin( id ) {
			coming = {
				id,
				waiting: [],
				samples: 0,
				levels: [],
				isWhole: false,
			};
			items.push( coming );
			next();
			onChange();
		},
		push( pcm ) {
			if ( ! coming ) {
				return;
			}
			measure( coming, new Int16Array( pcm ) );
			if ( coming.playback ) {
				coming.playback.push( pcm );
			} else {
				coming.waiting.push( pcm );
			}
		},
		finish( itemId ) {
			if ( coming?.id === itemId ) {
				coming.isWhole = true;
				coming.playback?.finish();
			}
		},
		duck: ( isDucked ) => items[ 0 ]?.playback?.duck( isDucked ),
		cut() {
			if ( ! last?.playback ) {
				return undefined;
			}
			const { id, playback, samples } = last;
			const heardMs = Math.floor(
				items[ 0 ] === last ? playback.flush() : playback.heardMs
			);
			stop();
			return {
				itemId: id,
				heardMs,
				share: Math.min( 1, heardMs / ( samples / PER_MS || 1 ) ),
			};
		},
		close: stop,
	};
}

/** Notes how loud each piece is, counted from the beginning of the item. */
function measure( item: Item, pcm: Int16Array ): void {
	for ( let from = 0; from < pcm.length; from += PIECE ) {
		const piece = pcm.subarray( from, from + PIECE );
		let power = 0;
		for ( const sample of piece ) {
			power += sample * sample;
		}
		const rms = Math.sqrt( power / piece.length ) / 32_768;
		const at = Math.floor( ( item.samples + from ) / PIECE );
		item.levels[ at ] = Math.max( item.levels[ at ] ?? 0, rms );
	}
	item.samples += pcm.length;
}
