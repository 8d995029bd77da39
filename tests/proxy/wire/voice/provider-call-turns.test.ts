/**
 * The simulated provider finds turns in what it hears, and stops speaking when it is interrupted.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadOracle } from '../../../support/openapi/oracle.ts';
import {
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import { createTurnDetector } from '../../../support/simulated-provider/realtime/turn-detector.ts';
import {
	hasSpeech,
	joined,
	noise,
	silence,
	speak,
	SPEECH_LEFT_OUT,
	tone,
	transcribe,
} from '../../../support/speech/index.ts';
import { openCall, setUpCall, type TestCall } from './call-client.ts';

const RATE = 24_000;
const sound = ( ms: number ) => tone( ms, { sampleRate: RATE } );
const sounds = ( ...parts: Array< Int16Array | number > ) =>
	joined( parts, RATE );

describe( 'turns in a sound', () => {
	it( 'begin before they are loud and end when they have been quiet', () => {
		const detector = createTurnDetector( { type: 'server_vad' } );
		expect(
			detector.feed( sounds( 1_000, sound( 800 ), 1_000, sound( 400 ) ) )
		).toEqual( [
			{ kind: 'started', atMs: 700 },
			{ kind: 'stopped', atMs: 2_300 },
			{ kind: 'started', atMs: 2_500 },
		] );
		expect( detector.isSpeaking ).toBe( true );
	} );

	it( 'are the same in whatever pieces the sound comes', () => {
		const detector = createTurnDetector( { type: 'server_vad' } );
		const whole = sounds( 500, sound( 500 ), 700 );
		const edges = [];
		for ( let at = 0; at < whole.length; at += 777 ) {
			edges.push( ...detector.feed( whole.subarray( at, at + 777 ) ) );
		}
		expect( edges ).toEqual( [
			{ kind: 'started', atMs: 200 },
			{ kind: 'stopped', atMs: 1_500 },
		] );
	} );

	it( 'are not clicks, and not what is quieter than the threshold', () => {
		const detector = createTurnDetector( {
			type: 'server_vad',
			threshold: 0.8,
		} );
		expect(
			detector.feed(
				sounds(
					300,
					sound( 30 ),
					500,
					noise( 1_000, { level: 0.02, sampleRate: RATE } ),
					500
				)
			)
		).toEqual( [] );
	} );

	it( 'end sooner for an eager detector', () => {
		const ends = ( [ 'low', 'medium', 'high' ] as const ).map(
			( eagerness ) =>
				createTurnDetector( { type: 'semantic_vad', eagerness } )
					.feed( sounds( sound( 500 ), 2_000 ) )
					.at( -1 )?.atMs
		);
		expect( ends ).toEqual( [ 1_700, 1_200, 900 ] );
	} );
} );

describe( 'a call that finds turns', () => {
	let provider: SimulatedProvider;
	let call: TestCall;
	beforeAll( async () => {
		const inspector = loadOracle();
		provider = await startSimulatedProvider( {
			hasRealSpeech: false,
			...( inspector ? { inspector } : {} ),
		} );
	} );
	afterEach( () => {
		call.close();
		expect( provider.violations ).toEqual( [] );
		provider.reset();
	} );
	afterAll( () => provider.close() );

	const begin = async ( turns: object = {} ): Promise< void > => {
		call = await openCall( provider.baseUrl );
		await setUpCall(
			call,
			{},
			{ turn_detection: { type: 'server_vad', ...turns } }
		);
	};

	it( 'says when somebody speaks, takes the turn and answers it', async () => {
		provider.script( { for: 'hearing', text: 'Hello.' } );
		await begin();
		call.say( sounds( 1_000, sound( 1_000 ), 600 ) );
		const started = await call.next( 'input_audio_buffer.speech_started' );
		const stopped = await call.next( 'input_audio_buffer.speech_stopped' );
		const committed = await call.next( 'input_audio_buffer.committed' );
		expect( started ).toMatchObject( { audio_start_ms: 700 } );
		expect( stopped ).toMatchObject( { audio_end_ms: 2_500 } );
		expect( committed.item_id ).toBe( started.item_id );
		const { usage } = await call.next(
			'conversation.item.input_audio_transcription.completed'
		);
		expect( usage.seconds ).toBeCloseTo( 1.8, 2 );
		await call.next( 'response.done' );
	} );

	it( 'leaves the answer to the client when it is told to', async () => {
		provider.script( { for: 'hearing', text: 'Hello.' } );
		await begin( { create_response: false } );
		call.say( sounds( 200, sound( 500 ), 600 ) );
		await call.next(
			'conversation.item.input_audio_transcription.completed'
		);
		await setUpCall( call );
		expect( call.types() ).not.toContain( 'response.created' );
	} );

	it( 'stops speaking when it is interrupted, and says why', async () => {
		provider.setDefault( { for: 'answer', pace: 'realtime' } );
		provider.setDefault( { for: 'hearing', text: 'Hello.' } );
		await begin();
		call.say( sounds( 200, sound( 500 ), 600 ) );
		await call.next( 'response.output_audio.delta' );
		call.say( sound( 200 ) );
		await call.next( 'input_audio_buffer.speech_started' );
		const { response } = await call.next( 'response.done' );
		expect( response ).toMatchObject( {
			status: 'cancelled',
			status_details: { reason: 'turn_detected' },
		} );
		call.say( silence( 600, RATE ) );
		const answered = await call.next( 'response.created' );
		expect( answered.response.status ).toBe( 'in_progress' );
	} );

	it( 'speaks on when it is told not to be interrupted', async () => {
		provider.setDefault( { for: 'answer', text: 'Yes.', pace: 4 } );
		provider.setDefault( { for: 'hearing', text: 'Hello.' } );
		await begin( { interrupt_response: false } );
		call.say( sounds( 200, sound( 500 ), 600 ) );
		await call.next( 'response.output_audio.delta' );
		call.say( sound( 200 ) );
		await call.next( 'input_audio_buffer.speech_started' );
		const { response } = await call.next( 'response.done' );
		expect( response.status ).toBe( 'completed' );
	} );

	it( 'says when it could not write a turn down', async () => {
		provider.script( {
			for: 'hearing',
			text: '',
			fails: { code: 'audio_unintelligible', message: 'What?' },
		} );
		await begin();
		call.say( sounds( 200, sound( 500 ), 600 ) );
		const { error } = await call.next(
			'conversation.item.input_audio_transcription.failed'
		);
		expect( error.code ).toBe( 'audio_unintelligible' );
	} );

	it( 'forgets a turn that the client takes back', async () => {
		await begin();
		call.say( sounds( 200, sound( 500 ) ) );
		call.send( { type: 'input_audio_buffer.clear' } );
		await call.next( 'input_audio_buffer.cleared' );
		call.say( silence( 1_000, RATE ) );
		await setUpCall( call );
		expect( call.types() ).not.toContain( 'input_audio_buffer.committed' );
	} );
} );

describe.skipIf( ! hasSpeech() )(
	hasSpeech() ? 'a spoken call' : `a call, ${ SPEECH_LEFT_OUT }`,
	() => {
		it(
			'is heard, answered from the passages, and heard again',
			{ timeout: 90_000 },
			async () => {
				const provider = await startSimulatedProvider();
				const call = await openCall( provider.baseUrl );
				await setUpCall(
					call,
					{
						instructions:
							'Answer.\n<passage 1>Our return policy is thirty days. Shipping is free.</passage>',
					},
					{ turn_detection: { type: 'server_vad' } }
				);
				call.say(
					sounds(
						500,
						await speak( 'What is your return policy?', {
							sampleRate: RATE,
						} ),
						800
					)
				);
				const { transcript } = await call.next(
					'conversation.item.input_audio_transcription.completed'
				);
				expect( transcript ).toContain( 'return policy' );
				await call.next( 'response.done' );
				expect( await transcribe( call.spoken(), RATE ) ).toContain(
					'policy is thirty days'
				);
				call.close();
				await provider.close();
			}
		);
	}
);
