import { afterEach, describe, expect, it } from 'vitest';
import {
	boundInputTokens,
	priceWorstCase,
} from '../../../proxy/src/ledger/pricing.ts';
import type { Model } from '../../../proxy/src/models/catalog.ts';
import { mintToken } from '../../support/proxy/credentials.ts';
import { startRedis } from '../../support/redis/index.ts';
import { QUESTION, startStage, type Stage } from './routing-stage.ts';

let stage: Stage;

afterEach( () => stage.close() );

const ONLY = { economy: [ 'gpt-6-luna' ], standard: [], premium: [] };

/** What the request that the provider got could have cost at most, with an answer of so many tokens. */
function worstCase( tokens: number, index = 0 ): number {
	const { model: id, messages } = stage.provider.journal.entries[ index ]
		?.body as { model: string; messages: Array< { content: string } > };
	const model = stage.proxy.services.models?.catalog.model( id ) as Model;
	return priceWorstCase( model, boundInputTokens( messages ), tokens );
}

const sentCap = ( index: number ) =>
	(
		stage.provider.journal.entries[ index ]?.body as {
			max_completion_tokens: number;
		}
	 ).max_completion_tokens;

/** Leaves exactly so much of the day to spend. */
async function leave( nanoUsd: number ) {
	const { spent } = await stage.money();
	await stage.settings( { limits: { siteDayNanoUsd: spent + nanoUsd } } );
}

async function expectWithin() {
	const { spent, held, billed } = await stage.money();
	const { day } = await (
		await stage.proxy.site( 'GET', '/v1/site/usage' )
	).json();
	expect( held ).toBe( 0 );
	expect( spent ).toBe( billed );
	expect( billed ).toBeLessThanOrEqual( day.limitNanoUsd );
}

describe( 'with so much money left that', () => {
	it( 'the whole worst case fits exactly, the answer is as long as ever', async () => {
		stage = await startStage( { tiers: ONLY } );
		await stage.ask();
		await leave( worstCase( 700 ) );
		const { last, notices } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'stop' );
		expect( notices ).toEqual( [] );
		expect( sentCap( 1 ) ).toBe( 700 );
		expect( ( await stage.calls() ).at( -1 )?.reason ).toBe( 'default' );
		await expectWithin();
	} );

	it( 'one nano-dollar is missing, the answer may be a token shorter', async () => {
		stage = await startStage( { tiers: ONLY } );
		await stage.ask();
		await leave( worstCase( 700 ) - 1 );
		const { last } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'stop' );
		expect( sentCap( 1 ) ).toBe( 699 );
		expect( ( await stage.calls() ).at( -1 ) ).toMatchObject( {
			reason: 'fitted_to_limit',
			outcome: 'answered',
		} );
		await expectWithin();
	} );

	it( 'a shorter answer is cut by its cap, the visitor is told that it was shortened', async () => {
		stage = await startStage( { tiers: ONLY } );
		await stage.ask();
		// The prompt for a fitted answer is another one than the first, and no longer.
		await leave( worstCase( 150 ) );
		stage.provider.script( { text: 'word '.repeat( 400 ) } );
		const { last, notices } = await stage.ask();
		expect( notices ).toEqual( [ 'shortened' ] );
		expect( last.data.finishReason ).toBe( 'length' );
		expect( sentCap( 1 ) ).toBe( 150 );
		await expectWithin();
	} );

	it( 'the shortest useful answer fits exactly, it is given', async () => {
		stage = await startStage( { tiers: ONLY } );
		await stage.ask();
		await leave( worstCase( 120 ) );
		const { last } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'stop' );
		expect( sentCap( 1 ) ).toBe( 120 );
		await expectWithin();
	} );

	it( 'even the shortest useful answer misses by a nano-dollar, the site is quoted', async () => {
		stage = await startStage( { tiers: ONLY } );
		await stage.ask();
		await leave( worstCase( 120 ) - 1 );
		const { last, notices, text } = await stage.ask();
		expect( notices ).toEqual( [ 'limit_reached' ] );
		expect( last.data.finishReason ).toBe( 'extractive' );
		expect( text ).toContain( '4.90' );
		expect( stage.called() ).toHaveLength( 1 );
		expect( ( await stage.calls() ).slice( 1 ) ).toMatchObject( [
			{ outcome: 'no_money', costNanoUsd: 0 },
			{ outcome: 'extractive' },
		] );
		await expectWithin();
	} );

	it( 'the better model is too dear, the cheaper one answers', async () => {
		stage = await startStage( {
			settings: {
				routing: {
					passUp: false,
					rules: [ { containing: [ 'shipping' ], tier: 'standard' } ],
				},
			},
		} );
		await stage.ask();
		expect( stage.called() ).toEqual( [ 'openai gpt-6.1-terra' ] );
		await leave( 1_400_000 );
		const { last } = await stage.ask();
		expect( last.data ).toMatchObject( {
			finishReason: 'stop',
			tier: 'economy',
		} );
		expect( ( await stage.calls() ).at( -1 ) ).toMatchObject( {
			reason: 'fitted_to_limit',
			model: 'gpt-6-luna',
		} );
		await expectWithin();
	} );

	it( 'the better model can still say something useful, it says less rather than the cheaper one more', async () => {
		stage = await startStage( {
			settings: {
				routing: {
					passUp: false,
					rules: [ { containing: [ 'shipping' ], tier: 'standard' } ],
				},
			},
		} );
		await stage.ask();
		await leave( worstCase( 200 ) );
		const { last } = await stage.ask();
		expect( last.data.tier ).toBe( 'standard' );
		expect( sentCap( 1 ) ).toBe( 200 );
		await expectWithin();
	} );

	it( 'a model that thinks would have no room to, a plain one answers', async () => {
		stage = await startStage( {
			settings: {
				routing: {
					passUp: false,
					rules: [ { containing: [ 'shipping' ], tier: 'premium' } ],
				},
			},
		} );
		await stage.ask();
		expect( sentCap( 0 ) ).toBe( 2_000 );
		await leave( worstCase( 500 ) );
		await stage.ask();
		expect( stage.called().at( -1 ) ).toBe( 'openai gpt-6.1-terra' );
		await expectWithin();
	} );
} );

describe( 'while others hold what is left', () => {
	it( 'an answer waits for a moment rather than being refused', async () => {
		stage = await startStage( { tiers: ONLY, random: () => 0.5 } );
		await stage.ask();
		await leave( worstCase( 700 ) + worstCase( 60 ) );
		stage.provider.script( {
			firstChunkDelayMs: 120,
			text: 'Shipping costs 4.90 euros.',
		} );
		const first = stage.ask( QUESTION, { token: mintToken() } );
		await stage.provider.journal.waitFor(
			( entry ) => entry === stage.provider.journal.entries[ 1 ]
		);
		const second = await stage.ask( `${ QUESTION } Please.`, {
			token: mintToken(),
		} );
		expect( second.last.data.finishReason ).toBe( 'stop' );
		expect( ( await first ).last.data.finishReason ).toBe( 'stop' );
		await expectWithin();
	} );

	it( 'and do not give it back, the site is quoted in little more than a second', async () => {
		stage = await startStage( { tiers: ONLY, silenceMs: 5_000 } );
		await stage.ask();
		await leave( worstCase( 700 ) + worstCase( 60 ) );
		stage.provider.script( { firstChunkDelayMs: 2_500 } );
		const first = stage.ask( QUESTION, { token: mintToken() } );
		await stage.provider.journal.waitFor(
			( entry ) => entry === stage.provider.journal.entries[ 1 ]
		);
		const startedAt = performance.now();
		const second = await stage.ask( `${ QUESTION } Please.`, {
			token: mintToken(),
		} );
		expect( performance.now() - startedAt ).toBeLessThan( 2_400 );
		expect( second.last.data.finishReason ).toBe( 'extractive' );
		expect( second.notices ).toEqual( [ 'limit_reached' ] );
		expect( ( await first ).last.data.finishReason ).toBe( 'stop' );
		await expectWithin();
	} );
} );

describe( 'a hundred visitors at the limit at once', () => {
	it.each( [ 'SQLite', 'Redis' ] )(
		'get answers or quotations, and never a cent too much is spent, on %s',
		async ( store ) => {
			const redis =
				store === 'Redis'
					? await startRedis( { isDurable: false } )
					: undefined;
			try {
				stage = await startStage( {
					...( redis ? { redisUrl: redis.url } : {} ),
				} );
				await stage.ask();
				await leave( worstCase( 700 ) * 6 );
				const told = await Promise.all(
					Array.from( { length: 100 }, ( _, index ) =>
						stage.ask( `${ QUESTION } ${ index }`, {
							token: mintToken(),
						} )
					)
				);
				for ( const { text, last } of told ) {
					expect( text ).not.toBe( '' );
					expect( [ 'stop', 'extractive' ] ).toContain(
						last.data.finishReason
					);
				}
				await expectWithin();
			} finally {
				await stage.close();
				await redis?.stop();
			}
		}
	);
} );

describe( 'money that cannot be counted', () => {
	it.each( [ 0, 1 ] )(
		'a day limit of %i lets nothing through, and nothing is asked',
		async ( siteDayNanoUsd ) => {
			stage = await startStage( {
				settings: { limits: { siteDayNanoUsd } },
			} );
			const { notices, last } = await stage.ask();
			expect( notices ).toEqual( [ 'limit_reached' ] );
			expect( last.data.finishReason ).toBe( 'extractive' );
			expect( stage.called() ).toEqual( [] );
		}
	);

	it( 'a visitor’s own limit is fitted to in the same way', async () => {
		stage = await startStage( { tiers: ONLY } );
		await stage.ask( QUESTION, { token: mintToken() } );
		await stage.settings( {
			limits: { visitorDayNanoUsd: worstCase( 300 ) },
		} );
		const { last } = await stage.ask( QUESTION, { token: mintToken() } );
		expect( last.data.finishReason ).toBe( 'stop' );
		expect( sentCap( 1 ) ).toBe( 300 );
		await expectWithin();
	} );
} );
