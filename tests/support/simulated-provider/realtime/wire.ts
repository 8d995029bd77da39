/**
 * Writes the events of one call to its client, and in the journal, and shows them to whoever inspects the wire.
 */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { type CallRecord, preciseNowMs } from '../journal.ts';
import type { VoiceServices } from '../voice-services.ts';
import type { CallError } from './call-error.ts';
import { newId, type WireItem } from './conversation.ts';

/** The provider's end of a connection. */
export interface CallWire {
	readonly isOpen: boolean;
	/** Sends an event, with an id of its own. */
	send( event: { type: string; [ name: string ]: unknown } ): void;
	/** Says that an event of the client was refused. */
	refuse( error: CallError, eventId: unknown ): void;
	/** Sends bytes that are no event. */
	sendRaw( bytes: string ): void;
	close( code: number, reason?: string ): void;
	/** Ends the connection without a word. */
	drop( how: 'end' | 'close' | 'reset' ): void;
}

/** Names the schema of an event in the API's description: its type in other letters, with a few exceptions. */
export function eventSchema( side: 'Server' | 'Client', type: string ): string {
	const words = type
		.split( /[._]/ )
		.map( ( word ) => word.charAt( 0 ).toUpperCase() + word.slice( 1 ) )
		.join( '' )
		.replace( /^ResponseOutput(Audio|Text)/, 'Response$1' );
	return `Realtime${ side }Event${ words }`;
}

/** Starts writing. */
export function createCallWire( {
	ws,
	socket,
	record,
	services,
}: {
	ws: WebSocket;
	socket: Socket;
	record: CallRecord;
	services: VoiceServices;
} ): CallWire {
	const wire: CallWire = {
		get isOpen() {
			return ws.readyState === ws.OPEN;
		},
		send( event ) {
			if ( ! wire.isOpen ) {
				return;
			}
			const whole = { event_id: newId( 'event' ), ...event };
			services.inspect(
				eventSchema( 'Server', event.type ),
				asDescribed( whole )
			);
			const isAudio = event.type === 'response.output_audio.delta';
			record.sent.push( {
				type: event.type,
				atMs: preciseNowMs(),
				...( isAudio
					? {
							audioBytes: Buffer.byteLength(
								String( event.delta ),
								'base64'
							),
						}
					: { event: whole } ),
			} );
			services.journal.changed();
			ws.send( JSON.stringify( whole ) );
		},
		refuse( error, eventId ) {
			wire.send( {
				type: 'error',
				error: {
					type: 'invalid_request_error',
					code: error.code,
					message: error.message,
					param: error.param,
					event_id: typeof eventId === 'string' ? eventId : null,
				},
			} );
		},
		sendRaw( bytes ) {
			ws.send( bytes );
		},
		close( code, reason ) {
			record.closeCode = code;
			ws.close( code, reason );
		},
		drop( how ) {
			if ( how === 'end' ) {
				wire.close( 1000 );
			} else if ( how === 'close' ) {
				socket.destroy();
			} else {
				socket.resetAndDestroy();
			}
		},
	};
	return wire;
}

/** The description knows no null for words that are not known yet; the API sends it, and clients count on it. */
export function asDescribed( event: Record< string, unknown > ): object {
	const item = event.item as WireItem | undefined;
	return item?.content
		? {
				...event,
				item: {
					...item,
					content: item.content.map(
						( { transcript, ...part } ) => ( {
							...part,
							...( typeof transcript === 'string'
								? { transcript }
								: {} ),
						} )
					),
				},
			}
		: event;
}
