import { afterEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../support/proxy/credentials.ts';
import {
	faults,
	type ChatBehaviour,
} from '../../support/simulated-provider/index.ts';
import { QUESTION, startStage, type Stage } from './routing-stage.ts';

let stage: Stage;

afterEach( () => stage.close() );

const TIERS = { economy: [ 'gpt-6-luna', 'gpt-5.6-luna', 'spare-luna' ] };

/** No cent is lost: the ledger holds what the providers bill, or more where they did not say. */
async function expectMoney( { isExact }: { isExact: boolean } ) {
	const { spent, held, billed } = await stage.money();
	expect( held ).toBe( 0 );
	if ( isExact ) {
		expect( spent ).toBe( billed );
	} else {
		expect( spent ).toBeGreaterThanOrEqual( billed );
	}
}

/** Makes a behaviour that only one model shows. */
const at = ( model: string, behaviour: ChatBehaviour ): ChatBehaviour => ( {
	...behaviour,
	when: ( request ) => request.model === model,
} );

describe( 'when the first model fails with', () => {
	it.each( [
		[ 'an overload', faults.overloaded(), true, 'same' ],
		[ 'a server error', faults.serverError(), true, 'same' ],
		[ 'a bad gateway', faults.badGateway(), true, 'same' ],
		[
			'too many requests',
			faults.rateLimited( { retryAfterSeconds: 30 } ),
			true,
			'target',
		],
		[ 'a model that is gone', faults.modelNotFound(), true, 'target' ],
		[ 'a reset', faults.reset(), false, 'target' ],
		[ 'an empty stream', faults.emptyStream(), false, 'target' ],
		[ 'silence', faults.silence(), false, 'target' ],
		[ 'silence before the first word', faults.stall( 0 ), false, 'target' ],
		[ 'garbage', faults.garbageStream(), false, 'target' ],
		[ 'a body that is no answer', faults.garbageBody(), false, 'target' ],
		[
			'a cut before the first word',
			faults.cutAfter( 0 ),
			false,
			'target',
		],
		[
			'a refusal of the model',
			{ refusal: 'No.', text: '' } as ChatBehaviour,
			true,
			'target',
		],
		[ 'a wrong key', faults.unauthorized(), true, 'provider' ],
		[ 'a key that may not', faults.forbidden(), true, 'provider' ],
		[ 'an account without credit', faults.outOfQuota(), true, 'provider' ],
	] as Array<
		[ string, ChatBehaviour, boolean, 'same' | 'target' | 'provider' ]
	> )(
		'%s, the next one answers, each call at its own price',
		async ( _, behaviour, isExact, next ) => {
			stage = await startStage( { tiers: TIERS } );
			stage.provider.script( behaviour );
			const { text, last, notices } = await stage.ask();
			expect( text ).toContain( '4.90' );
			expect( notices ).toEqual( [] );
			expect( last.data ).toMatchObject( {
				finishReason: 'stop',
				tier: 'economy',
			} );
			expect( stage.called() ).toEqual( [
				'openai gpt-6-luna',
				{
					same: 'openai gpt-6-luna',
					target: 'openai gpt-5.6-luna',
					provider: 'spare gpt-6-luna',
				}[ next ],
			] );
			const calls = await stage.calls();
			expect( calls ).toMatchObject( [
				{
					outcome: 'failed',
					attempt: 1,
					reason: 'default',
					model: 'gpt-6-luna',
				},
				{
					outcome: 'answered',
					attempt: 2,
					reason: next === 'same' ? 'default' : 'fallback',
				},
			] );
			expect( calls[ 0 ]?.errorKind ).not.toBe( '' );
			expect( calls[ 0 ]?.id ).not.toBe( calls[ 1 ]?.id );
			await expectMoney( { isExact } );
		}
	);
} );

describe( 'when a whole tier fails', () => {
	it( 'the next tier up answers, and says so in the call log', async () => {
		stage = await startStage( { tiers: { economy: [ 'gpt-6-luna' ] } } );
		stage.provider.script(
			at( 'gpt-6-luna', faults.serverError() ),
			at( 'gpt-6-luna', faults.serverError() )
		);
		const { last } = await stage.ask();
		expect( last.data ).toMatchObject( {
			finishReason: 'stop',
			tier: 'standard',
		} );
		expect( ( await stage.calls() ).at( -1 ) ).toMatchObject( {
			reason: 'fallback',
			tier: 'standard',
			model: 'gpt-6.1-terra',
		} );
		await expectMoney( { isExact: true } );
	} );

	it( 'a cheaper tier answers before a dearer one is asked', async () => {
		stage = await startStage( {
			settings: {
				routing: {
					rules: [ { containing: [ 'shipping' ], tier: 'standard' } ],
				},
			},
		} );
		stage.provider.script( at( 'gpt-6.1-terra', faults.modelNotFound() ) );
		const { last } = await stage.ask();
		expect( last.data.tier ).toBe( 'economy' );
		await expectMoney( { isExact: true } );
	} );

	it( 'T7: what the fallback costs is reserved anew, so a cheap question never becomes a dear answer beyond the limit', async () => {
		stage = await startStage( { tiers: { economy: [ 'gpt-6-luna' ] } } );
		// Enough for the cheap model and for nothing else.
		await stage.settings( { limits: { siteDayNanoUsd: 1_500_000 } } );
		stage.provider.script(
			at( 'gpt-6-luna', faults.serverError() ),
			at( 'gpt-6-luna', faults.serverError() )
		);
		const { last, notices } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'extractive' );
		expect( notices ).toEqual( [ 'answered_from_site' ] );
		expect( stage.called() ).toEqual( [
			'openai gpt-6-luna',
			'openai gpt-6-luna',
		] );
		expect(
			( await stage.calls() ).map( ( { outcome } ) => outcome )
		).toEqual( [ 'failed', 'failed', 'no_money', 'extractive' ] );
		await expectMoney( { isExact: true } );
	} );

	it( 'T8: after a fallback each attempt costs what its own model costs', async () => {
		stage = await startStage( {
			tiers: { economy: [ 'gpt-6-luna' ], standard: [ 'gpt-6.1-terra' ] },
		} );
		// Refused in words, which is billed.
		stage.provider.script(
			at( 'gpt-6-luna', { refusal: 'No.', text: '' } )
		);
		await stage.ask();
		const [ first, second ] = await stage.calls();
		const bills = stage.provider.bill.entries.map(
			( { model, costNanoUsd } ) => ( { model, costNanoUsd } )
		);
		expect( [ first, second ] ).toMatchObject( bills );
		expect( bills.map( ( { model } ) => model ) ).toEqual( [
			'gpt-6-luna',
			'gpt-6.1-terra',
		] );
		await expectMoney( { isExact: true } );
	} );
} );

describe( 'when everything fails', () => {
	it( 'T9: the visitor gets the words of the site after five calls at most', async () => {
		stage = await startStage( { tiers: TIERS } );
		stage.provider.setDefault( faults.serverError() );
		stage.spare.setDefault( faults.serverError() );
		const { last, text, notices } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'extractive' );
		expect( notices ).toEqual( [ 'answered_from_site' ] );
		expect( text ).toContain( '4.90' );
		expect( stage.called().length ).toBeLessThanOrEqual( 5 );
		expect( ( await stage.money() ).spent ).toBe( 0 );
	} );

	it( 'and each failure may have been billed, two are paid for and no third', async () => {
		stage = await startStage( { tiers: TIERS } );
		stage.provider.setDefault( faults.garbageStream() );
		stage.spare.setDefault( faults.garbageStream() );
		const { last } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'extractive' );
		expect( stage.called() ).toEqual( [
			'openai gpt-6-luna',
			'openai gpt-5.6-luna',
		] );
		await expectMoney( { isExact: false } );
	} );

	it( 'T9: many visitors make no storm: once a target rests it is left alone', async () => {
		let now = Date.now();
		stage = await startStage( { tiers: TIERS, clock: () => now } );
		stage.provider.setDefault( faults.serverError() );
		stage.spare.setDefault( faults.serverError() );
		for ( let index = 0; index < 20; index++ ) {
			await stage.ask();
		}
		// Three failures shut each of the four targets.
		expect( stage.called().length ).toBeLessThanOrEqual( 12 );

		const before = stage.called().length;
		now += 2_500;
		await Promise.all(
			Array.from( { length: 20 }, ( _, index ) =>
				stage.ask( `${ QUESTION } ${ index }`, { token: mintToken() } )
			)
		);
		// One probe a target, and the probe of its failure is not repeated.
		expect( stage.called().length - before ).toBeLessThanOrEqual( 4 );
	} );

	it( 'a visitor who leaves in between ends it', async () => {
		stage = await startStage( { tiers: TIERS } );
		stage.provider.setDefault( faults.stall( 0 ) );
		const response = await stage.proxy.ask( 'How much is shipping?' );
		await stage.provider.journal.waitFor(
			( { status } ) => status === 200
		);
		const { turnId } = JSON.parse(
			/data: (\{"turnId".*\})/.exec(
				new TextDecoder().decode(
					( await response.body?.getReader().read() )?.value
				)
			)?.[ 1 ] ?? '{}'
		);
		await stage.proxy.visitor( 'DELETE', `/v1/turns/${ turnId }` );
		await stage.provider.journal.waitFor(
			( { outcome } ) => outcome === 'aborted'
		);
		expect( stage.called() ).toHaveLength( 1 );
		expect( stage.proxy.services.models?.health.report() ).toEqual(
			expect.arrayContaining( [
				expect.objectContaining( {
					model: 'gpt-6-luna',
					state: 'closed',
					lastFailure: undefined,
				} ),
			] )
		);
	} );
} );

describe( 'a failure in mid-answer', () => {
	it( 'T5: never shows two half answers: what was shown stays and is paid for, and nobody else is asked', async () => {
		stage = await startStage( { tiers: TIERS } );
		stage.provider.script( {
			chunks: [ 'Shipping ', 'costs ', '4.90 ', 'euros.' ],
			cut: { afterChunks: 2, how: 'reset' },
		} );
		const { text, last } = await stage.ask();
		expect( text ).toBe( 'Shipping costs' );
		expect( last ).toMatchObject( {
			event: 'error',
			data: { code: 'answer_failed' },
		} );
		expect( stage.called() ).toHaveLength( 1 );
		await expectMoney( { isExact: false } );
	} );
} );
