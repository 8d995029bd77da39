/**
 * The simulated provider holds calls: what it sends, in which order, and what it makes of each event of the client.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadOracle } from '../../../support/openapi/oracle.ts';
import {
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import { bytesOf, silence, tone } from '../../../support/speech/index.ts';
import { openCall, setUpCall, type TestCall } from './call-client.ts';

const INSTRUCTIONS =
	'Answer from the pages.\n<passage 1>You may return a tent within thirty days. Shipping is free.</passage>';
const QUESTION = 'Is shipping free?';
const ANSWER = 'Shipping is free.';

const inspector = loadOracle();
const second = tone( 1_000, { sampleRate: 24_000 } );

describe( 'a call of the simulated provider', () => {
	let provider: SimulatedProvider;
	let call: TestCall;
	beforeAll( async () => {
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

	const asked = async (
		session: Record< string, unknown > = {}
	): Promise< void > => {
		provider.script( { for: 'hearing', text: QUESTION } );
		call = await openCall( provider.baseUrl );
		await setUpCall( call, { instructions: INSTRUCTIONS, ...session } );
		call.say( second );
		call.send( { type: 'input_audio_buffer.commit' } );
		call.send( { type: 'response.create' } );
	};

	it( 'begins with its settings, and shows them again when they change', async () => {
		call = await openCall( provider.baseUrl );
		const { session } = await call.next( 'session.created' );
		expect( session ).toMatchObject( {
			model: 'gpt-realtime-2.1-mini',
			output_modalities: [ 'audio' ],
			audio: {
				input: { turn_detection: { type: 'server_vad' } },
				output: { voice: 'alloy' },
			},
		} );
		const updated = await setUpCall( call, { instructions: 'Be brief.' } );
		expect( updated.session ).toMatchObject( {
			id: session.id,
			instructions: 'Be brief.',
			audio: {
				input: {
					turn_detection: null,
					transcription: { model: 'gpt-transcribe' },
				},
				output: { voice: 'alloy' },
			},
		} );
	} );

	it( 'hears a turn, answers it from the passages, and tells of both in the order of the API', async () => {
		await asked();
		const { response } = await call.next( 'response.done' );
		expect( response ).toMatchObject( {
			status: 'completed',
			output: [
				{
					role: 'assistant',
					content: [ { type: 'output_audio', transcript: ANSWER } ],
				},
			],
		} );
		const order = call
			.types()
			.filter( ( type, at, all ) => type !== all[ at - 1 ] )
			// The words of both sides come beside everything else.
			.filter(
				( type ) => ! /transcript.delta|transcription/.test( type )
			)
			.filter( ( type, at, all ) => type !== all[ at - 1 ] );
		expect( order ).toEqual( [
			'session.created',
			'session.updated',
			'input_audio_buffer.committed',
			'conversation.item.added',
			'conversation.item.done',
			'response.created',
			'rate_limits.updated',
			'response.output_item.added',
			'conversation.item.added',
			'response.content_part.added',
			'response.output_audio.delta',
			'response.output_audio.done',
			'response.output_audio_transcript.done',
			'response.content_part.done',
			'conversation.item.done',
			'response.output_item.done',
			'response.done',
		] );
		expect(
			call.types().filter( ( type ) => type.includes( 'transcription' ) )
		).toEqual( [
			'conversation.item.input_audio_transcription.delta',
			'conversation.item.input_audio_transcription.delta',
			'conversation.item.input_audio_transcription.delta',
			'conversation.item.input_audio_transcription.completed',
		] );
		expect( call.spoken().length / 24_000 ).toBeCloseTo(
			ANSWER.length / 14,
			1
		);
	} );

	it( 'writes its answer when it is asked to', async () => {
		await asked( { output_modalities: [ 'text' ] } );
		const done = await call.next( 'response.output_text.done' );
		expect( done.text ).toBe( ANSWER );
		expect( call.types() ).not.toContain( 'response.output_audio.delta' );
	} );

	it( 'answers text and function results as it answers speech', async () => {
		call = await openCall( provider.baseUrl );
		await setUpCall( call, {
			tools: [ { type: 'function', name: 'search', parameters: {} } ],
		} );
		provider.script( {
			for: 'answer',
			calls: { name: 'search', arguments: '{"query":"shipping"}' },
			when: ( { question } ) => question === QUESTION,
		} );
		call.send( {
			type: 'conversation.item.create',
			item: {
				type: 'message',
				role: 'user',
				content: [ { type: 'input_text', text: QUESTION } ],
			},
		} );
		call.send( { type: 'response.create' } );
		const { call_id: callId } = await call.next(
			'response.function_call_arguments.done'
		);
		await call.next( 'response.done' );
		call.send( {
			type: 'conversation.item.create',
			item: {
				type: 'function_call_output',
				call_id: callId,
				output: INSTRUCTIONS,
			},
		} );
		call.send( { type: 'response.create' } );
		const said = await call.next( 'response.output_audio_transcript.done' );
		expect( said.transcript ).toBe( ANSWER );
	} );

	it( 'reads a text beside the conversation, and does not remember it', async () => {
		call = await openCall( provider.baseUrl );
		call.send( {
			type: 'response.create',
			response: {
				conversation: 'none',
				instructions:
					'Speak the message of the user aloud, word for word.',
				input: [
					{
						type: 'message',
						role: 'user',
						content: [
							{ type: 'input_text', text: 'Tents are green.' },
						],
					},
				],
				metadata: { topic: 'reading' },
			},
		} );
		const { response } = await call.next( 'response.done' );
		expect( response ).toMatchObject( {
			metadata: { topic: 'reading' },
			output: [ { content: [ { transcript: 'Tents are green.' } ] } ],
		} );
		expect( call.types() ).not.toContain( 'conversation.item.added' );
		call.send( {
			type: 'conversation.item.retrieve',
			item_id: response.output[ 0 ].id,
		} );
		expect( ( await call.next( 'error' ) ).error.code ).toBe(
			'item_not_found'
		);
	} );

	it( 'ends an answer at its limit of tokens', async () => {
		await asked( { max_output_tokens: 12 } );
		const { response } = await call.next( 'response.done' );
		expect( response ).toMatchObject( {
			status: 'incomplete',
			status_details: { reason: 'max_output_tokens' },
		} );
		expect( response.usage.output_tokens ).toBeLessThanOrEqual( 12 );
	} );

	it( 'breaks an answer off when the client wants it, and bills what was said', async () => {
		provider.script( { for: 'answer', pace: 'realtime' } );
		await asked();
		await call.next( 'response.output_audio.delta' );
		call.send( { type: 'response.cancel' } );
		const { response } = await call.next( 'response.done' );
		expect( response ).toMatchObject( {
			status: 'cancelled',
			status_details: { reason: 'client_cancelled' },
			output: [ { status: 'incomplete' } ],
		} );
		const billed = provider.bill.entries.find(
			( entry ) => entry.model === 'gpt-realtime-2.1-mini'
		);
		expect( billed?.tokens.audioOutput ).toBe(
			response.usage.output_token_details.audio_tokens
		);
		call.send( { type: 'response.cancel' } );
		expect( ( await call.next( 'error' ) ).error.code ).toBe(
			'response_cancel_not_active'
		);
	} );

	it( 'forgets what was not heard, and counts only the rest', async () => {
		await asked();
		const { response } = await call.next( 'response.done' );
		const [ item ] = response.output;
		call.send( {
			type: 'conversation.item.truncate',
			item_id: item.id,
			content_index: 0,
			audio_end_ms: 500,
		} );
		await call.next( 'conversation.item.truncated' );
		call.send( { type: 'conversation.item.retrieve', item_id: item.id } );
		const retrieved = await call.next( 'conversation.item.retrieved' );
		expect( retrieved.item.content ).toEqual( [
			{ type: 'output_audio', transcript: '' },
		] );
		call.send( { type: 'response.create' } );
		const next = await call.next( 'response.done' );
		// One second that was heard, half a second that was said.
		expect( next.response.usage.input_token_details.audio_tokens ).toBe(
			10 + 10
		);
		call.send( {
			type: 'conversation.item.truncate',
			item_id: item.id,
			content_index: 0,
			audio_end_ms: 5_000,
		} );
		expect( ( await call.next( 'error' ) ).error.message ).toContain(
			'already shorter than 5000ms'
		);
	} );

	it( 'counts the conversation again with every answer, the known part of it as cached', async () => {
		const long = `${ INSTRUCTIONS } ${ 'Be kind. '.repeat( 60 ) }`;
		await asked( { instructions: long } );
		const first = ( await call.next( 'response.done' ) ).response.usage;
		expect( first.input_token_details.cached_tokens ).toBe( 0 );
		provider.script( { for: 'hearing', text: QUESTION } );
		call.say( second );
		call.send( { type: 'input_audio_buffer.commit' } );
		call.send( { type: 'response.create' } );
		const next = ( await call.next( 'response.done' ) ).response.usage;
		expect( next.input_token_details ).toMatchObject( {
			text_tokens: first.input_token_details.text_tokens,
			// Two seconds heard, and the first answer.
			audio_tokens: 20 + first.output_token_details.audio_tokens,
		} );
		expect( next.input_token_details.cached_tokens ).toBeGreaterThan(
			first.input_token_details.text_tokens - 64
		);
		expect( next.input_token_details.cached_tokens % 64 ).toBe( 0 );
		expect( next.total_tokens ).toBe(
			next.input_tokens + next.output_tokens
		);
	} );

	it( 'bills an answer by kind of token, and a transcription by its minutes', async () => {
		await asked();
		const { usage } = ( await call.next( 'response.done' ) ).response;
		const { text_tokens: text, audio_tokens: audio } =
			usage.input_token_details;
		const out = usage.output_token_details;
		const answered = provider.bill.entries.find(
			( entry ) => entry.model === 'gpt-realtime-2.1-mini'
		);
		expect( answered?.costNanoUsd ).toBe(
			text * 600 +
				audio * 10_000 +
				out.text_tokens * 2_400 +
				out.audio_tokens * 20_000
		);
		const heard = provider.bill.entries.find(
			( entry ) => entry.model === 'gpt-transcribe'
		);
		expect( heard?.costNanoUsd ).toBe( 75_000 );
		const completed = call.events.find( ( { type } ) =>
			type.endsWith( 'transcription.completed' )
		);
		expect( completed?.usage ).toEqual( { type: 'duration', seconds: 1 } );
	} );

	it( 'keeps every event of the client in the journal, with its time and without its sound', async () => {
		await asked();
		await call.next( 'response.done' );
		const [ entry ] = provider.journal.entries;
		expect( entry ).toMatchObject( { path: '/v1/realtime', status: 101 } );
		const received = entry?.call?.received ?? [];
		expect( received.map( ( { type } ) => type ) ).toEqual( [
			'session.update',
			...Array.from( { length: 10 }, () => 'input_audio_buffer.append' ),
			'input_audio_buffer.commit',
			'response.create',
		] );
		expect( received[ 1 ] ).toMatchObject( { audioBytes: 4_800 } );
		expect( received[ 1 ]?.event ).not.toHaveProperty( 'audio' );
		const times = received.map( ( { atMs } ) => atMs );
		expect( times ).toEqual( [ ...times ].sort( ( a, b ) => a - b ) );
		expect( entry?.call?.sent.at( -1 )?.type ).toBe( 'response.done' );
	} );

	it( 'answers what it cannot do with an error that names the event, and goes on', async () => {
		call = await openCall( provider.baseUrl );
		const wrong: Array< [ string, { type: string } ] > = [
			[
				'input_audio_buffer_commit_empty',
				{ type: 'input_audio_buffer.commit' },
			],
			[
				'item_not_found',
				{
					type: 'conversation.item.delete',
					...{ item_id: 'item_unknown' },
				},
			],
		];
		for ( const [ code, event ] of wrong ) {
			call.send( { ...event, event_id: `mine_${ code }` } );
			expect( ( await call.next( 'error' ) ).error ).toMatchObject( {
				code,
				event_id: `mine_${ code }`,
			} );
		}
		await setUpCall( call );
	} );

	it( 'takes no second answer into the conversation while one is given', async () => {
		provider.script( { for: 'answer', pace: 'realtime' } );
		await asked();
		call.send( { type: 'response.create' } );
		expect( ( await call.next( 'error' ) ).error.code ).toBe(
			'conversation_already_has_active_response'
		);
	} );

	it( 'keeps its voice once it has spoken', async () => {
		await asked();
		await call.next( 'response.done' );
		call.send( {
			type: 'session.update',
			session: {
				type: 'realtime',
				audio: { output: { voice: 'marin' } },
			},
		} );
		expect( ( await call.next( 'error' ) ).error.code ).toBe(
			'cannot_update_voice'
		);
	} );

	it( 'takes audio as base64 of whole samples only', async () => {
		call = await openCall( provider.baseUrl );
		call.send( { type: 'input_audio_buffer.append', audio: 'AAA=' } );
		await call.next( 'session.created' );
		call.send( {
			type: 'input_audio_buffer.append',
			audio: bytesOf( silence( 10 ) )
				.subarray( 0, 3 )
				.toString( 'base64' ),
		} );
		expect( ( await call.next( 'error' ) ).error.param ).toBe( 'audio' );
	} );
} );

describe( 'settings of a call that are refused', () => {
	let provider: SimulatedProvider;
	let call: TestCall;
	beforeAll( async () => {
		provider = await startSimulatedProvider( { hasRealSpeech: false } );
		call = await openCall( provider.baseUrl );
	} );
	afterAll( async () => {
		call.close();
		await provider.close();
	} );

	const input = ( fields: object ): object => ( {
		audio: { input: fields },
	} );

	it.each( [
		[ 'the old shape', { modalities: [ 'audio' ] }, 'unknown_parameter' ],
		[
			'both kinds of answer',
			{ output_modalities: [ 'text', 'audio' ] },
			'invalid_value',
		],
		[ 'too long answers', { max_output_tokens: 5_000 }, 'invalid_value' ],
		[ 'another model', { model: 'gpt-realtime-2.1' }, 'invalid_value' ],
		[
			'an unknown voice',
			{ audio: { output: { voice: 'nobody' } } },
			'invalid_value',
		],
		[
			'another rate',
			input( { format: { type: 'audio/pcm', rate: 16_000 } } ),
			'invalid_value',
		],
		[
			'an unknown detection of turns',
			input( { turn_detection: { type: 'telepathy' } } ),
			'invalid_value',
		],
		[
			'a silence for a semantic detector',
			input( {
				turn_detection: {
					type: 'semantic_vad',
					silence_duration_ms: 500,
				},
			} ),
			'unknown_parameter',
		],
		[
			'a transcription by a model that does not hear',
			input( { transcription: { model: 'gpt-6-luna' } } ),
			'invalid_value',
		],
	] )( '%s', async ( _name, session, code ) => {
		call.send( {
			type: 'session.update',
			session: { type: 'realtime', ...session },
		} );
		expect( ( await call.next( 'error' ) ).error.code ).toBe( code );
	} );
} );
