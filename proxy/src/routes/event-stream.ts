/**
 * Sends the events of a turn as Server-Sent Events, from any point on, as fast as the reader takes them.
 */
import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { Turn } from '../ask/turn.ts';
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

/** The first event waits so long for company, in milliseconds: what is answered at once then leaves in one piece. */
const FIRST_EVENT_WAITS_MS = 10;

/**
 * Replays the events after `afterId` and follows until the turn ends. Writes to Node's response itself: a web stream in between costs more than
 * the writing. A slow reader holds nothing but its place, because the events stay with the turn and the next piece is taken when there is room.
 */
export function followTurn(
	c: StreamContext,
	turn: Turn,
	afterId: number,
	heartbeat: Heartbeat
): Response {
	const outgoing = openStream( c );
	const detach = turn.attach();
	let sentId = afterId;
	let isBlocked = false;

	const send = (): void => {
		if ( isBlocked || outgoing.writableEnded ) {
			return;
		}
		const events = turn.eventsAfter( sentId );
		sentId += events.length;
		const text = events.join( '' );
		if ( turn.isEnded ) {
			outgoing.end( text );
		} else if ( text !== '' ) {
			isBlocked = ! outgoing.write( text );
		}
	};
	const removeListener = turn.listen( send );
	const removeBeat = heartbeat.add( () => {
		if ( ! isBlocked && ! outgoing.writableEnded ) {
			outgoing.write( ': heartbeat\n\n' );
		}
	} );
	const first = setTimeout( send, FIRST_EVENT_WAITS_MS );
	outgoing.on( 'drain', () => {
		isBlocked = false;
		send();
	} );
	outgoing.once( 'close', () => {
		clearTimeout( first );
		removeListener();
		removeBeat();
		detach();
	} );
	if ( turn.isEnded ) {
		send();
	}
	return RESPONSE_ALREADY_SENT;
}

/** Replays a saved turn. */
export function replayEvents(
	c: Context,
	events: string[],
	afterId: number
): Response {
	return c.body( events.slice( afterId ).join( '' ), 200, HEADERS );
}

function openStream( c: StreamContext ): ServerResponse {
	const { outgoing } = c.env as HttpBindings;
	outgoing.writeHead( 200, { ...c.var.headers, ...HEADERS } );
	return outgoing as ServerResponse;
}
