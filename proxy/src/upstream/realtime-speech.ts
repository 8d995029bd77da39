/**
 * Has text spoken by realtime models, and keeps their sessions for a moment, so that not every sentence of an answer waits for a connection.
 */
import type { Model } from '../models/catalog.ts';
import type { Voice } from '../types.ts';
import type { Liveness } from './liveness.ts';
import { BYTES_PER_TOKEN, type ProviderCalls } from './provider-calls.ts';
import {
	connectRealtime,
	type PooledConnection,
} from './realtime-connection.ts';
import {
	createReading,
	readingRequest,
	readingSession,
	stopReading,
	type Reading,
} from './realtime-reading.ts';
import { UpstreamError } from './upstream-error.ts';
import type { SpeechPiece, SpeechRequest } from './voice.ts';

/** How long a session waits for the next sentence, in milliseconds. */
const IDLE_MS = 30_000;

/** More sessions do not wait; the one that waited longest goes. */
const MAX_IDLE = 16;

/** No session is used for longer, in milliseconds: the provider ends it after an hour. */
const MAX_AGE_MS = 50 * 60_000;

/** Speaks over sessions of its own. */
export interface RealtimeSpeech {
	speak( request: SpeechRequest ): AsyncGenerator< SpeechPiece[] >;
	/** Opens a session for the next text, unless one waits or is being opened. */
	prepare( model: Model, voice: Voice ): void;
	/** Closes every session. */
	close(): void;
}

interface Session {
	key: string;
	connection: PooledConnection;
	openedAt: number;
	/** Who is being read to; undefined while the session waits. */
	reading: Reading | undefined;
	/** Ends the wait. */
	timer: NodeJS.Timeout | undefined;
}

/** Makes the sessions of one provider; none is opened before the first text. */
export function createRealtimeSpeech(
	calls: ProviderCalls,
	liveness: Liveness,
	{ idleMs = IDLE_MS }: { idleMs?: number | undefined } = {}
): RealtimeSpeech {
	const sessions = new Set< Session >();
	/** Those that wait, the one that waited longest first. */
	const idle = new Set< Session >();

	/** Sessions that are being opened for nobody yet. */
	const opening = new Map< string, Promise< void > >();
	const closing = new AbortController();

	const drop = ( session: Session ) => {
		clearTimeout( session.timer );
		idle.delete( session );
		sessions.delete( session );
	};
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
		if ( idle.size > MAX_IDLE ) {
			oldest?.connection.close();
			idle.delete( oldest as Session );
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
		key: string,
		{
			model,
			voice,
			requestId,
			signal,
		}: Pick< SpeechRequest, 'model' | 'voice' | 'requestId' | 'signal' >,
		onHead: ( headers: NodeJS.Dict< string | string[] > ) => void
	): Promise< Session > => {
		const session: Omit< Session, 'connection' > = {
			key,
			openedAt: performance.now(),
			reading: undefined,
			timer: undefined,
		};
		let ended: UpstreamError | undefined;
		const connection = await connectRealtime(
			calls,
			liveness,
			{ model, requestId, signal, onHead },
			{
				onEvent: ( event ) => session.reading?.take( event ),
				onClose( error = closedByUs() ) {
					ended = error;
					drop( session as Session );
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
		model: Model,
		voice: Voice
	): Promise< void > => {
		const { signal } = closing;
		const call = calls.begin( {
			model,
			tokens: 0,
			priority: 'background',
			signal,
		} );
		try {
			await call.enter();
			keep( await open( key, { model, voice, signal }, call.heard ) );
		} catch ( error ) {
			call.failed( error );
		} finally {
			call.leave();
			opening.delete( key );
		}
	};

	return {
		prepare( model, voice ) {
			const key = keyOf( model, voice.name );
			const isReady = [ ...idle ].some( ( each ) => each.key === key );
			if ( ! isReady && ! opening.has( key ) ) {
				opening.set( key, openAhead( key, model, voice ) );
			}
		},
		async *speak( request ) {
			const { model, text, voice, maxOutputTokens, signal } = request;
			const key = keyOf( model, voice.name );
			const call = calls.begin( {
				...request,
				tokens:
					Math.ceil( text.length / BYTES_PER_TOKEN ) +
					maxOutputTokens,
			} );
			let session: Session | undefined;
			const onAbort = () => {
				if ( session ) {
					session.reading?.fail(
						calls.errorOf( signal.reason, signal )
					);
					stopReading( session.connection );
				}
			};
			try {
				await call.enter();
				signal.addEventListener( 'abort', onAbort, { once: true } );
				session = takeIdle( key );
				if ( ! session && opening.has( key ) ) {
					await stoppable( opening.get( key ), signal );
					session = takeIdle( key );
				}
				let mayBeStale = session !== undefined;
				while ( true ) {
					session ??= await open( key, request, call.heard );
					const reading = createReading( {
						silenceMs: calls.silenceMs,
						onDoubts: ( doubts ) =>
							calls.log?.warn(
								{
									provider: calls.config.name,
									model: model.id,
									doubts,
								},
								'a report of usage cannot be relied on'
							),
					} );
					session.reading = reading;
					session.connection.send( readingRequest( request ) );
					try {
						const pieces = reading.pieces();
						let step = await pieces.next();
						while ( ! step.done ) {
							yield step.value;
							if ( performance.now() > call.endsAt ) {
								throw new UpstreamError(
									'timeout',
									'the speech took too long'
								);
							}
							step = await pieces.next();
						}
						const finishReason = step.value;
						keep( session );
						session = undefined;
						call.ended( finishReason );
						yield [ { kind: 'end', finishReason } ];
						return;
					} catch ( error ) {
						// A session may have ended while it waited, and the provider has not seen the text then.
						if (
							! mayBeStale ||
							reading.hasBegun ||
							signal.aborted ||
							sessions.has( session as Session )
						) {
							throw error;
						}
						mayBeStale = false;
						session = undefined;
					}
				}
			} catch ( error ) {
				throw call.failed( error );
			} finally {
				signal.removeEventListener( 'abort', onAbort );
				call.leave();
				if ( session ) {
					// Stopped, or failed in the middle: what would still come belongs to nobody.
					stopReading( session.connection );
				}
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

function keyOf( model: Model, voice: string ): string {
	return `${ model.upstreamId } ${ voice }`;
}

/** Waits for what never rejects, or until the signal says to stop, which whatever comes next finds out. */
async function stoppable(
	work: Promise< void > | undefined,
	signal: AbortSignal
): Promise< void > {
	if ( signal.aborted ) {
		return;
	}
	await new Promise< void >( ( resolve ) => {
		const stop = () => resolve();
		signal.addEventListener( 'abort', stop, { once: true } );
		void work
			?.then( stop )
			.finally( () => signal.removeEventListener( 'abort', stop ) );
	} );
}

function closedByUs(): UpstreamError {
	return new UpstreamError( 'aborted', 'the session was closed' );
}
