/**
 * Where a live conversation stands, from its first moment to its last, against the real relay; and that every failure leaves nothing open.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { CaptureFrame } from '../../../blocks/shared/voice/capture/frame.ts';
import type { MicrophoneHooks } from '../../../blocks/shared/voice/capture/microphone.ts';
import { WorkletMissing } from '../../../blocks/shared/voice/capture/microphone.ts';
import type { Surroundings } from '../../../blocks/shared/voice/capture/refusal.ts';
import { startLiveConversation } from '../../../blocks/shared/voice/live/live-conversation.ts';
import type {
	LiveEnd,
	LiveEvent,
	LiveState,
} from '../../../blocks/shared/voice/live/live-parts.ts';
import { createLiveLink } from '../../../blocks/shared/voice/live/live-link.ts';
import type { LiveSocket } from '../../../blocks/shared/voice/live/live-link.ts';
import { createLiveSpeech } from '../../../blocks/shared/voice/live/live-speech.ts';
import { startStage } from '../../proxy/voice/live/live-stage.ts';
import type { Stage } from '../../proxy/voice/live/live-stage.ts';
import { voiceToken } from '../../proxy/voice/live/live-client.ts';
import { startFaultProxy } from '../../support/fault-proxy/index.ts';
import type { FaultProxy } from '../../support/fault-proxy/index.ts';
import { SITE_ORIGIN } from '../../support/proxy/credentials.ts';
import {
	canSpeak,
	loudness,
	noise,
	silence,
	speak,
	tone,
} from '../../support/speech/index.ts';
import { playSilently } from './loudspeaker.ts';

const RATE = 24_000;
const FRAME = 480;
const ANSWER =
	'You can return unused gear within sixty days of delivery, and the refund reaches your account within five working days after that.';

const ALLOWED: Surroundings = {
	isSecure: true,
	canRecord: true,
	isAllowedHere: true,
	permission: async () => 'granted',
};

let stage: Stage;
let faults: FaultProxy;
const ends: Array< () => void > = [];
beforeEach( async () => {
	stage = await startStage( {}, { hasRealSpeech: false } );
	faults = await startFaultProxy( {
		target: { port: Number( new URL( stage.proxy.url ).port ) },
	} );
} );
afterEach( async () => {
	ends.splice( 0 ).forEach( ( end ) => end() );
	await faults.close();
	await stage.close();
} );

/** Begins a conversation, with a microphone that the test speaks into. */
function converse( {
	surroundings = ALLOWED,
	open = async () => {},
	isClaimed = false,
	isHalfDuplex = false,
	isPush = false,
}: {
	surroundings?: Surroundings;
	/** Rejects where there is no microphone; asked with how often it was opened before. */
	open?: ( before: number ) => Promise< void >;
	isClaimed?: boolean;
	isHalfDuplex?: boolean;
	isPush?: boolean;
} = {} ) {
	const states: LiveState[] = [];
	const events: LiveEvent[] = [];
	const sent: Array< { type: string } > = [];
	const played: Array< ReturnType< typeof playSilently > > = [];
	let hooks: MicrophoneHooks | undefined;
	let opened = 0;
	let closed = 0;
	let held = 0;
	let framesSent = 0;
	let take = () => {};
	const watchers = new Set< () => void >();
	const note = () => {
		if ( states.at( -1 ) !== live.state ) {
			states.push( live.state );
		}
		watchers.forEach( ( look ) => look() );
	};
	let ended: LiveEnd | undefined;
	const live = startLiveConversation( {
		connect( listener ) {
			const link = createLiveLink( {
				...listener,
				url: `ws://127.0.0.1:${ faults.port }/v1/realtime`,
				tokens: {
					get: async () => voiceToken(),
					renew: async () => voiceToken(),
				},
				openSocket( url, protocols ) {
					const socket = new WebSocket( url, protocols, {
						origin: SITE_ORIGIN,
						perMessageDeflate: false,
					} );
					socket.on( 'error', () => {} );
					return socket as unknown as LiveSocket;
				},
				start: () => ( { turnDetection: isPush ? 'push' : 'auto' } ),
			} );
			return {
				...link,
				get isReady() {
					return link.isReady;
				},
				send( frame ) {
					sent.push( frame );
					link.send( frame );
				},
				sendSound( samples ) {
					framesSent++;
					link.sendSound( samples );
				},
			};
		},
		speak: ( listener ) =>
			createLiveSpeech( {
				...listener,
				play( options ) {
					const playback = playSilently( options );
					played.push( playback );
					return playback;
				},
			} ),
		async open( given ) {
			await open( opened );
			opened++;
			hooks = given;
			return {
				track: undefined,
				close: async () => {
					closed++;
				},
			};
		},
		async claim( onTaken ) {
			if ( isClaimed ) {
				return undefined;
			}
			held++;
			take = onTaken;
			return () => {
				held--;
			};
		},
		surroundings,
		isPush,
		isHalfDuplex,
		onLevel: () => {},
		onEvent( event ) {
			events.push( event );
		},
		onChange: () => note(),
		onEnd( end ) {
			ended = end;
			note();
		},
	} );
	ends.push( () => live.end() );
	return {
		live,
		states,
		events,
		sent,
		played,
		get ended() {
			return ended;
		},
		/** Microphones that are open, and claims that are held. */
		get left() {
			return opened - closed + held;
		},
		get framesSent() {
			return framesSent;
		},
		get hooks() {
			return hooks;
		},
		take: () => take(),
		/** Resolves in a state, from now on or already. */
		is: ( state: LiveState ) =>
			new Promise< void >( ( resolve, reject ) => {
				const timer = setTimeout(
					() => reject( new Error( `not ${ state }: ${ states }` ) ),
					12_000
				);
				const look = () => {
					if ( live.state === state ) {
						clearTimeout( timer );
						watchers.delete( look );
						resolve();
					}
				};
				watchers.add( look );
				look();
			} ),
		hear( pcm: Int16Array ) {
			for ( let at = 0; at + FRAME <= pcm.length; at += FRAME ) {
				const samples = pcm.slice(
					at,
					at + FRAME
				) as CaptureFrame[ 'samples' ];
				hooks?.onFrame( {
					samples,
					rms: loudness( samples ),
					peak: 0,
				} );
			}
		},
	};
}

type Conversation = ReturnType< typeof converse >;

/** Asks something that is answered with {@link ANSWER}. */
async function ask( conversation: Conversation ): Promise< void > {
	await conversation.is( 'listening' );
	stage.provider.script(
		{ for: 'hearing', text: 'How long can I return unused gear?' },
		{ for: 'answer', text: ANSWER }
	);
	conversation.hear( tone( 600, { sampleRate: RATE } ) );
	conversation.hear( silence( 1_000, RATE ) );
	await conversation.is( 'speaking' );
}

describe( 'a conversation', () => {
	it( 'is connected, listens, hears, thinks, speaks, and listens again once all was heard', async () => {
		const conversation = converse();
		expect( conversation.live.state ).toBe( 'connecting' );
		await ask( conversation );
		await conversation.is( 'listening' );
		expect( conversation.states ).toEqual( [
			'listening',
			'hearing',
			'thinking',
			'speaking',
			'listening',
		] );
		expect( conversation.live.remainingMs ).toBeGreaterThan( 580_000 );
		conversation.live.end();
		expect( conversation.states.at( -1 ) ).toBe( 'ended' );
		expect( conversation.ended ).toEqual( { reason: 'client' } );
		expect( conversation.left ).toBe( 0 );
	} );

	it( 'whose connection is cut says that it is being restored, and goes on', async () => {
		const conversation = converse();
		await conversation.is( 'listening' );
		faults.resetAll();
		await conversation.is( 'restoring' );
		await conversation.is( 'listening' );
		await ask( conversation );
		expect( conversation.ended ).toBeUndefined();
	} );

	it( 'takes what is written before it is connected', async () => {
		const conversation = converse();
		stage.provider.script( { for: 'answer', text: ANSWER } );
		conversation.live.write( 'How long can I return unused gear?' );
		await conversation.is( 'speaking' );
		expect( conversation.framesSent ).toBe( 0 );
	} );

	it( 'that is muted sends nothing, not even after a cut', async () => {
		const conversation = converse();
		await conversation.is( 'listening' );
		conversation.live.mute( true );
		expect( conversation.live.state ).toBe( 'muted' );
		conversation.hear( tone( 400, { sampleRate: RATE } ) );
		expect( conversation.framesSent ).toBe( 0 );
		faults.resetAll();
		await conversation.is( 'restoring' );
		await conversation.is( 'muted' );
		expect(
			conversation.sent.filter( ( { type } ) => type === 'mute' )
		).toHaveLength( 2 );
		conversation.live.mute( false );
		expect( conversation.live.state ).toBe( 'listening' );
	} );

	it( 'with a button to talk hears only while it is held', async () => {
		const conversation = converse( { isPush: true } );
		await conversation.is( 'listening' );
		conversation.hear( tone( 400, { sampleRate: RATE } ) );
		expect( conversation.framesSent ).toBe( 0 );
		stage.provider.script(
			{ for: 'hearing', text: 'How long can I return unused gear?' },
			{ for: 'answer', text: ANSWER }
		);
		conversation.live.talk( true );
		await conversation.is( 'hearing' );
		conversation.hear( tone( 600, { sampleRate: RATE } ) );
		conversation.live.talk( false );
		await conversation.is( 'speaking' );
	} );

	it( 'says when its time is over, by the proxy’s word', async () => {
		const conversation = converse();
		await conversation.is( 'listening' );
		await stage.proxy.services.live.drain( 0 );
		await conversation.is( 'ended' );
		expect( conversation.ended ).toEqual( {
			reason: 'shutdown',
			fallBack: 'cascade',
		} );
		expect( conversation.left ).toBe( 0 );
	} );

	it( 'gives way to a newer one', async () => {
		const conversation = converse();
		await conversation.is( 'listening' );
		conversation.take();
		expect( conversation.ended?.reason ).toBe( 'elsewhere' );
		expect( conversation.left ).toBe( 0 );
	} );
} );

describe.skipIf( ! canSpeak() )( 'while the assistant speaks', () => {
	it( 'a visitor who speaks makes it quiet, then silent; the answer is cut where it was heard', async () => {
		const conversation = converse();
		await ask( conversation );
		const [ playback ] = conversation.played;
		const words = await speak( 'wait a moment', { sampleRate: RATE } );
		// The assistant's voice has to be heard a while before its echo is known.
		conversation.hear( noise( 1_000, { level: 0.002, sampleRate: RATE } ) );
		conversation.hear( words.subarray( 0, RATE * 0.32 ) );
		expect( playback?.isDucked ).toBe( true );
		expect( conversation.sent.at( -1 )?.type ).toBe( 'onset' );
		conversation.hear( words.subarray( RATE * 0.32 ) );
		expect( playback?.state ).toBe( 'stopped' );
		const interrupt = conversation.sent.find(
			( { type } ) => type === 'interrupt'
		);
		expect( interrupt ).toMatchObject( {
			itemId: playback?.id,
			heardMs: Math.floor( playback?.heardMs ?? -1 ),
		} );
		expect( conversation.events ).toContainEqual(
			expect.objectContaining( { type: 'broken', itemId: playback?.id } )
		);
		expect( conversation.live.state ).toBe( 'hearing' );
	} );

	it( 'a noise makes it quiet for a moment only', async () => {
		const conversation = converse();
		await ask( conversation );
		const [ playback ] = conversation.played;
		conversation.hear( noise( 1_000, { level: 0.002, sampleRate: RATE } ) );
		conversation.hear( noise( 200, { level: 0.5, sampleRate: RATE } ) );
		expect( playback?.isDucked ).toBe( true );
		conversation.hear( noise( 300, { level: 0.002, sampleRate: RATE } ) );
		expect( playback?.isDucked ).toBe( false );
		expect( conversation.sent.map( ( { type } ) => type ) ).toEqual( [
			'onset',
			'onset_over',
		] );
		expect( conversation.live.state ).toBe( 'speaking' );
	} );

	it( 'on a loudspeaker that cannot be told apart nothing is heard, until a moment after, or at the visitor’s wish', async () => {
		const conversation = converse( { isHalfDuplex: true } );
		await ask( conversation );
		const before = conversation.framesSent;
		const words = await speak( 'wait a moment', { sampleRate: RATE } );
		conversation.hear( words );
		expect( conversation.framesSent ).toBe( before );
		conversation.live.interrupt();
		conversation.hear( words );
		expect( conversation.framesSent ).toBe( before );
		conversation.live.isHalfDuplex = false;
		conversation.hear( words );
		expect( conversation.framesSent ).toBeGreaterThan( before );
	} );
} );

describe( 'nothing is left open', () => {
	it.each( [
		[ 'insecure', { isSecure: false } ],
		[ 'unsupported', { canRecord: false } ],
		[ 'policy', { isAllowedHere: false } ],
	] )( 'on a page that is %s', async ( refusal, surroundings ) => {
		const conversation = converse( {
			surroundings: { ...ALLOWED, ...surroundings },
		} );
		await conversation.is( 'ended' );
		expect( conversation.ended ).toMatchObject( {
			reason: 'microphone',
			refusal,
		} );
		expect( conversation.left ).toBe( 0 );
	} );

	it.each( [
		[ 'blocked', new DOMException( '', 'NotAllowedError' ) ],
		[ 'no_device', new DOMException( '', 'NotFoundError' ) ],
		[ 'busy', new DOMException( '', 'NotReadableError' ) ],
		[ 'unreachable', new WorkletMissing() ],
	] )( 'when the microphone is %s', async ( refusal, error ) => {
		const conversation = converse( {
			open: () => Promise.reject( error ),
		} );
		await conversation.is( 'ended' );
		expect( conversation.ended ).toMatchObject( { refusal } );
		expect( conversation.left ).toBe( 0 );
	} );

	it( 'when something else of the site records', async () => {
		const conversation = converse( { isClaimed: true } );
		await conversation.is( 'ended' );
		expect( conversation.ended ).toMatchObject( { refusal: 'elsewhere' } );
	} );

	it( 'when the proxy cannot be reached; it goes on by pushing a button', async () => {
		faults.refuse( true );
		const conversation = converse();
		await conversation.is( 'ended' );
		expect( conversation.ended ).toEqual( {
			reason: 'unavailable',
			fallBack: 'cascade',
		} );
		expect( conversation.left ).toBe( 0 );
	} );

	it( 'when it is ended before the microphone is open', async () => {
		let allow = () => {};
		const conversation = converse( {
			open: () =>
				new Promise( ( resolve ) => {
					allow = resolve;
				} ),
		} );
		await Promise.resolve();
		await new Promise( setImmediate );
		conversation.live.end();
		allow();
		await expect.poll( () => conversation.left ).toBe( 0 );
	} );

	it( 'when the microphone is unplugged, unless another takes its place', async () => {
		const conversation = converse( {
			open: async ( before ) => {
				if ( before === 2 ) {
					throw new DOMException( '', 'NotFoundError' );
				}
			},
		} );
		await conversation.is( 'listening' );
		conversation.hooks?.onGone();
		await new Promise( setImmediate );
		expect( conversation.live.state ).toBe( 'listening' );
		conversation.hooks?.onGone();
		await conversation.is( 'ended' );
		expect( conversation.ended ).toEqual( {
			reason: 'unplugged',
			fallBack: 'text',
		} );
		expect( conversation.left ).toBe( 0 );
	} );
} );
