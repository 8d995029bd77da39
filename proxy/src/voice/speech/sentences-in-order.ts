/**
 * Shows sentences strictly in their order, whichever is made first, with a natural pause between them.
 */
import type { SpokenPiece } from './speaker.ts';
import { BYTES_PER_SECOND } from './speech-bounds.ts';
import { silence } from './trim-speech.ts';

/** More sound than this is not held to be stored, in bytes: five minutes. */
const MAX_HELD_BYTES = 300 * BYTES_PER_SECOND;

/** How long a reader pauses, in milliseconds, by what a sentence ends in. */
const PAUSE_MS = { clause: 120, sentence: 280, paragraph: 480 } as const;

/** What was heard, when all of it is held. */
export interface HeardSpeech {
	pcm: Uint8Array[];
	durationMs: number;
	sentences: Array< { text: string; startMs: number } >;
}

/** Sentences on their way to the visitor. */
export interface SentencesInOrder {
	/** Takes on the next sentence, white space behind it included; returns what takes its sound and its end. */
	add( text: string ): { push( pcm: Uint8Array ): void; end(): void };
	/** Shows nothing of the sentences behind this one: it could not be spoken to its end. */
	endWith( number: number ): void;
	/** How many sentences are shown to their end. */
	readonly ended: number;
	/** Everything that was shown; undefined when it is too long. */
	heard(): HeardSpeech | undefined;
}

interface Slot {
	number: number;
	text: string;
	waiting: Uint8Array[];
	hasEnded: boolean;
	isShown: boolean;
}

/** Makes the order over what takes pieces. */
export function createSentencesInOrder(
	show: ( piece: SpokenPiece ) => void
): SentencesInOrder {
	const slots: Slot[] = [];
	let current = 0;
	let last = Infinity;
	let pcm: Uint8Array[] = [];
	let bytes = 0;
	const sentences: HeardSpeech[ 'sentences' ] = [];
	/** The last sentence that was heard: its pause comes when another one does. */
	let before: Slot | undefined;

	const emit = ( piece: SpokenPiece ): void => {
		bytes += piece.pcm.length;
		if ( bytes <= MAX_HELD_BYTES ) {
			pcm.push( piece.pcm );
		} else {
			pcm = [];
		}
		show( piece );
	};
	const showPiece = ( slot: Slot, piece: Uint8Array ): void => {
		if ( piece.length === 0 ) {
			return;
		}
		if ( slot.isShown ) {
			emit( { sentence: slot.number, pcm: piece } );
			return;
		}
		if ( before ) {
			emit( {
				sentence: before.number,
				pcm: silence( pauseAfter( before.text ) ),
			} );
		}
		slot.isShown = true;
		before = slot;
		const text = slot.text.trim();
		sentences.push( { text, startMs: msOf( bytes ) } );
		emit( { sentence: slot.number, text, pcm: piece } );
	};
	const advance = (): void => {
		for (;;) {
			const slot = slots[ current ];
			if ( ! slot || current > last ) {
				return;
			}
			for ( const piece of slot.waiting.splice( 0 ) ) {
				showPiece( slot, piece );
			}
			if ( ! slot.hasEnded ) {
				return;
			}
			current++;
		}
	};

	return {
		add( text ) {
			const slot: Slot = {
				number: slots.length,
				text,
				waiting: [],
				hasEnded: false,
				isShown: false,
			};
			slots.push( slot );
			return {
				push( piece ) {
					slot.waiting.push( piece );
					advance();
				},
				end() {
					slot.hasEnded = true;
					advance();
				},
			};
		},
		endWith( number ) {
			last = Math.min( last, number );
		},
		get ended() {
			return current;
		},
		heard: () =>
			bytes > MAX_HELD_BYTES
				? undefined
				: { pcm, durationMs: msOf( bytes ), sentences },
	};
}

function pauseAfter( text: string ): number {
	if ( text.includes( '\n' ) ) {
		return PAUSE_MS.paragraph;
	}
	return /[.!?…。！？؟۔।][\p{Pe}\p{Pf}"']*\s*$/u.test( text )
		? PAUSE_MS.sentence
		: PAUSE_MS.clause;
}

function msOf( bytes: number ): number {
	return Math.round( ( bytes / BYTES_PER_SECOND ) * 1_000 );
}
