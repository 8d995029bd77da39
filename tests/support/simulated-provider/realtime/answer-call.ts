/**
 * Answers `GET /v1/realtime`: the upgrade to a WebSocket, or its refusal, and the course of the connection.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Refusal } from '../behaviour.ts';
import {
	type CallRecord,
	type JournalEntry,
	preciseNowMs,
} from '../journal.ts';
import type { CallReply } from '../voice-behaviour.ts';
import { VOICE_PRICES } from '../voice-prices.ts';
import type { VoiceServices } from '../voice-services.ts';
import { type Call, createCall } from './call.ts';
import { CallError } from './call-error.ts';
import { newId } from './conversation.ts';
import { createCallWire, eventSchema, type CallWire } from './wire.ts';

const KEY_PROTOCOL = 'openai-insecure-api-key.';
/** One event may carry 15 MiB of audio, as base64. */
const MAX_EVENT_BYTES = 24 * 1024 * 1024;

/** Takes calls. */
export interface CallDoor {
	upgrade( request: IncomingMessage, socket: Socket, head: Buffer ): void;
	close(): void;
}

/** Opens the door. `isKey` says whether a key is good. */
export function createCallDoor( {
	services,
	path,
	isKey,
}: {
	services: VoiceServices;
	path: string;
	isKey( key: string ): boolean;
} ): CallDoor {
	const server = new WebSocketServer( {
		noServer: true,
		maxPayload: MAX_EVENT_BYTES,
		perMessageDeflate: false,
		handleProtocols: ( names ) =>
			names.has( 'realtime' ) ? 'realtime' : false,
	} );
	return {
		upgrade( request, socket, head ) {
			const url = new URL( request.url ?? '/', 'http://localhost' );
			const entry = openEntry( request );
			services.journal.add( entry );
			const refuse = ( refusal: Refusal ): void => {
				entry.status = refusal.status;
				entry.outcome = 'complete';
				entry.endedAtMs = preciseNowMs();
				services.journal.changed();
				refuseUpgrade( socket, refusal );
			};
			const key = keyOf( request );
			if ( key === undefined || ! isKey( key ) ) {
				refuse(
					refusal(
						401,
						'invalid_api_key',
						'Incorrect API key provided.'
					)
				);
				return;
			}
			if ( url.pathname !== path ) {
				refuse(
					refusal( 404, null, `Invalid URL (GET ${ url.pathname })` )
				);
				return;
			}
			const model = url.searchParams.get( 'model' ) ?? '';
			const behaviour = services.script.next( 'realtime', {
				model,
				safetyId:
					String(
						request.headers[ 'openai-safety-identifier' ] ?? ''
					) || undefined,
			} );
			if ( behaviour.kind === 'refusal' ) {
				setTimeout( refuse, behaviour.delayMs ?? 0, behaviour );
				return;
			}
			server.handleUpgrade( request, socket, head, ( ws ) => {
				entry.status = 101;
				runCall( {
					ws,
					socket,
					entry,
					model,
					reply: behaviour,
					services,
					isBeta: request.headers[ 'openai-beta' ] !== undefined,
				} );
			} );
		},
		close: () => {
			for ( const client of server.clients ) {
				client.terminate();
			}
		},
	};
}

function runCall( {
	ws,
	socket,
	entry,
	model,
	reply,
	services,
	isBeta,
}: {
	ws: WebSocket;
	socket: Socket;
	entry: JournalEntry;
	model: string;
	reply: CallReply;
	services: VoiceServices;
	isBeta: boolean;
} ): void {
	const record: CallRecord = { received: [], sent: [] };
	entry.call = record;
	const wire = createCallWire( { ws, socket, record, services } );
	const timers: NodeJS.Timeout[] = [];
	const after = ( ms: number | undefined, run: () => void ): void => {
		if ( ms !== undefined ) {
			timers.push( setTimeout( run, ms ) );
		}
	};
	const call = createCall( { model, reply, wire, services } );
	// A reset connection raises an error; it says nothing that `close` does not.
	ws.on( 'error', () => undefined );
	ws.on( 'close', ( code ) => {
		timers.forEach( clearTimeout );
		call.end();
		record.closeCode ??= code;
		entry.outcome = entry.outcome === 'open' ? 'complete' : entry.outcome;
		entry.endedAtMs = preciseNowMs();
		services.journal.changed();
	} );
	if ( isBeta || VOICE_PRICES[ model ]?.api !== 'realtime' ) {
		turnAway( wire, isBeta, model );
		return;
	}
	ws.on( 'message', ( data, isBinary ) =>
		takeMessage( { call, wire, record, services, data, isBinary } )
	);
	if ( reply.beforeSession === 'audio' ) {
		wire.send( {
			type: 'response.output_audio.delta',
			response_id: newId( 'resp' ),
			item_id: newId( 'item' ),
			output_index: 0,
			content_index: 0,
			delta: Buffer.alloc( 4_800 ).toString( 'base64' ),
		} );
	} else if ( reply.beforeSession === 'garbage' ) {
		wire.sendRaw( '{"type":"session.cre' );
	}
	if ( reply.beforeSession !== 'silence' ) {
		if ( reply.sessionDelayMs === undefined ) {
			call.open();
		}
		after( reply.sessionDelayMs, () => call.open() );
	}
	after( reply.closesAfterMs, () => {
		if ( reply.closeWith === 'reset' ) {
			wire.drop( 'reset' );
		} else {
			wire.close( reply.closeWith ?? 1000 );
		}
	} );
	after( reply.expiresAfterMs, () => {
		wire.refuse(
			new CallError(
				'Your session hit the maximum duration of 60 minutes.',
				'session_expired'
			),
			undefined
		);
		wire.close( 1001, 'session_expired' );
	} );
}

function takeMessage( {
	call,
	wire,
	record,
	services,
	data,
	isBinary,
}: {
	call: Call;
	wire: CallWire;
	record: CallRecord;
	services: VoiceServices;
	data: RawData;
	isBinary: boolean;
} ): void {
	let event: { type: string; event_id?: string; audio?: unknown };
	try {
		event = JSON.parse( String( data ) );
		if ( isBinary || typeof event.type !== 'string' ) {
			throw new TypeError( 'No type.' );
		}
	} catch {
		wire.refuse(
			new CallError(
				'We could not parse the JSON body of your message. Make sure to include a type.',
				'invalid_json'
			),
			undefined
		);
		return;
	}
	const { audio, ...rest } = event;
	record.received.push( {
		type: event.type,
		atMs: preciseNowMs(),
		event: rest,
		...( typeof audio === 'string'
			? { audioBytes: Buffer.byteLength( audio, 'base64' ) }
			: {} ),
	} );
	services.journal.changed();
	services.inspect( eventSchema( 'Client', event.type ), event );
	try {
		call.take( event );
	} catch ( error ) {
		if ( ! ( error instanceof CallError ) ) {
			throw error;
		}
		wire.refuse( error, event.event_id );
	}
}

/** Some refusals come only after the upgrade, as an event and a code of their own. */
function turnAway( wire: CallWire, isBeta: boolean, model: string ): void {
	const error = isBeta
		? new CallError(
				'The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.',
				'beta_api_shape_disabled'
			)
		: new CallError(
				`The model \`${ model }\` does not exist or you do not have access to it.`,
				'model_not_found'
			);
	wire.refuse( error, undefined );
	wire.close( 4000, `invalid_request_error.${ error.code }` );
}

function openEntry( request: IncomingMessage ): JournalEntry {
	const {
		authorization,
		'sec-websocket-protocol': protocols,
		...headers
	} = request.headers;
	return {
		requestId: newId( 'req' ),
		method: 'GET',
		path: ( request.url ?? '/' ).split( '?' )[ 0 ] ?? '/',
		headers,
		hasKey:
			authorization !== undefined ||
			protocols?.includes( KEY_PROTOCOL ) === true,
		body: undefined,
		files: new Map(),
		receivedAtMs: preciseNowMs(),
		status: undefined,
		chunksProduced: 0,
		bytesProduced: 0,
		outcome: 'open',
		abortedAtMs: undefined,
		endedAtMs: undefined,
	};
}

function keyOf( request: IncomingMessage ): string | undefined {
	const { authorization, 'sec-websocket-protocol': protocols = '' } =
		request.headers;
	return (
		/^Bearer (.+)$/.exec( authorization ?? '' )?.[ 1 ] ??
		protocols
			.split( /,\s*/ )
			.find( ( name ) => name.startsWith( KEY_PROTOCOL ) )
			?.slice( KEY_PROTOCOL.length )
	);
}

function refusal(
	status: number,
	code: string | null,
	message: string
): Refusal {
	return {
		kind: 'refusal',
		status,
		error: { message, type: 'invalid_request_error', code, param: null },
	};
}

function refuseUpgrade( socket: Socket, refused: Refusal ): void {
	const body = refused.body ?? JSON.stringify( { error: refused.error } );
	const wait =
		refused.retryAfterSeconds === undefined
			? ''
			: `retry-after: ${ refused.retryAfterSeconds }\r\n`;
	socket.end(
		`HTTP/1.1 ${ refused.status } Refused\r\ncontent-type: ${
			refused.contentType ?? 'application/json'
		}\r\n${ wait }content-length: ${ Buffer.byteLength( body ) }\r\nconnection: close\r\n\r\n${ body }`
	);
}
