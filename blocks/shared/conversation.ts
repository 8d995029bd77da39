/**
 * Holds what was asked and answered in this tab, and how each event changes it. Pure: the same events give the same conversation.
 */
import type { FailureKind } from './failure.ts';
import type { Notice, Source, StoredSpeech, TurnEvent } from './turn-events.ts';

export type Rating = 'up' | 'down' | null;

/** Where a turn stands: nothing to read yet, growing, complete, ended by the visitor, or broken off. */
export type TurnStatus =
	'waiting' | 'answering' | 'done' | 'stopped' | 'failed';

/** One question and what came of it. */
export interface Turn {
	/** Names the turn inside this tab, before the proxy has named it. */
	key: string;
	/** Empty until a spoken question was written down. */
	question: string;
	/** Whether the question was spoken. */
	isSpoken?: boolean;
	status: TurnStatus;
	turnId?: string;
	/** Highest event id seen; -1 before the first. */
	lastEventId: number;
	text: string;
	sources: Source[];
	notices: Notice[];
	rating: Rating;
	isConfident?: boolean;
	/** Whether nothing will be added to the text, although its speech may still come. */
	isWritten?: boolean;
	/** Where the answer's speech can be fetched again. */
	speech?: StoredSpeech;
	failure?: {
		kind: FailureKind;
		/** Time (ms since the epoch) before which trying again is pointless. */
		retryAt?: number;
		/** Whether the proxy itself ended the turn, so that there is nothing left to follow. */
		isFinal: boolean;
	};
}

export interface Conversation {
	/** The proxy's name for it; absent before the first answer and after it expired. */
	id?: string;
	turns: Turn[];
}

export type ConversationAction =
	| { type: 'asked'; key: string; question: string; isSpoken?: boolean }
	| { type: 'received'; key: string; event: TurnEvent }
	| { type: 'stopped'; key: string }
	| { type: 'failed'; key: string; failure: NonNullable< Turn[ 'failure' ] > }
	/** Tries again: goes on with what is there, or anew. */
	| { type: 'retried'; key: string; isAnew: boolean }
	| { type: 'rated'; key: string; rating: Rating }
	/** The proxy no longer knows the conversation: the next question begins another. */
	| { type: 'expired'; key: string }
	/** Said in a live conversation, where turns are not streams of their own. */
	| {
			type: 'changed';
			key: string;
			change: Partial<
				Pick< Turn, 'question' | 'text' | 'sources' | 'status' >
			>;
	  }
	/** What sounded like a question was none. */
	| { type: 'removed'; key: string }
	/** The proxy has named the conversation before its first answer, or does not know it any more. */
	| { type: 'named'; id: string | undefined }
	| { type: 'cleared' };

/** A code of our own beside the proxy's notices. */
export const CONVERSATION_EXPIRED = 'conversation_expired';

export const EMPTY_CONVERSATION: Conversation = { turns: [] };

/** Says whether a turn is still being worked on. */
export const isRunning = ( turn: Turn | undefined ): boolean =>
	turn?.status === 'waiting' || turn?.status === 'answering';

/** Says whether the text of a turn may still grow; its speech may come for longer. */
export const isBeingWritten = ( turn: Turn ): boolean =>
	isRunning( turn ) && ! turn.isWritten;

/** Returns the conversation after an action; the same object when nothing changed. */
export function reduceConversation(
	conversation: Conversation,
	action: ConversationAction
): Conversation {
	if ( action.type === 'cleared' ) {
		return EMPTY_CONVERSATION;
	}
	if ( action.type === 'asked' ) {
		return {
			...conversation,
			turns: [ ...conversation.turns, newTurn( action ) ],
		};
	}
	if ( action.type === 'named' ) {
		return action.id === conversation.id
			? conversation
			: {
					turns: conversation.turns,
					...( action.id && { id: action.id } ),
				};
	}
	if ( action.type === 'removed' ) {
		return {
			...conversation,
			turns: conversation.turns.filter(
				( { key } ) => key !== action.key
			),
		};
	}
	const before = conversation.turns.find( ( { key } ) => key === action.key );
	const after = before && reduceTurn( before, action );
	if ( ! before || ! after || before === after ) {
		return conversation;
	}
	const turns = conversation.turns.map( ( turn ) =>
		turn === before ? after : turn
	);
	if ( action.type === 'expired' ) {
		return { turns };
	}
	return action.type === 'received' && action.event.type === 'turn'
		? { id: action.event.conversationId, turns }
		: { ...conversation, turns };
}

/** Creates a turn that was just asked. */
export function newTurn( {
	key,
	question,
	isSpoken = false,
}: {
	key: string;
	question: string;
	isSpoken?: boolean;
} ): Turn {
	return {
		key,
		question,
		...( isSpoken && { isSpoken } ),
		status: 'waiting',
		lastEventId: -1,
		text: '',
		sources: [],
		notices: [],
		rating: null,
	};
}

function reduceTurn(
	turn: Turn,
	action: Exclude<
		ConversationAction,
		{ type: 'asked' | 'removed' | 'named' | 'cleared' }
	>
): Turn {
	switch ( action.type ) {
		case 'received':
			// What arrives after the visitor said stop, or twice, changes nothing.
			return isRunning( turn ) && action.event.id > turn.lastEventId
				? {
						...receive( turn, action.event ),
						lastEventId: action.event.id,
					}
				: turn;
		case 'stopped':
			// A text that is complete loses nothing but the rest of its speech.
			return isRunning( turn )
				? { ...turn, status: turn.isWritten ? 'done' : 'stopped' }
				: turn;
		case 'failed':
			if ( ! isRunning( turn ) ) {
				return turn;
			}
			// A text that is complete is an answer, even if its speech was cut.
			return turn.isWritten
				? { ...turn, status: 'done' }
				: { ...turn, status: 'failed', failure: action.failure };
		case 'retried': {
			const { failure, ...rest } = turn;
			if ( action.isAnew ) {
				return newTurn( turn );
			}
			return { ...rest, status: turn.text ? 'answering' : 'waiting' };
		}
		case 'changed':
			return { ...turn, ...action.change };
		case 'rated':
			return { ...turn, rating: action.rating };
		case 'expired':
			return {
				...newTurn( turn ),
				notices: [ { code: CONVERSATION_EXPIRED, message: '' } ],
			};
	}
}

function receive( turn: Turn, event: TurnEvent ): Turn {
	switch ( event.type ) {
		case 'turn':
			return { ...turn, turnId: event.turnId };
		case 'transcript':
			return { ...turn, question: event.text };
		case 'text':
			return {
				...turn,
				status: 'answering',
				text: turn.text + event.delta,
			};
		case 'sources':
			return { ...turn, sources: event.sources, isWritten: true };
		case 'speech':
			return turn;
		case 'stored_speech': {
			const { url, durationMs, sentences } = event;
			return { ...turn, speech: { url, durationMs, sentences } };
		}
		case 'notice':
			return {
				...turn,
				notices: [
					...turn.notices,
					{ code: event.code, message: event.message },
				],
			};
		case 'done':
			// Stopped, and not by this visitor: nobody listened for too long.
			return event.finishReason === 'stopped'
				? {
						...turn,
						status: 'failed',
						failure: { kind: 'interrupted', isFinal: true },
					}
				: { ...turn, status: 'done', isConfident: event.isConfident };
		case 'error':
			// The failure itself arrives as an action of its own, with its kind.
			return turn;
	}
}
