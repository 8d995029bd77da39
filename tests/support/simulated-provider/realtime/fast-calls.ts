/**
 * Takes calls of load runs: frames that were built once, no journal, no checks, next to no work a frame.
 *
 * A turn is what the client commits, and is always heard as the same words; every answer is the same speech, in real time.
 * With `isEcho` each piece of audio comes straight back as a piece of one endless answer, so that a round trip can be measured.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { bytesOf } from '../../speech/index.ts';
import type { WritableBill } from '../bill.ts';
import { type BilledTokens, priceOf } from '../prices.ts';
import { tonesFor } from '../voice-services.ts';
import { planSpoken } from './answer-plan.ts';
import { answerUsage } from './answer-usage.ts';
import type { CallDoor } from './answer-call.ts';
import { defaultSettings } from './session-settings.ts';

const MODEL = 'gpt-realtime-2.1-mini';
const HEARD = 'How long may I return a tent?';
const SAID =
	'You may return a tent within thirty days, as long as it is clean and dry and in the bag that it came in.';
const PIECE_MS = 100;
const PLACE = {
	response_id: 'resp_fast',
	item_id: 'itemanswer_fast',
	output_index: 0,
	content_index: 0,
};
const NAMES_END = 400;
const APPEND = Buffer.from( '"input_audio_buffer.append"' );
const AUDIO = Buffer.from( '"audio":"' );
const TOKENS: BilledTokens = {
	input: 400,
	cachedInput: 0,
	cacheWrite: 0,
	output: 30,
	audioInput: 30,
	audioOutput: 150,
};

interface Event {
	type: string;
	session?: object;
	item?: { id?: string; content?: object[] };
	item_id?: string | undefined;
	audio_end_ms?: number;
	[ name: string ]: unknown;
}

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
	} ).split( '|' );
	const begun = beginning().map( text );

	const run = ( ws: WebSocket ): void => {
		let timer: NodeJS.Timeout | undefined;
		let isEchoing = false;
		let turns = 0;
		let answers = 0;
		const send = ( event: Event ): void => ws.send( text( event ) );
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
			let at = 0;
			timer = setInterval( () => {
				pieces[ at ]?.forEach( sendBuilt );
				at++;
				if ( at >= pieces.length ) {
					stop( 'completed' );
				}
			}, PIECE_MS );
		};
		const take = ( event: Event ): void => {
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
				take( JSON.parse( data.toString() ) as Event );
			} else if ( isEcho ) {
				if ( ! isEchoing ) {
					isEchoing = true;
					begun.forEach( ( frame ) => ws.send( frame ) );
				}
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

function text( event: Event ): string {
	return JSON.stringify( { event_id: 'event_0', ...event } );
}

function session(): object {
	return {
		type: 'realtime',
		object: 'realtime.session',
		id: 'sess_0',
		...defaultSettings( MODEL ),
	};
}

function committed( itemId: string ): Event[] {
	const item = {
		id: itemId,
		object: 'realtime.item',
		type: 'message',
		role: 'user',
		status: 'completed',
		content: [ { type: 'input_audio' } ],
	};
	const type = 'conversation.item.input_audio_transcription';
	const place = { item_id: itemId, content_index: 0 };
	return [
		{ type: 'input_audio_buffer.committed', item_id: itemId },
		{ type: 'conversation.item.added', item },
		{ type: 'conversation.item.done', item },
		{ type: `${ type }.delta`, ...place, delta: HEARD },
		{
			type: `${ type }.completed`,
			...place,
			transcript: HEARD,
			usage: { type: 'duration', seconds: 3 },
		},
	];
}

function answerItem( status: string ): object {
	return {
		id: PLACE.item_id,
		object: 'realtime.item',
		type: 'message',
		role: 'assistant',
		status,
		content:
			status === 'in_progress'
				? []
				: [ { type: 'output_audio', transcript: SAID } ],
	};
}

function response( status: string ): Record< string, unknown > {
	return {
		object: 'realtime.response',
		id: PLACE.response_id,
		status,
		output: [],
		conversation_id: 'conv_0',
		output_modalities: [ 'audio' ],
	};
}

function beginning(): Event[] {
	const item = answerItem( 'in_progress' );
	return [
		{ type: 'response.created', response: response( 'in_progress' ) },
		{
			type: 'response.output_item.added',
			response_id: PLACE.response_id,
			output_index: 0,
			item,
		},
		{ type: 'conversation.item.added', item },
		{
			type: 'response.content_part.added',
			...PLACE,
			part: { type: 'audio', transcript: '' },
		},
	] as Event[];
}

function ending( status: string ): Event[] {
	const item = answerItem(
		status === 'completed' ? 'completed' : 'incomplete'
	);
	return [
		{ type: 'response.output_audio.done', ...PLACE },
		{
			type: 'response.output_audio_transcript.done',
			...PLACE,
			transcript: SAID,
		},
		{
			type: 'response.content_part.done',
			...PLACE,
			part: { type: 'audio', transcript: SAID },
		},
		{ type: 'conversation.item.done', item },
		{
			type: 'response.output_item.done',
			response_id: PLACE.response_id,
			output_index: 0,
			item,
		},
		{
			type: 'response.done',
			response: {
				...response( status ),
				...( status === 'completed'
					? {}
					: {
							status_details: {
								type: status,
								reason: 'client_cancelled',
							},
						} ),
				output: [ item ],
				usage: answerUsage( TOKENS ),
			},
		},
	] as Event[];
}
