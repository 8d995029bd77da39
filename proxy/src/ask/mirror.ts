/**
 * Shows a turn that another proxy works on as if it ran here.
 */
import { errorBody, DocentError } from '../errors.ts';
import type { SharedTurn, TurnStore } from '../stores/turn-store.ts';
import { RunningTurn } from './running-turn.ts';
import type { ReadableTurn } from './turn.ts';

/** Makes a readable turn out of one elsewhere; it follows until its last reader has left. */
export function mirrorTurn(
	other: SharedTurn,
	store: TurnStore
): ReadableTurn {
	const turn = new RunningTurn(
		{
			id: other.turnId,
			conversationId: other.conversationId,
			siteId: other.siteId,
			visitorId: other.visitorId,
			user: undefined,
		},
		0
	);
	void mirrorInto( turn, other, store );
	return turn;
}

/** Shows in a turn what another proxy makes of it, until it ends or the turn is stopped; resolves then. */
export async function mirrorInto(
	turn: RunningTurn,
	other: SharedTurn,
	store: TurnStore
): Promise< void > {
	try {
		for await ( const events of store.follow( other, turn.signal ) ) {
			turn.take( events );
		}
	} catch {
		// Whatever it was, the work went on out of sight or died with its proxy: the reader learns that no more will come.
		turn.emit(
			'error',
			errorBody(
				new DocentError(
					'answer_failed',
					'The connection to the answer was lost. Please ask again.',
					{ retryAfterMs: 1_000 }
				),
				''
			).error
		);
	}
}
