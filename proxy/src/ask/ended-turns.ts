/**
 * Keeps turns that ended a moment ago, for readers who lost the connection at the very end and for questions that are repeated. What is
 * too old goes by itself, so that a process in which nobody asks any more gives the memory back.
 */
import type { RunningTurn } from './running-turn.ts';

/** How many ended turns are kept, and for how long, in milliseconds. */
const MAX_ENDED = 500;
const KEEP_MS = 60_000;

export interface EndedTurns {
	add( turn: RunningTurn ): void;
	find( turnId: string ): RunningTurn | undefined;
	/** Forgets the ended turns of a visitor's conversation and returns them. */
	forget(
		siteId: string,
		visitorId: string,
		conversationId: string
	): RunningTurn[];
}

/** Makes an empty memory. */
export function createEndedTurns( {
	maxEnded = MAX_ENDED,
	keepMs = KEEP_MS,
}: {
	maxEnded?: number;
	keepMs?: number;
} = {} ): EndedTurns {
	/** The oldest first. */
	const ended = new Map< string, { turn: RunningTurn; endedAt: number } >();
	let timer: NodeJS.Timeout | undefined;

	const isOver = ( endedAt: number ) => endedAt + keepMs <= performance.now();
	const tidySoon = (): void => {
		timer ??= setTimeout( () => {
			timer = undefined;
			for ( const [ id, { endedAt } ] of ended ) {
				if ( ! isOver( endedAt ) ) {
					tidySoon();
					break;
				}
				ended.delete( id );
			}
		}, keepMs / 4 ).unref();
	};

	return {
		add( turn ) {
			ended.delete( turn.id );
			ended.set( turn.id, { turn, endedAt: performance.now() } );
			if ( ended.size > maxEnded ) {
				const [ oldest = '' ] = ended.keys();
				ended.delete( oldest );
			}
			tidySoon();
		},
		find( turnId ) {
			const found = ended.get( turnId );
			return found && ! isOver( found.endedAt ) ? found.turn : undefined;
		},
		forget( siteId, visitorId, conversationId ) {
			const forgotten: RunningTurn[] = [];
			for ( const { turn } of ended.values() ) {
				if (
					turn.conversationId === conversationId &&
					turn.visitorId === visitorId &&
					turn.siteId === siteId
				) {
					ended.delete( turn.id );
					forgotten.push( turn );
				}
			}
			return forgotten;
		},
	};
}
