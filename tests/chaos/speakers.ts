/**
 * Visitors with voices: they ask aloud until they are answered or asked to type, and hold live conversations, whatever happens meanwhile.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { mintToken, SITE_ORIGIN } from '../support/proxy/credentials.ts';
import { readEvents } from '../support/proxy/sse.ts';
import { tone, wav } from '../support/speech/index.ts';

/** What is heard in it is scripted. */
const RECORDING = new Uint8Array( wav( tone( 1_500 ), 16_000 ) );

/** A stream or a conversation that is silent for so long is given up, in milliseconds. */
const SILENCE_MS = 15_000;

/** What became of the spoken questions and live conversations of one visitor. */
export interface Spoken {
	/** Answers that were complete, and how many of them were heard, if only in part. */
	answered: number;
	heard: number;
	/** Questions that had to be typed, because of a limit or a fault. */
	toType: number;
	/** Live conversations in which something was said. */
	live: number;
}

const token = () => mintToken( { consent: [ 'text', 'voice' ] } );

/** Asks aloud, and now and then in a live conversation, until the time is over; throws when the last question came to nothing. */
export async function speakUntil(
	troubleEndsAt: number,
	{
		urls,
		endsAt,
		isLive,
	}: { urls: readonly string[]; endsAt: number; isLive: boolean }
): Promise< Spoken > {
	const spoken: Spoken = { answered: 0, heard: 0, toType: 0, live: 0 };
	const anyUrl = () =>
		urls[ Math.floor( Math.random() * urls.length ) ] ?? '';
	let lastProblem: unknown;
	let isOver = false;
	while ( ! isOver ) {
		if ( performance.now() > endsAt ) {
			throw new Error( 'A spoken question came to nothing.', {
				cause: lastProblem,
			} );
		}
		try {
			const isLastOne = performance.now() > troubleEndsAt;
			if ( isLive && ! isLastOne ) {
				spoken.live += Number( await talk( anyUrl() ) );
				continue;
			}
			const end = await ask( anyUrl() );
			spoken.answered += Number( end.isAnswered );
			spoken.heard += Number( end.isHeard );
			spoken.toType += Number( end.code === 'voice_unavailable' );
			isOver =
				isLastOne &&
				( end.isAnswered || end.code === 'voice_unavailable' );
			lastProblem = end.code;
		} catch ( error ) {
			lastProblem = error;
		}
		await pause( 100 + Math.random() * 200 );
	}
	return spoken;
}

/** Asks once. */
async function ask(
	url: string
): Promise< { isAnswered: boolean; isHeard: boolean; code: string } > {
	const form = new FormData();
	form.set( 'audio', new Blob( [ RECORDING ], { type: 'audio/wav' } ) );
	form.set( 'speech', 'true' );
	const response = await fetch( `${ url }/v1/ask`, {
		method: 'POST',
		headers: {
			Authorization: `Bearer ${ token() }`,
			Origin: SITE_ORIGIN,
		},
		body: form,
		signal: AbortSignal.timeout( SILENCE_MS * 2 ),
	} );
	if ( ! response.ok ) {
		throw new Error( `${ response.status } ${ await response.text() }` );
	}
	let isHeard = false;
	for await ( const { event, data } of readEvents( response ) ) {
		isHeard ||= event === 'audio';
		if ( event === 'done' || event === 'error' ) {
			return {
				isAnswered: event === 'done',
				isHeard,
				code: data.code ?? '',
			};
		}
	}
	return { isAnswered: false, isHeard, code: 'cut' };
}

/** Writes a question into a live conversation and leaves after the answer, or in its middle; tells whether something was said. */
function talk( url: string ): Promise< boolean > {
	const socket = new WebSocket(
		`${ url.replace( 'http', 'ws' ) }/v1/realtime`,
		[ 'docent.v1', `docent.token.${ token() }` ],
		{ origin: SITE_ORIGIN, perMessageDeflate: false }
	);
	const send = ( frame: object ) => socket.send( JSON.stringify( frame ) );
	const leavesAtOnce = Math.random() < 0.3;
	let wasSaid = false;
	const timer = setTimeout( () => socket.terminate(), SILENCE_MS );
	return new Promise( ( resolve ) => {
		socket.on( 'open', () => send( { type: 'start' } ) );
		socket.on( 'message', ( data: Buffer, isBinary ) => {
			const { type } = isBinary
				? { type: 'sound' }
				: JSON.parse( data.toString() );
			if ( type === 'ready' ) {
				send( { type: 'text', text: 'How much is shipping?' } );
			} else if ( type === 'sound' ) {
				wasSaid = true;
				if ( leavesAtOnce ) {
					socket.terminate();
				}
			} else if ( type === 'speech_end' ) {
				send( { type: 'end' } );
			}
		} );
		socket.on( 'error', () => {} );
		socket.on( 'close', () => {
			clearTimeout( timer );
			resolve( wasSaid );
		} );
	} );
}
