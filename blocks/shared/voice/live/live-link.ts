/**
 * The way to the proxy in a live conversation: keeps what is said until it can be sent, and comes back after a cut without losing anything.
 */
import type { TokenSource } from '../../visitor-token.ts';
import { SAMPLE_RATE } from './frames.ts';
import type { ClientFrame, LiveStart, ServerFrame } from './frames.ts';

/** Sound that waits for a connection, at most; the oldest goes first. */
const MAX_WAITING = 10 * SAMPLE_RATE;

/** Sound that may lie in the socket; beyond, it waits here, where it can still be dropped. In bytes: half a second. */
const MAX_BUFFERED = SAMPLE_RATE;

/** A socket that takes nothing for so long is taken for dead, in milliseconds. */
const STUCK_MS = 4_000;

/** How long a connection may take to open, and how long the proxy may then take to find somebody to speak with, in milliseconds. */
const OPEN_MS = 8_000;
const READY_MS = 25_000;

/** The proxy holds a conversation for 15 s; later the thread goes on in a new one. Longer nobody waits. In milliseconds. */
const RESTORE_MS = 30_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;

/** The part of a WebSocket that is used. */
export type LiveSocket = Pick<
	WebSocket,
	'send' | 'close' | 'bufferedAmount' | 'readyState'
> & {
	binaryType: BinaryType;
	onopen: ( ( event: never ) => unknown ) | null;
	onmessage: ( ( event: MessageEvent ) => unknown ) | null;
	onclose: ( ( event: never ) => unknown ) | null;
};

export interface LiveLink {
	/** Whether the conversation can be spoken into at this moment. */
	readonly isReady: boolean;
	send( frame: ClientFrame ): void;
	/** Sends sound now, or as soon as that is possible again. */
	sendSound( samples: Int16Array< ArrayBuffer > ): void;
	/** The network has changed, or is back: what is there may be dead without knowing it. */
	reconnect(): void;
	/** Ends the conversation. */
	close(): void;
}

/** Begins to connect. */
export function createLiveLink( {
	url,
	tokens,
	openSocket,
	start,
	onFrame,
	onSound,
	onCut,
	onForgotten,
	onLate,
	onLost,
	random = Math.random,
	now = Date.now,
}: {
	/** Of the WebSocket. */
	url: string;
	tokens: Pick< TokenSource, 'get' | 'renew' >;
	openSocket: ( url: string, protocols: string[] ) => LiveSocket;
	/** Asked at every beginning. */
	start: () => LiveStart;
	onFrame: ( frame: ServerFrame ) => void;
	onSound: ( pcm: ArrayBuffer ) => void;
	/** The connection is being restored. */
	onCut: () => void;
	/** The proxy does not know the conversation any more: another begins. */
	onForgotten: () => void;
	/** Some of what was said had to be dropped. */
	onLate: () => void;
	/** It cannot be restored. */
	onLost: () => void;
	random?: () => number;
	now?: () => number;
} ): LiveLink {
	let socket: LiveSocket | undefined;
	let isReady = false;
	let isClosed = false;
	let sessionId: string | undefined;
	/** Frames of the session that came, of both kinds: the proxy goes on with the next. */
	let received = 0;
	let queue: Array< string | Int16Array< ArrayBuffer > > = [];
	let queued = 0;
	let isLate = false;
	let stuckSince: number | undefined;
	let timer: ReturnType< typeof setTimeout > | undefined;
	let cutAt: number | undefined;
	let failures = 0;
	let refused: string | undefined;
	let hasRenewed = false;
	let wasForgotten = false;

	function watch( ms: number, then: () => void ): void {
		clearTimeout( timer );
		timer = setTimeout( then, ms );
	}

	async function connect(): Promise< void > {
		drop();
		let token: string;
		try {
			token =
				refused === undefined
					? await tokens.get()
					: await tokens.renew( refused );
		} catch {
			lose();
			return;
		}
		if ( isClosed || socket ) {
			return;
		}
		const own = openSocket( url, [
			'docent.v1',
			`docent.token.${ token }`,
		] );
		let wasOpen = false;
		socket = own;
		own.binaryType = 'arraybuffer';
		watch( OPEN_MS, lose );
		own.onopen = () => {
			wasOpen = true;
			watch( READY_MS, lose );
			own.send(
				JSON.stringify( {
					type: 'start',
					...start(),
					...( sessionId && { resume: sessionId, received } ),
				} )
			);
		};
		own.onmessage = ( { data } ) => take( data );
		own.onclose = () => {
			// A browser does not tell why it was not let in: the token may be the reason, once.
			refused = wasOpen || hasRenewed ? undefined : token;
			hasRenewed ||= ! wasOpen;
			lose();
		};
	}

	/** Lets go of the connection; one that is dead would take long to notice. */
	function drop(): void {
		clearTimeout( timer );
		const own = socket;
		socket = undefined;
		isReady = false;
		if ( own ) {
			own.onopen = own.onmessage = own.onclose = null;
			own.close( 1000 );
		}
	}

	function lose(): void {
		drop();
		if ( isClosed ) {
			return;
		}
		failures++;
		cutAt ??= now();
		const isOver = sessionId
			? now() - cutAt > RESTORE_MS
			: failures > 1 && refused === undefined;
		if ( isOver ) {
			close();
			onLost();
			return;
		}
		if ( sessionId ) {
			onCut();
		}
		const pauseMs = Math.min(
			LONGEST_PAUSE_MS,
			FIRST_PAUSE_MS * 2 ** ( failures - 1 )
		);
		watch( pauseMs * ( 0.5 + random() / 2 ), () => void connect() );
	}

	function take( data: unknown ): void {
		if ( typeof data !== 'string' ) {
			received++;
			onSound( data as ArrayBuffer );
			return;
		}
		const frame = JSON.parse( data ) as ServerFrame;
		if ( frame.type === 'ready' ) {
			if ( sessionId !== frame.sessionId ) {
				received = 0;
			}
			sessionId = frame.sessionId;
			isReady = true;
			failures = 0;
			hasRenewed = false;
			cutAt = refused = undefined;
			clearTimeout( timer );
			onFrame( frame );
			pump();
			return;
		}
		if ( frame.type === 'error' ) {
			if ( frame.code === 'not_found' && ! isReady && ! wasForgotten ) {
				// The session, or the conversation it was to go on with.
				wasForgotten = sessionId === undefined;
				if ( wasForgotten ) {
					onForgotten();
				}
				sessionId = undefined;
				void connect();
			} else if ( isReady && frame.code === 'rate_limited' ) {
				// What was typed is not asked.
				onFrame( { ...frame, type: 'notice' } );
			}
			return;
		}
		received++;
		onFrame( frame );
	}

	function pump(): void {
		while (
			isReady &&
			socket &&
			queue.length > 0 &&
			socket.bufferedAmount < MAX_BUFFERED
		) {
			const next = queue.shift() ?? '';
			queued -= typeof next === 'string' ? 0 : next.length;
			socket.send( next );
			stuckSince = undefined;
		}
		isLate &&= queue.length > 0;
	}

	function put( item: string | Int16Array< ArrayBuffer > ): void {
		queue.push( item );
		queued += typeof item === 'string' ? 0 : item.length;
		while ( queued > MAX_WAITING ) {
			const index = queue.findIndex(
				( each ) => typeof each !== 'string'
			);
			const [ oldest ] = queue.splice( index, 1 );
			queued -= oldest?.length ?? queued;
			if ( ! isLate ) {
				isLate = true;
				onLate();
			}
		}
		pump();
		if ( isReady && queue.length > 0 ) {
			stuckSince ??= now();
			if ( now() - stuckSince > STUCK_MS ) {
				stuckSince = undefined;
				lose();
			}
		}
	}

	function close(): void {
		if ( isReady ) {
			socket?.send( '{"type":"end"}' );
		}
		isClosed = true;
		queue = [];
		queued = 0;
		drop();
	}

	void connect();

	return {
		get isReady() {
			return isReady;
		},
		send( frame ) {
			const text = JSON.stringify( frame );
			// Where a finger tells where speech begins and ends, the order counts.
			if ( isReady && frame.type !== 'talk' ) {
				socket?.send( text );
			} else if ( isReady || ! frame.type.startsWith( 'onset' ) ) {
				put( text );
			}
		},
		sendSound: put,
		reconnect() {
			if ( sessionId && ! isClosed ) {
				cutAt ??= now();
				failures = 0;
				if ( isReady ) {
					onCut();
				}
				void connect();
			}
		},
		close,
	};
}
