/**
 * Speaks to the proxy for the visitor: asks, follows an answer through every cut, stops, rates and forgets.
 */
import { readEventStream } from './event-stream.ts';
import {
	AssistantFailure,
	asFailure,
	failureOfCode,
	failureOfResponse,
} from './failure.ts';
import { decodeTurnEvent } from './turn-events.ts';
import type { TurnEvent } from './turn-events.ts';
import type { TokenSource } from './visitor-token.ts';

/** The page an answer is limited to. */
export interface PageScope {
	postId?: number;
	url?: string;
	title?: string;
}

/** A question as `POST /v1/ask` takes it. */
export interface Question {
	question: string;
	conversationId?: string | undefined;
	scope?: PageScope | undefined;
}

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

export interface ProxyClient {
	/** Asks and follows to the end. Rejects with {@link AssistantFailure}; an aborted signal rejects with its reason. */
	ask( question: Question, options: FollowOptions ): Promise< void >;
	/** Goes on with an answer after the event `lastEventId`. */
	follow(
		turnId: string,
		lastEventId: number,
		options: FollowOptions
	): Promise< void >;
	/** Ends the work on an answer at once. */
	stop( turnId: string ): Promise< void >;
	/** Address and body for `navigator.sendBeacon`, which can neither set headers nor DELETE. */
	stopBeacon( turnId: string ): { url: string; body: string };
	rate( turnId: string, rating: 'up' | 'down' | null ): Promise< void >;
	/** Has the proxy forget a conversation. */
	forget( conversationId: string ): Promise< void >;
	/** Reconnects when the stream has been silent too long; timers sleep in a page in the background, so call it on return. */
	checkLiveness(): void;
}

const PATIENCE: Patience = {
	stallMs: 25_000,
	firstPauseMs: 400,
	longestPauseMs: 10_000,
	attempts: 8,
};

/** Creates the client of one page. */
export function createProxyClient( {
	proxyUrl,
	tokens,
	connection,
	fetch,
	random = Math.random,
	patience: { stallMs, firstPauseMs, longestPauseMs, attempts } = PATIENCE,
}: {
	proxyUrl: string;
	tokens: TokenSource;
	connection: Connection;
	fetch: typeof globalThis.fetch;
	random?: () => number;
	patience?: Patience;
} ): ProxyClient {
	const base = proxyUrl.replace( /\/+$/, '' );
	const liveChecks = new Set< () => void >();

	/** Sends one request with the token; renews the token and repeats once when it is refused. */
	async function request(
		path: string,
		init: RequestInit & { headers?: Record< string, string > }
	): Promise< Response > {
		let token = await tokens.get();
		for ( let isSecondTry = false; ; isSecondTry = true ) {
			const response = await fetch( base + path, {
				...init,
				headers: {
					...init.headers,
					Authorization: `Bearer ${ token }`,
				},
				cache: 'no-store',
				credentials: 'omit',
			} );
			if ( response.ok ) {
				return response;
			}
			const failure = await failureOfResponse( response );
			if ( response.status !== 401 || isSecondTry ) {
				throw failure;
			}
			token = await tokens.renew( token );
		}
	}

	/** Reads one connection to its end. Returns whether the turn is over; throws when the connection broke. */
	async function readConnection(
		open: ( signal: AbortSignal ) => Promise< Response >,
		onEvent: ( event: TurnEvent ) => void,
		signal: AbortSignal
	): Promise< boolean > {
		const cut = new AbortController();
		const abort = () => cut.abort( signal.reason );
		if ( signal.aborted ) {
			abort();
		}
		signal.addEventListener( 'abort', abort );
		let lastByteAt = Date.now();
		let timer: ReturnType< typeof setTimeout > | undefined;
		const expectLife = () => {
			clearTimeout( timer );
			timer = setTimeout(
				() => cut.abort( new AssistantFailure( 'interrupted' ) ),
				stallMs
			);
		};
		const checkAge = () => {
			if ( Date.now() - lastByteAt >= stallMs ) {
				cut.abort( new AssistantFailure( 'interrupted' ) );
			}
		};
		liveChecks.add( checkAge );
		expectLife();
		try {
			const response = await open( cut.signal );
			const type = response.headers.get( 'content-type' ) ?? '';
			if ( ! response.body || ! type.startsWith( 'text/event-stream' ) ) {
				// A captive portal or a firewall answered in the proxy's place.
				response.body?.cancel().catch( () => {} );
				throw new AssistantFailure( 'unreachable', {
					status: response.status,
				} );
			}
			return await readToEnd( response.body, onEvent, () => {
				lastByteAt = Date.now();
				expectLife();
			} );
		} catch ( thrown ) {
			// An abort of ours is not always what the platform throws: the reason is.
			throw cut.signal.aborted ? cut.signal.reason : thrown;
		} finally {
			clearTimeout( timer );
			liveChecks.delete( checkAge );
			signal.removeEventListener( 'abort', abort );
		}
	}

	/**
	 * Follows a turn through any number of connections. Every end that is neither the turn's own nor the visitor's wish is a
	 * cut: the next connection replays what comes after the last event seen, and what was seen already is left out.
	 */
	async function run(
		start: { question: Question } | { turnId: string; lastEventId: number },
		{ onEvent, onReconnecting = () => {}, signal }: FollowOptions
	): Promise< void > {
		let turnId = 'turnId' in start ? start.turnId : undefined;
		let lastEventId = 'turnId' in start ? start.lastEventId : -1;
		let fruitless = 0;
		let wasCut = false;
		let error: AssistantFailure | undefined;

		const take = ( event: TurnEvent ) => {
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
		const open = ( cut: AbortSignal ): Promise< Response > =>
			turnId === undefined && 'question' in start
				? request( '/v1/ask', {
						method: 'POST',
						headers: {
							'Content-Type': 'application/json',
							Accept: 'text/event-stream',
						},
						body: JSON.stringify( start.question ),
						signal: cut,
					} )
				: request(
						`/v1/turns/${ encodeURIComponent( turnId ?? '' ) }`,
						{
							headers: {
								Accept: 'text/event-stream',
								...( lastEventId >= 0 && {
									'Last-Event-ID': String( lastEventId ),
								} ),
							},
							signal: cut,
						}
					);

		for (;;) {
			let failure: AssistantFailure;
			try {
				if ( await readConnection( open, take, signal ) ) {
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
			onReconnecting( true );
			if ( ! connection.isOnline() ) {
				await connection.whenOnline( signal );
			}
			await pause(
				failure.retryAfterMs !== undefined
					? Math.min( failure.retryAfterMs, 3 * longestPauseMs )
					: Math.min(
							longestPauseMs,
							firstPauseMs * 2 ** ( fruitless - 1 )
						) *
							( 0.5 + random() / 2 ),
				signal
			);
		}
	}

	return {
		ask: ( question, options ) => run( { question }, options ),
		follow: ( turnId, lastEventId, options ) =>
			run( { turnId, lastEventId }, options ),
		async stop( turnId ) {
			await request( `/v1/turns/${ encodeURIComponent( turnId ) }`, {
				method: 'DELETE',
				keepalive: true,
			} );
		},
		stopBeacon: ( turnId ) => ( {
			url: `${ base }/v1/turns/${ encodeURIComponent( turnId ) }/stop`,
			body: JSON.stringify( { token: tokens.peek() ?? '' } ),
		} ),
		async rate( turnId, rating ) {
			await request(
				`/v1/turns/${ encodeURIComponent( turnId ) }/feedback`,
				{
					method: 'POST',
					headers: { 'Content-Type': 'application/json' },
					body: JSON.stringify( { rating } ),
					keepalive: true,
				}
			);
		},
		async forget( conversationId ) {
			await request(
				`/v1/conversations/${ encodeURIComponent( conversationId ) }`,
				{ method: 'DELETE', keepalive: true }
			);
		},
		checkLiveness: () => liveChecks.forEach( ( check ) => check() ),
	};
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
