/**
 * Keeps turns that ended a moment ago, for readers who lost the connection at the very end and for questions that are repeated. What is
 * too old goes by itself, so that a process in which nobody asks any more gives the memory back.
 */
import type { RunningTurn } from './running-turn.ts';

/** How many ended turns are kept, and for how long, in milliseconds. */
const MAX_ENDED = 500;
const KEEP_MS = 60_000;

/** So many characters of events are kept in all: answers that were spoken are heavy. */
const MAX_SIZE = 64_000_000;

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
	maxSize = MAX_SIZE,
}: {
	maxEnded?: number;
	keepMs?: number;
	maxSize?: number;
} = {} ): EndedTurns {
	/** The oldest first. */
	const ended = new Map<
		string,
		{ turn: RunningTurn; endedAt: number; size: number }
	>();
	let timer: NodeJS.Timeout | undefined;
	let size = 0;

	const drop = ( id: string ): void => {
		size -= ended.get( id )?.size ?? 0;
		ended.delete( id );
	};

	const isOver = ( endedAt: number ) => endedAt + keepMs <= performance.now();
	const tidySoon = (): void => {
		timer ??= setTimeout( () => {
			timer = undefined;
			for ( const [ id, { endedAt } ] of ended ) {
				if ( ! isOver( endedAt ) ) {
					tidySoon();
					break;
				}
				drop( id );
			}
		}, keepMs / 4 ).unref();
	};

	return {
		add( turn ) {
			drop( turn.id );
			ended.set( turn.id, {
				turn,
				endedAt: performance.now(),
				size: turn.size,
			} );
			size += turn.size;
			while (
				ended.size > maxEnded ||
				( size > maxSize && ended.size > 0 )
			) {
				const [ oldest = '' ] = ended.keys();
				drop( oldest );
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
					drop( turn.id );
					forgotten.push( turn );
				}
			}
			return forgotten;
		},
	};
}
