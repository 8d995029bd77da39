/**
 * Says what the rest of the proxy may ask of a provider that hears and speaks.
 */
import type {
	RealtimeClientEvent,
	RealtimeServerEvent,
} from 'openai/resources/realtime/realtime';
import type { Usage } from '../ledger/usage.ts';
import type { Model } from '../models/catalog.ts';
import type { AudioFile, Voice } from '../types.ts';
import type { CallPriority, ChatMessage, FinishReason } from './chat.ts';
import type { UpstreamError } from './upstream-error.ts';

/** What every call has. */
interface VoiceCall {
	model: Model;
	/** Sent as `X-Client-Request-Id`. */
	requestId?: string | undefined;
	priority: CallPriority;
	/** Is told when the call leaves the queue and is about to be sent, and how long it waited, in milliseconds. */
	onStart?( queueMs: number ): void;
	signal: AbortSignal;
}

/** Speech to write down (`POST /audio/transcriptions`). */
export interface TranscriptionRequest extends VoiceCall {
	audio: AudioFile;
	/** BCP 47 tag of the language that is expected; undefined leaves it to the model. */
	language?: string | undefined;
	/** Names that are likely to be said. */
	keywords: readonly string[];
}

/** What was heard. */
export interface Transcription {
	text: string;
	/** BCP 47 tag, when the provider says it. */
	language: string | undefined;
	/** Undefined when the provider reported none. */
	usage: Usage | undefined;
}

/** Text to speak, word for word. The model's `api` says how: `speech`, `realtime` or `chat`. */
export interface SpeechRequest extends VoiceCall {
	text: string;
	voice: Voice;
	/** BCP 47 tag of the text. */
	language: string;
	/**
	 * What comes out costs at most so much: the provider is told to stop there. In tokens of audio and text together. `/audio/speech` takes no
	 * cap, so that its sound is cut off here.
	 */
	maxOutputTokens: number;
}

/** A piece of speech. Samples are mono, 24 kHz, 16 bits, little-endian. The last piece is `end`; a stream without it was cut. */
export type SpeechPiece =
	| { kind: 'audio'; pcm: Uint8Array }
	/** What the model says that it speaks; `speech` models say nothing. */
	| { kind: 'transcript'; delta: string }
	| { kind: 'usage'; usage: Usage }
	| { kind: 'end'; finishReason: FinishReason };

/** A message to an audio chat model. */
export type AudioChatMessage =
	| ChatMessage
	/** What the visitor said. */
	| { role: 'user'; audio: AudioFile; text?: string }
	/** An answer that the provider still has. Afterwards its words are sent as text. */
	| { role: 'assistant'; audioId: string };

/** A question for an audio chat model (`modalities: ["text","audio"]`). */
export interface AudioChatRequest extends VoiceCall {
	messages: AudioChatMessage[];
	voice: Voice;
	maxOutputTokens: number;
	promptCacheKey: string;
}

/** A piece of a spoken answer. */
export type AudioChatPiece =
	| SpeechPiece
	/** What the provider calls the answer, and until when it has it (Unix milliseconds), for the next question. */
	| { kind: 'audio_id'; id: string; expiresAtMs: number | undefined };

/** A session with a realtime model, still to be set up by `session.update`. */
export interface RealtimeRequest extends VoiceCall {
	/** Says who speaks without saying who it is, for the provider's own safety checks; a hash. */
	safetyId?: string | undefined;
}

/** An open session. Exactly one `onClose` comes, and no event after it; none comes where opening failed, which the promise says. */
export interface RealtimeConnection {
	send( event: RealtimeClientEvent ): void;
	/** Bytes that were sent and are still on this machine. */
	readonly bufferedBytes: number;
	/** Closes it, without an error. */
	close(): void;
}

/** Who listens to a session. */
export interface RealtimeListener {
	onEvent( event: RealtimeServerEvent ): void;
	/** The error is undefined when we closed it ourselves. */
	onClose( error: UpstreamError | undefined ): void;
}

/** A provider that hears and speaks. Every method throws `UpstreamError`, and nothing else. */
export interface VoiceProvider {
	transcribe( request: TranscriptionRequest ): Promise< Transcription >;
	/**
	 * Says that a text is about to be spoken, so that a connection for it is there by then. Does nothing where none is needed, or where one
	 * waits already; it costs nothing, never throws, and a failure shows when the text is spoken.
	 */
	prepare( speech: Pick< SpeechRequest, 'model' | 'voice' > ): void;
	/** Speaks one text, in groups of pieces that arrived together. */
	speak( request: SpeechRequest ): AsyncIterable< SpeechPiece[] >;
	/** Answers aloud. */
	converse( request: AudioChatRequest ): AsyncIterable< AudioChatPiece[] >;
	/** Resolves when the provider has said `session.created`, which the listener hears first, before the promise. */
	openRealtime(
		request: RealtimeRequest,
		listener: RealtimeListener
	): Promise< RealtimeConnection >;
	close(): Promise< void >;
}
