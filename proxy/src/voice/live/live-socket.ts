/**
 * Ties a browser's WebSocket to its live conversation: reads frames, bounds them, answers for what is none.
 */
import type { WebSocket } from 'ws';
import { asDocentError, type ErrorCode } from '../../errors.ts';
import { AudioMeter } from './audio-meter.ts';
import type { LiveConversation } from './conversation.ts';
import {
	readClientFrame,
	type ServerFrame,
	type StartFrame,
} from './frames.ts';
import type { LiveCalls } from './live-calls.ts';
import type { LiveCaller } from './live-services.ts';
import type { LiveClient } from './outbox.ts';

/** How long a browser may take for its first frame, in milliseconds. */
const START_MS = 5_000;

/** So many frames that are none end the connection. */
const MAX_BAD_FRAMES = 5;

/** More control frames a second than anybody's finger makes; so many at once. */
const CONTROLS_PER_SECOND = 20;
const CONTROLS_AT_ONCE = 60;

/** How often a silent connection is asked whether it is still there, in milliseconds. */
const ASK_EVERY_MS = 20_000;

/** Closes because of what the browser did. */
const POLICY = 1008;

/** Serves one connection until it closes. */
export function serveLive(
	socket: WebSocket,
	{
		caller,
		calls,
		clock,
		maxUnread,
		onClosed,
	}: {
		caller: LiveCaller;
		calls: LiveCalls;
		clock: () => number;
		/** Bytes that may wait for a browser that does not read. */
		maxUnread: number;
		onClosed: () => void;
	}
): void {
	const meter = new AudioMeter( clock() );
	let conversation: LiveConversation | undefined;
	let hasStarted = false;
	let badFrames = 0;
	let controls = CONTROLS_AT_ONCE;
	let controlsAt = clock();
	let isAlive = true;

	const tell = ( frame: ServerFrame ) => {
		socket.send( JSON.stringify( frame ) );
	};
	const client: LiveClient = {
		sendText: ( text ) => socket.send( text ),
		sendSound: ( pcm ) => socket.send( pcm, { binary: true } ),
		ask: ( mark ) => socket.ping( String( mark ) ),
		close: ( code, reason ) => socket.close( code, reason ),
	};
	const refuse = ( code: ErrorCode, message: string ) => {
		tell( { type: 'error', code, message } );
		socket.close( POLICY, code );
	};
	const bad = ( message: string ) => {
		if ( ++badFrames > MAX_BAD_FRAMES ) {
			refuse( 'bad_request', message );
		} else {
			tell( { type: 'error', code: 'bad_request', message } );
		}
	};

	const starting = setTimeout( () => {
		if ( ! hasStarted ) {
			refuse(
				'request_timeout',
				'The first frame, start, did not come.'
			);
		}
	}, START_MS );
	const asking = setInterval( () => {
		if ( ! isAlive || socket.bufferedAmount > maxUnread ) {
			socket.terminate();
			return;
		}
		isAlive = false;
		socket.ping();
	}, ASK_EVERY_MS );

	const start = async ( frame: StartFrame ) => {
		hasStarted = true;
		try {
			const started = await calls.start( caller, frame, client );
			if ( socket.readyState === socket.OPEN ) {
				conversation = started;
				flushEarly( started );
			} else if ( started.holds( client ) ) {
				started.detach();
			}
		} catch ( error ) {
			const known = asDocentError( error );
			tell( {
				type: 'error',
				code: known.code,
				message: known.message,
				...( known.retryAfterMs === undefined
					? {}
					: { retryAfterMs: known.retryAfterMs } ),
			} );
			tell( {
				type: 'ended',
				reason:
					known.code === 'rate_limited' || known.code === 'busy'
						? 'busy'
						: 'unavailable',
				fallBack:
					known.code === 'voice_unavailable' ? 'text' : 'cascade',
			} );
			socket.close( 1000, known.code );
		}
	};

	/** What was said while the thread was read. */
	let early: Buffer[] = [];
	const flushEarly = ( started: LiveConversation ) => {
		for ( const pcm of early ) {
			started.hear( pcm );
		}
		early = [];
	};

	const hear = ( pcm: Buffer ) => {
		if ( ! hasStarted ) {
			bad( 'Sound comes after start.' );
			return;
		}
		if ( pcm.byteLength === 0 || pcm.byteLength % 2 !== 0 ) {
			bad( 'Sound is PCM16: a frame has whole samples.' );
			return;
		}
		switch ( meter.take( pcm.byteLength, clock() ) ) {
			case 'take':
				if ( conversation ) {
					conversation.hear( pcm );
				} else {
					early.push( pcm );
				}
				break;
			case 'flood':
				refuse(
					'rate_limited',
					'Sound comes much faster than anybody speaks.'
				);
		}
	};

	const control = ( text: string ) => {
		const now = clock();
		controls = Math.min(
			CONTROLS_AT_ONCE,
			controls +
				( Math.max( 0, now - controlsAt ) * CONTROLS_PER_SECOND ) /
					1_000
		);
		controlsAt = now;
		if ( controls < 1 ) {
			refuse( 'rate_limited', 'Too many control frames.' );
			return;
		}
		controls--;
		const frame = readClientFrame( text );
		if ( ! frame ) {
			bad( 'This frame is not one of the protocol docent.v1.' );
		} else if ( frame.type === 'start' ) {
			if ( hasStarted ) {
				bad( 'The conversation has begun already.' );
			} else {
				void start( frame );
			}
		} else if ( ! hasStarted ) {
			bad( 'The first frame is start.' );
		} else {
			conversation?.control( frame );
		}
	};

	socket.on( 'message', ( data, isBinary ) => {
		if ( socket.readyState !== socket.OPEN ) {
			return;
		}
		if ( isBinary ) {
			hear( data as Buffer );
		} else {
			control( ( data as Buffer ).toString() );
		}
	} );
	socket.on( 'pong', ( data ) => {
		isAlive = true;
		const mark = Number( data.toString() );
		if ( data.byteLength > 0 && Number.isSafeInteger( mark ) ) {
			if ( conversation?.holds( client ) ) {
				conversation.outbox.arrived( mark );
			}
		}
	} );
	// What went wrong is said by the close that follows.
	socket.on( 'error', () => {} );
	socket.on( 'close', () => {
		clearTimeout( starting );
		clearInterval( asking );
		if ( conversation?.holds( client ) ) {
			conversation.detach();
		}
		onClosed();
	} );
}
