/**
 * Speaks the protocol of live conversations as a browser does, independently of the code under test.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { mintToken, SITE_ORIGIN } from '../../../support/proxy/credentials.ts';
import type { TestProxy } from '../../../support/proxy/start-proxy.ts';
import { bytesOf, silence, speak } from '../../../support/speech/index.ts';

const RATE = 24_000;
const WAIT_MS = 20_000;

/** A control frame. */
export interface Frame {
	type: string;
	// eslint-disable-next-line @typescript-eslint/no-explicit-any
	[ name: string ]: any;
}

/** A browser in a conversation. */
export interface LiveBrowser {
	readonly socket: WebSocket;
	readonly token: string;
	/** Control frames in the order in which they came. */
	readonly frames: Frame[];
	/** Sound by the item it belongs to. */
	readonly sound: Map< string, Buffer >;
	/** Frames of both kinds that are counted for coming back. */
	readonly received: number;
	readonly closeCode: number | undefined;
	readonly isClosed: Promise< void >;
	/** Resolves with the first frame, here already or yet to come after `from`, that fits. */
	wait(
		type: string,
		fits?: ( frame: Frame ) => boolean,
		from?: number
	): Promise< Frame >;
	send( frame: object ): void;
	/** Sends samples in frames of 40 milliseconds, as fast as it goes. */
	sendSound( samples: Int16Array ): void;
	/** Says a text with a real voice, and is silent for a second. */
	say( text: string ): Promise< void >;
	/** Captions of the assistant, all items. */
	said(): string;
	/** Breaks the connection off without a word. */
	drop(): Promise< void >;
}

/** Opens a connection; `start` false sends no first frame. */
export async function openLive(
	proxy: TestProxy,
	{
		token = voiceToken(),
		start = {},
		origin = SITE_ORIGIN,
	}: {
		token?: string;
		start?: object | false;
		origin?: string;
	} = {}
): Promise< LiveBrowser > {
	const socket = new WebSocket(
		`${ proxy.url.replace( 'http', 'ws' ) }/v1/realtime`,
		[ 'docent.v1', `docent.token.${ token }` ],
		{ origin, perMessageDeflate: false }
	);
	const frames: Frame[] = [];
	const sound = new Map< string, Buffer >();
	const watchers = new Set< () => void >();
	let itemId = '';
	let received = 0;
	let closeCode: number | undefined;
	const isClosed = new Promise< void >( ( resolve ) => {
		socket.on( 'close', ( code ) => {
			closeCode = code;
			resolve();
			watchers.forEach( ( look ) => look() );
		} );
	} );
	socket.on( 'message', ( data: Buffer, isBinary ) => {
		if ( isBinary ) {
			received++;
			sound.set(
				itemId,
				Buffer.concat( [
					sound.get( itemId ) ?? Buffer.alloc( 0 ),
					data,
				] )
			);
			return;
		}
		const frame = JSON.parse( data.toString() ) as Frame;
		received += Number( ! [ 'ready', 'error' ].includes( frame.type ) );
		if ( frame.type === 'speech' ) {
			itemId = frame.itemId;
			sound.set( itemId, sound.get( itemId ) ?? Buffer.alloc( 0 ) );
		}
		frames.push( frame );
		watchers.forEach( ( look ) => look() );
	} );
	await once( socket, 'open' );

	const browser: LiveBrowser = {
		socket,
		token,
		frames,
		sound,
		get received() {
			return received;
		},
		get closeCode() {
			return closeCode;
		},
		isClosed,
		wait: ( type, fits = () => true, from = 0 ) =>
			new Promise( ( resolve, reject ) => {
				const give = ( end: () => void ) => {
					clearTimeout( timer );
					watchers.delete( look );
					end();
				};
				const look = () => {
					const found = frames
						.slice( from )
						.find(
							( frame ) => frame.type === type && fits( frame )
						);
					if ( found ) {
						give( () => resolve( found ) );
					} else if ( closeCode !== undefined ) {
						give( () => reject( missing( 'before the close' ) ) );
					}
				};
				const missing = ( when: string ) =>
					new Error(
						`no ${ type } ${ when } ${ closeCode ?? '' }: ${ JSON.stringify( frames ).slice( -2_000 ) }`
					);
				const timer = setTimeout(
					() => give( () => reject( missing( 'in time' ) ) ),
					WAIT_MS
				);
				watchers.add( look );
				look();
			} ),
		send: ( frame ) => socket.send( JSON.stringify( frame ) ),
		sendSound( samples ) {
			for ( let at = 0; at < samples.length; at += 960 ) {
				socket.send( bytesOf( samples.subarray( at, at + 960 ) ) );
			}
		},
		async say( text ) {
			const words = await speak( text, { sampleRate: RATE } );
			browser.sendSound( words );
			browser.sendSound( silence( 1_000, RATE ) );
		},
		said: () =>
			frames
				.filter( ( { type } ) => type === 'said' )
				.map( ( { delta } ) => delta )
				.join( '' ),
		async drop() {
			socket.terminate();
			await isClosed;
		},
	};
	if ( start !== false ) {
		browser.send( { type: 'start', ...start } );
	}
	return browser;
}

/** A token of a visitor who agreed to speak. */
export function voiceToken( claims: Record< string, unknown > = {} ): string {
	return mintToken( { consent: [ 'text', 'voice' ], ...claims } );
}

/** Milliseconds of sound. */
export const msOf = ( sound: Buffer | undefined ): number =>
	( sound?.byteLength ?? 0 ) / 48;
