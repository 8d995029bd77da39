import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../support/proxy/credentials.ts';
import { readEvents } from '../../support/proxy/sse.ts';
import {
	faults,
	type Behaviour,
} from '../../support/simulated-provider/index.ts';
import { QUESTION, startStage, type Stage } from './routing-stage.ts';

let stage: Stage;

afterEach( () => stage.close() );

const ONE = { economy: [ 'gpt-6-luna' ], standard: [], premium: [] };

const state = ( model = 'gpt-6-luna' ) =>
	stage.proxy.services.models?.health
		.report()
		.find( ( report ) => report.model === model );

describe( 'when there is only one target, and it', () => {
	it( 'asks for a short pause, the visitor waits for it and gets the answer', async () => {
		stage = await startStage( { tiers: ONE } );
		stage.provider.script( faults.rateLimited( { retryAfterMs: 300 } ) );
		const startedAt = performance.now();
		const { last } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'stop' );
		expect( performance.now() - startedAt ).toBeGreaterThanOrEqual( 300 );
		expect( stage.called() ).toHaveLength( 2 );
	} );

	it( 'asks for a short pause, visitors who wait for its end do not all come back in one moment', async () => {
		let step = 0;
		stage = await startStage( {
			tiers: ONE,
			random: () => ( step++ % 10 ) / 10,
		} );
		stage.provider.script( faults.rateLimited( { retryAfterMs: 300 } ) );
		const first = stage.ask( QUESTION, { token: mintToken() } );
		await stage.provider.journal.waitFor(
			( { status } ) => status === 429
		);
		const told = await Promise.all(
			Array.from( { length: 10 }, ( _, index ) =>
				stage.ask( `${ QUESTION } ${ index }`, { token: mintToken() } )
			)
		);
		await first;
		for ( const { last } of told ) {
			expect( last.data.finishReason ).toBe( 'stop' );
		}
		const times = stage.provider.journal.entries
			.slice( 1 )
			.map( ( { receivedAtMs } ) => receivedAtMs );
		expect( Math.max( ...times ) - Math.min( ...times ) ).toBeGreaterThan(
			100
		);
	} );

	it( 'asks for a pause that no visitor waits for, the site is quoted at once', async () => {
		stage = await startStage( { tiers: ONE } );
		stage.provider.script(
			faults.rateLimited( { retryAfterSeconds: 30 } )
		);
		const startedAt = performance.now();
		const { last } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'extractive' );
		expect( performance.now() - startedAt ).toBeLessThan( 4_000 );
		expect( stage.called() ).toHaveLength( 1 );
		// Nor is anybody else sent there meanwhile.
		expect( ( await stage.ask() ).last.data.finishReason ).toBe(
			'extractive'
		);
		expect( stage.called() ).toHaveLength( 1 );
	} );

	it( 'is overloaded for a moment, it is asked once more', async () => {
		stage = await startStage( { tiers: ONE } );
		stage.provider.script( faults.overloaded( { retryAfterSeconds: 1 } ) );
		const startedAt = performance.now();
		const { last } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'stop' );
		expect( performance.now() - startedAt ).toBeGreaterThanOrEqual( 1_000 );
		expect( stage.called() ).toHaveLength( 2 );
	} );

	it( 'may have billed for nothing, it is not asked twice: nobody pays twice for one failure', async () => {
		stage = await startStage( { tiers: ONE } );
		stage.provider.script( faults.cutAfter( 0 ) );
		const { last } = await stage.ask();
		expect( last.data.finishReason ).toBe( 'extractive' );
		expect( stage.called() ).toHaveLength( 1 );
	} );
} );

describe( 'our own limits on a provider', () => {
	it( 'send a question to another one at once, and cost nothing', async () => {
		stage = await startStage( {
			tiers: { economy: [ 'spare-luna', 'gpt-6-luna' ] },
			spareProvider: { requestsPerMinute: 1 },
		} );
		await stage.ask();
		const startedAt = performance.now();
		const { last } = await stage.ask();
		expect( performance.now() - startedAt ).toBeLessThan( 4_000 );
		expect( last.data.finishReason ).toBe( 'stop' );
		expect( stage.called() ).toEqual( [
			'spare gpt-6-luna',
			'openai gpt-6-luna',
		] );
		const calls = await stage.calls();
		expect( calls ).toMatchObject( [
			{ provider: 'spare', outcome: 'answered' },
			{ provider: 'spare', outcome: 'failed', costNanoUsd: 0 },
			{ provider: 'openai', outcome: 'answered', reason: 'fallback' },
		] );
		const { spent, billed, held } = await stage.money();
		expect( { spent, held } ).toEqual( { spent: billed, held: 0 } );
	} );

	it( 'let calls wait in line, and everybody is answered', async () => {
		stage = await startStage( {
			tiers: { economy: [ 'spare-luna', 'gpt-6-luna' ] },
			spareProvider: { concurrency: 1 },
			silenceMs: 5_000,
		} );
		stage.spare.setDefault( { firstChunkDelayMs: 100 } );
		const told = await Promise.all(
			Array.from( { length: 8 }, ( _, index ) =>
				stage.ask( `${ QUESTION } ${ index }`, { token: mintToken() } )
			)
		);
		for ( const { last } of told ) {
			expect( last.data.finishReason ).toBe( 'stop' );
		}
		const { spent, billed, held } = await stage.money();
		expect( { spent, held } ).toEqual( { spent: billed, held: 0 } );
	} );
} );

describe( 'a refusal of our own limits', () => {
	it( 'T9: is neither tried again nor held against the provider', async () => {
		stage = await startStage( {
			settings: { limits: { siteDayNanoUsd: 1 } },
		} );
		for ( let index = 0; index < 6; index++ ) {
			const { notices } = await stage.ask();
			expect( notices ).toEqual( [ 'limit_reached' ] );
		}
		expect( stage.called() ).toEqual( [] );
		for ( const report of stage.proxy.services.models?.health.report() ??
			[] ) {
			expect( report ).toMatchObject( {
				state: 'closed',
				lastFailure: undefined,
			} );
		}
		const calls = await stage.calls();
		expect(
			calls.filter( ( { outcome } ) => outcome === 'no_money' )
		).toHaveLength( 6 );
	} );
} );

describe( 'the time that a visitor waits for first words', () => {
	it( 'bounds all attempts together; then the site is quoted', async () => {
		stage = await startStage( {
			tiers: { economy: [ 'gpt-6-luna', 'gpt-5.6-luna', 'spare-luna' ] },
			silenceMs: 5_000,
			firstWordsMs: 300,
		} );
		stage.provider.setDefault( faults.silence() );
		stage.spare.setDefault( faults.silence() );
		const startedAt = performance.now();
		const { last, text } = await stage.ask();
		expect( performance.now() - startedAt ).toBeLessThan( 4_000 );
		expect( text ).toContain( '4.90' );
		expect( last.data.finishReason ).toBe( 'extractive' );
		expect( stage.called() ).toHaveLength( 1 );
		expect( await stage.calls() ).toMatchObject( [
			{ outcome: 'failed', errorKind: 'network_timeout' },
			{ outcome: 'extractive' },
		] );
		const { spent, billed, held } = await stage.money();
		expect( held ).toBe( 0 );
		expect( spent ).toBeGreaterThanOrEqual( billed );
	} );

	it( 'ends with the first words: a long answer is not cut by it', async () => {
		stage = await startStage( {
			tiers: ONE,
			silenceMs: 5_000,
			firstWordsMs: 200,
		} );
		stage.provider.script( {
			chunks: [ 'Shipping ', 'costs ', '4.90 ', 'euros.' ],
			chunkDelayMs: 100,
		} );
		const { last, text } = await stage.ask();
		expect( text ).toBe( 'Shipping costs 4.90 euros.' );
		expect( last.data.finishReason ).toBe( 'stop' );
	} );
} );

describe( 'the breaker of a target', () => {
	it( 'opens after three failures, lets one probe through, and closes when words come', async () => {
		let now = Date.now();
		stage = await startStage( { tiers: ONE, clock: () => now } );
		stage.provider.setDefault( faults.serverError() );
		await stage.ask();
		await stage.ask();
		expect( state() ).toMatchObject( {
			state: 'open',
			lastFailure: 'provider_unavailable',
		} );
		const failed = stage.called().length;
		expect( failed ).toBe( 3 );
		await stage.ask();
		expect( stage.called() ).toHaveLength( failed );

		now += 2_500;
		stage.provider.setDefault( { chunkDelayMs: 30 } );
		const told = await Promise.all(
			Array.from( { length: 10 }, ( _, index ) =>
				stage.ask( `${ QUESTION } ${ index }`, { token: mintToken() } )
			)
		);
		// One of them was the probe; whoever came while it ran was quoted the site.
		const answered = told.filter(
			( { last } ) => last.data.finishReason === 'stop'
		);
		expect( answered.length ).toBeGreaterThanOrEqual( 1 );
		expect( stage.called().length - failed ).toBe( answered.length );
		expect( state() ).toMatchObject( {
			state: 'closed',
			lastFailure: undefined,
		} );
		expect( ( await stage.ask() ).last.data.finishReason ).toBe( 'stop' );
	} );

	it( 'stays closed however many visitors leave in the middle', async () => {
		stage = await startStage( { tiers: ONE } );
		stage.provider.setDefault( { chunkDelayMs: 20 } );
		for ( let index = 0; index < 5; index++ ) {
			const token = mintToken();
			const response = await stage.proxy.ask( QUESTION, { token } );
			for await ( const { event, data } of readEvents( response ) ) {
				if ( event === 'turn' ) {
					await stage.proxy.visitor(
						'DELETE',
						`/v1/turns/${ data.turnId }`,
						{
							token,
						}
					);
				}
			}
		}
		expect(
			( await stage.calls() ).map( ( { outcome } ) => outcome )
		).toEqual( Array.from( { length: 5 }, () => 'stopped' ) );
		expect( state() ).toMatchObject( {
			state: 'closed',
			lastFailure: undefined,
		} );
	} );

	it( 'of a whole provider opens at once for a wrong key, and the other provider answers', async () => {
		stage = await startStage( {
			tiers: { economy: [ 'gpt-6-luna', 'gpt-5.6-luna', 'spare-luna' ] },
		} );
		stage.provider.setDefault( faults.unauthorized() );
		await stage.ask();
		await stage.ask();
		expect( stage.called() ).toEqual( [
			'openai gpt-6-luna',
			'spare gpt-6-luna',
			'spare gpt-6-luna',
		] );
		expect( stage.proxy.services.models?.health.report() ).toContainEqual(
			expect.objectContaining( {
				provider: 'openai',
				model: undefined,
				state: 'open',
				lastFailure: 'provider_auth',
			} )
		);
	} );
} );

const WHOLE: Behaviour = {};
/** Every way to fail, and whether the provider's bill can be known exactly. */
const BEHAVIOURS: Array< { behaviour: Behaviour; isExact: boolean } > = [
	{ behaviour: WHOLE, isExact: true },
	{ behaviour: { text: '[[pass-up]]' }, isExact: true },
	{ behaviour: faults.serverError(), isExact: true },
	{ behaviour: faults.overloaded(), isExact: true },
	{ behaviour: faults.unauthorized(), isExact: true },
	{ behaviour: faults.modelNotFound(), isExact: true },
	{ behaviour: faults.outOfQuota(), isExact: true },
	{ behaviour: { refusal: 'No.', text: '' }, isExact: true },
	{ behaviour: { finishReason: 'length' }, isExact: true },
	{ behaviour: faults.reset(), isExact: false },
	{ behaviour: faults.emptyStream(), isExact: false },
	{ behaviour: faults.garbageStream(), isExact: false },
	{ behaviour: faults.garbageStream( 3 ), isExact: false },
	{ behaviour: faults.cutAfter( 0 ), isExact: false },
	{ behaviour: faults.cutAfter( 3 ), isExact: false },
	{ behaviour: faults.stall( 0 ), isExact: false },
	{ behaviour: faults.wrongUsage( null ), isExact: false },
];

describe( 'whatever the providers do, in whatever order', () => {
	it( 'T5, T7, T8, T9: every visitor gets an answer or is told, no half answer is followed by another, few calls are made, and the book holds the bill', async () => {
		let now = Date.now();
		stage = await startStage( {
			tiers: { economy: [ 'gpt-6-luna', 'gpt-5.6-luna', 'spare-luna' ] },
			clock: () => now,
		} );
		// At noon, so that no day ends in between.
		now = new Date( now ).setUTCHours( 12 );
		await fc.assert(
			fc.asyncProperty(
				fc.array( fc.nat( BEHAVIOURS.length - 1 ), {
					minLength: 1,
					maxLength: 6,
				} ),
				fc.array( fc.nat( BEHAVIOURS.length - 1 ), { maxLength: 3 } ),
				async ( first, second ) => {
					// Whatever rests after a fault has rested long enough.
					now += 310_000;
					stage.provider.reset();
					stage.spare.reset();
					const before = await stage.money();
					const pick = ( index: number ) =>
						( BEHAVIOURS[ index ] as { behaviour: Behaviour } )
							.behaviour;
					stage.provider.script( ...first.map( pick ) );
					stage.spare.script( ...second.map( pick ) );
					const { text, last, events } = await stage.ask( QUESTION, {
						token: mintToken( {
							exp: Math.floor( now / 1_000 ) + 900,
							iat: Math.floor( now / 1_000 ),
						} ),
					} );
					expect( text ).not.toBe( '' );
					expect( JSON.stringify( events ) ).not.toMatch(
						/pass.?up/
					);
					expect( [ 'done', 'error' ] ).toContain( last.event );
					if ( last.event === 'error' ) {
						expect( last.data.code ).toBe( 'answer_failed' );
					}
					// Text comes from one call alone: a whole answer, a piece of one, or the words of the site.
					expect( text ).not.toMatch( /4\.90.*4\.90/s );
					expect( stage.called().length ).toBeLessThanOrEqual( 5 );
					const after = await stage.money();
					const spent = after.spent - before.spent;
					expect( after.held ).toBe( 0 );
					expect( spent ).toBeGreaterThanOrEqual( after.billed );
					const used = [
						...first.slice(
							0,
							stage.provider.journal.entries.length
						),
						...second.slice(
							0,
							stage.spare.journal.entries.length
						),
					];
					if (
						used.every( ( index ) => BEHAVIOURS[ index ]?.isExact )
					) {
						expect( spent ).toBe( after.billed );
					}
				}
			),
			{
				numRuns: 40,
				interruptAfterTimeLimit: 15_000,
				markInterruptAsFailure: false,
			}
		);
	}, 40_000 );
} );
