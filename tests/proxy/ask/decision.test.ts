import { afterEach, describe, expect, it } from 'vitest';
import type { SettingsPatch } from '../../../proxy/src/settings.ts';
import {
	faults,
	type ChatBehaviour,
} from '../../support/simulated-provider/index.ts';
import { startStage, type Stage } from './routing-stage.ts';

/** One sign of difficulty: the rules are in doubt. */
const DOUBTFUL = 'Is shipping cheaper than 4.90 euros?';

let stage: Stage;

afterEach( () => stage.close() );

const start = (
	routing: SettingsPatch[ 'routing' ] = {},
	options: Parameters< typeof startStage >[ 0 ] = {}
) =>
	startStage( {
		...options,
		settings: { routing: { decisionModel: true, ...routing } },
	} );

/** Makes a behaviour for decisions alone. */
const decision = ( behaviour: ChatBehaviour ): ChatBehaviour => ( {
	...behaviour,
	when: ( request ) => 'questions' in request,
} );
const paths = () =>
	stage.provider.journal.entries.map( ( { path } ) =>
		path.replace( '/v1/', '' )
	);

async function expectMoney( isExact = true ) {
	const { spent, held, billed } = await stage.money();
	expect( held ).toBe( 0 );
	if ( isExact ) {
		expect( spent ).toBe( billed );
	} else {
		expect( spent ).toBeGreaterThanOrEqual( billed );
	}
}

describe( 'where the rules are in doubt, a model that the owner allows', () => {
	it.each( [ 'economy', 'standard', 'premium' ] as const )(
		'sends the question to %s',
		async ( tier ) => {
			stage = await start();
			stage.provider.script( decision( { text: tier } ) );
			const { last } = await stage.ask( DOUBTFUL );
			expect( last.data ).toMatchObject( { finishReason: 'stop', tier } );
			expect( paths() ).toEqual( [ 'decisions', 'chat/completions' ] );
			expect( await stage.calls() ).toMatchObject( [
				{
					kind: 'routing',
					outcome: 'answered',
					tier: 'none',
					reason: 'decision',
				},
				{
					kind: 'answer',
					tier,
					reason: 'decision',
					features: { decidedTier: tier },
				},
			] );
			await expectMoney();
		}
	);

	it( 'is part of what the turn costs', async () => {
		stage = await start();
		await stage.ask( DOUBTFUL );
		const calls = await stage.calls();
		expect( calls ).toHaveLength( 2 );
		expect( calls[ 0 ]?.costNanoUsd ).toBeGreaterThan( 0 );
		expect(
			calls.reduce( ( sum, call ) => sum + call.costNanoUsd, 0 )
		).toBe( stage.provider.bill.totalNanoUsd );
	} );

	it( 'is only offered the tiers that may be used', async () => {
		stage = await start( { maxTier: 'standard' } );
		stage.provider.script( decision( { text: 'premium' } ) );
		const { last } = await stage.ask( DOUBTFUL );
		expect(
			JSON.stringify( stage.provider.journal.entries[ 0 ]?.body )
		).not.toContain( 'premium' );
		expect( last.data.tier ).toBe( 'economy' );
	} );

	it.each( [
		[ 'an error', decision( faults.serverError() ), true ],
		[ 'too many requests', decision( faults.rateLimited() ), true ],
		[ 'a wrong key', decision( faults.modelNotFound() ), true ],
		[ 'garbage', decision( faults.garbageBody( 'yes' ) ), false ],
		[ 'nothing for 800 ms', decision( faults.silence() ), false ],
		[ 'a refusal to choose', decision( { text: 'decline' } ), true ],
		[
			'a choice that was not offered',
			decision( { text: 'platinum' } ),
			true,
		],
		[
			'a choice that it is not sure of',
			decision( { text: 'premium confidence=0.4' } ),
			true,
		],
	] as Array< [ string, ChatBehaviour, boolean ] > )(
		'that answers with %s leaves it to the rules',
		async ( _, behaviour, isExact ) => {
			stage = await start( {}, { silenceMs: 5_000 } );
			stage.provider.script( behaviour );
			const startedAt = performance.now();
			const { last, text } = await stage.ask( DOUBTFUL );
			expect( performance.now() - startedAt ).toBeLessThan( 4_000 );
			expect( text ).not.toBe( '' );
			expect( last.data ).toMatchObject( {
				finishReason: 'stop',
				tier: 'economy',
			} );
			const calls = await stage.calls();
			expect( calls.map( ( { kind } ) => kind ) ).toEqual( [
				'routing',
				'answer',
			] );
			expect( calls.at( -1 ) ).toMatchObject( { reason: 'default' } );
			await expectMoney( isExact );
		}
	);

	it( 'that does not say what it used costs its whole reserve', async () => {
		stage = await start();
		stage.provider.script( decision( { reportedUsage: null } ) );
		await stage.ask( DOUBTFUL );
		const [ asked ] = await stage.calls();
		expect( asked ).toMatchObject( { isEstimated: true } );
		expect( asked?.costNanoUsd ).toBe( asked?.reservedNanoUsd );
		await expectMoney( false );
	} );

	it( 'that fails again and again is not asked for a while', async () => {
		stage = await start();
		stage.provider.setDefault( {} );
		for ( let index = 0; index < 6; index++ ) {
			stage.provider.script( decision( faults.serverError() ) );
			await stage.ask( DOUBTFUL );
		}
		expect(
			paths().filter( ( path ) => path === 'decisions' )
		).toHaveLength( 3 );
	} );

	it.each( [
		[ 'not allowed to the key', faults.forbidden() ],
		[ 'unknown to the provider', faults.modelNotFound() ],
		[ 'beyond the account', faults.outOfQuota() ],
	] )(
		'that is %s is not asked again, and its provider goes on answering',
		async ( _, fault ) => {
			stage = await start();
			stage.provider.script( decision( fault ) );
			for ( let index = 0; index < 3; index++ ) {
				const { last } = await stage.ask( DOUBTFUL );
				expect( last.data ).toMatchObject( {
					finishReason: 'stop',
					tier: 'economy',
				} );
			}
			expect( paths() ).toEqual( [
				'decisions',
				'chat/completions',
				'chat/completions',
				'chat/completions',
			] );
			await expectMoney();
		}
	);

	it( 'may be a chat model', async () => {
		stage = await start( {}, { roles: { decision: 'gpt-6-luna' } } );
		stage.provider.script( { text: ' Standard.' } );
		const { last } = await stage.ask( DOUBTFUL );
		expect( last.data.tier ).toBe( 'standard' );
		expect( stage.called() ).toEqual( [
			'openai gpt-6-luna',
			'openai gpt-6.1-terra',
		] );
		await expectMoney();
	} );
} );

describe( 'no model is asked', () => {
	it.each( [
		[
			'when the owner has not said so',
			{ decisionModel: false },
			DOUBTFUL,
		],
		[
			'when it costs more than the owner allows',
			{ decisionMaxNanoUsd: 10 },
			DOUBTFUL,
		],
		[ 'when there is only one tier', { maxTier: 'economy' }, DOUBTFUL ],
		[ 'when the rules are sure', {}, 'How much is shipping?' ],
		[
			'when a rule of the owner decides',
			{ rules: [ { containing: [ 'shipping' ], tier: 'economy' } ] },
			DOUBTFUL,
		],
	] as Array< [ string, SettingsPatch[ 'routing' ], string ] > )(
		'%s',
		async ( _, routing, question ) => {
			stage = await start( routing );
			await stage.ask( question );
			expect( paths() ).toEqual( [ 'chat/completions' ] );
			await expectMoney();
		}
	);

	it( 'when there is no money for it, and the answer is fitted to what is left', async () => {
		stage = await start();
		await stage.settings( { limits: { siteDayNanoUsd: 1_000 } } );
		const { last } = await stage.ask( DOUBTFUL );
		expect( paths() ).toEqual( [] );
		expect( last.data.finishReason ).toBe( 'extractive' );
		await expectMoney();
	} );
} );

describe( 'a visitor who leaves during the decision', () => {
	it( 'ends it, and it costs no less than it may have cost', async () => {
		stage = await start( {}, { silenceMs: 5_000 } );
		stage.provider.script( decision( faults.silence() ) );
		const response = await stage.proxy.ask( DOUBTFUL );
		await stage.provider.journal.waitFor(
			( { path } ) => path === '/v1/decisions'
		);
		const reader = response.body?.getReader();
		const { turnId } = JSON.parse(
			/data: (\{"turnId".*\})/.exec(
				new TextDecoder().decode( ( await reader?.read() )?.value )
			)?.[ 1 ] ?? '{}'
		);
		await stage.proxy.visitor( 'DELETE', `/v1/turns/${ turnId }` );
		while ( ! ( await reader?.read() )?.done ) {
			// Reads to the end.
		}
		expect( paths() ).toEqual( [ 'decisions' ] );
		await expectMoney( false );
	} );
} );
