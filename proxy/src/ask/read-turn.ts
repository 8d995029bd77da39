/**
 * Finds a visitor's answer wherever it is: in the making here, saved, or in the making at another proxy.
 */
import type { ConversationStore } from '../stores/conversation-store.ts';
import { endedTurn, type ReadableTurn } from './turn.ts';
import type { Turns } from './turns.ts';

/** Finds a turn; undefined when the visitor has no such turn, or has it no longer. */
export async function readTurn(
	{
		turns,
		conversations,
	}: { turns: Turns; conversations: ConversationStore },
	siteId: string,
	visitorId: string,
	turnId: string
): Promise< ReadableTurn | undefined > {
	const here = turns.find( siteId, visitorId, turnId );
	if ( here ) {
		return here;
	}
	const saved = await conversations.findTurn( siteId, visitorId, turnId );
	return saved
		? endedTurn( saved.events )
		: turns.readElsewhere( siteId, visitorId, turnId );
}
