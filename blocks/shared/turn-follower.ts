/**
 * Follows an answer through any number of connections: what a cut takes away, the next connection brings, once.
 */
import { AssistantFailure, asFailure, failureOfCode } from './failure.ts';
import { createConnectionReader } from './live-connection.ts';
import type { TurnEvent } from './turn-events.ts';

/** How an answer is followed. */
export interface FollowOptions {
	/** Hears every event once, in order. */
	onEvent: ( event: TurnEvent ) => void;
	/** Hears that the connection was lost (`true`) and that it is back (`false`). */
	onReconnecting?: ( isReconnecting: boolean ) => void;
	signal: AbortSignal;
}

/** The browser's idea of being online, passed in so that tests own it. */
export interface Connection {
	isOnline(): boolean;
	/** Resolves when online again, or when the signal aborts. */
	whenOnline( signal: AbortSignal ): Promise< void >;
}

/** Numbers of patience, in milliseconds. */
export interface Patience {
	/** Heartbeats come every 10 s: after two and a half of them without a byte the connection is dead. */
	stallMs: number;
	/** First pause before reconnecting; it doubles up to the longest. */
	firstPauseMs: number;
	longestPauseMs: number;
	/** Attempts in a row that bring nothing new before giving up. */
	attempts: number;
}

export const PATIENCE: Patience = {
	stallMs: 25_000,
	firstPauseMs: 400,
	longestPauseMs: 10_000,
	attempts: 8,
};

/** Where to begin: with a question, or after an event of a turn that is known. */
export type TurnStart =
	| { ask: ( signal: AbortSignal ) => Promise< Response > }
	| { turnId: string; lastEventId: number };

export interface TurnFollower {
	/** Follows to the end. Rejects with {@link AssistantFailure}; an aborted signal rejects with its reason. */
	follow( start: TurnStart, options: FollowOptions ): Promise< void >;
	checkLiveness(): void;
}

/** Creates the follower. `resume` asks for the events of a turn after one of them (-1: from the first). */
export function createTurnFollower( {
	resume,
	connection,
	random,
	patience: { stallMs, firstPauseMs, longestPauseMs, attempts },
}: {
	resume: (
		turnId: string,
		lastEventId: number,
		signal: AbortSignal
	) => Promise< Response >;
	connection: Connection;
	random: () => number;
	patience: Patience;
} ): TurnFollower {
	const reader = createConnectionReader( stallMs );

	/** Waits before the next attempt: as long as the other side asked for, or longer each time with some chance in it. */
	async function waitFor(
		failure: AssistantFailure,
		fruitless: number,
		signal: AbortSignal
	): Promise< void > {
		if ( ! connection.isOnline() ) {
			await connection.whenOnline( signal );
		}
		const ownMs = Math.min(
			longestPauseMs,
			firstPauseMs * 2 ** ( fruitless - 1 )
		);
		await pause(
			failure.retryAfterMs === undefined
				? ownMs * ( 0.5 + random() / 2 )
				: Math.min( failure.retryAfterMs, 3 * longestPauseMs ),
			signal
		);
	}

	/** Every end that is neither the turn's own nor the visitor's wish is a cut. */
	async function follow(
		start: TurnStart,
		{ onEvent, onReconnecting = () => {}, signal }: FollowOptions
	): Promise< void > {
		let turnId = 'turnId' in start ? start.turnId : undefined;
		let lastEventId = 'turnId' in start ? start.lastEventId : -1;
		let fruitless = 0;
		let wasCut = false;
		let error: AssistantFailure | undefined;

		const take = ( event: TurnEvent ) => {
			// A replay may begin earlier than asked for.
			if ( event.id <= lastEventId ) {
				return;
			}
			lastEventId = event.id;
			fruitless = 0;
			onReconnecting( false );
			if ( event.type === 'turn' ) {
				turnId = event.turnId;
			}
			if ( event.type === 'error' ) {
				error = failureOfCode( event.code, event.retryAfterMs );
			}
			onEvent( event );
		};
		const open = ( cut: AbortSignal ) =>
			turnId === undefined && 'ask' in start
				? start.ask( cut )
				: resume( turnId ?? '', lastEventId, cut );

		for (;;) {
			let failure: AssistantFailure;
			try {
				if ( await reader.read( open, take, signal ) ) {
					if ( error ) {
						throw error;
					}
					return;
				}
				failure = new AssistantFailure( 'interrupted' );
			} catch ( thrown ) {
				if ( signal.aborted ) {
					throw signal.reason;
				}
				failure = asFailure( thrown, connection.isOnline() );
				if ( failure === error || ! isCut( failure, turnId, wasCut ) ) {
					throw failure;
				}
			}
			fruitless++;
			wasCut ||= failure.kind === 'interrupted';
			// An answer that had begun deserves patience; a question that found nobody should say so soon.
			const allowed =
				turnId !== undefined || failure.kind === 'conversation_busy'
					? attempts
					: 2;
			if ( fruitless >= allowed ) {
				throw failure;
			}
			onReconnecting( turnId !== undefined || wasCut );
			await waitFor( failure, fruitless, signal );
		}
	}

	return { follow, checkLiveness: reader.checkLiveness };
}

/** Tells whether trying again by itself can help. */
function isCut(
	failure: AssistantFailure,
	turnId: string | undefined,
	wasCut: boolean
): boolean {
	switch ( failure.kind ) {
		case 'interrupted':
		case 'unreachable':
		case 'offline':
			return true;
		case 'busy':
		case 'storage_away':
		case 'rate_limited':
		case 'failed':
			// Resuming costs the proxy little and the visitor is waiting; a new question is left to the visitor to repeat.
			return turnId !== undefined;
		case 'conversation_busy':
			// Our own question, cut before its first event came back, still holds the conversation for a moment.
			return wasCut;
		default:
			return false;
	}
}

function pause( durationMs: number, signal: AbortSignal ): Promise< void > {
	return new Promise( ( resolve, reject ) => {
		const stop = () => {
			clearTimeout( timer );
			reject( signal.reason );
		};
		const timer = setTimeout( () => {
			signal.removeEventListener( 'abort', stop );
			resolve();
		}, durationMs );
		signal.addEventListener( 'abort', stop );
		if ( signal.aborted ) {
			stop();
		}
	} );
}
