/**
 * Has the answer of a turn spoken while it is written, and hands out the stored speech of answers that were spoken before.
 */
import type { Logger } from 'pino';
import type { SpeechGround, StoredSpeech } from '../stores/speech-store.ts';
import type { Voice } from '../types.ts';
import type {
	Speaker,
	Speaking,
	SpokenPiece,
} from '../voice/speech/speaker.ts';
import type { VoiceContext } from '../voice/voice-services.ts';
import type { RunningTurn } from './running-turn.ts';
import type { HeldSound } from './speech-memory.ts';
import type { SpeechPieceEvent, StoredSpeechEvent } from './turn.ts';

/** An answer holds at most so much speech, in bytes of samples: three minutes. The rest is there to read. */
const MAX_SPEECH_BYTES = 3 * 60 * 48_000;

/** Each byte is held as a sample, to be stored, and as text, to be read again. */
const BYTES_HELD = 1 + 4 / 3;

/** What speaking an answer came to. */
export interface SpokenAnswer {
	costNanoUsd: number;
}

/** An answer that is being spoken. */
export interface AnswerSpeech {
	/**
	 * The text is complete. Resolves when nothing more will be heard; never rejects. Stores the speech when there is `restsOn`, for as long as
	 * those documents stay as they are: nobody else may hear an answer that was one visitor's own.
	 */
	finish(
		restsOn: Promise< readonly SpeechGround[] | undefined > | undefined
	): Promise< SpokenAnswer >;
	/** Somebody else speaks this answer. */
	giveWay(): void;
}

/** Begins to listen to the text of a turn. Without a speaker the visitor's browser is told to speak. */
export function speakAnswer(
	{
		speaker,
		held,
		log,
	}: {
		speaker: Speaker | undefined;
		/** Undefined without a speaker. */
		held: HeldSound | undefined;
		log: Logger;
	},
	turn: RunningTurn,
	{
		context,
		voice,
		language,
	}: { context: VoiceContext; voice: Voice; language: string }
): AnswerSpeech {
	let text = '';
	let speaking: Speaking | undefined;
	let speechBytes = 0;
	/** Ends the speaking when no more of it will be shown. */
	const enough = new AbortController();
	let isTold = false;
	let isBeginning = false;

	/** Tells once that the rest is not spoken. */
	const noSpeech = (): void => {
		if ( ! isTold ) {
			isTold = true;
			turn.emit( 'notice', { code: 'no_speech', message: '' } );
		}
	};

	const begin = (): Speaking | undefined => {
		const signal = AbortSignal.any( [ context.signal, enough.signal ] );
		speaking ??= speaker?.begin(
			{ ...context, signal },
			{
				voice,
				language,
				priority: 'visitor',
				show( piece ) {
					const { byteLength } = piece.pcm;
					speechBytes += byteLength;
					if (
						speechBytes > MAX_SPEECH_BYTES ||
						! held?.take( byteLength * BYTES_HELD )
					) {
						noSpeech();
						// What nobody will hear is not paid for either.
						enough.abort();
					} else {
						turn.emit( 'audio', toPieceEvent( piece ) );
					}
				},
			}
		);
		return speaking;
	};

	const stopListening = turn.onText( ( delta ) => {
		text += delta;
		if ( speaking ) {
			speaking.push( delta );
		} else if ( ! isBeginning ) {
			isBeginning = true;
			// An answer that was ready is complete by then, and its speech may be stored.
			setImmediate( () => {
				if ( isBeginning ) {
					begin()?.push( text );
				}
			} );
		}
	} );

	const findStored = async (): Promise< StoredSpeech | undefined > => {
		try {
			return await speaker?.find( context.siteId, text, {
				voice,
				language,
			} );
		} catch ( error ) {
			log.warn(
				{ turnId: turn.id, err: error },
				'stored speech was not looked up'
			);
			return undefined;
		}
	};

	const giveWay = (): void => {
		stopListening();
		isBeginning = false;
		text = '';
	};

	return {
		giveWay,
		async finish( restsOn ) {
			stopListening();
			isBeginning = false;
			if ( text.trim() === '' ) {
				return { costNanoUsd: 0 };
			}
			if ( ! speaking ) {
				const stored = await findStored();
				if ( stored ) {
					turn.emit( 'audio', toEvent( stored ) );
					return { costNanoUsd: 0 };
				}
				begin()?.push( text );
			}
			const spoken = await speaking?.finish();
			if ( spoken?.kind !== 'spoken' ) {
				if ( spoken?.kind !== 'stopped' ) {
					noSpeech();
				}
			} else if ( ! isTold ) {
				const grounds = await restsOn;
				const kept = grounds && ( await spoken.keep( grounds ) );
				if ( kept ) {
					turn.emit( 'audio', toEvent( kept ) );
				}
			}
			return { costNanoUsd: spoken?.costNanoUsd ?? 0 };
		},
	};
}

/** Writes a piece of speech as an event of a turn. */
export function toPieceEvent( {
	sentence,
	text,
	pcm,
}: SpokenPiece ): SpeechPieceEvent {
	return {
		format: 'pcm16',
		sampleRate: 24000,
		sentence,
		...( text === undefined ? {} : { text } ),
		data: Buffer.from(
			pcm.buffer,
			pcm.byteOffset,
			pcm.byteLength
		).toString( 'base64' ),
	};
}

/** Writes stored speech as an event of a turn. */
export function toEvent( {
	id,
	mimeType,
	durationMs,
	sentences,
}: StoredSpeech ): StoredSpeechEvent {
	return { url: `/v1/speech/${ id }`, mimeType, durationMs, sentences };
}
