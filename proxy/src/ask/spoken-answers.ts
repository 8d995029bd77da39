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

export interface SpokenAnswers {
	add(
		conversationId: string,
		spoken: {
			text: string;
			audioId: string;
			expiresAtMs: number | undefined;
		}
	): void;
	/** Returns the provider's name for an answer, while it has it. */
	find( conversationId: string, text: string ): string | undefined;
	/** The provider has none of them any more, whatever it said. */
	forget( conversationId: string ): void;
}

/** Makes an empty memory; it is this process's own, and another one sends words instead. */
export function createSpokenAnswers( clock: Clock ): SpokenAnswers {
	const byConversation = new LRUCache<
		string,
		Map< string, { audioId: string; until: number } >
	>( { max: MAX_CONVERSATIONS } );
	return {
		add( conversationId, { text, audioId, expiresAtMs } ) {
			const known = byConversation.get( conversationId ) ?? new Map();
			known.set( text, {
				audioId,
				until: ( expiresAtMs ?? clock() + USUAL_MS ) - MARGIN_MS,
			} );
			byConversation.set( conversationId, known );
		},
		find( conversationId, text ) {
			const found = byConversation.get( conversationId )?.get( text );
			return found && found.until > clock() ? found.audioId : undefined;
		},
		forget( conversationId ) {
			byConversation.delete( conversationId );
		},
	};
}
