/**
 * Hears a visitor: where speech begins and ends, what the words are, and whether they are meant to interrupt.
 */
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { readTranscriptionUsage } from '../../upstream/usage.ts';
import { isBackchannel } from './backchannel.ts';
import { BYTES_PER_MS } from './frames.ts';
import type { HeardCover } from './heard-cover.ts';
import type { Outbox } from './outbox.ts';
import type { LiveSession } from './session.ts';
import { SoundQueue } from './sound-queue.ts';

/** Speech of this length while the assistant speaks is meant to interrupt; the provider counts some silence before it as well. In milliseconds. */
const INTERRUPTING_MS = 900;

/** How long the browser may take to stop after it was told to, in milliseconds; then the proxy's own estimate counts. */
const FLUSH_MS = 600;

/** A finger that is held so long without a sound holds no speech; in milliseconds. */
const HELD_SILENCE_MS = 5_000;

/** Providers refuse items that are shorter; in milliseconds. */
const MIN_ITEM_MS = 100;

/** What hearing tells. */
export interface Listener {
	/** Somebody said or typed something that wants an answer. */
	onWords( words: string ): void;
	/** What was said could not be understood. */
	onUnclear(): void;
	/** What sounded like speech is over, and nothing came of it. */
	onNothing(): void;
	/** The assistant is heard at this moment. */
	isPlaying(): boolean;
	/** The visitor wants to speak: what is being said ends where it was at that time. */
	onInterrupted( atMs: number ): void;
	/** There is no more money for hearing. */
	onUncovered(): void;
}

/** The ears of one conversation. */
export class Hearing {
	/** When somebody last spoke, in milliseconds. */
	lastSpeechAt: number;
	/** When the last item began to wait for its words. */
	waitingSince = 0;
	#session: LiveSession | undefined;
	#isMuted = false;
	#isTalking = false;
	/** The finger was lifted while there was no session: what it held waits for the next one. */
	#isCommitDue = false;
	/** Whether the assistant may have been interrupted, and it is not sure yet. */
	#isDoubted = false;
	/** Whether the browser knows that what sounds now is no voice: then its length alone does not interrupt, as words still would. */
	#isNoise = false;
	#flushedAt: number | undefined;
	readonly #queue = new SoundQueue();
	/** When sound came last, or could have begun to. */
	#soundAt: number;
	/** Sound since the last item that a finger began, in milliseconds. */
	#heldMs = 0;
	readonly #partial = new Map< string, string >();
	readonly #outbox: Outbox;
	readonly #cover: HeardCover;
	readonly #clock: () => number;
	readonly #listener: Listener;
	readonly #isPush: boolean;

	constructor( {
		outbox,
		cover,
		clock,
		listener,
		isPush,
	}: {
		outbox: Outbox;
		cover: HeardCover;
		clock: () => number;
		listener: Listener;
		isPush: boolean;
	} ) {
		this.#outbox = outbox;
		this.#cover = cover;
		this.#clock = clock;
		this.#listener = listener;
		this.#isPush = isPush;
		this.lastSpeechAt = clock();
		this.#soundAt = this.lastSpeechAt;
		cover.onChange = () => this.#pump();
	}

	/** Whether somebody speaks, or their words are on the way. */
	get isBusy(): boolean {
		return (
			this.#isTalking ||
			this.#session?.track.hasSpeech === true ||
			( this.#session?.track.waitingCount ?? 0 ) > 0
		);
	}

	/** Whether a finger is held and no sound comes: nobody speaks then, however long it lasts. */
	get isHeldInSilence(): boolean {
		return (
			this.#isTalking &&
			this.#clock() - this.#soundAt > HELD_SILENCE_MS &&
			! this.#session?.track.waitingCount
		);
	}

	/** Sends what is heard into a session from now on. */
	use( session: LiveSession | undefined ): void {
		this.#session = session;
		this.#partial.clear();
		this.#pump();
		if ( session && this.#isCommitDue ) {
			this.#commit();
		}
	}

	/** Takes sound from the browser. */
	hear( pcm: Buffer ): void {
		if ( this.#isMuted || ( this.#isPush && ! this.#isTalking ) ) {
			return;
		}
		this.#soundAt = this.#clock();
		this.#heldMs += pcm.byteLength / BYTES_PER_MS;
		this.#queue.add( pcm );
		if ( this.#queue.isReady ) {
			this.#pump();
		}
	}

	/** Push-to-talk: the finger went down, or up. */
	talk( isTalking: boolean ): void {
		if ( ! this.#isPush || isTalking === this.#isTalking ) {
			return;
		}
		this.lastSpeechAt = this.#clock();
		if ( isTalking ) {
			this.#isTalking = true;
			this.#soundAt = this.#clock();
			this.#heldMs = 0;
			this.#session?.send( { type: 'input_audio_buffer.clear' } );
			this.#session?.track.cleared();
			this.#interruptPlaying();
			this.#outbox.tell( { type: 'state', state: 'hearing' } );
			return;
		}
		this.#pump();
		this.#isTalking = false;
		if ( this.#heldMs >= MIN_ITEM_MS ) {
			this.#commit();
			this.#outbox.tell( { type: 'state', state: 'thinking' } );
		} else {
			this.#session?.send( { type: 'input_audio_buffer.clear' } );
			this.#session?.track.cleared();
			this.#listener.onNothing();
		}
	}

	/** The microphone was switched off, or on. */
	mute( isMuted: boolean ): void {
		this.#isMuted = isMuted;
		// Without further sound the provider would wait for the end of the sentence for ever.
		if ( isMuted && this.#session?.track.isHearing ) {
			this.#session.send( { type: 'input_audio_buffer.commit' } );
		}
	}

	/** The browser's own gate heard something while the assistant speaks. */
	onset(): void {
		this.#isNoise = false;
		this.#isDoubted = this.#listener.isPlaying();
	}

	/** It is over. */
	onsetOver( isSpeech: boolean ): void {
		this.#isNoise = ! isSpeech;
		if ( ! isSpeech && ! this.isBusy ) {
			this.#goOn();
		}
	}

	/** The browser has stopped playing. */
	interrupted(): void {
		this.#isDoubted = false;
		this.#flushedAt = undefined;
	}

	/** Takes an event about what is heard; others are left alone. */
	onEvent( session: LiveSession, event: RealtimeServerEvent ): void {
		const { track } = session;
		switch ( event.type ) {
			case 'input_audio_buffer.speech_started':
				track.started( event.audio_start_ms );
				this.lastSpeechAt = this.#clock();
				this.#isDoubted ||= this.#listener.isPlaying();
				this.#outbox.tell( { type: 'state', state: 'hearing' } );
				break;
			case 'input_audio_buffer.speech_stopped':
				track.stopped( event.audio_end_ms );
				this.lastSpeechAt = this.#clock();
				break;
			case 'input_audio_buffer.committed': {
				session.addSound( track.committed( event.item_id ) );
				this.waitingSince = this.#clock();
				break;
			}
			case 'conversation.item.input_audio_transcription.delta':
				this.#hearPart( event.item_id, event.delta ?? '' );
				break;
			case 'conversation.item.input_audio_transcription.completed': {
				const ms = track.heard( event.item_id ) ?? 0;
				this.#cover.heard( ms, readTranscriptionUsage( event ).usage );
				this.#hearWords( session, event.item_id, event.transcript );
				break;
			}
			case 'conversation.item.input_audio_transcription.failed': {
				const ms = track.heard( event.item_id ) ?? 0;
				this.#cover.heard( ms, undefined );
				this.#hearWords( session, event.item_id, undefined );
			}
		}
	}

	/** Looks at the clock. */
	look(): void {
		this.#cover.look();
		this.#pump();
		const now = this.#clock();
		if (
			this.#isDoubted &&
			! this.#isNoise &&
			this.#session?.track.isHearing &&
			this.#session.track.speechMs >= INTERRUPTING_MS
		) {
			this.#interruptPlaying();
		}
		if (
			this.#flushedAt !== undefined &&
			now - this.#flushedAt > FLUSH_MS
		) {
			const at = this.#flushedAt;
			this.interrupted();
			this.#listener.onInterrupted( at );
		}
		if ( this.#cover.isOver && ! this.#queue.isEmpty ) {
			this.#queue.clear();
			this.#listener.onUncovered();
		}
	}

	#hearPart( itemId: string, delta: string ): void {
		const text = ( this.#partial.get( itemId ) ?? '' ) + delta;
		this.#partial.set( itemId, text );
		this.#outbox.tell( { type: 'heard', itemId, text, isFinal: false } );
		if ( this.#isDoubted && ! isBackchannel( text ) ) {
			this.#interruptPlaying();
		}
	}

	#hearWords(
		session: LiveSession,
		itemId: string,
		transcript: string | undefined
	): void {
		this.#partial.delete( itemId );
		const words = transcript?.trim() ?? '';
		const isListening = this.#isDoubted || this.#listener.isPlaying();
		if ( words === '' || ( isListening && isBackchannel( words ) ) ) {
			session.send( {
				type: 'conversation.item.delete',
				item_id: itemId,
			} );
			// It may have been shown while it was not sure.
			this.#outbox.tell( {
				type: 'heard',
				itemId,
				text: '',
				isFinal: true,
			} );
			this.#goOn();
			if ( transcript === undefined && ! isListening ) {
				this.#listener.onUnclear();
			} else {
				this.#listener.onNothing();
			}
			return;
		}
		this.lastSpeechAt = this.#clock();
		this.#outbox.tell( {
			type: 'heard',
			itemId,
			text: words,
			isFinal: true,
		} );
		this.#listener.onWords( words );
	}

	/** Makes a question of what the finger held. */
	#commit(): void {
		this.#isCommitDue = this.#session === undefined;
		if ( this.#session ) {
			this.#session.send( { type: 'input_audio_buffer.commit' } );
			this.#queue.clear();
		}
	}

	/** Tells the browser to stop playing, once. */
	#interruptPlaying(): void {
		this.#isDoubted = false;
		if ( this.#flushedAt === undefined && this.#listener.isPlaying() ) {
			this.#flushedAt = this.#clock();
			this.#outbox.tell( { type: 'flush' } );
		}
	}

	/** Tells the browser to play on, if it may have paused. */
	#goOn(): void {
		if ( this.#isDoubted && this.#flushedAt === undefined ) {
			this.#outbox.tell( { type: 'go_on' } );
		}
		this.#isDoubted = false;
	}

	#pump(): void {
		const session = this.#session;
		if ( ! session ) {
			return;
		}
		this.#queue.drain( ( pcm ) => {
			const ms = pcm.byteLength / BYTES_PER_MS;
			const isCovered = this.#cover.covers(
				session.track.exposedMs + ms
			);
			if ( isCovered ) {
				session.append( pcm );
			}
			return isCovered;
		} );
	}
}
