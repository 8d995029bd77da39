import { afterEach, describe, expect, it } from 'vitest';
import type { SettingsPatch } from '../../../proxy/src/settings.ts';
import { faults } from '../../support/simulated-provider/index.ts';
import { startStage, type Stage } from './routing-stage.ts';

let stage: Stage;

afterEach( () => stage.close() );

async function expectExactMoney() {
	const { spent, held, billed } = await stage.money();
	expect( held ).toBe( 0 );
	expect( spent ).toBe( billed );
}

describe( 'a question is answered by the tier that it needs, and the call log says why:', () => {
	it.each( [
		[ 'default', 'How much is shipping?', {}, 'gpt-6-luna', 'economy' ],
		[
			'owner_rule',
			'How much is SHIPPING?',
			{ rules: [ { containing: [ 'shipping' ], tier: 'premium' } ] },
			'gpt-6.1-sol',
			'premium',
		],
		[
			'language',
			'中国大陆的订单几天送达？',
			{ languageTiers: { zh: 'standard' } },
			'gpt-6.1-terra',
			'standard',
		],
		[
			'difficult',
			'What is the difference between shipping costs to Germany and delivery to Austria if my order is above 80 euros?',
			{},
			'gpt-6.1-terra',
			'standard',
		],
		[
			'difficult',
			'Was ist der Unterschied zwischen Lieferung nach Germany und Austria, wenn die Shipping costs 4.90 euros sind?',
			{},
			'gpt-6.1-terra',
			'standard',
		],
		[
			'difficult',
			'如果订单满三百元，运费和配送时间有什么区别？',
			{},
			'gpt-6.1-terra',
			'standard',
		],
		[
			'long_question',
			`How much is shipping? ${ 'Delivery costs, please. '.repeat( 25 ) }`,
			{},
			'gpt-6.1-terra',
			'standard',
		],
		[
			'default',
			'How much is shipping?',
			{ tiers: [ 'economy' ], maxTier: 'premium' },
			'gpt-6-luna',
			'economy',
		],
		[
			'modality',
			'How much is shipping?',
			{ tiers: [ 'standard' ] },
			'gpt-6.1-terra',
			'standard',
		],
	] as Array<
		[ string, string, SettingsPatch[ 'routing' ], string, string ]
	> )( '%s: %s', async ( reason, question, routing, model, tier ) => {
		stage = await startStage( { settings: { routing: routing ?? {} } } );
		const { last } = await stage.ask( question );
		expect( last.data ).toMatchObject( { finishReason: 'stop', tier } );
		expect( stage.called() ).toEqual( [ `openai ${ model }` ] );
		expect( await stage.calls() ).toMatchObject( [
			{
				reason,
				model,
				tier,
				provider: 'openai',
				outcome: 'answered',
				attempt: 1,
			},
		] );
		await expectExactMoney();
	} );

	it( 'thumbs_down: the next question of a visitor who was unhappy', async () => {
		stage = await startStage();
		const { events } = await stage.ask();
		const { turnId, conversationId } = events[ 0 ]?.data;
		await stage.proxy.visitor( 'POST', `/v1/turns/${ turnId }/feedback`, {
			body: { rating: 'down' },
		} );
		const { last } = await stage.ask(
			'How long can I return unused gear?',
			{
				body: { conversationId },
			}
		);
		expect( last.data.tier ).toBe( 'standard' );
		expect( ( await stage.calls() ).at( -1 ) ).toMatchObject( {
			reason: 'thumbs_down',
			features: { hasThumbsDown: true, depth: 1 },
		} );
	} );

	it( 'deep_conversation: the fifth question, when it leans on the others', async () => {
		stage = await startStage();
		let conversationId: string | undefined;
		for ( let index = 0; index < 5; index++ ) {
			const { events } = await stage.ask(
				'And how much is shipping for it?',
				{
					body:
						conversationId === undefined ? {} : { conversationId },
				}
			);
			conversationId = events[ 0 ]?.data.conversationId;
		}
		expect(
			( await stage.calls() ).map( ( { reason } ) => reason )
		).toEqual( [
			'default',
			'default',
			'default',
			'default',
			'deep_conversation',
		] );
	} );

	it( 'nothing: no tier is left, so the site is quoted', async () => {
		stage = await startStage( {
			settings: {
				routing: { tiers: [ 'premium' ], maxTier: 'standard' },
			},
		} );
		const { last, text } = await stage.ask();
		expect( last.data ).toMatchObject( {
			finishReason: 'extractive',
			tier: 'none',
		} );
		expect( text ).toContain( '4.90' );
		expect( stage.called() ).toEqual( [] );
	} );

	it( 'no word of the question is kept with it', async () => {
		stage = await startStage();
		await stage.ask( 'How much is shipping for Xylophones?' );
		expect( JSON.stringify( await stage.calls() ) ).not.toMatch(
			/xylophone/i
		);
	} );
} );

describe( 'settings of routing', () => {
	it( 'that mean nothing are refused with the name of the field', async () => {
		stage = await startStage();
		const response = await stage.proxy.site( 'PUT', '/v1/site/settings', {
			routing: { maxTier: 'best' },
		} );
		expect( response.status ).toBe( 400 );
		expect( await response.text() ).toContain( 'routing.maxTier' );
	} );

	it( 'hold for the next question', async () => {
		stage = await startStage();
		await stage.ask();
		await stage.settings( {
			routing: {
				rules: [ { containing: [ 'shipping' ], tier: 'standard' } ],
			},
		} );
		const { last } = await stage.ask();
		expect( last.data.tier ).toBe( 'standard' );
	} );
} );

describe( 'economy mode', () => {
	let now: number;
	const start = async ( settings: SettingsPatch = {} ) => {
		now = Date.now();
		stage = await startStage( {
			clock: () => now,
			settings: {
				routing: {
					rules: [ { containing: [ 'shipping' ], tier: 'standard' } ],
				},
				...settings,
			},
		} );
	};
	/** Sets the day's limit so that what is spent is this share of it, and lets the figure grow old. */
	const spendShare = async ( share: number ) => {
		const { spent } = await stage.money();
		await stage.settings( {
			limits: { siteDayNanoUsd: Math.round( spent / share ) },
		} );
		now += 1_000;
	};
	const caps = () =>
		stage.provider.journal.entries.map(
			( { body } ) =>
				( body as { max_completion_tokens: number } )
					.max_completion_tokens
		);

	it( 'T12: begins when the soft share is truly passed: cheapest tier, shorter answer, and the visitor is told', async () => {
		await start( { limits: { softShare: 0.01 } } );
		await stage.ask();
		await spendShare( 0.0099 );
		await stage.ask();
		expect( stage.called() ).toEqual( [
			'openai gpt-6.1-terra',
			'openai gpt-6.1-terra',
		] );
		await spendShare( 0.0101 );
		const { last, notices, events } = await stage.ask();
		expect( notices ).toEqual( [ 'economy' ] );
		expect( events[ 1 ]?.event ).toBe( 'notice' );
		expect( last.data ).toMatchObject( {
			finishReason: 'stop',
			tier: 'economy',
		} );
		expect( caps() ).toEqual( [ 700, 700, 350 ] );
		expect( ( await stage.calls() ).at( -1 ) ).toMatchObject( {
			reason: 'economy_mode',
			features: { ownerTier: 'standard' },
		} );
		await expectExactMoney();
	} );

	it( 'T12: does not begin because of money that is only held', async () => {
		await start( { limits: { softShare: 0.5 } } );
		await stage.ask();
		await spendShare( 0.4 );
		stage.provider.script( { firstChunkDelayMs: 100 } );
		const first = stage.ask();
		await stage.provider.journal.waitFor(
			( entry ) => entry === stage.provider.journal.entries[ 1 ]
		);
		now += 1_000;
		expect(
			await stage.proxy.services.models?.spentShare(
				'test-shop',
				( await stage.proxy.services.sites.settings( 'test-shop' ) )
					.limits
			)
		).toBeCloseTo( 0.4, 3 );
		await first;
	} );

	it( 'begins by the month as well as by the day, and ends when the limit is raised', async () => {
		await start( { limits: { softShare: 0.01 } } );
		await stage.ask();
		const { spent } = await stage.money();
		await stage.settings( { limits: { siteMonthNanoUsd: spent * 50 } } );
		now += 1_000;
		expect( ( await stage.ask() ).notices ).toEqual( [ 'economy' ] );
		await stage.settings( { limits: { siteMonthNanoUsd: spent * 5_000 } } );
		expect( ( await stage.ask() ).notices ).toEqual( [] );
	} );

	it( 'asks no better model when the cheap one fails: the site is quoted', async () => {
		await start( { limits: { softShare: 0.01 } } );
		await stage.ask();
		await spendShare( 0.02 );
		stage.provider.setDefault( faults.modelNotFound() );
		const { last, notices } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'extractive' );
		// Nothing was shortened, so nothing is said about it.
		expect( notices ).toEqual( [ 'answered_from_site' ] );
		expect( stage.called().slice( 1 ) ).toEqual( [
			'openai gpt-6-luna',
			'openai gpt-5.6-luna',
		] );
	} );

	it( 'teaches no word that passes up', async () => {
		await start( { limits: { softShare: 0.01 }, routing: {} } );
		await stage.ask();
		await spendShare( 0.02 );
		await stage.ask();
		const prompts = stage.provider.journal.entries.map( ( { body } ) =>
			JSON.stringify( body ).includes( '[[pass-up]]' )
		);
		expect( prompts ).toEqual( [ true, false ] );
	} );
} );
