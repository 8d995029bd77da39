/**
 * Remembers what the provider calls the answers that an audio chat model has spoken, so that the next question of the conversation is asked
 * with their sound and not only with their words.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../types.ts';

/** For so many conversations it is remembered. */
const MAX_CONVERSATIONS = 5_000;

/** How long before its end an answer is not relied on any more, in milliseconds. */
const MARGIN_MS = 30_000;

/** How long a provider keeps an answer when it does not say so, in milliseconds. */
const USUAL_MS = 10 * 60_000;

/** An answer that was spoken, as the provider knows it. */
export interface SpokenBefore {
	audioId: string;
	/** Length in seconds. */
	seconds: number;
}

export interface SpokenAnswers {
	/** Notes an answer by its words; `expiresAtMs` is when the provider forgets it, if it says so. */
	add(
		conversationId: string,
		text: string,
		spoken: SpokenBefore & { expiresAtMs: number | undefined }
	): void;
	/** Returns an answer, while the provider has it. */
	find( conversationId: string, text: string ): SpokenBefore | undefined;
	/** The provider has none of them any more, whatever it said. */
	forget( conversationId: string ): void;
}

/** Makes an empty memory; it is this process's own, and another one sends words instead. */
export function createSpokenAnswers( clock: Clock ): SpokenAnswers {
	const byConversation = new LRUCache<
		string,
		Map< string, SpokenBefore & { until: number } >
	>( { max: MAX_CONVERSATIONS } );
	return {
		add( conversationId, text, { expiresAtMs, ...spoken } ) {
			const known = byConversation.get( conversationId ) ?? new Map();
			known.set( text, {
				...spoken,
				until: ( expiresAtMs ?? clock() + USUAL_MS ) - MARGIN_MS,
			} );
			byConversation.set( conversationId, known );
		},
		find( conversationId, text ) {
			const found = byConversation.get( conversationId )?.get( text );
			return found && found.until > clock() ? found : undefined;
		},
		forget( conversationId ) {
			byConversation.delete( conversationId );
		},
	};
}
