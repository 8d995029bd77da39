/**
 * Chat and realtime models that speak, against the simulated provider: every event is held against the API's own description, and what is
 * reported is what is on the bill.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { priceUsage } from '../../../proxy/src/ledger/pricing.ts';
import type { Usage } from '../../../proxy/src/ledger/usage.ts';
import type { Model } from '../../../proxy/src/models/catalog.ts';
import { loadOracle } from '../../support/openapi/oracle.ts';
import {
	faults,
	startSimulatedProvider,
	type Behaviour,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import {
	hear,
	recording,
	say,
	shippedModel,
	talk,
	voiceAt,
} from './voice-provider.ts';

const NOW = Date.now();
let provider: SimulatedProvider;
let house: ReturnType< typeof voiceAt >;

beforeAll( async () => {
	const inspector = loadOracle();
	provider = await startSimulatedProvider( {
		hasRealSpeech: false,
		...( inspector ? { inspector } : {} ),
	} );
} );

afterEach( async () => {
	await house.providers.close();
	provider.reset();
} );

afterAll( () => provider.close() );

/** Silence is waited for only where it is the fault: the first event of a kind waits for its description to be read. */
function open( silenceMs = 10_000 ) {
	house = voiceAt( provider.baseUrl, {}, { silenceMs } );
	return house.voice;
}

function priced( model: Model, usage: Usage | undefined ) {
	return usage && priceUsage( model, usage );
}

const MINI = shippedModel( 'gpt-realtime-2.1-mini' );
const AUDIO = shippedModel( 'gpt-audio-1.5' );
const TEXT = 'You may return a tent within sixty days.';

describe( 'a text that a realtime model reads', () => {
	it( 'is spoken as it stands, sentence after sentence over one session, and costs what is on the bill', async () => {
		const voice = open();
		for ( const text of [ TEXT, 'It has to be clean and dry.' ] ) {
			const spoken = await say( voice, { model: MINI, text } );
			expect( spoken ).toMatchObject( {
				finishReason: 'stop',
				error: undefined,
			} );
			expect( spoken.transcript.trim() ).toBe( text );
			expect( spoken.pcm.length ).toBeGreaterThan( 24_000 );
			expect( priced( MINI, spoken.usage ) ).toBe(
				provider.bill.entries.at( -1 )?.costNanoUsd
			);
		}
		expect( provider.journal.entries ).toHaveLength( 1 );
		expect( provider.violations ).toEqual( [] );
	} );

	it( 'is cut at its cap by the provider, and that is paid', async () => {
		const spoken = await say( open(), {
			model: MINI,
			maxOutputTokens: 20,
		} );
		expect( spoken ).toMatchObject( {
			finishReason: 'length',
			error: undefined,
		} );
		expect(
			( spoken.usage?.audioOut ?? 0 ) + ( spoken.usage?.textOut ?? 0 )
		).toBeLessThanOrEqual( 20 );
	} );

	it.each< [ Behaviour, string ] >( [
		[ { for: 'answer', cut: { afterChunks: 2, how: 'reset' } }, 'cut' ],
		[ { for: 'answer', cut: { afterChunks: 0, how: 'close' } }, 'cut' ],
		[ { for: 'answer', stall: { afterChunks: 2 } }, 'timeout' ],
		[
			{ for: 'answer', garbage: { afterChunks: 2, bytes: '{"type' } },
			'garbage',
		],
		[
			{
				for: 'answer',
				fails: { type: 'server_error', code: 'server_error' },
			},
			'unavailable',
		],
		[ { for: 'realtime', beforeSession: 'garbage' }, 'garbage' ],
		[ { ...faults.unauthorized(), for: 'realtime' }, 'auth' ],
		[ { ...faults.modelNotFound(), for: 'realtime' }, 'model_gone' ],
		[ { ...faults.rateLimited(), for: 'realtime' }, 'rate' ],
		[ { ...faults.serverError(), for: 'realtime' }, 'unavailable' ],
	] )( 'meets fault %# as what it is', async ( fault, kind ) => {
		provider.script( fault );
		const { error, finishReason } = await say(
			open( kind === 'timeout' ? 300 : undefined ),
			{ model: MINI }
		);
		expect( error?.kind ).toBe( kind );
		expect( finishReason ).toBeUndefined();
	} );

	it( 'is heard although sound came before the session', async () => {
		provider.script( { for: 'realtime', beforeSession: 'audio' } );
		expect( await say( open(), { model: MINI } ) ).toMatchObject( {
			finishReason: 'stop',
		} );
	} );

	it.each( [
		[ null ],
		[ { total_tokens: 0, input_tokens: 0, output_tokens: 0 } ],
	] )( 'with the report %j has no usage', async ( reportedUsage ) => {
		provider.script( { for: 'answer', reportedUsage } );
		const spoken = await say( open(), { model: MINI } );
		expect( spoken ).toMatchObject( {
			finishReason: 'stop',
			usage: undefined,
		} );
	} );
} );

describe( 'an answer that a chat model speaks', () => {
	it( 'is heard with its words, is remembered by its name, and costs what is on the bill', async () => {
		const voice = open();
		provider.script( { text: 'Within sixty days.' } );
		const first = await talk( voice );
		expect( first ).toMatchObject( {
			transcript: 'Within sixty days.',
			finishReason: 'stop',
			error: undefined,
		} );
		expect( first.audioId?.expiresAtMs ).toBeGreaterThan( NOW );
		expect( priced( AUDIO, first.usage ) ).toBe(
			provider.bill.entries[ 0 ]?.costNanoUsd
		);
		const second = await talk( voice, {
			messages: [
				{ role: 'assistant', audioId: first.audioId?.id ?? '' },
				{ role: 'user', audio: recording() },
			],
		} );
		expect( second.error ).toBeUndefined();
		expect( priced( AUDIO, second.usage ) ).toBe(
			provider.bill.entries[ 1 ]?.costNanoUsd
		);
		expect( provider.violations ).toEqual( [] );
	} );

	it( 'is told to have expired when it has', async () => {
		const { error } = await talk( open(), {
			messages: [
				{ role: 'assistant', audioId: 'audio_gone' },
				{ role: 'user', content: 'Go on.' },
			],
		} );
		expect( error ).toMatchObject( {
			code: 'audio_expired',
			isUnbilled: true,
		} );
	} );

	it( 'may be the reading of a text, or the words of a recording', async () => {
		const voice = open();
		const spoken = await say( voice, { model: AUDIO, text: TEXT } );
		expect( spoken.transcript.trim() ).toBe( TEXT );
		const heard = await hear( voice, { model: AUDIO } );
		expect( heard ).toMatchObject( {
			text: 'Speech of 2 seconds.',
			error: undefined,
		} );
		expect( priced( AUDIO, heard.usage ) ).toBe(
			provider.bill.entries.at( -1 )?.costNanoUsd
		);
		expect( provider.violations ).toEqual( [] );
	} );

	it.each( [
		[ faults.unauthorized(), 'auth' ],
		[ faults.overloaded(), 'unavailable' ],
		[ faults.cutAfter( 2, 'reset' ), 'cut' ],
		[ faults.cutAfter( 2, 'end' ), 'cut' ],
		[ faults.stall( 1 ), 'timeout' ],
		[ faults.garbageStream( 1 ), 'garbage' ],
		[ faults.garbageBody(), 'garbage' ],
		[ faults.silence(), 'timeout' ],
	] )( 'meets fault %# as what it is', async ( fault, kind ) => {
		provider.script( fault );
		const { error } = await talk(
			open( kind === 'timeout' ? 300 : undefined )
		);
		expect( error?.kind ).toBe( kind );
	} );
} );
