/**
 * Reads a conversation back from storage, where anything may have happened to it.
 */
import { newTurn } from './conversation.ts';
import type { Conversation, Turn, TurnStatus } from './conversation.ts';
import { readSources, readStoredSpeech } from './turn-events.ts';

/** Reads a conversation; whatever does not fit is left out rather than trusted. */
export function readConversation( value: unknown ): Conversation {
	const stored = ( value ?? {} ) as Record< string, unknown >;
	const turns = Array.isArray( stored.turns )
		? stored.turns.flatMap( readTurn )
		: [];
	return typeof stored.id === 'string' ? { id: stored.id, turns } : { turns };
}

const STATUSES: unknown[] = [
	'waiting',
	'answering',
	'done',
	'stopped',
	'failed',
];

function readTurn( value: unknown ): Turn[] {
	const stored = ( value ?? {} ) as Partial< Turn >;
	if (
		typeof stored.key !== 'string' ||
		typeof stored.question !== 'string' ||
		typeof stored.text !== 'string' ||
		! STATUSES.includes( stored.status )
	) {
		return [];
	}
	return [
		{
			...newTurn( {
				key: stored.key,
				question: stored.question,
				isSpoken: stored.isSpoken === true,
			} ),
			...( stored.isWritten === true && { isWritten: true } ),
			...( typeof stored.speech?.url === 'string' && {
				speech: readStoredSpeech( { ...stored.speech } ),
			} ),
			...( typeof stored.turnId === 'string' && {
				turnId: stored.turnId,
			} ),
			...( typeof stored.isConfident === 'boolean' && {
				isConfident: stored.isConfident,
			} ),
			...( typeof stored.failure?.kind === 'string' && {
				failure: {
					// What was recorded lives no longer than its page.
					kind:
						stored.isSpoken === true && stored.question === ''
							? 'recording_lost'
							: stored.failure.kind,
					isFinal: stored.failure.isFinal === true,
				},
			} ),
			status: stored.status as TurnStatus,
			lastEventId: Number.isSafeInteger( stored.lastEventId )
				? Number( stored.lastEventId )
				: -1,
			text: stored.text,
			sources: Array.isArray( stored.sources )
				? readSources( stored.sources )
				: [],
			notices: ( Array.isArray( stored.notices )
				? stored.notices
				: []
			).filter(
				( notice ) =>
					typeof notice?.code === 'string' &&
					typeof notice.message === 'string'
			),
			rating:
				stored.rating === 'up' || stored.rating === 'down'
					? stored.rating
					: null,
		},
	];
}
