/**
 * Is a browser in a live conversation, as far as a bench needs one; and speaks to a provider directly, for comparison.
 */
import { WebSocket } from 'ws';
import { mintToken, SITE_ORIGIN } from '../support/proxy/credentials.ts';
import { questionAt } from './knowledge.ts';

/** An open conversation. */
export interface LiveCall {
	send( pcm: Uint8Array ): void;
	/** Asks in writing, which has an answer begin. */
	ask(): void;
	/** Holds or lets go of the button. */
	talk( isTalking: boolean ): void;
	onSound: ( pcm: Uint8Array ) => void;
	/** A new answer begins. */
	onSpeech: () => void;
	close(): void;
}

const READY_MS = 15_000;

/** Opens a conversation through the proxy. */
export async function callThroughProxy(
	port: number,
	turnDetection: 'auto' | 'push'
): Promise< LiveCall > {
	const token = mintToken( { consent: [ 'text', 'voice' ] } );
	const socket = new WebSocket(
		`ws://127.0.0.1:${ port }/v1/realtime`,
		[ 'docent.v1', `docent.token.${ token }` ],
		{ origin: SITE_ORIGIN, perMessageDeflate: false }
	);
	const call: LiveCall = {
		send: ( pcm ) => socket.send( pcm ),
		ask: () =>
			socket.send(
				JSON.stringify( { type: 'text', text: questionAt( 1 ) } )
			),
		talk: ( isTalking ) =>
			socket.send( JSON.stringify( { type: 'talk', isTalking } ) ),
		onSound: () => undefined,
		onSpeech: () => undefined,
		// Otherwise the proxy waits for a browser that lost its connection.
		close: () => socket.send( JSON.stringify( { type: 'end' } ) ),
	};
	await opened( socket, ( isReady ) => {
		socket.on( 'open', () =>
			socket.send( JSON.stringify( { type: 'start', turnDetection } ) )
		);
		socket.on( 'message', ( data: Buffer, isBinary ) => {
			if ( isBinary ) {
				call.onSound( data );
				return;
			}
			const frame = JSON.parse( data.toString() );
			if ( frame.type === 'ready' ) {
				isReady();
			} else if ( frame.type === 'speech' ) {
				call.onSpeech();
			}
		} );
	} );
	return call;
}

/** Opens a session at the provider itself. */
export async function callDirectly( port: number ): Promise< LiveCall > {
	const socket = new WebSocket(
		`ws://127.0.0.1:${ port }/v1/realtime?model=gpt-realtime-2.1-mini`,
		{
			headers: { Authorization: 'Bearer sk-bench' },
			perMessageDeflate: false,
		}
	);
	const call: LiveCall = {
		send: ( pcm ) =>
			socket.send(
				JSON.stringify( {
					type: 'input_audio_buffer.append',
					audio: Buffer.from( pcm ).toString( 'base64' ),
				} )
			),
		ask: () => socket.send( JSON.stringify( { type: 'response.create' } ) ),
		talk: () => undefined,
		onSound: () => undefined,
		onSpeech: () => undefined,
		close: () => socket.close( 1000 ),
	};
	await opened( socket, ( isReady ) => {
		socket.on( 'message', ( data: Buffer ) => {
			const event = JSON.parse( data.toString() );
			if ( event.type === 'session.created' ) {
				isReady();
			} else if ( event.type === 'response.output_audio.delta' ) {
				call.onSound( Buffer.from( event.delta, 'base64' ) );
			}
		} );
	} );
	return call;
}

function opened(
	socket: WebSocket,
	listen: ( isReady: () => void ) => void
): Promise< void > {
	return new Promise( ( resolve, reject ) => {
		const timer = setTimeout(
			() => reject( new Error( 'The conversation did not begin.' ) ),
			READY_MS
		);
		const end = ( then: () => void ) => () => {
			clearTimeout( timer );
			then();
		};
		socket.on( 'error', ( error ) => end( () => reject( error ) )() );
		socket.on( 'close', ( code, reason ) =>
			end( () =>
				reject(
					new Error(
						`The conversation was closed with ${ code } ${ reason }.`
					)
				)
			)()
		);
		listen( end( resolve ) );
	} );
}
