/**
 * Every fault of a call that can be scripted is really on the wire.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
	faults,
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../../support/simulated-provider/index.ts';
import { openCall, setUpCall, type TestCall } from './call-client.ts';

describe( 'a call that goes wrong', () => {
	let provider: SimulatedProvider;
	beforeAll( async () => {
		provider = await startSimulatedProvider( {
			hasRealSpeech: false,
			apiKey: 'sk-test',
		} );
	} );
	afterEach( () => provider.reset() );
	afterAll( () => provider.close() );

	const answered = async (): Promise< TestCall > => {
		const call = await openCall( provider.baseUrl );
		await setUpCall( call );
		call.send( { type: 'response.create' } );
		return call;
	};

	it.each( [
		[ faults.unauthorized(), 401 ],
		[ faults.rateLimited( { retryAfterSeconds: 7 } ), 429 ],
		[ faults.serverError(), 500 ],
	] )(
		'is refused before it begins, with status and words: %#',
		async ( fault, status ) => {
			provider.script( { for: 'realtime', ...fault } );
			const refused = await openCall( provider.baseUrl ).catch(
				( e ) => e
			);
			expect( refused.status ).toBe( status );
			expect( JSON.parse( refused.body ) ).toEqual( {
				error: fault.error,
			} );
			expect( refused.headers[ 'retry-after' ] ).toBe(
				status === 429 ? '7' : undefined
			);
			expect( provider.journal.entries ).toMatchObject( [ { status } ] );
		}
	);

	it( 'is refused without the right key, or at another address', async () => {
		const wrong = await openCall( provider.baseUrl, {
			key: 'sk-wrong',
		} ).catch( ( e ) => e );
		const elsewhere = await openCall( `${ provider.baseUrl }/more` ).catch(
			( e ) => e
		);
		expect( [ wrong.status, elsewhere.status ] ).toEqual( [ 401, 404 ] );
	} );

	it( 'is turned away in the old shape, or for a model that takes no calls', async () => {
		const beta = await openCall( provider.baseUrl, {
			headers: { 'openai-beta': 'realtime=v1' },
		} );
		expect( ( await beta.next( 'error' ) ).error.code ).toBe(
			'beta_api_shape_disabled'
		);
		expect( await beta.closed ).toMatchObject( { code: 4000 } );
		const text = await openCall( provider.baseUrl, {
			model: 'gpt-6-luna',
		} );
		expect( ( await text.next( 'error' ) ).error.code ).toBe(
			'model_not_found'
		);
		expect( await text.closed ).toMatchObject( { code: 4000 } );
	} );

	it( 'has sound, or nonsense, or nothing where its settings should be', async () => {
		provider.script(
			{ for: 'realtime', beforeSession: 'audio' },
			{ for: 'realtime', beforeSession: 'garbage' },
			{ for: 'realtime', beforeSession: 'silence', closesAfterMs: 20 }
		);
		const loud = await openCall( provider.baseUrl );
		await loud.next( 'session.created' );
		expect( loud.types() ).toEqual( [
			'response.output_audio.delta',
			'session.created',
		] );
		const strange = await openCall( provider.baseUrl );
		await strange.next( 'session.created' );
		expect( strange.garbage ).toEqual( [ '{"type":"session.cre' ] );
		const silent = await openCall( provider.baseUrl );
		await expect( silent.next( 'session.created' ) ).rejects.toThrow();
		expect( await silent.closed ).toMatchObject( { code: 1000 } );
		loud.close();
		strange.close();
	} );

	it( 'expires', async () => {
		provider.script( { for: 'realtime', expiresAfterMs: 30 } );
		const call = await openCall( provider.baseUrl );
		expect( ( await call.next( 'error' ) ).error.code ).toBe(
			'session_expired'
		);
		expect( await call.closed ).toMatchObject( { code: 1001 } );
	} );

	it.each( [
		[ 'end' as const, 1000 ],
		[ 'close' as const, 1006 ],
		[ 'reset' as const, 1006 ],
	] )( 'is cut in the middle of an answer: %s', async ( how, code ) => {
		provider.script( {
			for: 'answer',
			text: 'This is a long answer.',
			cut: { afterChunks: 3, how },
		} );
		const call = await answered();
		expect( await call.closed ).toMatchObject( { code } );
		expect( call.types() ).not.toContain( 'response.done' );
		// Three pieces of 100 ms, at 20 tokens a second.
		expect( provider.bill.entries[ 0 ]?.tokens.audioOutput ).toBe( 6 );
	} );

	it( 'falls silent in the middle of an answer, until it is broken off', async () => {
		provider.script( {
			for: 'answer',
			text: 'This is a long answer.',
			stall: { afterChunks: 2 },
		} );
		const call = await answered();
		await call.next( 'response.output_audio.delta' );
		await call.next( 'response.output_audio.delta' );
		call.send( { type: 'response.cancel' } );
		const { response } = await call.next( 'response.done' );
		expect( response.status ).toBe( 'cancelled' );
		call.close();
	} );

	it( 'sends a frame that is no event, and goes on', async () => {
		provider.script( {
			for: 'answer',
			text: 'Yes.',
			garbage: { afterChunks: 1, bytes: '{"type":' },
		} );
		const call = await answered();
		await call.next( 'response.done' );
		expect( call.garbage ).toEqual( [ '{"type":' ] );
		call.close();
	} );

	it( 'reports no use, or none at all, though it is billed', async () => {
		provider.script(
			{
				for: 'answer',
				text: 'Yes.',
				reportedUsage: {
					total_tokens: 0,
					input_tokens: 0,
					output_tokens: 0,
				},
			},
			{ for: 'answer', text: 'Yes.', reportedUsage: null }
		);
		const call = await answered();
		const zero = await call.next( 'response.done' );
		call.send( { type: 'response.create' } );
		const none = await call.next( 'response.done' );
		expect( zero.response.usage.total_tokens ).toBe( 0 );
		expect( none.response.usage ).toBe( undefined );
		expect( provider.bill.entries ).toHaveLength( 2 );
		expect( provider.bill.totalNanoUsd ).toBeGreaterThan( 0 );
		call.close();
	} );

	it( 'ends an answer as failed, or for its content', async () => {
		provider.script(
			{
				for: 'answer',
				text: 'Yes.',
				fails: { type: 'server_error', code: 'server_error' },
			},
			{ for: 'answer', text: 'Yes.', fails: 'content_filter' }
		);
		const call = await answered();
		const failed = await call.next( 'response.done' );
		call.send( { type: 'response.create' } );
		const filtered = await call.next( 'response.done' );
		expect( failed.response ).toMatchObject( {
			status: 'failed',
			status_details: { error: { code: 'server_error' } },
		} );
		expect( filtered.response ).toMatchObject( {
			status: 'incomplete',
			status_details: { reason: 'content_filter' },
		} );
		call.close();
	} );

	it( 'is closed with a code of its own, or with a reset', async () => {
		provider.script(
			{ for: 'realtime', closesAfterMs: 10, closeWith: 1011 },
			{ for: 'realtime', closesAfterMs: 10, closeWith: 'reset' }
		);
		const first = await openCall( provider.baseUrl );
		const next = await openCall( provider.baseUrl );
		expect( await first.closed ).toMatchObject( { code: 1011 } );
		expect( await next.closed ).toMatchObject( { code: 1006 } );
		expect( provider.journal.entries[ 0 ]?.call?.closeCode ).toBe( 1011 );
	} );
} );
