/**
 * Names what the simulated provider can be told to do with a request for a transcription, for speech or for a call.
 *
 * A behaviour is aimed by `for`. Each aim has a queue and a default of its own; what is not scripted is heard, said and
 * answered for real.
 */
import type { Breakage, Delivery, Refusal } from './behaviour.ts';

/** A request for a transcription, as far as it changes what happens. */
export interface TranscriptionRequest {
	model: string;
	language?: string;
	keywords: string[];
	isStream: boolean;
	fileName: string;
	/** Length of the audio. */
	seconds: number;
}

/** A request for speech. */
export interface SpeechRequest {
	model: string;
	input: string;
	voice: string;
	instructions?: string;
	responseFormat: string;
	isStream: boolean;
}

/** A call that comes in. */
export interface CallRequest {
	model: string;
	/** The value of `OpenAI-Safety-Identifier`. */
	safetyId: string | undefined;
}

/** A spoken answer that is about to be given in a call. */
export interface AnswerRequest {
	model: string;
	/** Instructions that hold for this answer. */
	instructions: string;
	/** What the visitor said or wrote last; empty where nobody listened. */
	question: string;
	/** Whether the answer belongs to the conversation. */
	isInConversation: boolean;
}

/** Writes down what was said. */
export interface TranscriptionReply extends Delivery {
	kind?: 'reply';
	/** Default: what is really heard. */
	text?: string | ( ( request: TranscriptionRequest ) => string );
	/** A language code that is reported. */
	language?: string;
	/** Reports these figures although the bill says otherwise; `null` leaves the usage out. Default: what the model is priced by. */
	reportedUsage?: Record< string, unknown > | null;
}

/** Speaks. */
export interface SpeechReply extends Delivery {
	kind?: 'reply';
	/** Speaks this instead of the input. */
	text?: string;
	/** Says this instead of what the stream of events would say of its use; `null` sends no figures. */
	reportedUsage?: Record< string, unknown > | null;
}

/** Answers a call. */
export interface CallReply {
	kind?: 'reply';
	/** What is done before `session.created`: audio, or bytes that are no event, or nothing for ever. */
	beforeSession?: 'audio' | 'garbage' | 'silence';
	/** Ends the session so long after it began, with `session_expired`. */
	expiresAfterMs?: number;
	/** Closes the connection so long after it began: properly, with this code, or with a reset. */
	closesAfterMs?: number;
	closeWith?: number | 'reset';
	/** Waits so long before `session.created`. */
	sessionDelayMs?: number;
	/** How fast answers are sent in this call; default: that of the provider. */
	pace?: Pace;
}

/** How fast speech is sent: as fast as it goes, in real time, or so many times faster than real time. */
export type Pace = 'fast' | 'realtime' | number;

/** Answers in a call. A cut ends the connection, a stall lets it be silent, garbage is a frame that is no event. */
export interface AnswerReply extends Delivery {
	kind?: 'reply';
	/** Default: the sentence of the passages that fits, or the text that is to be read. */
	text?: string | ( ( request: AnswerRequest ) => string );
	/** Length of each piece of audio; default 100 ms. */
	pieceMs?: number;
	pace?: Pace;
	/** Reports these figures although the bill says otherwise; `null` leaves the usage out. */
	reportedUsage?: Record< string, unknown > | null;
	/** Ends as `failed` with this error, or as `incomplete` for its content. */
	fails?: { type: string; code: string } | 'content_filter';
	/** Calls a function instead of speaking. */
	calls?: { name: string; arguments: string };
}

/** Writes down what was said in a call. */
export interface HearingReply {
	kind?: 'reply';
	text?: string;
	delayMs?: number;
	/** Says that it could not be written down. */
	fails?: { code: string; message: string };
	reportedUsage?: Record< string, unknown >;
}

/** What a behaviour can be aimed at besides chat. */
export interface VoiceAims {
	/** One request to `POST /audio/transcriptions`. */
	transcription: {
		behaviour: TranscriptionReply | Refusal | Breakage;
		request: TranscriptionRequest;
	};
	/** One request to `POST /audio/speech`. */
	speech: {
		behaviour: SpeechReply | Refusal | Breakage;
		request: SpeechRequest;
	};
	/** One connection to `GET /realtime`; a refusal comes before the upgrade. */
	realtime: { behaviour: CallReply | Refusal; request: CallRequest };
	/** One answer in a call. */
	answer: { behaviour: AnswerReply; request: AnswerRequest };
	/** One transcription in a call. */
	hearing: { behaviour: HearingReply; request: TranscriptionRequest };
}

/** A behaviour that is aimed at something other than chat; `when` limits it to the requests it fits. */
export type VoiceBehaviour = {
	[ Aim in keyof VoiceAims ]: VoiceAims[ Aim ][ 'behaviour' ] & {
		for: Aim;
		when?: ( request: VoiceAims[ Aim ][ 'request' ] ) => boolean;
	};
}[ keyof VoiceAims ];
