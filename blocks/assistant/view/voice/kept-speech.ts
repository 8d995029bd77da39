/**
 * Keeps the speech of the last answers for hearing them again, and no more than that.
 */
import type { SpeechPiece } from '../../../shared/turn-events.ts';

/** Answers whose speech is kept; three minutes of it are 9 MB. */
const KEPT_ANSWERS = 3;

/** A piece of speech, unpacked. */
export interface KeptPiece {
	sentence: number;
	/** The sentence as it is spoken; with its first piece only. */
	text?: string;
	/** Mono PCM16 at 24 kHz. */
	pcm: ArrayBuffer;
}

export interface KeptAnswer {
	pieces: KeptPiece[];
	isComplete: boolean;
}

export interface KeptSpeech {
	/** Keeps a piece and returns it unpacked; undefined when it is none. */
	add( key: string, piece: SpeechPiece ): KeptPiece | undefined;
	/** Notes that an answer was spoken to its end. */
	complete( key: string ): void;
	/** Returns what there is of an answer. */
	of( key: string ): KeptAnswer | undefined;
	/** Lets go of an answer, which can be fetched again. */
	drop( key: string ): void;
}

/** Creates an empty one. */
export function createKeptSpeech(): KeptSpeech {
	const answers = new Map< string, KeptAnswer >();
	return {
		add( key, { sentence, text, data } ) {
			const pcm = unpacked( data );
			if ( ! pcm ) {
				return undefined;
			}
			const piece = {
				sentence,
				pcm,
				...( text !== undefined && { text } ),
			};
			const answer = answers.get( key ) ?? {
				pieces: [],
				isComplete: false,
			};
			answer.pieces.push( piece );
			answers.set( key, answer );
			const [ oldest ] = answers.keys();
			if ( answers.size > KEPT_ANSWERS && oldest !== undefined ) {
				answers.delete( oldest );
			}
			return piece;
		},
		complete( key ) {
			const answer = answers.get( key );
			if ( answer ) {
				answer.isComplete = true;
			}
		},
		of: ( key ) => answers.get( key ),
		drop: ( key ) => void answers.delete( key ),
	};
}

function unpacked( base64: string ): ArrayBuffer | undefined {
	try {
		const letters = atob( base64 );
		const bytes = new Uint8Array( letters.length - ( letters.length % 2 ) );
		for ( let index = 0; index < bytes.length; index++ ) {
			bytes[ index ] = letters.charCodeAt( index );
		}
		return bytes.buffer;
	} catch {
		// Not base64: this piece is not heard, and its words stand there.
		return undefined;
	}
}
