/**
 * Recordings are written down by a provider, over a real socket.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadOracle } from '../../support/openapi/oracle.ts';
import {
	faults,
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { hear, recording, shippedModel, voiceAt } from './voice-provider.ts';

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

describe( 'a recording', () => {
	it( 'is sent under its true name and type, and comes back as words, language and seconds', async () => {
		provider.script( {
			for: 'transcription',
			text: ' What is your return policy? ',
			language: 'en',
		} );
		const heard = await hear( house.voice, {
			audio: recording( 3 ),
			language: 'en-GB',
			keywords: [ 'Trailhead', 'Alpine\n Dome' ],
			requestId: 'turn-1',
		} );
		expect( heard ).toEqual( {
			text: 'What is your return policy?',
			language: 'en',
			usage: { seconds: 3 },
			error: undefined,
		} );
		const [ entry ] = provider.journal.entries;
		expect( entry?.body ).toEqual( {
			model: 'gpt-transcribe',
			response_format: 'json',
			languages: [ 'en' ],
			keywords: [ 'Trailhead', 'Alpine Dome' ],
			file: { name: 'speech.wav', type: 'audio/wav', size: 96_044 },
		} );
		expect( entry?.headers[ 'x-client-request-id' ] ).toBe( 'turn-1' );
		expect( provider.violations ).toEqual( [] );
	} );

	it( 'goes to an older model with a prompt, and is paid by its tokens', async () => {
		provider.script( { for: 'transcription', text: 'Hello.' } );
		const heard = await hear( house.voice, {
			model: shippedModel( 'gpt-4o-transcribe' ),
			language: 'zh-CN',
			keywords: [ 'Trailhead', 'Dome' ],
		} );
		expect( heard.usage ).toEqual( { audioIn: 20, textOut: 2 } );
		expect( provider.journal.entries[ 0 ]?.body ).toMatchObject( {
			language: 'zh',
			prompt: 'Trailhead, Dome',
		} );
		expect( provider.violations ).toEqual( [] );
	} );

	it( 'without language or names is sent without hints', async () => {
		await hear( house.voice );
		expect( provider.journal.entries[ 0 ]?.body ).toEqual( {
			model: 'gpt-transcribe',
			response_format: 'json',
			file: expect.anything(),
		} );
	} );

	it( 'in which nothing was said comes back as nothing, which is no failure', async () => {
		provider.script( { for: 'transcription', text: '' } );
		expect( await hear( house.voice ) ).toMatchObject( {
			text: '',
			usage: { seconds: 2 },
		} );
	} );

	it.each( [
		[ 'no report of usage', null ],
		[
			'a report of nothing',
			{
				type: 'tokens',
				input_tokens: 0,
				output_tokens: 0,
				total_tokens: 0,
			},
		],
	] )( 'whose reply has %s has words and no usage', async ( _, report ) => {
		provider.script( {
			for: 'transcription',
			text: 'Hello.',
			reportedUsage: report,
		} );
		expect( await hear( house.voice ) ).toMatchObject( {
			text: 'Hello.',
			usage: undefined,
		} );
	} );

	it.each( [
		[ faults.unauthorized(), 'auth', true ],
		[ faults.modelNotFound(), 'model_gone', true ],
		[ faults.rateLimited( { retryAfterMs: 40 } ), 'rate', true ],
		[ faults.outOfQuota(), 'quota', true ],
		[ faults.serverError(), 'unavailable', true ],
		[ faults.badGateway(), 'unavailable', true ],
		[ faults.garbageBody(), 'garbage', false ],
		[ faults.reset(), 'cut', false ],
		[ faults.silence(), 'timeout', false ],
		[ { cut: { afterChunks: 0, how: 'reset' as const } }, 'cut', false ],
	] )( 'meets fault %# as what it is', async ( fault, kind, isUnbilled ) => {
		provider.script( { ...fault, for: 'transcription' } );
		const { voice } = kind === 'timeout' ? hasty : house;
		const { error } = await hear( voice, {
			// A model of its own, so that the wait for one is not the next one's.
			model: shippedModel( 'whisper-1' ),
		} );
		expect( error ).toMatchObject( { kind, isUnbilled } );
	} );

	it( 'waits as long as the provider asked for, or is told so', async () => {
		provider.script( {
			...faults.rateLimited( { retryAfterSeconds: 7 } ),
			for: 'transcription',
		} );
		const model = shippedModel( 'gpt-4o-mini-transcribe' );
		const first = await hear( house.voice, { model } );
		const second = await hear( house.voice, { model } );
		expect( first.error ).toMatchObject( {
			kind: 'rate',
			retryAfterMs: 7_000,
		} );
		expect( second.error ).toMatchObject( {
			kind: 'rate',
			status: undefined,
			isUnbilled: true,
		} );
		expect( provider.journal.entries ).toHaveLength( 1 );
		expect( house.providers.failures() ).toContainEqual(
			expect.objectContaining( {
				model: 'gpt-4o-mini-transcribe',
				code: 'provider_rate',
			} )
		);
	} );

	it( 'that is stopped before it is sent costs nothing; afterwards it may', async () => {
		const before = await hear( house.voice, {
			signal: AbortSignal.abort(),
		} );
		expect( before.error ).toMatchObject( {
			kind: 'aborted',
			isUnbilled: true,
		} );
		expect( provider.journal.entries ).toHaveLength( 0 );

		provider.script( {
			for: 'transcription',
			stall: { afterChunks: 0 },
		} );
		const stop = new AbortController();
		const waiting = hear( house.voice, { signal: stop.signal } );
		await provider.journal.waitFor( ( { body } ) => body !== undefined );
		stop.abort();
		const { error } = await waiting;
		expect( error ).toMatchObject( { kind: 'aborted', isUnbilled: false } );
	} );

	it( 'for a model that cannot be asked this way is not sent', async () => {
		const { error } = await hear( house.voice, {
			model: shippedModel( 'gpt-live-transcribe' ),
		} );
		expect( error ).toMatchObject( { kind: 'refused', isUnbilled: true } );
		expect( error?.message ).toContain( 'called by "realtime"' );
		expect( provider.journal.entries ).toHaveLength( 0 );
	} );
} );
