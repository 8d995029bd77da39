/**
 * Answers a question that was spoken, or whose answer is to be heard: transcription, the way of every question, speech.
 */
import { DocentError } from '../errors.ts';
import { detectLanguage } from '../knowledge/language.ts';
import type { PastTurn } from '../stores/conversation-store.ts';
import type { SpeechGround } from '../stores/speech-store.ts';
import type { Source } from '../types.ts';
import type { Speaker } from '../voice/speech/speaker.ts';
import type { Transcriber } from '../voice/transcription/transcriber.ts';
import type { VoiceContext } from '../voice/voice-services.ts';
import { createAnswerAloud, type AloudServices } from './answer-aloud.ts';
import { answerQuestion, type Answered, type AskServices } from './ask.ts';
import { hearQuestion } from './hear-question.ts';
import { mayBeShared, type Question } from './question.ts';
import type { RunningTurn } from './running-turn.ts';
import { speakAnswer } from './speak-answer.ts';
import type { HeldSound, SpeechMemory } from './speech-memory.ts';

/** When to come again, in milliseconds, after there was no room. */
const BUSY_RETRY_MS = 5_000;

/** The longest answer of an audio chat model, a minute, as it is held to be read again; in bytes. */
const ALOUD_BYTES = 60 * 48_000 * ( 4 / 3 );

/** Who hears and who speaks. */
export interface VoiceAnswering {
	transcriber: Transcriber;
	speaker: Speaker;
	aloud: AloudServices;
	memory: SpeechMemory;
}

/** What a question came to in which voice had a part. */
export interface VoiceAnswered< Asked extends Question > {
	/** The question in words. */
	asked: Asked;
	answered: Answered;
	/** What hearing and speaking cost, besides the answer. */
	voiceNanoUsd: number;
	areSourcesShown: boolean;
}

/** Tells whether a question is spoken or its answer heard. */
export function usesVoice( { audio, voice }: Question ): boolean {
	return audio !== undefined || voice !== undefined;
}

/** Hears, answers and speaks. Throws `busy` when there is no room for the recording, and what {@link hearQuestion} and {@link answerQuestion} throw. */
export async function answerByVoice< Asked extends Question >(
	services: AskServices & { voice: VoiceAnswering | undefined },
	question: Asked,
	turn: RunningTurn,
	history: PastTurn[]
): Promise< VoiceAnswered< Asked > > {
	const held = services.voice?.memory.open();
	try {
		if ( held?.take( question.audio?.bytes.byteLength ?? 0 ) === false ) {
			throw new DocentError(
				'busy',
				'Many people are speaking right now. Please try again in a moment, or type your question.',
				{ retryAfterMs: BUSY_RETRY_MS }
			);
		}
		return await hearAndSpeak( services, question, turn, history, held );
	} finally {
		held?.free();
	}
}

async function hearAndSpeak< Asked extends Question >(
	services: AskServices & { voice: VoiceAnswering | undefined },
	question: Asked,
	turn: RunningTurn,
	history: PastTurn[],
	held: HeldSound | undefined
): Promise< VoiceAnswered< Asked > > {
	const { audio, voice, requestId, settings } = question;
	const context: VoiceContext = {
		siteId: turn.siteId,
		visitorId: turn.visitorId,
		turnId: turn.id,
		requestId,
		settings,
		signal: turn.signal,
	};
	const heard = audio
		? await hearQuestion( services.voice?.transcriber, turn, context, {
				audio,
				typed: question.text,
				language: question.language,
			} )
		: { text: question.text, language: undefined, costNanoUsd: 0 };
	const asked: Asked = {
		...question,
		text: heard.text,
		language: heard.language ?? question.language,
	};
	const speech =
		voice &&
		speakAnswer(
			{ speaker: services.voice?.speaker, held, log: services.log },
			turn,
			{
				context,
				voice,
				// As the answer's own language is found: an answer that is ready must be found in the language it was spoken in.
				language:
					detectLanguage( asked.text ) ??
					asked.language ??
					settings.assistant.language,
			}
		);
	const aloud =
		audio &&
		voice &&
		speech &&
		services.voice &&
		settings.voice.expressive &&
		held?.take( ALOUD_BYTES )
			? createAnswerAloud( services.voice.aloud, {
					audio,
					voice,
					onFirstSound: speech.giveWay,
				} )
			: undefined;
	const answered = await answerQuestion(
		{ ...services, aloud },
		asked,
		turn,
		history
	);
	const areSourcesShown = speech !== undefined;
	if ( areSourcesShown ) {
		// Whoever listens reads meanwhile where the answer comes from; an empty list says as well that the text is complete.
		turn.emit( 'sources', answered.sources );
	}
	const spoken = await speech?.finish(
		mayBeHeardAgain( asked, answered, history )
			? groundsOf( services, turn.siteId, answered.sources )
			: undefined
	);
	return {
		asked,
		answered,
		voiceNanoUsd: heard.costNanoUsd + ( spoken?.costNanoUsd ?? 0 ),
		areSourcesShown,
	};
}

/** Lists the documents that an answer shows as its sources: its speech must not outlive them. Undefined when they cannot be read now; never rejects. */
async function groundsOf(
	{ knowledge, log }: Pick< AskServices, 'knowledge' | 'log' >,
	siteId: string,
	sources: readonly Source[]
): Promise< SpeechGround[] | undefined > {
	try {
		return await knowledge.documentsAt(
			siteId,
			sources.map( ( { url } ) => url )
		);
	} catch ( error ) {
		log.warn( { siteId, err: error }, 'speech is not kept' );
		return undefined;
	}
}

/** Tells whether somebody else may hear the same speech: the answer is one that others get, too, or the owner's. */
function mayBeHeardAgain(
	asked: Question,
	{ cache, finishReason, confident }: Answered,
	history: PastTurn[]
): boolean {
	return (
		cache === 'pinned' ||
		cache === 'exact' ||
		( confident &&
			( finishReason === 'stop' || finishReason === 'extractive' ) &&
			mayBeShared( { question: asked, history } ) )
	);
}
