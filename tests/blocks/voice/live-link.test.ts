/**
 * The browser's way to the proxy against the real relay, through a connection that is cut, slow and silent.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { ServerFrame } from '../../../blocks/shared/voice/live/frames.ts';
import { createLiveLink } from '../../../blocks/shared/voice/live/live-link.ts';
import type {
	LiveLink,
	LiveSocket,
} from '../../../blocks/shared/voice/live/live-link.ts';
import { startStage } from '../../proxy/voice/live/live-stage.ts';
import type { Stage } from '../../proxy/voice/live/live-stage.ts';
import { voiceToken } from '../../proxy/voice/live/live-client.ts';
import { startFaultProxy } from '../../support/fault-proxy/index.ts';
import type { FaultProxy } from '../../support/fault-proxy/index.ts';
import { SITE_ORIGIN } from '../../support/proxy/credentials.ts';
import { silence, tone } from '../../support/speech/index.ts';

const ANSWER =
	'You can return unused gear within sixty days of delivery, and the refund reaches your account within five working days after that.';
const FRAME = 480;

let stage: Stage;
let faults: FaultProxy;
beforeEach( async () => {
	stage = await startStage(
		{ liveTimes: { graceMs: 1_500 } },
		{ hasRealSpeech: false, pace: 4 }
	);
	faults = await startFaultProxy( {
		target: { port: Number( new URL( stage.proxy.url ).port ) },
	} );
} );
const links: LiveLink[] = [];
afterEach( async () => {
	links.splice( 0 ).forEach( ( link ) => link.close() );
	await faults.close();
	await stage.close();
} );

/** A browser's end, with everything that it was told. */
function openLink( {
	tokens = [ voiceToken() ],
	conversationId,
	port = faults.port,
}: { tokens?: string[]; conversationId?: string; port?: number } = {} ) {
	const frames: ServerFrame[] = [];
	const told: string[] = [];
	let soundBytes = 0;
	let opened = 0;
	let renewals = 0;
	let [ token ] = tokens;
	let wantedId = conversationId;
	const watchers = new Set< () => void >();
	const tell = ( what: string ) => {
		told.push( what );
		watchers.forEach( ( look ) => look() );
	};
	const link = createLiveLink( {
		url: `ws://127.0.0.1:${ port }/v1/realtime`,
		tokens: {
			get: async () => token ?? '',
			renew: async () => {
				renewals++;
				token = tokens[ renewals ] ?? token;
				return token ?? '';
			},
		},
		openSocket: ( url, protocols ) => {
			opened++;
			const socket = new WebSocket( url, protocols, {
				origin: SITE_ORIGIN,
				perMessageDeflate: false,
			} );
			socket.on( 'error', () => {} );
			return socket as unknown as LiveSocket;
		},
		start: () => ( { conversationId: wantedId } ),
		onFrame( frame ) {
			frames.push( frame );
			tell( frame.type );
		},
		onSound( pcm ) {
			soundBytes += pcm.byteLength;
		},
		onCut: () => tell( 'cut' ),
		onForgotten() {
			wantedId = undefined;
			tell( 'forgotten' );
		},
		onLate: () => tell( 'late' ),
		onLost: () => tell( 'lost' ),
	} );
	links.push( link );
	return {
		link,
		frames,
		told,
		continueWith( id: string | undefined ) {
			wantedId = id;
		},
		get soundMs() {
			return soundBytes / 48;
		},
		get opened() {
			return opened;
		},
		get renewals() {
			return renewals;
		},
		/** Resolves once something was told so many times. */
		wait: ( what: string, times = 1 ) =>
			new Promise< void >( ( resolve, reject ) => {
				const timer = setTimeout(
					() => reject( new Error( `no ${ what }: ${ told }` ) ),
					12_000
				);
				const look = () => {
					if (
						told.filter( ( each ) => each === what ).length >= times
					) {
						clearTimeout( timer );
						watchers.delete( look );
						resolve();
					}
				};
				watchers.add( look );
				look();
			} ),
		/** Sends samples as the microphone hands them over, as fast as it goes. */
		speak( pcm: Int16Array ) {
			for ( let at = 0; at + FRAME <= pcm.length; at += FRAME ) {
				link.sendSound(
					pcm.slice( at, at + FRAME ) as Int16Array< ArrayBuffer >
				);
			}
		},
		said: () =>
			frames
				.map( ( frame ) =>
					frame.type === 'said' ? frame.delta : ''
				)
				.join( '' ),
	};
}

type Browser = ReturnType< typeof openLink >;

function ask( browser: Browser, words = 'How long can I return gear?' ): void {
	stage.provider.script( { for: 'hearing', text: words } );
	browser.speak( tone( 700, { sampleRate: 24_000 } ) );
	browser.speak( silence( 1_000, 24_000 ) );
}

describe( 'while it connects', () => {
	it( 'what is said is kept, and heard once somebody is there', async () => {
		const browser = openLink();
		stage.provider.script( { for: 'answer', text: ANSWER } );
		ask( browser );
		await browser.wait( 'speech_end' );
		expect( browser.told[ 0 ] ).toBe( 'ready' );
		expect( browser.said() ).toBe( ANSWER );
	} );

	it( 'no more than ten seconds are kept, and that is said once', async () => {
		faults.set( 'down', { isPaused: true } );
		const browser = openLink();
		browser.speak( silence( 12_000, 24_000 ) );
		expect( browser.told ).toEqual( [ 'late' ] );
		faults.set( 'down', {} );
		await browser.wait( 'ready' );
	} );

	it( 'a token that is refused is renewed, once', async () => {
		const browser = openLink( {
			tokens: [ voiceToken( { exp: 1 } ), voiceToken() ],
		} );
		await browser.wait( 'ready' );
		expect( browser.renewals ).toBe( 1 );
		const refused = openLink( { tokens: [ voiceToken( { exp: 1 } ) ] } );
		await refused.wait( 'lost' );
		expect( refused.renewals ).toBe( 1 );
		expect( refused.opened ).toBe( 2 );
	} );

	it( 'what is typed too fast is said, and not asked', async () => {
		await stage.set( { rateLimits: { visitorPerMinute: 1 } } );
		const browser = openLink();
		await browser.wait( 'ready' );
		for ( const text of [ 'How long can I return it?', 'And then?' ] ) {
			browser.link.send( { type: 'text', text } );
		}
		await browser.wait( 'notice' );
		expect(
			browser.frames.find( ( { type } ) => type === 'notice' )
		).toMatchObject( { code: 'rate_limited' } );
	} );

	it( 'a proxy that is away is tried twice, and then it is over', async () => {
		faults.refuse( true );
		const browser = openLink();
		await browser.wait( 'lost' );
		expect( browser.told ).toEqual( [ 'lost' ] );
	} );

	it( 'a conversation that is not known any more is said so, and another begins', async () => {
		const browser = openLink( { conversationId: 'a'.repeat( 32 ) } );
		await browser.wait( 'ready' );
		expect( browser.told.slice( 0, 2 ) ).toEqual( [
			'forgotten',
			'ready',
		] );
	} );
} );

describe( 'a connection that is cut', () => {
	it( 'in the middle of an answer is restored, and nothing of the answer is missing', async () => {
		const browser = openLink();
		await browser.wait( 'ready' );
		stage.provider.script( { for: 'answer', text: ANSWER } );
		ask( browser );
		await browser.wait( 'said', 3 );
		faults.resetAll();
		await browser.wait( 'cut' );
		await browser.wait( 'ready', 2 );
		await browser.wait( 'speech_end' );
		expect( browser.said() ).toBe( ANSWER );
		const end = browser.frames.find(
			( { type } ) => type === 'speech_end'
		);
		expect( end?.type === 'speech_end' && end.durationMs ).toBeCloseTo(
			browser.soundMs,
			-2
		);
		expect( browser.frames.at( 0 ) ).toMatchObject( {
			sessionId: (
				browser.frames.findLast( ( { type } ) => type === 'ready' ) as {
					sessionId: string;
				}
			 ).sessionId,
		} );
	} );

	it( 'while the visitor speaks loses none of their words', async () => {
		const browser = openLink();
		await browser.wait( 'ready' );
		faults.resetAll();
		await browser.wait( 'cut' );
		stage.provider.script( { for: 'answer', text: ANSWER } );
		ask( browser );
		await browser.wait( 'speech_end' );
		expect(
			browser.told.filter( ( what ) => what === 'cut' )
		).toHaveLength( 1 );
	} );

	it( 'again and again is restored again and again', async () => {
		const browser = openLink();
		await browser.wait( 'ready' );
		for ( let times = 2; times <= 4; times++ ) {
			faults.resetAll();
			await browser.wait( 'ready', times );
		}
		stage.provider.script( { for: 'answer', text: ANSWER } );
		ask( browser );
		await browser.wait( 'speech_end' );
	} );

	it( 'for longer than the proxy waits goes on in a new session of the same thread', async () => {
		const browser = openLink();
		await browser.wait( 'ready' );
		stage.provider.script( { for: 'answer', text: ANSWER } );
		ask( browser );
		await browser.wait( 'speech_end' );
		const ids = () =>
			browser.frames.flatMap( ( frame ) =>
				frame.type === 'ready' ? frame : []
			);
		browser.continueWith( ids()[ 0 ]?.conversationId );
		faults.refuse( true );
		faults.resetAll();
		await expect
			.poll( () => stage.proxy.services.live.count, { timeout: 10_000 } )
			.toBe( 0 );
		faults.refuse( false );
		await browser.wait( 'ready', 2 );
		const [ before, after ] = ids();
		expect( after?.sessionId ).not.toBe( before?.sessionId );
		expect( after?.conversationId ).toBe( before?.conversationId );
	} );

	it( 'by another network is left for a new one at once', async () => {
		const browser = openLink();
		await browser.wait( 'ready' );
		// The old way swallows everything.
		faults.set( 'down', { isPaused: true } );
		faults.set( 'up', { isPaused: true } );
		browser.link.reconnect();
		faults.set( 'down', {} );
		faults.set( 'up', {} );
		await browser.wait( 'ready', 2 );
		expect( browser.told ).toEqual( [ 'ready', 'state', 'cut', 'ready' ] );
	} );
} );

it( 'a connection that takes nothing is left for a new one', async () => {
	const sockets: WebSocket[] = [];
	const server = new WebSocketServer( { port: 0, host: '127.0.0.1' } );
	server.on( 'connection', ( socket ) => {
		sockets.push( socket );
		socket.once( 'message', () => {
			socket.send(
				JSON.stringify( {
					type: 'ready',
					sessionId: 'one',
					conversationId: 'two',
					remainingMs: 60_000,
				} )
			);
			socket.pause();
		} );
	} );
	await once( server, 'listening' );
	const browser = openLink( {
		port: ( server.address() as AddressInfo ).port,
	} );
	await browser.wait( 'ready' );
	const timer = setInterval(
		() => browser.speak( silence( 9_000, 24_000 ) ),
		20
	);
	await browser.wait( 'ready', 2 ).finally( () => clearInterval( timer ) );
	expect( new Set( browser.told ) ).toEqual(
		new Set( [ 'ready', 'late', 'cut' ] )
	);
	sockets.forEach( ( socket ) => socket.terminate() );
	server.close();
} );
