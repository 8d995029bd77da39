/**
 * Speaks the answers of a page: as their speech comes, again when asked to, and with the browser's own voice where there is no other.
 */
import type { Assistant } from '../../../shared/assistant.ts';
import type { Turn } from '../../../shared/conversation.ts';
import { messageLanguage } from '../../../shared/message-language.ts';
import type { StoredSpeech } from '../../../shared/turn-events.ts';
import { sentencesOf } from '../../../shared/voice/playback/browser-voice.ts';
import type {
	Playback,
	PlaybackState,
	Player,
} from '../../../shared/voice/playback/player.ts';
import { answerText } from '../answer-text.ts';
import { placeOf } from './sentence-place.ts';
import { createKeptSpeech } from './kept-speech.ts';
import type { KeptPiece } from './kept-speech.ts';

/** What of the page's answers is heard. */
export interface Spoken {
	/** The turn. */
	key: string;
	state: PlaybackState;
	/** The words being spoken, empty before the first. */
	sentence: string;
}

export interface PageSpeech {
	readonly spoken: Spoken | undefined;
	/** Hears of every change. Returns what ends that. */
	subscribe( listener: () => void ): () => void;
	/** The answer of this turn shall be heard as it comes. */
	expect( key: string ): void;
	/** Speaks an answer, or pauses it, or goes on. */
	toggle( turn: Turn ): void;
	/** Ends what is heard and what was expected. Returns whether there was anything. */
	stop(): boolean;
}

/** Creates the speech of one page. `proxyUrl` has no slash at its end. */
export function createPageSpeech( {
	assistant,
	player,
	proxyUrl,
	hasProvider,
	pageLanguage,
}: {
	assistant: Pick< Assistant, 'conversation' | 'onSpeech' | 'subscribe' >;
	player: Pick< Player, 'begin' | 'speakInBrowser' >;
	proxyUrl: string;
	/** Whether the proxy speaks; else the browser does. */
	hasProvider: boolean;
	pageLanguage: string;
} ): PageSpeech {
	const listeners = new Set< () => void >();
	const kept = createKeptSpeech();
	/** The turn whose speech is played as it comes. */
	let expected: string | undefined;
	/** Whether the rest of the expected turn is left to the browser. */
	let isLeft = false;
	let playback: Playback | undefined;
	/** Whether the browser's voice speaks: it is not asked twice. */
	let isBrowsers = false;
	let sentences: string[] = [];

	const turnOf = ( key: string ) =>
		assistant.conversation.turns.find( ( turn ) => turn.key === key );
	const changed = () => listeners.forEach( ( listener ) => listener() );

	function begin( key: string ): void {
		playback = player.begin( { id: key, onChange } );
		isBrowsers = false;
		sentences = [];
	}

	function onChange( own: Playback ): void {
		if ( own !== playback ) {
			return;
		}
		const turn = turnOf( own.id );
		if ( own.state === 'failed' && turn ) {
			// Stored speech that is gone, for example; what was asked for is heard all the same.
			speakRest( turn, sentences[ own.sentence ] );
		} else if ( own.state === 'ended' && turn && isLeft ) {
			speakRest( turn, sentences.at( -1 ) );
		}
		changed();
	}

	/** Lets the browser speak what comes after a sentence. */
	function speakRest( turn: Turn, spokenLast = '' ): void {
		isLeft = false;
		const text = answerText( turn );
		const from = placeOf( spokenLast, text )?.to ?? 0;
		const language =
			messageLanguage( turn.text, pageLanguage ) ?? pageLanguage;
		const rest = sentencesOf( text.slice( from ), language );
		if ( rest.length > 0 && ! isBrowsers ) {
			isBrowsers = true;
			sentences = rest;
			playback = player.speakInBrowser( rest, {
				id: turn.key,
				language,
				onChange,
			} );
		}
	}

	function play( piece: KeptPiece ): void {
		if ( piece.text !== undefined ) {
			sentences[ piece.sentence ] = piece.text;
		}
		// The player takes what it is given, and this may be wanted again.
		playback?.push( piece.pcm.slice( 0 ), piece.sentence );
	}

	function playStored( speech: StoredSpeech ): void {
		sentences = speech.sentences.map( ( { text } ) => text );
		playback?.play( { ...speech, url: proxyUrl + speech.url } );
	}

	/** Whether the speech of this turn has begun and can go on. */
	const hasBegun = ( key: string ) =>
		playback?.id === key &&
		playback.state !== 'stopped' &&
		playback.state !== 'failed';

	assistant.onSpeech( ( key, event ) => {
		const isExpected = key === expected;
		switch ( event.type ) {
			case 'speech': {
				const piece = kept.add( key, event );
				if ( isExpected && piece ) {
					if ( ! hasBegun( key ) ) {
						begin( key );
					}
					play( piece );
				}
				break;
			}
			case 'stored_speech':
				if ( isExpected && ! hasBegun( key ) ) {
					begin( key );
					playStored( event );
				}
				kept.drop( key );
				break;
			case 'notice':
				isLeft ||= isExpected && event.code === 'no_speech';
				break;
			default: {
				if ( ! isExpected ) {
					break;
				}
				expected = undefined;
				const turn = turnOf( key );
				if ( ! isLeft ) {
					kept.complete( key );
				}
				if ( hasBegun( key ) ) {
					playback?.finish();
				} else if ( turn?.text && ( isLeft || ! hasProvider ) ) {
					speakRest( turn );
				}
				changed();
			}
		}
	} );

	assistant.subscribe( () => {
		const key = playback?.id ?? expected;
		const turn = key === undefined ? undefined : turnOf( key );
		// Stopped, or forgotten.
		if ( key !== undefined && ( ! turn || turn.status === 'stopped' ) ) {
			stop();
		}
	} );

	function stop(): boolean {
		const isHeard =
			expected !== undefined ||
			( playback !== undefined &&
				! [ 'ended', 'stopped', 'failed' ].includes( playback.state ) );
		expected = undefined;
		isLeft = false;
		const own = playback;
		playback = undefined;
		own?.stop();
		if ( isHeard ) {
			changed();
		}
		return isHeard;
	}

	return {
		get spoken() {
			return (
				playback && {
					key: playback.id,
					state: playback.state,
					sentence: sentences[ playback.sentence ] ?? '',
				}
			);
		},
		subscribe( listener ) {
			listeners.add( listener );
			return () => listeners.delete( listener );
		},
		expect( key ) {
			stop();
			isBrowsers = false;
			expected = key;
			changed();
		},
		toggle( turn ) {
			if ( hasBegun( turn.key ) ) {
				switch ( playback?.state ) {
					case 'paused':
					case 'ended':
						playback.resume();
						break;
					case 'waiting':
					case 'playing':
						playback.pause();
				}
				// What is blocked goes on with the tap itself.
			} else {
				stop();
				const answer = kept.of( turn.key );
				if ( turn.speech || answer ) {
					begin( turn.key );
				}
				if ( turn.speech ) {
					playStored( turn.speech );
				} else if ( answer ) {
					answer.pieces.forEach( play );
					playback?.finish();
					isLeft = ! answer.isComplete;
				} else {
					isBrowsers = false;
					speakRest( turn );
				}
			}
			changed();
		},
		stop,
	};
}
