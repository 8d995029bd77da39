/**
 * Sends the events of a turn as Server-Sent Events, from any point on, as fast as the reader takes them and no faster.
 */
import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { ReadableTurn } from '../ask/turn.ts';
import type { Heartbeat } from './heartbeat.ts';

const HEADERS = {
	'Content-Type': 'text/event-stream; charset=utf-8',
	'Cache-Control': 'no-cache, no-store, no-transform',
	// Tells nginx and its kin to pass pieces on at once.
	'X-Accel-Buffering': 'no',
};

/** What a stream needs of Hono's context. */
interface StreamContext {
	env: unknown;
	var: { headers: Record< string, string > };
}

/** What a reader may cost. Beyond it the connection is cut, and the reader may come back with `Last-Event-ID`. */
export interface ReaderLimits {
	/** How long a reader may take nothing while there is something, in milliseconds. */
	stallMs: number;
	/** How many characters a reader may fall behind. */
	maxBehind: number;
}

/** A reader who takes nothing for so long has gone, or would come back if it were there. An answer in text is never so far ahead; sound may be. */
export const READER_LIMITS: ReaderLimits = {
	stallMs: 20_000,
	maxBehind: 2_000_000,
};

/** The first event waits so long for company, in milliseconds: what is answered at once then leaves in one piece. */
const FIRST_EVENT_WAITS_MS = 10;

/** The most that is handed to a connection at a time, in characters; one event may be longer. */
const PIECE = 32_768;

/**
 * Replays the events after `afterId` and follows until the turn ends. Writes to Node's response itself: a web stream in between costs more than
 * the writing. The events stay with the turn, and a connection takes the next piece when it has room: so a slow reader holds one piece and a
 * place, and whoever makes the answer never waits.
 */
export function followTurn(
	c: StreamContext,
	turn: ReadableTurn,
	afterId: number,
	heartbeat: Heartbeat,
	{ stallMs, maxBehind }: ReaderLimits = READER_LIMITS
): Response {
	const detach = turn.attach();
	const outgoing = openStream( c );
	let sentId = afterId;
	let sentSize = turn.size - sizeOf( turn.eventsAfter( afterId ) );
	// Whoever comes late is behind without being slow.
	let allowedBehind = maxBehind + turn.size - sentSize;
	let stall: NodeJS.Timeout | undefined;

	const cut = (): void => {
		outgoing.destroy();
	};
	const write = ( text: string ): void => {
		if ( ! outgoing.write( text ) ) {
			stall ??= setTimeout( cut, stallMs );
		}
	};
	const send = (): void => {
		if ( outgoing.writableEnded || outgoing.destroyed ) {
			return;
		}
		if ( stall ) {
			if ( turn.size - sentSize > allowedBehind ) {
				cut();
			}
			return;
		}
		const events = turn.eventsAfter( sentId );
		for ( let from = 0; from < events.length && ! stall; ) {
			const to = endOfPiece( events, from );
			const isLast = turn.isEnded && to === events.length;
			const text =
				from === 0 && to === events.length
					? events.join( '' )
					: events.slice( from, to ).join( '' );
			sentId += to - from;
			sentSize += text.length;
			from = to;
			if ( isLast ) {
				end( text );
				return;
			}
			write( text );
		}
		if ( turn.isEnded && ! stall ) {
			end( sentId === afterId ? failureAfter( turn, afterId ) : '' );
		}
		allowedBehind = Math.min(
			allowedBehind,
			maxBehind + turn.size - sentSize
		);
	};
	const end = ( text: string ): void => {
		outgoing.end( text );
		if ( outgoing.writableLength > 0 ) {
			stall = setTimeout( cut, stallMs );
		}
	};
	const removeListener = turn.listen( send );
	const removeBeat = heartbeat.add( () => {
		// Every write is of whole events, so this always stands between two.
		if ( ! stall && ! outgoing.writableEnded ) {
			write( ': heartbeat\n\n' );
		}
	} );
	const first = setTimeout( send, FIRST_EVENT_WAITS_MS );
	const leave = (): void => {
		clearTimeout( first );
		clearTimeout( stall );
		removeListener();
		removeBeat();
		detach();
	};
	outgoing.on( 'drain', () => {
		clearTimeout( stall );
		stall = undefined;
		send();
	} );
	outgoing.once( 'close', leave );
	if ( outgoing.destroyed ) {
		// The visitor hung up while the question was being looked at, and the event that says so is over.
		leave();
	} else if ( turn.isEnded ) {
		send();
	}
	return RESPONSE_ALREADY_SENT;
}

/**
 * Writes how a turn failed for a reader who has seen more of it than is known here: the proxy that worked on it is gone, and what it had shown
 * went with it. Whoever has seen an error does not come back, so nobody is told twice.
 */
function failureAfter( turn: ReadableTurn, afterId: number ): string {
	const last = turn.eventsAfter( 0 ).at( -1 ) ?? '';
	return afterId > 0 && /^event: error$/m.test( last )
		? last.replace( /^id: \d+/, `id: ${ afterId + 1 }` )
		: '';
}

/** Finds where a piece ends that begins at `from`: after at least one event. */
function endOfPiece( events: readonly string[], from: number ): number {
	let length = 0;
	let to = from;
	while ( to < events.length && ( to === from || length < PIECE ) ) {
		length += events[ to ]?.length ?? 0;
		to++;
	}
	return to;
}

function sizeOf( events: readonly string[] ): number {
	return events.reduce( ( sum, { length } ) => sum + length, 0 );
}

function openStream( c: StreamContext ): ServerResponse {
	const { outgoing } = c.env as HttpBindings;
	outgoing.writeHead( 200, { ...c.var.headers, ...HEADERS } );
	return outgoing as ServerResponse;
}
