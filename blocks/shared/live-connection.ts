/**
 * Reads one connection of an answer to its end, and notices when it has died in silence.
 */
import { readEventStream } from './event-stream.ts';
import { AssistantFailure } from './failure.ts';
import { decodeTurnEvent } from './turn-events.ts';
import type { TurnEvent } from './turn-events.ts';

export interface ConnectionReader {
	/** Reads until the body ends. Resolves with whether the turn is over; rejects with why the connection broke. */
	read(
		open: ( signal: AbortSignal ) => Promise< Response >,
		onEvent: ( event: TurnEvent ) => void,
		signal: AbortSignal
	): Promise< boolean >;
	/** Gives up connections that have been silent too long; timers sleep in a page in the background, so call it on return. */
	checkLiveness(): void;
}

/** Creates a reader that takes a connection for dead after `stallMs` without a byte. */
export function createConnectionReader( stallMs: number ): ConnectionReader {
	const checks = new Set< () => void >();

	return {
		checkLiveness: () => checks.forEach( ( check ) => check() ),
		async read( open, onEvent, signal ) {
			signal.throwIfAborted();
			const cut = new AbortController();
			const abort = () => cut.abort( signal.reason );
			signal.addEventListener( 'abort', abort );
			let lastByteAt = Date.now();
			const check = () => {
				if ( Date.now() - lastByteAt >= stallMs ) {
					cut.abort( new AssistantFailure( 'interrupted' ) );
				}
			};
			let timer = setTimeout( check, stallMs );
			const noteLife = () => {
				lastByteAt = Date.now();
				clearTimeout( timer );
				timer = setTimeout( check, stallMs );
			};
			checks.add( check );
			try {
				const response = await open( cut.signal );
				return await readToEnd(
					eventStreamOf( response ),
					onEvent,
					noteLife
				);
			} catch ( thrown ) {
				// An abort of ours is not always what the platform throws: the reason is.
				throw cut.signal.aborted ? cut.signal.reason : thrown;
			} finally {
				clearTimeout( timer );
				checks.delete( check );
				signal.removeEventListener( 'abort', abort );
			}
		},
	};
}

function eventStreamOf( response: Response ): ReadableStream< Uint8Array > {
	const type = response.headers.get( 'content-type' ) ?? '';
	if ( response.body && type.startsWith( 'text/event-stream' ) ) {
		return response.body;
	}
	// A captive portal or a firewall answered in the proxy's place.
	response.body?.cancel().catch( () => {} );
	throw new AssistantFailure( 'unreachable', { status: response.status } );
}

/** Reads the events of one body. Returns whether the turn is over; whatever breaks on the way is a cut. */
async function readToEnd(
	body: ReadableStream< Uint8Array >,
	onEvent: ( event: TurnEvent ) => void,
	onActivity: () => void
): Promise< boolean > {
	const events = readEventStream( body, onActivity );
	for (;;) {
		let event: TurnEvent | null;
		try {
			const next = await events.next();
			if ( next.done ) {
				return false;
			}
			event = decodeTurnEvent( next.value );
		} catch ( cause ) {
			await events.return().catch( () => {} );
			throw new AssistantFailure( 'interrupted', { cause } );
		}
		if ( event ) {
			onEvent( event );
			if ( event.type === 'done' || event.type === 'error' ) {
				await events.return();
				return true;
			}
		}
	}
}
