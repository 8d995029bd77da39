/**
 * Texts are read aloud by realtime models, over sessions that wait for the next sentence.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { createFailureLog } from '../../../proxy/src/upstream/failure-log.ts';
import { createGate } from '../../../proxy/src/upstream/gate.ts';
import { createOpenAiVoice } from '../../../proxy/src/upstream/openai-voice.ts';
import { createProviderCalls } from '../../../proxy/src/upstream/provider-calls.ts';
import type { SpeechRequest } from '../../../proxy/src/upstream/voice.ts';
import { bytesOf, tone } from '../../support/speech/index.ts';
import { configure } from './configured-providers.ts';
import {
	startPeer,
	type Peer,
	type PeerScript,
	type PeerSession,
	type WireEvent,
} from './realtime-peer.ts';
import { say, shippedModel } from './voice-provider.ts';

const ends: Array< () => unknown > = [];

afterEach( async () => {
	for ( const end of ends.splice( 0 ).reverse() ) {
		await end();
	}
} );

const MODEL = shippedModel( 'gpt-realtime-2.1-mini' );
const SAMPLES = bytesOf( tone( 300, { sampleRate: 24_000 } ) );
const USAGE = {
	total_tokens: 106,
	input_tokens: 100,
	output_tokens: 6,
	input_token_details: {
		text_tokens: 100,
		audio_tokens: 0,
		cached_tokens: 0,
	},
	output_token_details: { text_tokens: 0, audio_tokens: 6 },
};

/** A provider that speaks the same samples for every text, in odd pieces. */
function speaks( session: PeerSession, done: object = {} ) {
	session.send(
		{ type: 'response.created', response: { status: 'in_progress' } },
		{ type: 'rate_limits.updated', rate_limits: [] },
		delta( SAMPLES.subarray( 0, 1_001 ) ),
		{ type: 'response.output_audio_transcript.delta', delta: 'You may ' },
		delta( SAMPLES.subarray( 1_001 ) ),
		{ type: 'response.output_audio_transcript.delta', delta: 'return.' },
		{
			type: 'response.done',
			response: { status: 'completed', usage: USAGE, ...done },
		}
	);
}

function delta( bytes: Buffer ): WireEvent {
	return {
		type: 'response.output_audio.delta',
		delta: bytes.toString( 'base64' ),
	};
}

/** Does something with every text that is to be read, counted from 1. */
function reading(
	answer: ( session: PeerSession, count: number ) => void
): PeerScript {
	let count = 0;
	return {
		onEvent( event, session ) {
			if ( event.type === 'response.create' ) {
				answer( session, ++count );
			}
		},
	};
}

async function house(
	script: PeerScript = reading( ( session ) => speaks( session ) ),
	{
		idleMs,
		silenceMs = 10_000,
	}: { idleMs?: number | undefined; silenceMs?: number | undefined } = {}
) {
	const peer: Peer = await startPeer( script );
	const [ config ] = configure( {
		house: { kind: 'openai', baseUrl: peer.baseUrl },
	} );
	if ( ! config ) {
		throw new Error( 'There is no provider.' );
	}
	const failures = createFailureLog( Date.now );
	const gate = createGate( config );
	const voice = createOpenAiVoice(
		createProviderCalls( config, { gate, failures, silenceMs } ),
		{ idleMs }
	);
	ends.push( () => peer.close() );
	ends.push( () => voice.close() );
	return {
		peer,
		voice,
		failures,
		gate,
		say: (
			more: Partial< SpeechRequest > = {},
			onPiece?: Parameters< typeof say >[ 2 ]
		) => say( voice, { model: MODEL, ...more }, onPiece ),
	};
}

describe( 'a text', () => {
	it( 'is read word for word beside any conversation, within its cap, with the least thought', async () => {
		const { peer, say: read } = await house();
		const spoken = await read( {
			text: 'Read me.',
			language: 'de',
			voice: { name: 'cedar', instructions: 'Warm.' },
			maxOutputTokens: 321,
		} );
		expect( spoken.pcm.equals( SAMPLES ) ).toBe( true );
		expect( spoken ).toMatchObject( {
			transcript: 'You may return.',
			usage: { textIn: 100, audioOut: 6 },
			finishReason: 'stop',
			error: undefined,
		} );
		expect( spoken.order.at( -1 ) ).toBe( 'end' );
		const [ update, create ] = peer.sessions[ 0 ]?.received ?? [];
		expect( update ).toMatchObject( {
			type: 'session.update',
			session: {
				output_modalities: [ 'audio' ],
				audio: {
					input: { turn_detection: null },
					output: {
						voice: 'cedar',
						format: { type: 'audio/pcm', rate: 24_000 },
					},
				},
			},
		} );
		expect( create ).toMatchObject( {
			type: 'response.create',
			response: {
				conversation: 'none',
				max_output_tokens: 321,
				reasoning: { effort: 'minimal' },
				input: [
					{
						role: 'user',
						content: [ { type: 'input_text', text: 'Read me.' } ],
					},
				],
				instructions: expect.stringMatching(
					/word for word.*language is de.*Warm\./
				),
			},
		} );
		expect( peer.violations ).toEqual( [] );
	} );

	it( 'is never allowed more than the provider takes as a number', async () => {
		const { peer, say: read } = await house();
		await read( { maxOutputTokens: 9_000 } );
		expect( peer.sessions[ 0 ]?.received[ 1 ] ).toMatchObject( {
			response: { max_output_tokens: 4_096 },
		} );
	} );

	it( 'is read by the model’s own voice when another model’s is asked for', async () => {
		const { peer, say: read } = await house();
		await read( { voice: { name: 'nova', instructions: '' } } );
		expect( peer.sessions[ 0 ]?.received[ 0 ] ).toMatchObject( {
			session: { audio: { output: { voice: 'marin' } } },
		} );
	} );

	it.each( [
		[
			{
				status: 'incomplete',
				status_details: { reason: 'max_output_tokens' },
			},
			'length',
		],
		[
			{
				status: 'incomplete',
				status_details: { reason: 'content_filter' },
			},
			'refused',
		],
		[ { usage: undefined }, 'stop' ],
		[
			{ usage: { total_tokens: 0, input_tokens: 0, output_tokens: 0 } },
			'stop',
		],
	] )( 'that ends as %j is %s', async ( done, finishReason ) => {
		const { say: read } = await house(
			reading( ( session ) => speaks( session, done ) )
		);
		expect( await read() ).toMatchObject( {
			finishReason,
			error: undefined,
		} );
	} );
} );

describe( 'the session of a reading', () => {
	it( 'serves the next sentences of the same voice', async () => {
		const { peer, say: read } = await house();
		for ( let i = 0; i < 3; i++ ) {
			expect( ( await read() ).finishReason ).toBe( 'stop' );
		}
		expect( peer.sessions ).toHaveLength( 1 );
		expect(
			peer.sessions[ 0 ]?.received.map( ( { type } ) => type )
		).toEqual( [
			'session.update',
			'response.create',
			'response.create',
			'response.create',
		] );
	} );

	it( 'is there before the first sentence when that was announced, once', async () => {
		const { peer, say: read, voice } = await house();
		const speech = {
			model: MODEL,
			voice: { name: 'marin', instructions: '' },
		};
		voice.prepare( speech );
		voice.prepare( speech );
		// The text comes while the session is being opened, or after that.
		expect( ( await read() ).finishReason ).toBe( 'stop' );
		voice.prepare( speech );
		expect( ( await read() ).finishReason ).toBe( 'stop' );
		expect( peer.sessions ).toHaveLength( 1 );
		expect( peer.sessions[ 0 ]?.received ).toHaveLength( 3 );
	} );

	it( 'that was announced and could not be opened fails when the text is spoken', async () => {
		const {
			peer,
			say: read,
			voice,
		} = await house( {
			refuse: ( response ) => response.end( 503, '{}' ),
		} );
		voice.prepare( {
			model: MODEL,
			voice: { name: 'marin', instructions: '' },
		} );
		expect( ( await read() ).error ).toMatchObject( {
			kind: 'unavailable',
		} );
		expect( peer.upgrades ).toBe( 2 );
	} );

	it( 'is announced in vain to a model without sessions', async () => {
		const { peer, voice } = await house();
		voice.prepare( {
			model: shippedModel( 'gpt-audio-1.5' ),
			voice: { name: 'marin', instructions: '' },
		} );
		await voice.close();
		expect( peer.upgrades ).toBe( 0 );
	} );

	it( 'is not shared by two sentences at a time, or by two voices', async () => {
		const { peer, say: read } = await house();
		await Promise.all( [
			read(),
			read(),
			read( { voice: { name: 'ash', instructions: '' } } ),
		] );
		await read();
		await read( { voice: { name: 'ash', instructions: '' } } );
		expect( peer.sessions ).toHaveLength( 3 );
	} );

	it( 'is closed when no sentence comes for a while', async () => {
		const { peer, say: read } = await house( undefined, { idleMs: 20 } );
		await read();
		expect( await peer.sessions[ 0 ]?.closed ).toBe( 1000 );
		expect( ( await read() ).finishReason ).toBe( 'stop' );
		expect( peer.sessions ).toHaveLength( 2 );
	} );

	it( 'is closed with the provider', async () => {
		const { peer, say: read, voice } = await house();
		await read();
		await voice.close();
		expect( await peer.sessions[ 0 ]?.closed ).toBe( 1000 );
	} );

	it( 'that ended while it waited is replaced, and nobody notices', async () => {
		const { peer, say: read, failures } = await house();
		await read();
		peer.sessions[ 0 ]?.tcp.resetAndDestroy();
		const spoken = await read();
		expect( spoken ).toMatchObject( {
			finishReason: 'stop',
			error: undefined,
		} );
		expect( peer.sessions ).toHaveLength( 2 );
		expect( failures.list() ).toEqual( [] );
	} );

	it( 'that ends as the next text arrives is replaced once', async () => {
		const { peer, say: read } = await house(
			reading( ( session, count ) =>
				count === 1 ? speaks( session ) : session.tcp.destroy()
			)
		);
		await read();
		const { error } = await read();
		expect( error ).toMatchObject( { kind: 'cut' } );
		expect( peer.sessions ).toHaveLength( 2 );
	} );

	it( 'that broke in the middle of a text is not asked again', async () => {
		const { peer, say: read } = await house(
			reading( ( session, count ) => {
				if ( count === 1 ) {
					speaks( session );
				} else {
					session.send( delta( SAMPLES ) );
					session.socket.close( 1011 );
				}
			} )
		);
		await read();
		const { error, pcm, finishReason } = await read();
		expect( error ).toMatchObject( {
			kind: 'unavailable',
			isUnbilled: false,
		} );
		expect( pcm.equals( SAMPLES ) ).toBe( true );
		expect( finishReason ).toBeUndefined();
		expect( peer.sessions ).toHaveLength( 1 );
	} );
} );

describe( 'a reading', () => {
	it.each< [ string, ( session: PeerSession ) => void, string ] >( [
		[
			'an error of the session',
			( { send } ) =>
				send( {
					type: 'error',
					error: {
						type: 'invalid_request_error',
						code: 'invalid_value',
						message: 'x',
					},
				} ),
			'refused',
		],
		[
			'a rate limit',
			( session ) =>
				speaks( session, {
					status: 'failed',
					status_details: {
						type: 'failed',
						error: {
							type: 'tokens',
							code: 'rate_limit_exceeded',
						},
					},
				} ),
			'rate',
		],
		[
			'a fault of the model',
			( session ) =>
				speaks( session, {
					status: 'failed',
					status_details: { error: { type: 'server_error' } },
				} ),
			'unavailable',
		],
		[
			'a stop that nobody asked for',
			( session ) => speaks( session, { status: 'cancelled' } ),
			'cut',
		],
		[
			'no sound at all',
			( { send } ) =>
				send( {
					type: 'response.done',
					response: { status: 'completed', usage: USAGE },
				} ),
			'garbage',
		],
		[ 'what is not JSON', ( { socket } ) => socket.send( '{' ), 'garbage' ],
		[ 'silence', () => undefined, 'timeout' ],
		[
			'silence in the middle',
			( { send } ) => send( delta( SAMPLES ) ),
			'timeout',
		],
	] )(
		'that meets %s fails, and its session is not used again',
		async ( _, answer, kind ) => {
			const {
				peer,
				say: read,
				failures,
			} = await house(
				reading( ( session, count ) =>
					count === 1 ? answer( session ) : speaks( session )
				),
				{ silenceMs: kind === 'timeout' ? 300 : undefined }
			);
			const { error, finishReason } = await read();
			expect( error ).toMatchObject( { kind, isUnbilled: false } );
			expect( finishReason ).toBeUndefined();
			await peer.sessions[ 0 ]?.closed;
			expect( failures.list() ).toHaveLength( 1 );
			expect( ( await read() ).finishReason ).toBe( 'stop' );
			expect( peer.sessions ).toHaveLength( 2 );
		}
	);

	it( 'that is taken slowly is not the provider’s silence', async () => {
		const { say: read } = await house( undefined, { silenceMs: 50 } );
		const spoken = await read( {}, async ( { kind } ) => {
			if ( kind === 'transcript' ) {
				await new Promise( ( resolve ) => setTimeout( resolve, 120 ) );
			}
		} );
		expect( spoken ).toMatchObject( {
			finishReason: 'stop',
			error: undefined,
		} );
	} );

	it( 'that is refused at the upgrade costs nothing', async () => {
		const { say: read } = await house( {
			refuse: ( response ) =>
				response.end(
					404,
					'{"error":{"code":"model_not_found","message":"x"}}'
				),
		} );
		expect( ( await read() ).error ).toMatchObject( {
			kind: 'model_gone',
			isUnbilled: true,
		} );
	} );

	it( 'that is stopped before the session is there sends no text', async () => {
		const { peer, say: read } = await house( { onOpen: () => undefined } );
		const stop = new AbortController();
		const stopped = read( { signal: stop.signal } );
		const session = await peer.session( 1 );
		stop.abort();
		expect( ( await stopped ).error ).toMatchObject( { kind: 'aborted' } );
		await session.closed;
		expect( session.received ).toEqual( [] );
	} );

	it( 'that is stopped in the middle is cancelled at once, although nobody reads on', async () => {
		const {
			peer,
			say: read,
			gate,
		} = await house( reading( ( { send } ) => send( delta( SAMPLES ) ) ) );
		const stop = new AbortController();
		const { error } = await read( { signal: stop.signal }, async () => {
			stop.abort();
			await peer.sessions[ 0 ]?.closed;
		} );
		expect( error ).toMatchObject( { kind: 'aborted', isUnbilled: false } );
		expect( peer.sessions[ 0 ]?.received.at( -1 ) ).toEqual( {
			type: 'response.cancel',
		} );
		expect( gate.inFlight ).toBe( 0 );
	} );

	it( 'that nobody wants any more is cancelled', async () => {
		const { peer, voice } = await house(
			reading( ( { send } ) => send( delta( SAMPLES ) ) )
		);
		for await ( const pieces of voice.speak( {
			model: MODEL,
			text: 'Long.',
			voice: { name: 'ash', instructions: '' },
			language: 'en',
			maxOutputTokens: 100,
			priority: 'visitor',
			signal: new AbortController().signal,
		} ) ) {
			expect( pieces ).not.toHaveLength( 0 );
			break;
		}
		await peer.sessions[ 0 ]?.closed;
		expect( peer.sessions[ 0 ]?.received.at( -1 ) ).toEqual( {
			type: 'response.cancel',
		} );
	} );
} );
