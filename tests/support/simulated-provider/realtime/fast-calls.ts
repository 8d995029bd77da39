/**
 * Takes calls of load runs: frames that were built once, no journal, no checks, next to no work a frame.
 *
 * A turn is what the client commits, and is always heard as the same words; every answer is the same speech, in real time.
 * With `isEcho` the first answer never ends: each piece of audio that comes in goes straight back as a piece of it, so that a
 * round trip can be measured.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { bytesOf } from '../../speech/index.ts';
import type { WritableBill } from '../bill.ts';
import { priceOf } from '../prices.ts';
import { tonesFor } from '../voice-services.ts';
import { planSpoken } from './answer-plan.ts';
import type { CallDoor } from './call-door.ts';
import {
	beginning,
	committed,
	ending,
	type FastEvent,
	MODEL,
	PLACE,
	SAID,
	session,
	text,
	TOKENS,
} from './fast-frames.ts';

const PIECE_MS = 100;
const NAMES_END = 400;
const APPEND = Buffer.from( '"input_audio_buffer.append"' );
const AUDIO = Buffer.from( '"audio":"' );

/** Opens the door. */
export function createFastCallDoor(
	bill: WritableBill,
	{ isEcho = false }: { isEcho?: boolean } = {}
): CallDoor {
	const server = new WebSocketServer( {
		noServer: true,
		perMessageDeflate: false,
		handleProtocols: ( names ) =>
			names.has( 'realtime' ) ? 'realtime' : false,
	} );
	const steps = planSpoken( SAID, tonesFor( SAID ), PIECE_MS );
	const pieces = steps.map( ( { words, pcm } ) => [
		...( words === ''
			? []
			: [
					text( {
						type: 'response.output_audio_transcript.delta',
						...PLACE,
						delta: words,
					} ),
				] ),
		text( {
			type: 'response.output_audio.delta',
			...PLACE,
			delta: bytesOf( pcm ).toString( 'base64' ),
		} ),
	] );
	const [ echoHead = '', echoTail = '' ] = text( {
		type: 'response.output_audio.delta',
		...PLACE,
		delta: '|',
	} )
		.replaceAll( '_fast', '_1' )
		.split( '|' );
	const begun = beginning().map( text );

	const run = ( ws: WebSocket ): void => {
		let timer: NodeJS.Timeout | undefined;
		let isEchoing = false;
		let turns = 0;
		let answers = 0;
		const send = ( event: FastEvent ): void => ws.send( text( event ) );
		const stop = ( status: string ): void => {
			clearInterval( timer );
			timer = undefined;
			bill.addUnlisted( priceOf( MODEL, TOKENS ) );
			ending( status ).map( text ).forEach( sendBuilt );
		};
		// All names of an answer stand in the first letters of a frame, where its number is put in.
		const sendBuilt = ( frame: string ): void =>
			ws.send(
				frame
					.slice( 0, NAMES_END )
					.replaceAll( '_fast', `_${ answers }` ) +
					frame.slice( NAMES_END )
			);
		const answer = (): void => {
			answers++;
			begun.forEach( sendBuilt );
			if ( isEcho ) {
				isEchoing = true;
				return;
			}
			let at = 0;
			timer = setInterval( () => {
				pieces[ at ]?.forEach( sendBuilt );
				at++;
				if ( at >= pieces.length ) {
					stop( 'completed' );
				}
			}, PIECE_MS );
		};
		const take = ( event: FastEvent ): void => {
			switch ( event.type ) {
				case 'session.update':
					send( {
						type: 'session.updated',
						session: { ...session(), ...event.session },
					} );
					break;
				case 'input_audio_buffer.commit':
					committed( `item_${ ++turns }` ).forEach( send );
					break;
				case 'input_audio_buffer.clear':
					send( { type: 'input_audio_buffer.cleared' } );
					break;
				case 'response.create':
					answer();
					break;
				case 'response.cancel':
					if ( timer ) {
						stop( 'cancelled' );
					}
					break;
				case 'conversation.item.create': {
					const item = { id: `item_${ ++turns }`, ...event.item };
					for ( const end of [ 'added', 'done' ] ) {
						send( { type: `conversation.item.${ end }`, item } );
					}
					break;
				}
				case 'conversation.item.truncate':
					send( {
						...event,
						type: 'conversation.item.truncated',
					} );
					break;
				case 'conversation.item.delete':
					send( {
						type: 'conversation.item.deleted',
						item_id: event.item_id,
					} );
			}
		};
		ws.on( 'error', () => undefined );
		ws.on( 'close', () => clearInterval( timer ) );
		ws.on( 'message', ( data: Buffer ) => {
			// The type stands near the beginning: most frames are audio and are not parsed.
			if (
				! data.subarray( 0, 120 ).includes( APPEND ) &&
				data.indexOf( APPEND ) < 0
			) {
				take( JSON.parse( data.toString() ) as FastEvent );
			} else if ( isEchoing ) {
				const from = data.indexOf( AUDIO ) + AUDIO.length;
				const to = data.indexOf( '"', from );
				ws.send(
					echoHead + data.toString( 'latin1', from, to ) + echoTail
				);
			}
		} );
		send( { type: 'session.created', session: session() } );
	};
	return {
		upgrade( request: IncomingMessage, socket: Socket, head: Buffer ) {
			server.handleUpgrade( request, socket, head, run );
		},
		close() {
			for ( const client of server.clients ) {
				client.terminate();
			}
		},
	};
}
