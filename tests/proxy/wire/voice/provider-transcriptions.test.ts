/**
 * The simulated provider writes down what it hears, and is as particular about files as the real one.
 */
import OpenAI, { APIError, toFile } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadOracle } from '../../../support/openapi/oracle.ts';
import {
	faults,
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import {
	encodeOgg,
	hasSpeech,
	speak,
	SPEECH_LEFT_OUT,
	tone,
	wav,
} from '../../../support/speech/index.ts';

const TWO_SECONDS = wav( tone( 2_000 ), 16_000 );

describe( 'a transcription of the simulated provider', () => {
	let provider: SimulatedProvider;
	let client: OpenAI;
	beforeAll( async () => {
		const inspector = loadOracle();
		provider = await startSimulatedProvider(
			inspector ? { inspector } : {}
		);
		client = new OpenAI( {
			apiKey: 'sk-test',
			baseURL: provider.baseUrl,
			maxRetries: 0,
		} );
	} );
	afterEach( () => {
		expect( provider.violations ).toEqual( [] );
		provider.reset();
	} );
	afterAll( () => provider.close() );

	const write = async (
		bytes: Uint8Array,
		more: { name?: string; type?: string; model?: string } = {}
	) =>
		client.audio.transcriptions.create( {
			file: await toFile( bytes, more.name ?? 'speech.wav', {
				type: more.type ?? 'audio/wav',
			} ),
			model: more.model ?? 'gpt-transcribe',
		} );

	it.skipIf( ! hasSpeech() )(
		hasSpeech() ? 'is what was said' : `is real, ${ SPEECH_LEFT_OUT }`,
		{ timeout: 90_000 },
		async () => {
			const said = await speak( 'What is your return policy?' );
			const fromWav = await write( wav( said, 16_000 ) );
			const fromOgg = await write( await encodeOgg( said, 16_000 ), {
				name: 'speech.ogg',
				type: 'audio/ogg',
			} );
			expect( fromWav.text ).toContain( 'return policy' );
			expect( fromOgg.text ).toContain( 'return policy' );
		}
	);

	it( 'is billed by the minute, and says so', async () => {
		provider.script( { for: 'transcription', text: 'Hello there.' } );
		const { text, usage } = await write( TWO_SECONDS );
		expect( text ).toBe( 'Hello there.' );
		expect( usage ).toEqual( { type: 'duration', seconds: 2 } );
		// 2 of 60 seconds at 0.0045 USD.
		expect( provider.bill.totalNanoUsd ).toBe( 150_000 );
	} );

	it( 'is billed by tokens where the model is', async () => {
		provider.script( { for: 'transcription', text: 'Hello there.' } );
		const { usage } = await write( TWO_SECONDS, {
			model: 'gpt-4o-transcribe',
		} );
		expect( usage ).toMatchObject( {
			type: 'tokens',
			input_tokens: 20,
			output_tokens: 3,
		} );
		// 20 × 2.50 USD and 3 × 10 USD per million.
		expect( provider.bill.totalNanoUsd ).toBe( 50_000 + 30_000 );
	} );

	it( 'comes word by word when it is streamed', async () => {
		provider.script( {
			for: 'transcription',
			text: 'One two three.',
			when: ( request ) => request.isStream && request.seconds === 2,
		} );
		const events = await client.audio.transcriptions.create( {
			file: await toFile( TWO_SECONDS, 'speech.wav' ),
			model: 'gpt-4o-transcribe',
			stream: true,
		} );
		const types: string[] = [];
		let text = '';
		for await ( const event of events ) {
			types.push( event.type );
			text += event.type === 'transcript.text.delta' ? event.delta : '';
		}
		expect( text ).toBe( 'One two three.' );
		expect( types ).toEqual( [
			'transcript.text.delta',
			'transcript.text.delta',
			'transcript.text.delta',
			'transcript.text.done',
		] );
	} );

	it.each( [
		[ 'a wrong ending', TWO_SECONDS, { name: 'speech.webm' }, 'Invalid' ],
		[ 'a wrong type', TWO_SECONDS, { type: 'audio/webm' }, 'Invalid' ],
		[ 'no sound at all', Buffer.from( 'hello' ), {}, 'Invalid' ],
		[
			'an end that is missing',
			TWO_SECONDS.subarray( 0, 900 ),
			{},
			'corr',
		],
		[ 'a moment', wav( tone( 50 ), 16_000 ), {}, 'too short' ],
	] )( 'is refused for %s', async ( _name, bytes, more, words ) => {
		const error = await write( bytes, more ).catch( ( e ) => e );
		expect( error ).toBeInstanceOf( APIError );
		expect( error ).toMatchObject( { status: 400 } );
		expect( error.message ).toContain( words );
		expect( provider.bill.totalNanoUsd ).toBe( 0 );
	} );

	it( 'is refused for a model that does not hear', async () => {
		const error = await write( TWO_SECONDS, {
			model: 'gpt-6-luna',
		} ).catch( ( e ) => e );
		expect( error ).toMatchObject( { status: 404 } );
	} );

	it( 'fails as it is told to, and only when it is meant', async () => {
		provider.script(
			{ for: 'transcription', ...faults.rateLimited() },
			{ for: 'transcription', text: '', reportedUsage: null },
			{ for: 'transcription', ...faults.garbageBody( '{"text":' ) },
			{ for: 'transcription', cut: { afterChunks: 0, how: 'reset' } }
		);
		const chat = await client.chat.completions.create( {
			model: 'gpt-6-luna',
			messages: [ { role: 'user', content: 'Hello' } ],
		} );
		expect( chat.choices ).toHaveLength( 1 );
		expect( await write( TWO_SECONDS ).catch( ( e ) => e ) ).toMatchObject(
			{ status: 429 }
		);
		const empty = await write( TWO_SECONDS );
		expect( empty.text ).toBe( '' );
		expect( empty.usage ).toBe( undefined );
		await expect( write( TWO_SECONDS ) ).rejects.toThrow();
		await expect( write( TWO_SECONDS ) ).rejects.toThrow();
	} );

	it( 'leaves the form in the journal, without its bytes', async () => {
		provider.script( { for: 'transcription', text: 'Hi.' } );
		await write( TWO_SECONDS );
		const [ entry ] = provider.journal.entries;
		expect( entry ).toMatchObject( {
			path: '/v1/audio/transcriptions',
			status: 200,
			body: {
				model: 'gpt-transcribe',
				file: {
					name: 'speech.wav',
					type: 'audio/wav',
					size: TWO_SECONDS.length,
				},
			},
		} );
		expect( entry?.files.get( 'file' )?.length ).toBe( TWO_SECONDS.length );
	} );
} );
