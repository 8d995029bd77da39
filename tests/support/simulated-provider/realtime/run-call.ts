/**
 * Runs the connection of a call: its first event, what the client sends, what is scripted to happen, its end.
 */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
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
import { type CallWire, createCallWire, eventSchema } from './wire.ts';

/** Holds a connection from its first event to its end. */
export function runCall( {
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
