/**
 * Answers `GET /v1/realtime`: the upgrade to a WebSocket, or its refusal.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Refusal } from '../behaviour.ts';
import { type JournalEntry, preciseNowMs } from '../journal.ts';
import type { VoiceServices } from '../voice-services.ts';
import { newId } from './conversation.ts';
import { runCall } from './run-call.ts';

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
