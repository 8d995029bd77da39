import { afterEach, describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../support/simulated-provider/chat-request.ts';
import { faults } from '../../support/simulated-provider/index.ts';
import { QUESTION, startStage, type Stage } from './routing-stage.ts';

const WORD = '[[pass-up]]';

let stage: Stage;

afterEach( () => stage.close() );

const from = ( model: string ) => ( request: ChatRequest ) =>
	request.model === model;
const prompts = () =>
	stage.provider.journal.entries.map( ( { body } ) => {
		const { model, messages } = body as {
			model: string;
			messages: Array< { content: string } >;
		};
		return { model, teaches: messages[ 0 ]?.content.includes( WORD ) };
	} );

async function expectExactMoney() {
	const { spent, held, billed } = await stage.money();
	expect( held ).toBe( 0 );
	expect( spent ).toBe( billed );
}

describe( 'a question that the cheap model passes up', () => {
	it.each( [
		[ 'in one piece', [ WORD ] ],
		[ 'in two pieces', [ '[[pass', '-up]]' ] ],
		[ 'letter by letter', [ ...WORD ] ],
		[ 'in other marks', [ '**', '[[PASS', '_UP]]', '**', '\n' ] ],
		[ 'without brackets', [ 'pass', '-up' ] ],
		[
			'with a trailer behind it',
			[
				WORD,
				'\n[[docent]] mood=neutral confident=no handoff=no used=1',
			],
		],
		[ 'with words behind it', [ WORD, ' I am not sure about this one.' ] ],
	] )(
		'%s is answered by the next tier, and the visitor sees nothing of it',
		async ( _, chunks ) => {
			stage = await startStage();
			stage.provider.script( { chunks, when: from( 'gpt-6-luna' ) } );
			const { text, last, notices, events } = await stage.ask();
			expect( text ).toMatch( /^Shipping costs 4\.90 euros\.$/ );
			expect( JSON.stringify( events ) ).not.toMatch( /pass.?up/i );
			expect( notices ).toEqual( [] );
			expect( last.data ).toMatchObject( {
				finishReason: 'stop',
				tier: 'standard',
			} );
			expect( stage.called() ).toEqual( [
				'openai gpt-6-luna',
				'openai gpt-6.1-terra',
			] );
			expect( await stage.calls() ).toMatchObject( [
				{
					outcome: 'passed_up',
					reason: 'default',
					tier: 'economy',
					attempt: 1,
				},
				{
					outcome: 'answered',
					reason: 'passed_up',
					tier: 'standard',
					attempt: 2,
				},
			] );
			await expectExactMoney();
		}
	);

	it( 'costs both calls, each at its own price', async () => {
		stage = await startStage();
		stage.provider.script( { text: WORD } );
		await stage.ask();
		expect( await stage.calls() ).toMatchObject(
			stage.provider.bill.entries.map( ( { model, costNanoUsd } ) => ( {
				model,
				costNanoUsd,
			} ) )
		);
		await expectExactMoney();
	} );

	it( 'goes up one step and no further', async () => {
		stage = await startStage();
		stage.provider.setDefault( { text: WORD } );
		const { last, text } = await stage.ask();
		expect( prompts() ).toEqual( [
			{ model: 'gpt-6-luna', teaches: true },
			{ model: 'gpt-6.1-terra', teaches: false },
			expect.objectContaining( { teaches: false } ),
		] );
		// Nobody answered: the word without being taught it is no answer.
		expect( last.data.finishReason ).toBe( 'extractive' );
		expect( text ).not.toMatch( /pass/ );
		await expectExactMoney();
	} );

	it( 'is answered by the cheap model after all when the better one cannot', async () => {
		stage = await startStage( {
			tiers: { economy: [ 'gpt-6-luna' ], premium: [] },
		} );
		stage.provider.script(
			{ text: WORD, when: from( 'gpt-6-luna' ) },
			{ ...faults.modelNotFound(), when: from( 'gpt-6.1-terra' ) }
		);
		const { last, text } = await stage.ask();
		expect( text ).toContain( '4.90' );
		expect( last.data ).toMatchObject( {
			finishReason: 'stop',
			tier: 'economy',
		} );
		expect( prompts().map( ( { teaches } ) => teaches ) ).toEqual( [
			true,
			false,
			false,
		] );
		await expectExactMoney();
	} );

	it( 'is answered by the cheap model after all when there is no money for the better one', async () => {
		stage = await startStage( { tiers: { economy: [ 'gpt-6-luna' ] } } );
		await stage.settings( { limits: { siteDayNanoUsd: 1_500_000 } } );
		stage.provider.script( { text: WORD } );
		const { last, text } = await stage.ask();
		expect( text ).toContain( '4.90' );
		expect( last.data.tier ).toBe( 'economy' );
		expect(
			( await stage.calls() ).map( ( { reason } ) => reason )
		).toEqual( [ 'default', 'fitted_to_limit' ] );
		await expectExactMoney();
	} );

	it( 'that runs on and on after the word is cut off, and costs at least what is billed', async () => {
		stage = await startStage();
		stage.provider.script( {
			chunks: [
				WORD,
				...Array.from( { length: 400 }, () => ' because' ),
			],
			chunkDelayMs: 1,
		} );
		const { text, last } = await stage.ask();
		expect( text ).toMatch( /^Shipping costs 4\.90 euros\.$/ );
		expect( last.data.tier ).toBe( 'standard' );
		const { outcome } = await stage.provider.journal.waitFor(
			( entry ) => entry.endedAtMs !== undefined
		);
		expect( outcome ).toBe( 'aborted' );
		const [ first ] = await stage.calls();
		expect( first ).toMatchObject( {
			outcome: 'passed_up',
			isEstimated: true,
		} );
		const { spent, billed, held } = await stage.money();
		expect( held ).toBe( 0 );
		expect( spent ).toBeGreaterThanOrEqual( billed );
	} );
} );

describe( 'a conversation in which a question was passed up', () => {
	it( 'stays with the better tier, so that the provider finds its beginning again', async () => {
		stage = await startStage();
		stage.provider.script( { text: WORD } );
		const { events } = await stage.ask();
		const { conversationId } = events[ 0 ]?.data;
		const next = await stage.ask( 'How long can I return unused gear?', {
			body: { conversationId },
		} );
		expect( next.last.data.tier ).toBe( 'standard' );
		expect( ( await stage.calls() ).at( -1 ) ).toMatchObject( {
			reason: 'sticky',
			features: { stickyTier: 'standard' },
		} );
		const other = await stage.ask( QUESTION );
		expect( other.last.data.tier ).toBe( 'economy' );
	} );
} );

describe( 'the word that passes up', () => {
	it( 'is not taught where the owner does not want it', async () => {
		stage = await startStage( {
			settings: { routing: { passUp: false } },
		} );
		await stage.ask();
		expect( prompts() ).toEqual( [
			{ model: 'gpt-6-luna', teaches: false },
		] );
	} );

	it( 'is not taught to the highest tier that the owner allows', async () => {
		stage = await startStage( {
			settings: { routing: { maxTier: 'economy' } },
		} );
		await stage.ask();
		expect( prompts() ).toEqual( [
			{ model: 'gpt-6-luna', teaches: false },
		] );
	} );

	it( 'is not taught after a failure: nobody waits twice', async () => {
		stage = await startStage();
		stage.provider.script( faults.modelNotFound() );
		await stage.ask();
		expect( prompts().map( ( { teaches } ) => teaches ) ).toEqual( [
			true,
			false,
		] );
	} );

	it( 'in the middle of an answer is taken out, whoever put it there', async () => {
		stage = await startStage();
		stage.provider.script( {
			chunks: [ 'Shipping costs [[pa', 'ss-up]]4.90', ' euros.' ],
		} );
		const { text, last } = await stage.ask();
		expect( text ).toBe( 'Shipping costs 4.90 euros.' );
		expect( last.data.tier ).toBe( 'economy' );
		expect( stage.called() ).toHaveLength( 1 );
	} );
} );
