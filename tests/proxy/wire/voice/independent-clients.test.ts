/**
 * Clients that others wrote understand the calls of the simulated provider: the one of the SDK, and the one for agents.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import {
	OpenAIRealtimeWebSocket,
	RealtimeAgent,
	RealtimeSession,
} from '@openai/agents-realtime';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { loadOracle } from '../../../support/openapi/oracle.ts';
import {
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import { bytesOf, tone } from '../../../support/speech/index.ts';

const MODEL = 'gpt-realtime-2.1-mini';
const INSTRUCTIONS =
	'Answer.\n<passage 1>Shipping is free. Tents are green.</passage>';

describe( 'a call that is held', () => {
	let provider: SimulatedProvider;
	beforeAll( async () => {
		const inspector = loadOracle();
		provider = await startSimulatedProvider( {
			hasRealSpeech: false,
			...( inspector ? { inspector } : {} ),
		} );
	} );
	afterEach( () => provider.reset() );
	afterAll( () => provider.close() );

	it( 'by the client of the SDK', async () => {
		provider.script( { for: 'hearing', text: 'Is shipping free?' } );
		const client = new OpenAI( {
			apiKey: 'sk-test',
			baseURL: provider.baseUrl,
		} );
		// It speaks TLS only: the connection underneath is made here instead.
		const options = {
			createConnection: () => connect( provider.port, '127.0.0.1' ),
		};
		const call = new OpenAIRealtimeWS( { model: MODEL, options }, client );
		const said: string[] = [];
		const done = new Promise( ( resolve, reject ) => {
			call.on( 'error', reject );
			call.on( 'response.done', resolve );
		} );
		call.on( 'response.output_audio_transcript.delta', ( { delta } ) =>
			said.push( delta )
		);
		await once( call.socket, 'open' );
		call.send( {
			type: 'session.update',
			session: {
				type: 'realtime',
				instructions: INSTRUCTIONS,
				audio: { input: { turn_detection: null } },
			},
		} );
		call.send( {
			type: 'input_audio_buffer.append',
			audio: bytesOf( tone( 500, { sampleRate: 24_000 } ) ).toString(
				'base64'
			),
		} );
		call.send( { type: 'input_audio_buffer.commit' } );
		call.send( { type: 'response.create' } );
		await done;
		expect( said.join( '' ) ).toBe( 'Shipping is free.' );
		call.close();
		expect( provider.violations ).toEqual( [] );
	} );

	it( 'by the client for agents, with text, speech and an interruption', async () => {
		provider.setDefault( { for: 'hearing', text: 'Which colour?' } );
		const transport = new OpenAIRealtimeWebSocket( {
			useInsecureApiKey: true,
			createWebSocket: async ( { apiKey } ) =>
				new WebSocket(
					`${ provider.baseUrl.replace( 'http', 'ws' ) }/realtime?model=${ MODEL }`,
					{ headers: { authorization: `Bearer ${ apiKey }` } }
				) as never,
		} );
		const session = new RealtimeSession(
			new RealtimeAgent( { name: 'shop', instructions: INSTRUCTIONS } ),
			{
				transport,
				model: MODEL,
				config: {
					audio: { input: { turnDetection: { type: 'server_vad' } } },
				},
			}
		);
		const problems: unknown[] = [];
		session.on( 'error', ( problem ) => problems.push( problem ) );
		let heardBytes = 0;
		session.on( 'audio', ( { data } ) => {
			heardBytes += data.byteLength;
		} );
		await session.connect( { apiKey: 'sk-test' } );
		const ended = () =>
			new Promise< string >( ( resolve ) =>
				session.once( 'agent_end', ( _context, _agent, text ) =>
					resolve( text )
				)
			);
		const first = ended();
		session.sendMessage( 'Is shipping free?' );
		expect( await first ).toBe( 'Shipping is free.' );
		expect( heardBytes ).toBeGreaterThan( 24_000 );

		provider.script( {
			for: 'answer',
			text: 'Tents are green, and so is the grass that they stand on.',
			pace: 'realtime',
		} );
		const speaking = new Promise( ( resolve ) =>
			session.once( 'audio_start', resolve )
		);
		const turn = Buffer.concat( [
			bytesOf( tone( 500, { sampleRate: 24_000 } ) ),
			Buffer.alloc( 48_000 ),
		] );
		session.sendAudio( Uint8Array.from( turn ).buffer );
		await speaking;
		const cancelled = provider.journal.waitFor( ( { call } ) =>
			Boolean(
				call?.received.some(
					( { type } ) => type === 'conversation.item.truncate'
				)
			)
		);
		const interrupted = new Promise( ( resolve ) =>
			session.once( 'audio_interrupted', resolve )
		);
		session.interrupt();
		await Promise.all( [ interrupted, cancelled ] );
		session.close();
		expect( problems ).toEqual( [] );
	} );
} );
