/**
 * Lets the browser's own voice speak. Sentence by sentence: Chrome falls silent in longer texts, and only so there is something to skip to.
 */
import type { Playback, PlaybackState } from './playback.ts';
import type { SpeakInBrowserOptions } from './player.ts';

/** Rough length of spoken text: alphabets, and scripts in which a character is a syllable or a word. */
const LETTER_MS = 65;
const IDEOGRAPH_MS = 230;

/** Some browsers tell of their voices only after a while, and some never. */
const VOICES_WAIT_MS = 700;

/** Cuts text into sentences. */
export function sentencesOf( text: string, language: string ): string[] {
	const parts =
		typeof Intl.Segmenter === 'function'
			? Array.from(
					new Intl.Segmenter( localeOf( language ), {
						granularity: 'sentence',
					} ).segment( text ),
					( { segment } ) => segment
				)
			: text.split( /(?<=[.!?…。！？])\s*/u );
	return parts.map( ( part ) => part.trim() ).filter( Boolean );
}

function localeOf( language: string ): string[] {
	try {
		return Intl.getCanonicalLocales( language );
	} catch {
		// The page names its language in a way of its own.
		return [];
	}
}

/** Picks a voice for a language; one on the device before one that sends the text elsewhere. */
export function voiceFor<
	Voice extends Pick< SpeechSynthesisVoice, 'lang' | 'localService' >,
>( voices: readonly Voice[], language: string ): Voice | undefined {
	const wanted = language.toLowerCase();
	const primary = wanted.split( '-' )[ 0 ];
	const worth = ( { lang, localService }: Voice ) => {
		const tag = lang.toLowerCase().replaceAll( '_', '-' );
		const fits = tag === wanted ? 2 : 1;
		return tag.split( '-' )[ 0 ] === primary
			? fits + ( localService ? 2 : 0 )
			: 0;
	};
	return voices
		.filter( worth )
		.reduce< Voice | undefined >(
			( best, voice ) =>
				best && worth( best ) >= worth( voice ) ? best : voice,
			undefined
		);
}

/** Begins to speak. Times are estimates from the length of the text. */
export function createBrowserVoice(
	text: string | readonly string[],
	{
		id,
		language,
		speed = 1,
		volume = 1,
		onChange,
		onSentence,
		claim,
	}: SpeakInBrowserOptions & { claim: ( playback: Playback ) => void }
): Playback {
	const synthesis = globalThis.speechSynthesis as SpeechSynthesis | undefined;
	const sentences =
		typeof text === 'string' ? sentencesOf( text, language ) : text;
	const starts = [ 0 ];
	for ( const sentence of sentences ) {
		starts.push( ( starts.at( -1 ) ?? 0 ) + estimateMs( sentence ) );
	}
	const startOf = ( index: number ) => starts[ index ] ?? 0;
	let index = 0;
	let state: PlaybackState = 'waiting';
	let error: unknown;
	/** Where in the sentence it is, by the boundaries that the browser tells of. */
	let share = 0;
	let begun = -1;
	/** Numbers the attempts, so that events of one that was left are not listened to. */
	let attempt = 0;
	let restart: ReturnType< typeof setTimeout > | undefined;

	const isFinal = () => state === 'stopped' || state === 'failed';
	function become( next: PlaybackState ): void {
		state = next;
		queueMicrotask( () => onChange?.( playback ) );
	}

	function hush(): void {
		attempt++;
		clearTimeout( restart );
		document.removeEventListener( 'pointerup', speak, true );
		document.removeEventListener( 'keydown', speak, true );
		synthesis?.cancel();
	}

	function speak(): void {
		hush();
		const sentence = sentences[ index ];
		if ( ! synthesis || sentence === undefined ) {
			become( 'ended' );
			return;
		}
		const mine = attempt;
		const utterance = new SpeechSynthesisUtterance( sentence );
		utterance.lang = language;
		utterance.voice = voiceFor( synthesis.getVoices(), language ) ?? null;
		utterance.rate = speed;
		utterance.volume = volume;
		share = 0;
		const next = () => {
			if ( mine === attempt ) {
				index++;
				speak();
			}
		};
		utterance.onstart = () => {
			if ( mine === attempt ) {
				begun = index;
				become( 'playing' );
				onSentence?.( index );
			}
		};
		utterance.onboundary = ( { charIndex } ) => {
			if ( mine === attempt ) {
				share = charIndex / sentence.length;
			}
		};
		utterance.onend = next;
		utterance.onerror = ( event ) => {
			if ( mine !== attempt ) {
				return;
			}
			if ( event.error === 'not-allowed' ) {
				// The tap was too long ago; the next one will do.
				become( 'blocked' );
				document.addEventListener( 'pointerup', speak, true );
				document.addEventListener( 'keydown', speak, true );
				return;
			}
			hush();
			error = event.error;
			become( 'failed' );
		};
		synthesis.speak( utterance );
		// Some engines lose the end of an utterance; nobody shall wait for it for ever.
		restart = setTimeout(
			next,
			( 4 * estimateMs( sentence ) ) / speed + 8_000
		);
	}

	/** Speaks as soon as the voices are known, or when that takes too long without. */
	function begin(): void {
		if ( ! synthesis || synthesis.getVoices().length > 0 ) {
			speak();
			return;
		}
		const mine = attempt;
		const once = () => {
			clearTimeout( late );
			synthesis.removeEventListener( 'voiceschanged', once );
			if ( mine === attempt ) {
				speak();
			}
		};
		const late = setTimeout( once, VOICES_WAIT_MS );
		synthesis.addEventListener( 'voiceschanged', once );
	}

	/** Speaks from a sentence on, unless it is paused. */
	function go( to: number ): void {
		index = Math.min( Math.max( 0, to ), sentences.length - 1 );
		begun = index;
		share = 0;
		if ( state === 'paused' ) {
			become( 'paused' );
			return;
		}
		become( 'waiting' );
		speak();
	}

	const playback: Playback = {
		id,
		get state() {
			return state;
		},
		get error() {
			return error;
		},
		get heardMs() {
			return (
				startOf( index ) +
				share * ( startOf( index + 1 ) - startOf( index ) || 0 )
			);
		},
		get bufferedMs() {
			return this.durationMs - this.heardMs;
		},
		get durationMs() {
			return startOf( sentences.length );
		},
		get sentence() {
			return begun;
		},
		underruns: 0,
		get speed() {
			return speed;
		},
		set speed( next ) {
			speed = Math.min( 2, Math.max( 0.75, next ) );
			if ( state === 'playing' ) {
				speak();
			}
		},
		get volume() {
			return volume;
		},
		set volume( next ) {
			volume = Math.min( 1, Math.max( 0, next ) );
		},
		push() {},
		play() {},
		finish() {},
		pause() {
			if ( ! isFinal() && state !== 'ended' ) {
				// pause() of the browser ends the speech on Android, so the sentence is said again afterwards.
				hush();
				become( 'paused' );
			}
		},
		resume() {
			if ( state === 'paused' || state === 'ended' ) {
				claim( playback );
				const from = state === 'ended' ? 0 : index;
				state = 'waiting';
				go( from );
			}
		},
		stop() {
			if ( ! isFinal() ) {
				hush();
				become( 'stopped' );
			}
		},
		// The loudness of a sentence that is being said cannot be changed: it is said again when the other one is done.
		duck( isDucked ) {
			if ( isDucked && state === 'playing' ) {
				synthesis?.pause();
			} else if ( ! isDucked ) {
				synthesis?.resume();
			}
		},
		flush() {
			const heardMs = this.heardMs;
			this.stop();
			return heardMs;
		},
		skipTo( to ) {
			if ( ! isFinal() ) {
				if ( state === 'ended' ) {
					claim( playback );
				}
				go( to );
			}
		},
	};

	claim( playback );
	if ( synthesis && sentences.length > 0 ) {
		begin();
	} else {
		error = new Error( 'The browser has no voice.' );
		become( 'failed' );
	}
	return playback;
}

/** Estimates how long it takes to say a text, in milliseconds at speed 1. */
export function estimateMs( sentence: string ): number {
	const ideographs =
		sentence.match( /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g )
			?.length ?? 0;
	return (
		ideographs * IDEOGRAPH_MS + ( sentence.length - ideographs ) * LETTER_MS
	);
}
