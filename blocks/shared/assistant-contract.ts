/**
 * Says what the assistant of a page can do.
 */
import type {
	Conversation,
	ConversationAction,
	Rating,
	Turn,
} from './conversation.ts';
import type { AskOptions } from './proxy-client.ts';
import type { TurnEvent } from './turn-events.ts';
import type { TokenSource } from './visitor-token.ts';

export interface Assistant {
	readonly conversation: Conversation;
	/** The turn being worked on. */
	readonly running: Turn | undefined;
	readonly hasAgreed: boolean;
	/** Whether the visitor agreed to send recordings too. */
	readonly hasAgreedToVoice: boolean;
	/** Whether the stream was cut and is being picked up again. */
	readonly isReconnecting: boolean;
	/** Hears of every change. Returns what ends that. */
	subscribe( listener: () => void ): () => void;
	/** Hears the speech of answers as it comes. Returns what ends that. */
	onSpeech( listener: SpeechListener ): () => void;
	/** Notes the visitor's agreement to send text, or recordings as well. */
	agree( isToVoice?: boolean ): void;
	/** Takes the agreement back and forgets everything, here and at the proxy. */
	withdraw(): void;
	/** Asks, unless a text is being written or the visitor has not agreed. Speech that is still coming is let go. */
	ask( question: string, options?: AskOptions ): void;
	/**
	 * Asks what was recorded, by the same rules; it is kept in memory until the proxy has written it down. If the browser has already
	 * written it down, the `words` are sent and the recording is not.
	 */
	askAloud( recording: Blob, options?: AskOptions, words?: string ): void;
	stop(): void;
	/** Tries a failed turn again: goes on where it broke off if the proxy still has it, and otherwise asks anew. */
	retry( key: string, scope?: AskOptions[ 'scope' ] ): void;
	rate( key: string, rating: Rating ): void;
	/** Forgets the conversation, here and at the proxy; the agreement stays. */
	startOver(): void;
	/** Picks up what an earlier page of this tab left. */
	resume(): void;
	/** The page is being left: saves, lets go of the stream and, if nothing can come back for it, stops the work. */
	leave(): void;
	/** The page is in front again: reconnects when the running answer has been silent too long. */
	checkLiveness(): void;
	/** The page that was left is back as it was: takes up what a later page of the tab made of the conversation. */
	comeBack(): void;
	/** For what speaks to the proxy beside the questions. */
	readonly tokens: TokenSource;
	/** Notes what was said in a live conversation. */
	note( action: ConversationAction ): void;
}

/** Hears one event of the speech of the turn `key`, or that its stream is over. */
export type SpeechListener = (
	key: string,
	event: Extract<
		TurnEvent,
		{ type: 'speech' | 'stored_speech' | 'notice' | 'done' | 'error' }
	>
) => void;
