/**
 * Texts are spoken by `POST /audio/speech` of a provider, over a real socket.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadOracle } from '../../support/openapi/oracle.ts';
import {
	faults,
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { say, shippedModel, voiceAt } from './voice-provider.ts';

let provider: SimulatedProvider;
let house: ReturnType< typeof voiceAt >;
/** The same, which waits for nobody. */
let hasty: ReturnType< typeof voiceAt >;

beforeAll( async () => {
	const inspector = loadOracle();
	provider = await startSimulatedProvider( {
		hasRealSpeech: false,
		...( inspector ? { inspector } : {} ),
	} );
	house = voiceAt( provider.baseUrl );
	hasty = voiceAt( provider.baseUrl, {}, { silenceMs: 300 } );
} );

afterEach( () => provider.reset() );

afterAll( async () => {
	await house.providers.close();
	await hasty.providers.close();
	await provider.close();
} );

const TEXT = 'You may return a tent within sixty days.';

describe( 'a text', () => {
	it( 'is heard as samples, and paid by the tokens of the last event', async () => {
		const spoken = await say( house.voice, {
			voice: { name: 'nova', instructions: 'Speak calmly.' },
		} );
		const [ bill ] = provider.bill.entries;
		expect( spoken ).toMatchObject( {
			finishReason: 'stop',
			usage: {
				textIn: bill?.tokens.input,
				audioOut: bill?.tokens.audioOutput,
			},
			error: undefined,
		} );
		expect( spoken.pcm.length ).toBeGreaterThan( 48_000 );
		expect( spoken.order ).toEqual( [ 'audio', 'usage', 'end' ] );
		expect( provider.journal.entries[ 0 ]?.body ).toEqual( {
			model: 'gpt-4o-mini-tts',
			input: TEXT,
			voice: 'nova',
			response_format: 'pcm',
			stream_format: 'sse',
			instructions: 'Speak calmly.',
		} );
		expect( provider.violations ).toEqual( [] );
	} );

	it( 'is paid by its characters where those are billed, from the first sample on', async () => {
		const spoken = await say( house.voice, {
			model: shippedModel( 'tts-1' ),
			voice: { name: 'verse', instructions: 'Whisper.' },
		} );
		expect( spoken ).toMatchObject( {
			finishReason: 'stop',
			usage: { characters: TEXT.length },
		} );
		expect( spoken.order ).toEqual( [ 'usage', 'audio', 'end' ] );
		// It has neither that voice nor an ear for instructions.
		expect( provider.journal.entries[ 0 ]?.body ).toEqual( {
			model: 'tts-1',
			input: TEXT,
			voice: 'alloy',
			response_format: 'pcm',
		} );
		expect( provider.violations ).toEqual( [] );
	} );

	it( 'is spoken by a voice of the account’s own, which has an id', async () => {
		await say( house.voice, {
			voice: { name: 'voice_1234', instructions: '' },
		} );
		expect( provider.journal.entries[ 0 ]?.body ).toMatchObject( {
			voice: { id: 'voice_1234' },
		} );
		expect( provider.violations ).toEqual( [] );
	} );

	it( 'that is spoken without end is cut at its cap, without a report', async () => {
		const spoken = await say( house.voice, {
			text: TEXT.repeat( 50 ),
			maxOutputTokens: 10,
		} );
		expect( spoken ).toMatchObject( {
			finishReason: 'length',
			usage: undefined,
		} );
		expect( spoken.pcm.length ).toBeLessThan( 1_000_000 );
		const entry = await provider.journal.waitFor(
			( { outcome } ) => outcome !== 'open'
		);
		expect( entry.outcome ).toBe( 'aborted' );
	} );

	it( 'that is longer than the route takes is not sent', async () => {
		const { error } = await say( house.voice, {
			text: 'x'.repeat( 4_097 ),
		} );
		expect( error ).toMatchObject( {
			code: 'content_too_long',
			isUnbilled: true,
		} );
		expect( provider.journal.entries ).toHaveLength( 0 );
	} );

	it.each( [
		[ null ],
		[ { input_tokens: 0, output_tokens: 0, total_tokens: 0 } ],
	] )(
		'with the report %j is heard, and has no usage',
		async ( reportedUsage ) => {
			provider.script( { for: 'speech', reportedUsage } );
			expect( await say( house.voice ) ).toMatchObject( {
				finishReason: 'stop',
				usage: undefined,
			} );
		}
	);

	it.each( [
		[ faults.unauthorized(), 'auth', true ],
		[ faults.modelNotFound(), 'model_gone', true ],
		[ faults.rateLimited(), 'rate', true ],
		[ faults.serverError(), 'unavailable', true ],
		[ faults.garbageBody(), 'garbage', false ],
		[ faults.emptyStream(), 'cut', false ],
		[ faults.reset(), 'cut', false ],
		[ faults.silence(), 'timeout', false ],
		[ { cut: { afterChunks: 2, how: 'end' as const } }, 'cut', false ],
		[ { cut: { afterChunks: 2, how: 'reset' as const } }, 'cut', false ],
		[ { stall: { afterChunks: 2 } }, 'timeout', false ],
		[
			{ garbage: { afterChunks: 2, bytes: 'data: {"\n\n' } },
			'garbage',
			false,
		],
		[ { text: '' }, 'garbage', false ],
	] )( 'meets fault %# as what it is', async ( fault, kind, isUnbilled ) => {
		provider.script( { ...fault, for: 'speech' } );
		const { voice } = kind === 'timeout' ? hasty : house;
		const { error, finishReason } = await say( voice );
		expect( error ).toMatchObject( { kind, isUnbilled } );
		expect( finishReason ).toBeUndefined();
	} );

	it.each( [
		[ 'reset', 'cut' ],
		[ 'close', 'cut' ],
	] as const )(
		'that is cut by a %s while it comes as plain sound is a %s',
		async ( how, kind ) => {
			provider.script( {
				for: 'speech',
				cut: { afterChunks: 2, how },
			} );
			const { error } = await say( house.voice, {
				model: shippedModel( 'tts-1' ),
			} );
			expect( error ).toMatchObject( { kind, isUnbilled: false } );
		}
	);

	it( 'that is stopped in the middle lets the provider go at once', async () => {
		provider.script( { for: 'speech', chunkDelayMs: 20 } );
		const stop = new AbortController();
		const { error, pcm } = await say(
			house.voice,
			{ signal: stop.signal },
			() => stop.abort()
		);
		expect( error ).toMatchObject( { kind: 'aborted', isUnbilled: false } );
		expect( pcm.length ).toBeGreaterThan( 0 );
		const entry = await provider.journal.waitFor(
			( { outcome } ) => outcome !== 'open'
		);
		expect( entry.outcome ).toBe( 'aborted' );
	} );

	it( 'that is stopped before it is sent costs nothing', async () => {
		const { error } = await say( house.voice, {
			signal: AbortSignal.abort(),
		} );
		expect( error ).toMatchObject( { kind: 'aborted', isUnbilled: true } );
		expect( provider.journal.entries ).toHaveLength( 0 );
	} );

	it( 'leaves its failure in the log, and its success heals it', async () => {
		const { providers, voice } = voiceAt( provider.baseUrl );
		provider.script( { ...faults.serverError(), for: 'speech' } );
		await say( voice );
		expect( providers.failures() ).toMatchObject( [
			{ code: 'provider_unavailable', healedAt: undefined },
		] );
		await say( voice );
		expect( providers.failures() ).toMatchObject( [
			{ healedAt: expect.any( Number ) },
		] );
		expect( providers.load( 'house' ) ).toEqual( {
			inFlight: 0,
			waiting: 0,
		} );
		await providers.close();
	} );
} );
