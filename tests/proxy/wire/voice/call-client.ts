/**
 * Calls the simulated provider without any SDK, so that tests see the events a client sees, in their order.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { bytesOf, samplesOf } from '../../../support/speech/index.ts';

/** An event of the provider. */
export interface ServerEvent {
	type: string;
	// The tests read what they expect: a missing field fails them.
	// eslint-disable-next-line @typescript-eslint/no-explicit-any
	[ name: string ]: any;
}

/** A call that is held. */
export interface TestCall {
	readonly events: ServerEvent[];
	/** Frames that were no JSON. */
	readonly garbage: string[];
	send( event: { type: string; [ name: string ]: unknown } ): void;
	/** Sends samples of 24 kHz in pieces of 100 ms. */
	say( pcm: Int16Array ): void;
	/** Resolves with the first event of a type that came after the one before it was waited for. */
	next( type: string ): Promise< ServerEvent >;
	/** Everything that was spoken so far. */
	spoken(): Int16Array;
	types(): string[];
	/** How the connection ended. */
	closed: Promise< { code: number; reason: string } >;
	close(): void;
}

const PIECE = 2_400;

/** Opens a call and waits until it is set up; rejects with the status of a refused upgrade. */
export async function openCall(
	baseUrl: string,
	{
		model = 'gpt-realtime-2.1-mini',
		key = 'sk-test',
		headers = {},
	}: {
		model?: string;
		key?: string | undefined;
		headers?: Record< string, string >;
	} = {}
): Promise< TestCall > {
	const ws = new WebSocket(
		`${ baseUrl.replace( /^http/, 'ws' ) }/realtime?model=${ model }`,
		{
			headers: {
				...( key ? { authorization: `Bearer ${ key }` } : {} ),
				...headers,
			},
		}
	);
	const events: ServerEvent[] = [];
	const garbage: string[] = [];
	let read = 0;
	let isClosed = false;
	let wake = Promise.withResolvers< void >();
	const tell = (): void => {
		wake.resolve();
		wake = Promise.withResolvers();
	};
	const closed = new Promise< { code: number; reason: string } >(
		( resolve ) =>
			ws.on( 'close', ( code, reason ) => {
				isClosed = true;
				tell();
				resolve( { code, reason: String( reason ) } );
			} )
	);
	ws.on( 'message', ( data ) => {
		try {
			events.push( JSON.parse( String( data ) ) );
		} catch {
			garbage.push( String( data ) );
		}
		tell();
	} );
	const refused = Promise.withResolvers< never >();
	ws.on( 'unexpected-response', ( _request, response ) => {
		const parts: Buffer[] = [];
		response.on( 'data', ( part: Buffer ) => parts.push( part ) );
		response.on( 'end', () =>
			refused.reject(
				Object.assign( new Error( 'refused' ), {
					status: response.statusCode,
					headers: response.headers,
					body: Buffer.concat( parts ).toString(),
				} )
			)
		);
	} );
	await Promise.race( [ once( ws, 'open' ), refused.promise ] );
	ws.on( 'error', () => undefined );

	return {
		events,
		garbage,
		closed,
		send: ( event ) => ws.send( JSON.stringify( event ) ),
		say( pcm ) {
			for ( let at = 0; at < pcm.length; at += PIECE ) {
				ws.send(
					JSON.stringify( {
						type: 'input_audio_buffer.append',
						audio: bytesOf(
							pcm.subarray( at, at + PIECE )
						).toString( 'base64' ),
					} )
				);
			}
		},
		async next( type ) {
			for (;;) {
				const at = events.findIndex(
					( event, index ) => index >= read && event.type === type
				);
				if ( at >= 0 ) {
					read = at + 1;
					return events[ at ] as ServerEvent;
				}
				if ( isClosed ) {
					throw new Error(
						`The call ended before ${ type }; it had ${ events.map( ( event ) => event.type ).join( ', ' ) }.`
					);
				}
				await wake.promise;
			}
		},
		spoken: () =>
			samplesOf(
				Buffer.concat(
					events
						.filter(
							( { type } ) =>
								type === 'response.output_audio.delta'
						)
						.map( ( { delta } ) => Buffer.from( delta, 'base64' ) )
				)
			),
		types: () => events.map( ( { type } ) => type ),
		close: () => ws.close(),
	};
}

/** Sets a call up: push-to-talk with transcription, unless told otherwise. */
export async function setUpCall(
	call: TestCall,
	session: Record< string, unknown > = {},
	input: Record< string, unknown > = {}
): Promise< ServerEvent > {
	call.send( {
		type: 'session.update',
		session: {
			type: 'realtime',
			...session,
			audio: {
				input: {
					turn_detection: null,
					transcription: { model: 'gpt-transcribe' },
					...input,
				},
			},
		},
	} );
	return call.next( 'session.updated' );
}
