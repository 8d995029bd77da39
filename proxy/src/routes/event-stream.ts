/**
 * Sends the events of a turn as Server-Sent Events, from any point on, as fast as the reader takes them.
 */
import type { Turn } from '../ask/turn.ts';

/** A comment goes out after so long without an event, so that nobody in between takes the connection for dead; in milliseconds. */
const HEARTBEAT_MS = 10_000;

const HEADERS = {
	'Content-Type': 'text/event-stream; charset=utf-8',
	'Cache-Control': 'no-cache, no-store, no-transform',
	// Tells nginx and its kin to pass pieces on at once.
	'X-Accel-Buffering': 'no',
};

const encoder = new TextEncoder();

/**
 * Makes the response that replays the events after `afterId` and follows until the turn ends. A slow reader holds nothing but its place:
 * the next piece is taken from the turn when there is room for it.
 */
export function followTurn(
	turn: Turn,
	afterId: number,
	heartbeatMs = HEARTBEAT_MS
): Response {
	const detach = turn.attach();
	let sentId = afterId;
	const body = new ReadableStream< Uint8Array >(
		{
			async pull( controller ) {
				let events = turn.eventsAfter( sentId );
				while ( events.length === 0 && ! turn.isEnded ) {
					if ( ( await turn.changed( heartbeatMs ) ) === 'quiet' ) {
						controller.enqueue(
							encoder.encode( ': heartbeat\n\n' )
						);
						return;
					}
					events = turn.eventsAfter( sentId );
				}
				if ( events.length > 0 ) {
					sentId += events.length;
					controller.enqueue( encoder.encode( events.join( '' ) ) );
				}
				if ( turn.isEnded && turn.eventsAfter( sentId ).length === 0 ) {
					detach();
					controller.close();
				}
			},
			cancel() {
				detach();
			},
		},
		{ highWaterMark: 0 }
	);
	return new Response( body, { headers: HEADERS } );
}

/** Makes the response that replays a saved turn. */
export function replayEvents( events: string[], afterId: number ): Response {
	return new Response( events.slice( afterId ).join( '' ), {
		headers: HEADERS,
	} );
}
