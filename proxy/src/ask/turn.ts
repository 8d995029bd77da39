/**
 * Holds one running answer: what was sent so far, who reads along, and the switch that stops it.
 */
import type { Source, CacheOutcome, Mood } from '../types.ts';
import type { ErrorBody } from '../errors.ts';

/** How long an answer is worked on while nobody reads along, in milliseconds. */
export const GRACE_MS = 15_000;

export type FinishReason =
	'stop' | 'length' | 'stopped' | 'abstained' | 'extractive' | 'cached';

/** The events of a turn and their data; `done` or `error` is the last one. */
export interface TurnEvents {
	turn: { turnId: string; conversationId: string };
	notice: {
		code:
			| 'economy'
			| 'limit_reached'
			| 'answered_from_site'
			| 'shortened'
			/** The answer, or the rest of it, is not spoken: the browser's own voice may. */
			| 'no_speech';
		message: string;
	};
	/** What was heard; `language` is a BCP 47 tag, empty when it is not known. */
	transcript: { text: string; language: string };
	/** A piece of speech as it is made, or the whole of what was stored. */
	audio: SpeechPieceEvent | StoredSpeechEvent;
	text: { delta: string };
	sources: Source[];
	done: {
		finishReason: FinishReason;
		cache: CacheOutcome;
		tier: string;
		mood: Mood;
		confident: boolean;
		handoff: boolean;
	};
	error: ErrorBody[ 'error' ];
}

/** A piece of speech in a turn. Pieces of one sentence follow each other, and sentences too. */
export interface SpeechPieceEvent {
	format: 'pcm16';
	sampleRate: 24000;
	/** Counts the sentences of the answer from 0. */
	sentence: number;
	/** The sentence as it is spoken; with its first piece only. */
	text?: string;
	/** Mono samples, 16 bits, little-endian, in base64. */
	data: string;
}

/** The whole speech of an answer, ready at an address of the proxy. */
export interface StoredSpeechEvent {
	/** Path at the proxy: `/v1/speech/<id>`. */
	url: string;
	mimeType: string;
	durationMs: number;
	/** Where each sentence begins. */
	sentences: ReadonlyArray< { text: string; startMs: number } >;
}

/** Whose an answer is, who pays for it, and where it is written: all that whoever makes an answer sees of a turn. */
export interface Turn {
	readonly id: string;
	readonly conversationId: string;
	readonly siteId: string;
	readonly visitorId: string;
	readonly user: string | undefined;
	/** Aborts when the answer is not wanted any more. */
	readonly signal: AbortSignal;
	/** Adds an event and shows it at once. */
	emit< Name extends keyof TurnEvents >(
		name: Name,
		data: TurnEvents[ Name ]
	): void;
	/** Takes on work that must be done before the turn ends. It must not reject. */
	save( work: Promise< unknown > ): void;
	/** Resolves when everything taken on is saved. */
	saved(): Promise< void >;
}

/** What a reader needs of a turn, whether it runs here, runs in another proxy, or ended long ago. */
export interface ReadableTurn {
	/** True when no event will come after those that are here. */
	readonly isEnded: boolean;
	/** Characters of all events that readers may see. */
	readonly size: number;
	/** Returns the events after the one with the id `afterId`, in the wire format of Server-Sent Events. */
	eventsAfter( afterId: number ): readonly string[];
	/** Counts a reader in; the returned function counts it out, once. Throws `rate_limited` when there are too many. */
	attach(): () => void;
	/** Calls `listener` whenever there is something new, until the returned function is called. */
	listen( listener: () => void ): () => void;
}

/** Writes an event as it goes over the wire, without its id. */
export function wireEvent< Name extends keyof TurnEvents >(
	name: Name,
	data: TurnEvents[ Name ]
): string {
	return `event: ${ name }\ndata: ${ JSON.stringify( data ) }\n\n`;
}

/** Tells whether an event on the wire is the last one of its turn. */
export function isLastEvent( event: string ): boolean {
	return /^event: (?:done|error)$/m.test( event );
}

const SPEECH_PIECE = /^(id: \d+\n)event: audio\ndata: \{"format"/;

/** Returns an event as it is kept: a piece of speech becomes an empty event with its id, everything else stays. */
export function withoutSpeech( event: string ): string {
	const [ , id ] = SPEECH_PIECE.exec( event ) ?? [];
	return id === undefined ? event : `${ id }: speech\n\n`;
}

/** Reads the id of an event on the wire. */
export function eventId( event: string ): number {
	return Number( /^id: (\d+)/.exec( event )?.[ 1 ] );
}

/** Makes a turn of the past readable. */
export function endedTurn( events: readonly string[] ): ReadableTurn {
	return {
		isEnded: true,
		size: events.reduce( ( sum, { length } ) => sum + length, 0 ),
		eventsAfter: ( afterId ) => events.slice( afterId ),
		attach: () => () => {},
		listen: () => () => {},
	};
}
