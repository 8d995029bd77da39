/**
 * Keeps the realtime sessions in which texts are read aloud for a moment, so that not every sentence of an answer waits for a connection.
 */
import type { Model } from '../models/catalog.ts';
import type { Voice } from '../types.ts';
import type { Liveness } from './liveness.ts';
import type { ProviderCall, ProviderCalls } from './provider-calls.ts';
import {
	connectRealtime,
	type PooledConnection,
} from './realtime-connection.ts';
import { readingSession, type Reading } from './realtime-reading.ts';
import { UpstreamError } from './upstream-error.ts';

/** How long a session waits for the next sentence, in milliseconds. */
const IDLE_MS = 30_000;

/** More sessions do not wait; the one that waited longest goes. */
const MAX_IDLE = 16;

/** No session is used for longer, in milliseconds: the provider ends it after an hour. */
const MAX_AGE_MS = 50 * 60_000;

/** A session that reads to one at a time. */
export interface ReadingSession {
	readonly connection: PooledConnection;
	/** Who is being read to; undefined while the session waits. */
	reading: Reading | undefined;
	/** Whether it is still there. */
	readonly isOpen: boolean;
}

/** For whom a session is. */
export interface SessionRequest {
	model: Model;
	voice: Voice;
	requestId?: string | undefined;
	signal: AbortSignal;
}

/** The sessions of one provider. */
export interface ReadingSessions {
	/** Returns a session that waits, also one that is just being opened ahead; undefined when there is none. */
	waiting( request: SessionRequest ): Promise< ReadingSession | undefined >;
	/** Opens one, for a call that has passed the gate. Rejects with `UpstreamError`, and nothing is billed then. */
	open(
		request: SessionRequest,
		call: ProviderCall
	): Promise< ReadingSession >;
	/** Takes a session back whose text was read to its end. */
	keep( session: ReadingSession ): void;
	/** Opens one for the next text, unless one waits or is being opened. */
	prepare( model: Model, voice: Voice ): void;
	/** Closes all of them. */
	close(): void;
}

interface Session extends ReadingSession {
	key: string;
	openedAt: number;
	isOpen: boolean;
	/** Ends the wait. */
	timer: NodeJS.Timeout | undefined;
}

/** Makes the sessions of one provider; none is opened before it is asked for. */
export function createReadingSessions(
	calls: ProviderCalls,
	liveness: Liveness,
	{ idleMs = IDLE_MS }: { idleMs?: number | undefined } = {}
): ReadingSessions {
	const sessions = new Set< Session >();
	/** Those that wait, the one that waited longest first. */
	const idle = new Set< Session >();
	/** Those that are being opened for nobody yet. */
	const opening = new Map< string, Promise< void > >();
	const closing = new AbortController();

	const keep = ( session: Session ) => {
		session.reading = undefined;
		if ( performance.now() - session.openedAt > MAX_AGE_MS ) {
			session.connection.close();
			return;
		}
		session.connection.hold( false );
		session.timer = setTimeout(
			() => session.connection.close(),
			idleMs
		).unref();
		idle.add( session );
		const [ oldest ] = idle;
		if ( oldest && idle.size > MAX_IDLE ) {
			idle.delete( oldest );
			oldest.connection.close();
		}
	};
	const takeIdle = ( key: string ): Session | undefined => {
		// The one that was used last is the likeliest to be alive.
		const session = [ ...idle ].findLast( ( each ) => each.key === key );
		if ( session ) {
			idle.delete( session );
			clearTimeout( session.timer );
			session.connection.hold( true );
		}
		return session;
	};
	const open = async (
		{ model, voice, requestId, signal }: SessionRequest,
		call: ProviderCall
	): Promise< Session > => {
		const session: Omit< Session, 'connection' > = {
			key: keyOf( model, voice ),
			openedAt: performance.now(),
			isOpen: true,
			reading: undefined,
			timer: undefined,
		};
		let ended: UpstreamError | undefined;
		const connection = await connectRealtime(
			calls,
			liveness,
			{ model, requestId, signal, onHead: call.heard },
			{
				onEvent: ( event ) => session.reading?.take( event ),
				onClose( error = closedByUs() ) {
					ended = error;
					session.isOpen = false;
					clearTimeout( session.timer );
					idle.delete( session as Session );
					sessions.delete( session as Session );
					session.reading?.fail( error );
				},
			}
		);
		if ( ended ) {
			throw ended;
		}
		const opened: Session = Object.assign( session, { connection } );
		sessions.add( opened );
		connection.send( readingSession( model, voice ) );
		return opened;
	};
	const openAhead = async (
		key: string,
		request: SessionRequest
	): Promise< void > => {
		const call = calls.begin( {
			...request,
			tokens: 0,
			priority: 'background',
		} );
		try {
			await call.enter();
			keep( await open( request, call ) );
		} catch ( error ) {
			call.failed( error );
		} finally {
			call.leave();
			opening.delete( key );
		}
	};

	return {
		open,
		keep: ( session ) => keep( session as Session ),
		async waiting( { model, voice, signal } ) {
			const key = keyOf( model, voice );
			const session = takeIdle( key );
			const ahead = opening.get( key );
			if ( session || ! ahead ) {
				return session;
			}
			await stoppable( ahead, signal );
			return takeIdle( key );
		},
		prepare( model, voice ) {
			const key = keyOf( model, voice );
			const isReady = [ ...idle ].some( ( each ) => each.key === key );
			if ( ! isReady && ! opening.has( key ) ) {
				const { signal } = closing;
				opening.set( key, openAhead( key, { model, voice, signal } ) );
			}
		},
		close() {
			closing.abort();
			for ( const session of sessions ) {
				session.connection.close();
			}
		},
	};
}

/** A voice cannot be changed once it has spoken. */
function keyOf( model: Model, { name }: Voice ): string {
	return `${ model.upstreamId } ${ name }`;
}

/** Waits for what never rejects, or until the signal says to stop, which whatever comes next finds out. */
async function stoppable(
	work: Promise< void >,
	signal: AbortSignal
): Promise< void > {
	if ( signal.aborted ) {
		return;
	}
	await new Promise< void >( ( resolve ) => {
		const stop = () => resolve();
		signal.addEventListener( 'abort', stop, { once: true } );
		void work
			.then( stop )
			.finally( () => signal.removeEventListener( 'abort', stop ) );
	} );
}

function closedByUs(): UpstreamError {
	return new UpstreamError( 'aborted', 'the session was closed' );
}
