/**
 * The simulated provider speaks a text, as bytes and as events, and bills it.
 */
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadOracle } from '../../../support/openapi/oracle.ts';
import {
	faults,
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import {
	hasSpeech,
	samplesOf,
	SPEECH_LEFT_OUT,
	transcribe,
} from '../../../support/speech/index.ts';
import { tonesFor } from '../../../support/simulated-provider/voice-services.ts';

const TEXT = 'You may return it within thirty days.';

describe( 'speech of the simulated provider', () => {
	let provider: SimulatedProvider;
	let client: OpenAI;
	beforeAll( async () => {
		const inspector = loadOracle();
		provider = await startSimulatedProvider( {
			hasRealSpeech: false,
			...( inspector ? { inspector } : {} ),
		} );
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

	const speakWith = ( more: object = {} ) =>
		client.audio.speech.create( {
			model: 'gpt-4o-mini-tts',
			voice: 'alloy',
			input: TEXT,
			response_format: 'pcm',
			...more,
		} );

	it.skipIf( ! hasSpeech() )(
		hasSpeech() ? 'is understood' : `is real, ${ SPEECH_LEFT_OUT }`,
		{ timeout: 90_000 },
		async () => {
			const real = await startSimulatedProvider();
			const reply = await client
				.withOptions( { baseURL: real.baseUrl } )
				.audio.speech.create( {
					model: 'gpt-4o-mini-tts',
					voice: 'alloy',
					input: TEXT,
					response_format: 'pcm',
				} );
			const pcm = samplesOf(
				new Uint8Array( await reply.arrayBuffer() )
			);
			expect( await transcribe( pcm, 24_000 ) ).toContain(
				'within thirty days'
			);
			await real.close();
		}
	);

	it( 'is as long as the text where tones stand for it, and billed by its length', async () => {
		const pcm = samplesOf(
			new Uint8Array( await ( await speakWith() ).arrayBuffer() )
		);
		expect( pcm ).toEqual( tonesFor( TEXT ) );
		expect( pcm.length / 24_000 ).toBeCloseTo( TEXT.length / 14, 1 );
		// 8 tokens of text at 0.60 USD and 20 a second of speech at 12 USD per million.
		expect( provider.bill.totalNanoUsd ).toBe( 8 * 600 + 53 * 12_000 );
	} );

	it( 'comes as events, with its use at the end', async () => {
		const reply = await speakWith( { stream_format: 'sse' } );
		const events = ( await reply.text() )
			.split( '\n\n' )
			.filter( ( line ) => line.startsWith( 'data: ' ) )
			.map( ( line ) => JSON.parse( line.slice( 6 ) ) );
		const bytes = Buffer.concat(
			events
				.filter( ( { type } ) => type === 'speech.audio.delta' )
				.map( ( { audio } ) => Buffer.from( audio, 'base64' ) )
		);
		expect( samplesOf( bytes ) ).toEqual( tonesFor( TEXT ) );
		expect( events.at( -1 ) ).toEqual( {
			type: 'speech.audio.done',
			usage: { input_tokens: 8, output_tokens: 53, total_tokens: 61 },
		} );
	} );

	it( 'is billed by the character where the model is', async () => {
		await speakWith( { model: 'tts-1' } );
		// 15 USD per million characters.
		expect( provider.bill.totalNanoUsd ).toBe( TEXT.length * 15_000 );
	} );

	it.each( [
		[ 'an unknown voice', { voice: 'nobody' }, 400 ],
		[ 'a compressed format', { response_format: 'mp3' }, 400 ],
		[ 'a model that does not speak', { model: 'gpt-transcribe' }, 404 ],
	] )( 'is refused for %s', async ( _name, more, status ) => {
		expect( await speakWith( more ).catch( ( e ) => e ) ).toMatchObject( {
			status,
		} );
		expect( provider.bill.totalNanoUsd ).toBe( 0 );
	} );

	it( 'is refused for a text that is too long, which the description of the API says as well', async () => {
		const input = 'a'.repeat( 4_096 + 1 );
		expect(
			await speakWith( { input } ).catch( ( e ) => e )
		).toMatchObject( {
			status: 400,
		} );
		expect( provider.violations.length ).toBe( loadOracle() ? 1 : 0 );
		provider.reset();
	} );

	it( 'stops in the middle as it is told to, and is billed for what was spoken', async () => {
		provider.script(
			{ for: 'speech', ...faults.outOfQuota() },
			{ for: 'speech', cut: { afterChunks: 3, how: 'reset' } }
		);
		expect( await speakWith().catch( ( e ) => e ) ).toMatchObject( {
			status: 429,
		} );
		await expect(
			speakWith().then( ( reply ) => reply.arrayBuffer() )
		).rejects.toThrow();
		expect( provider.bill.entries[ 0 ]?.tokens.audioOutput ).toBe( 6 );
	} );
} );
