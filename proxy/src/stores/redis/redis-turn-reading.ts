/**
 * Reads a turn that another proxy works on, from its stream in Redis, to its end.
 */
import { isStoreAway } from '../store-away.ts';
import type { SharedTurn, TurnRequest } from '../turn-store.ts';
import type { RedisConnection } from './connection.ts';
import type { Bell } from './redis-turn-bells.ts';
import { siteKey } from './redis-site-key.ts';

/** While a turn is followed: how often the stream is looked at when no bell rings, and how often the worker is told, in milliseconds. */
const LOOK_EVERY_MS = 1_000;
const TELL_EVERY_MS = 2_000;
/** How long a reader waits for a store that is away, or for a worker that does not answer, in milliseconds. */
const PATIENCE_MS = 5_000;

type Entry = [ id: string, fields: [ name: string, events: string ] ];

/** Yields all events of a turn; throws when nobody works on it, or the store is away for long. */
export async function* readTurn(
	redis: RedisConnection,
	turn: SharedTurn,
	{
		signal,
		bell,
		tell,
		isWorkedOn,
	}: {
		/** Aborts when nobody reads here any more. */
		signal: AbortSignal;
		/** Rings when there is something new. */
		bell: Bell;
		/** Tells the proxy that works on the turn. */
		tell: ( request: TurnRequest ) => Promise< unknown >;
		isWorkedOn: () => Promise< boolean >;
	}
): AsyncGenerator< string[] > {
	let lastId = 0;
	let toldAt = -Infinity;
	let fineAt = performance.now();
	try {
		while ( ! signal.aborted ) {
			const now = performance.now();
			try {
				if ( now - toldAt > TELL_EVERY_MS ) {
					await tell( 'read' );
					toldAt = now;
				}
				const events = await readEvents( redis, turn, lastId );
				if ( events.length > 0 ) {
					lastId += events.length;
					fineAt = now;
					yield events;
					if ( isOver( events ) ) {
						return;
					}
					continue;
				}
				const isWorked = await isWorkedOn();
				if ( isWorked && lastId > 0 ) {
					fineAt = now;
				} else if ( ! isWorked || now - fineAt > PATIENCE_MS ) {
					// A worker that lives and has said nothing at all has no such turn any more.
					throw new Error( 'nobody works on the turn' );
				}
			} catch ( error ) {
				if ( ! isStoreAway( error ) || now - fineAt > PATIENCE_MS ) {
					throw error;
				}
			}
			await bell.wait( LOOK_EVERY_MS );
		}
	} finally {
		bell.take();
		tell( 'left' ).catch( () => undefined );
	}
}

/** Reads what a stream has after the event with the id `lastId`. An entry may begin before it and is cut. Throws when one is missing, as after a flush. */
async function readEvents(
	redis: RedisConnection,
	turn: SharedTurn,
	lastId: number
): Promise< string[] > {
	const entries = await redis.command< Entry[] >( [
		'XRANGE',
		eventsKey( turn ),
		lastId === 0 ? '-' : `(${ lastId }-0`,
		'+',
	] );
	const events: string[] = [];
	for ( const [ , [ , text ] ] of entries ) {
		// Every event ends with an empty line, which no event holds.
		for ( const event of text.split( /(?<=\n\n)/ ) ) {
			const id = Number( /^id: (\d+)/.exec( event )?.[ 1 ] );
			const next = lastId + events.length + 1;
			if ( id > next ) {
				throw new Error( `the event ${ next } was lost` );
			}
			if ( id === next ) {
				events.push( event );
			}
		}
	}
	return events;
}

function isOver( events: readonly string[] ): boolean {
	return /^event: (?:done|error)$/m.test( events.at( -1 ) ?? '' );
}

/** Names the stream of a turn's events. */
export function eventsKey( { siteId, turnId }: SharedTurn ): string {
	return siteKey( siteId, `running-events:${ turnId }` );
}
