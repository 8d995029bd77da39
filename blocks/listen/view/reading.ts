/**
 * Reads an article: which segment when, in which voice, from where, and what happens when a recording cannot be had.
 */
import type { Player } from '../../shared/voice/playback/player.ts';
import type {
	Playback,
	StoredSpeech,
} from '../../shared/voice/playback/playback.ts';
import { STATES } from './reading-state.ts';
import type { Reading, ReadingState } from './reading-state.ts';
import type { Sentences } from './sentences.ts';

/** Creates the reading of an article. */
export function createReading( {
	id,
	player,
	sentences,
	language,
	fetchSpeech,
	speed,
	onChange,
}: {
	id: string;
	player: Player;
	sentences: Sentences;
	/** BCP 47 tag. */
	language: string;
	/** Finds or makes the recording of a segment; `undefined` when there are no recordings at all. */
	fetchSpeech: ( ( segment: number ) => Promise< StoredSpeech > ) | undefined;
	speed: number;
	onChange: () => void;
} ): Reading {
	let state: ReadingState = 'idle';
	let sentence = 0;
	let isBrowserVoice = fetchSpeech === undefined;
	let playback: Playback | undefined;
	/** Where the playback's own sentences begin among all. */
	let first = 0;
	/** Numbers the beginnings, so that what belongs to a former one is not listened to. */
	let attempt = 0;
	const recordings = new Map< number, Promise< StoredSpeech > >();

	function become( next: ReadingState ): void {
		state = next;
		onChange();
	}

	/** Fetches a recording once; a failed one may be asked for again. */
	function recordingOf( segment: number ): Promise< StoredSpeech > {
		const known = sentences.segments[ segment ]?.speech;
		let recording = recordings.get( segment );
		if ( ! recording ) {
			recording =
				known || ! fetchSpeech
					? Promise.resolve( known as StoredSpeech )
					: fetchSpeech( segment );
			recordings.set( segment, recording );
			recording.catch( () => recordings.delete( segment ) );
		}
		return recording;
	}

	function end(): void {
		attempt++;
		playback?.stop();
		playback = undefined;
	}

	function begin(): void {
		end();
		const mine = attempt;
		const { segment, sentence: within } = sentences.placeOf( sentence );
		become( 'loading' );
		if ( isBrowserVoice ) {
			speakInBrowser( segment, within );
			return;
		}
		recordingOf( segment ).then(
			( speech ) => {
				if ( mine !== attempt ) {
					return;
				}
				adopt( segment, speech );
				playback = player.begin( {
					id,
					speed,
					onChange: ( changed ) => follow( changed, segment ),
				} );
				playback.play( speech );
				const { sentence: from } = sentences.placeOf( sentence );
				if ( from > 0 ) {
					playback.skipTo( from );
				}
			},
			() => {
				if ( mine === attempt ) {
					fallBack();
				}
			}
		);
	}

	/** Notes a recording; the sentence stays the same although it may be numbered anew. */
	function adopt( segment: number, speech: StoredSpeech ): void {
		if ( sentences.segments[ segment ]?.speech !== speech ) {
			const place = sentences.placeOf( sentence );
			sentences.adopt( segment, speech );
			const { length } =
				sentences.segments[ place.segment ]?.sentences ?? [];
			place.sentence = Math.max(
				0,
				Math.min( place.sentence, length - 1 )
			);
			sentence = sentences.indexOf( place );
		}
		first = sentences.indexOf( { segment, sentence: 0 } );
	}

	function speakInBrowser( segment: number, within: number ): void {
		first = sentence;
		playback = player.speakInBrowser(
			sentences.segments[ segment ]?.sentences.slice( within ) ?? [],
			{
				id,
				language,
				speed,
				onChange: ( changed ) => follow( changed, segment ),
			}
		);
	}

	/** The recording cannot be had: the browser's voice goes on from the same sentence, to the end. */
	function fallBack(): void {
		isBrowserVoice = true;
		begin();
	}

	/** Hears what the playback of a segment does. */
	function follow( changed: Playback, segment: number ): void {
		if ( changed !== playback ) {
			return;
		}
		if ( changed.state === 'failed' ) {
			if ( isBrowserVoice ) {
				become( 'failed' );
			} else {
				fallBack();
			}
			return;
		}
		if ( changed.state === 'ended' ) {
			goOn( segment + 1 );
			return;
		}
		if ( changed.sentence >= 0 && changed.state !== 'stopped' ) {
			sentence = first + changed.sentence;
		}
		if ( changed.state === 'stopped' ) {
			// Another voice of the page began to speak; from here it may go on later.
			attempt++;
			playback = undefined;
		} else if ( changed.state === 'playing' ) {
			prepare( segment + 1 );
		}
		become( STATES[ changed.state ] );
	}

	function goOn( segment: number ): void {
		const next = sentences.indexOf( { segment, sentence: 0 } );
		if ( next < sentences.count ) {
			sentence = next;
			begin();
		} else {
			end();
			sentence = 0;
			become( 'ended' );
		}
	}

	/** Has the next recording made while this one is heard. */
	function prepare( segment: number ): void {
		if (
			! isBrowserVoice &&
			sentences.segments[ segment ]?.sentences.length
		) {
			recordingOf( segment ).then(
				( speech ) => adoptLater( segment, speech ),
				() => {}
			);
		}
	}

	function adoptLater( segment: number, speech: StoredSpeech ): void {
		const current = first;
		adopt( segment, speech );
		first = current;
		onChange();
	}

	return {
		get state() {
			return state;
		},
		get sentence() {
			return sentence;
		},
		get isBrowserVoice() {
			return isBrowserVoice;
		},
		get atMs() {
			const start = sentences.startMs( first );
			return playback
				? Math.min(
						start + playback.heardMs,
						sentences.startMs( Infinity )
					)
				: sentences.startMs( sentence );
		},
		get totalMs() {
			return sentences.startMs( Infinity );
		},
		get speed() {
			return speed;
		},
		set speed( next ) {
			speed = next;
			if ( playback ) {
				playback.speed = next;
			}
			onChange();
		},
		play( from ) {
			if ( from !== undefined ) {
				sentence = Math.max( 0, Math.min( from, sentences.count - 1 ) );
				begin();
			} else if ( playback && state === 'paused' ) {
				playback.resume();
			} else {
				// After a pause the recordings may be there again.
				isBrowserVoice = fetchSpeech === undefined;
				begin();
			}
		},
		pause() {
			if ( playback ) {
				playback.pause();
			} else if ( state === 'loading' ) {
				end();
				become( 'paused' );
			}
		},
		goTo( to ) {
			const before = sentence;
			sentence = Math.max( 0, Math.min( to, sentences.count - 1 ) );
			const isSameSegment =
				sentences.placeOf( sentence ).segment ===
				sentences.placeOf( before ).segment;
			if ( playback && isSameSegment && sentence >= first ) {
				playback.skipTo( sentence - first );
				onChange();
			} else if ( state === 'paused' || state === 'idle' ) {
				end();
				become( state );
			} else {
				begin();
			}
		},
		stop() {
			end();
			become( 'idle' );
		},
	};
}
