/**
 * The simulated provider hears and speaks in chats, in the shapes that the real one sends.
 */
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadOracle } from '../../../support/openapi/oracle.ts';
import {
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import {
	hasSpeech,
	readWav,
	samplesOf,
	speak,
	SPEECH_LEFT_OUT,
	tone,
	transcribe,
	wav,
} from '../../../support/speech/index.ts';
import { askProvider } from '../ask-provider.ts';

/** Half a second of work a sentence, on a machine that has nothing else to do. */
const REAL_SPEECH_MS = 90_000;

const SYSTEM = {
	role: 'system' as const,
	content:
		'Answer from the pages.\n<passage 1>You may return a tent within thirty days. Shipping is free.</passage>',
};
const SPOKEN = {
	model: 'gpt-audio-1.5',
	modalities: [ 'text', 'audio' ] as Array< 'text' | 'audio' >,
	audio: { voice: 'alloy', format: 'pcm16' as const },
};

const recording = ( pcm: Int16Array ) => ( {
	role: 'user' as const,
	content: [
		{
			type: 'input_audio' as const,
			input_audio: {
				data: wav( pcm, 16_000 ).toString( 'base64' ),
				format: 'wav' as const,
			},
		},
	],
} );

interface AudioDelta {
	id?: string;
	transcript?: string;
	data?: string;
	expires_at?: number;
}

describe( 'a spoken answer of the simulated provider', () => {
	let provider: SimulatedProvider;
	let client: OpenAI;
	beforeAll( async () => {
		const inspector = loadOracle();
		provider = await startSimulatedProvider( {
			hasRealSpeech: false,
			...( inspector ? { inspector } : {} ),
		} );
		client = clientOf( provider );
	} );
	afterEach( () => {
		expect( provider.violations ).toEqual( [] );
		provider.reset();
	} );
	afterAll( () => provider.close() );

	it( 'comes as name, words and sound, and ends with its expiry and its use', async () => {
		const stream = await client.chat.completions.create( {
			...SPOKEN,
			stream: true,
			stream_options: { include_usage: true },
			messages: [
				SYSTEM,
				{ role: 'user', content: 'Is shipping free?' },
			],
		} );
		const chunks = [];
		for await ( const chunk of stream ) {
			chunks.push( chunk );
		}
		const deltas = chunks.flatMap( ( { choices } ) =>
			choices.map(
				( { delta } ) => ( delta as { audio?: AudioDelta } ).audio ?? {}
			)
		);
		expect( deltas[ 0 ] ).toEqual( { id: expect.any( String ) } );
		expect(
			deltas.map( ( { transcript = '' } ) => transcript ).join( '' )
		).toBe( 'Shipping is free.' );
		const pcm = samplesOf(
			Buffer.concat(
				deltas.map( ( { data = '' } ) => Buffer.from( data, 'base64' ) )
			)
		);
		expect( pcm.length / 24_000 ).toBeCloseTo( 17 / 14, 1 );
		expect( deltas.at( -1 ) ).toEqual( {
			expires_at: expect.any( Number ),
		} );
		expect( chunks.at( -1 ) ).toMatchObject( {
			choices: [],
			usage: {
				prompt_tokens_details: { audio_tokens: 0 },
				completion_tokens_details: { audio_tokens: 25, text_tokens: 5 },
			},
		} );
	} );

	it( 'says nothing of its end where it says when it expires', async () => {
		const { events } = await askProvider( provider.baseUrl, {
			body: {
				...SPOKEN,
				stream: true,
				messages: [ { role: 'user', content: 'Is shipping free?' } ],
			},
		} );
		const last = JSON.parse( events.at( -1 ) ?? '' );
		expect( last.choices ).toEqual( [
			{
				index: 0,
				delta: { audio: { expires_at: expect.any( Number ) } },
			},
		] );
	} );

	it( 'is put together by the stream of the SDK', async () => {
		provider.script( { text: 'Yes, it is.' } );
		const stream = client.chat.completions.stream( {
			...SPOKEN,
			messages: [ { role: 'user', content: 'Is shipping free?' } ],
		} );
		const { choices } = await stream.finalChatCompletion();
		expect( choices[ 0 ] ).toMatchObject( {
			finish_reason: 'stop',
			message: { audio: { transcript: 'Yes, it is.' } },
		} );
	} );

	it( 'is known to the next question until it expires, and counted', async () => {
		const brief = await startSimulatedProvider( {
			hasRealSpeech: false,
			audioLifetimeMs: 400,
		} );
		const brieflyKnown = clientOf( brief );
		const first = await brieflyKnown.chat.completions.create( {
			...SPOKEN,
			audio: { voice: 'alloy', format: 'wav' },
			messages: [
				SYSTEM,
				{ role: 'user', content: 'Is shipping free?' },
			],
		} );
		const audio = first.choices[ 0 ]?.message.audio;
		expect(
			readWav( Buffer.from( audio?.data ?? '', 'base64' ) )
		).toMatchObject( { sampleRate: 24_000 } );
		const ask = () =>
			brieflyKnown.chat.completions.create( {
				...SPOKEN,
				messages: [
					SYSTEM,
					{ role: 'assistant', audio: { id: audio?.id ?? '' } },
					{ role: 'user', content: 'May I return a tent?' },
				],
			} );
		const second = await ask();
		expect( second.usage?.prompt_tokens_details?.audio_tokens ).toBe( 25 );
		const left = ( audio?.expires_at ?? 0 ) * 1_000 + 1_000 - Date.now();
		await new Promise( ( resolve ) => setTimeout( resolve, left ) );
		expect( await ask().catch( ( e ) => e ) ).toMatchObject( {
			status: 400,
		} );
		await brief.close();
	} );

	it( 'is billed at the price of sound and of words', async () => {
		provider.script( {
			text: 'Yes.',
			tokens: { input: 100, audioInput: 20, output: 5, audioOutput: 40 },
		} );
		await client.chat.completions.create( {
			...SPOKEN,
			messages: [ recording( tone( 1_000 ) ) ],
		} );
		// 100 × 2.50, 20 × 32, 5 × 10 and 40 × 64 USD per million.
		expect( provider.bill.totalNanoUsd ).toBe(
			250_000 + 640_000 + 50_000 + 2_560_000
		);
	} );

	it( 'ends for its length when it may use so many tokens', async () => {
		provider.script( { text: 'This is more than may be said here.' } );
		const { choices, usage } = await client.chat.completions.create( {
			...SPOKEN,
			max_completion_tokens: 20,
			messages: [ { role: 'user', content: 'Speak.' } ],
		} );
		expect( choices[ 0 ]?.finish_reason ).toBe( 'length' );
		expect( usage?.completion_tokens ).toBeLessThanOrEqual( 20 );
	} );

	it.each( [
		[
			'a stream in another format',
			{ stream: true, audio: { voice: 'alloy', format: 'wav' } },
			"'audio.format' does not support 'wav' when stream=true. Supported values are: 'pcm16'",
		],
		[ 'no voice', { audio: undefined }, "'audio'" ],
		[
			'neither sound in nor sound out',
			{ modalities: [ 'text' ] },
			'either input content or output modality contain audio',
		],
		[
			'a picture',
			{
				messages: [
					{
						role: 'user',
						content: [
							{
								type: 'image_url',
								image_url: { url: 'https://example.com/a.png' },
							},
						],
					},
				],
			},
			'image_url',
		],
		[
			'a data URL in place of base64',
			{
				messages: [
					{
						role: 'user',
						content: [
							{
								type: 'input_audio',
								input_audio: {
									data: 'data:audio/wav;base64,AAAA',
									format: 'wav',
								},
							},
						],
					},
				],
			},
			'not of valid wav format',
		],
		[
			'a model that writes only',
			{ model: 'gpt-6-luna' },
			'not supported with this model',
		],
	] )( 'is refused for %s', async ( _name, more, words ) => {
		const body = {
			...SPOKEN,
			messages: [ { role: 'user', content: 'Hello' } ],
			...more,
		};
		const error = await client.chat.completions
			.create( body as unknown as typeof SPOKEN & { messages: [] } )
			.catch( ( e ) => e );
		expect( error ).toMatchObject( { status: 400 } );
		expect( error.message ).toContain( words );
	} );

	it( 'stops in the middle as it is told to, and is billed for what was said', async () => {
		provider.script( {
			text: 'This takes a while to be said.',
			cut: { afterChunks: 2, how: 'reset' },
		} );
		const stream = await client.chat.completions.create( {
			...SPOKEN,
			stream: true,
			messages: [ { role: 'user', content: 'Speak.' } ],
		} );
		const read = async () => {
			for await ( const chunk of stream ) {
				expect( chunk.object ).toBe( 'chat.completion.chunk' );
			}
		};
		await expect( read() ).rejects.toThrow();
		// Two pieces of 200 ms, at 20 tokens a second.
		expect( provider.bill.entries[ 0 ]?.tokens.audioOutput ).toBe( 8 );
	} );
} );

describe.skipIf( ! hasSpeech() )(
	hasSpeech() ? 'a spoken question' : `a question, ${ SPEECH_LEFT_OUT }`,
	() => {
		it(
			'is heard, answered from the passages, and read or written down when asked',
			async () => {
				const provider = await startSimulatedProvider();
				const client = clientOf( provider );
				const question = recording(
					await speak( 'How many days may I return it?' )
				);
				const spoken = await client.chat.completions.create( {
					...SPOKEN,
					messages: [ SYSTEM, question ],
				} );
				const audio = spoken.choices[ 0 ]?.message.audio;
				expect( audio?.transcript ).toBe(
					'You may return a tent within thirty days.'
				);
				expect(
					await transcribe(
						samplesOf( Buffer.from( audio?.data ?? '', 'base64' ) ),
						24_000
					)
				).toContain( 'within thirty days' );
				const read = await client.chat.completions.create( {
					...SPOKEN,
					messages: [
						{
							role: 'system',
							content:
								'Speak the message of the user aloud, word for word.',
						},
						{ role: 'user', content: 'Tents are waterproof.' },
					],
				} );
				expect( read.choices[ 0 ]?.message.audio?.transcript ).toBe(
					'Tents are waterproof.'
				);
				const written = await client.chat.completions.create( {
					model: 'gpt-audio-1.5',
					modalities: [ 'text' ],
					messages: [
						{
							role: 'system',
							content: 'Write down what is said, word for word.',
						},
						question,
					],
				} );
				expect( written.choices[ 0 ]?.message.content ).toContain(
					'return it'
				);
				await provider.close();
			},
			REAL_SPEECH_MS
		);
	}
);

function clientOf( { baseUrl }: SimulatedProvider ): OpenAI {
	return new OpenAI( {
		apiKey: 'sk-test',
		baseURL: baseUrl,
		maxRetries: 0,
	} );
}
