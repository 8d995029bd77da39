/**
 * The simulated provider's bill: figures worked out by hand, and every attempt on it.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
	faults,
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { askProvider, chatBody, streamBody } from './ask-provider.ts';

describe( 'the bill of the simulated provider', () => {
	let provider: SimulatedProvider;
	beforeAll( async () => {
		provider = await startSimulatedProvider();
	} );
	afterEach( () => provider.reset() );
	afterAll( () => provider.close() );

	test( 'is input and output at list price', async () => {
		provider.script( { tokens: { input: 1_000, output: 200 } } );
		await askProvider( provider.baseUrl, { body: chatBody() } );
		// 1,000 × 0.10 USD and 200 × 0.50 USD per million.
		expect( provider.bill.totalNanoUsd ).toBe( 100_000 + 100_000 );
	} );

	test( 'prices each kind of input by itself and rounds a request up once', async () => {
		provider.script( {
			tokens: {
				input: 1,
				cachedInput: 1_024,
				cacheWrite: 128,
				output: 1,
			},
		} );
		await askProvider( provider.baseUrl, {
			body: chatBody( { model: 'gpt-5.4-mini' } ),
		} );
		// 750 + 1,024 × 75 + 128 × 750 + 4,500 nano-dollars.
		expect( provider.bill.totalNanoUsd ).toBe( 178_050 );
	} );

	test( 'doubles the input of a very long prompt', async () => {
		provider.script( { tokens: { input: 300_000, output: 100 } } );
		await askProvider( provider.baseUrl, { body: chatBody() } );
		expect( provider.bill.totalNanoUsd ).toBe(
			300_000 * 100 * 2 + 100 * 500 * 1.5
		);
	} );

	test( 'charges hidden reasoning as output', async () => {
		provider.script( { text: 'Yes.', reasoningTokens: 64 } );
		const reply = await askProvider( provider.baseUrl, {
			body: chatBody(),
		} );
		expect( JSON.parse( reply.text ) ).toMatchObject( {
			usage: {
				completion_tokens: 66,
				completion_tokens_details: { reasoning_tokens: 64 },
			},
		} );
		expect( provider.bill.entries[ 0 ]?.tokens.output ).toBe( 66 );
	} );

	test( 'charges the input and what was produced when the client leaves', async () => {
		provider.script( {
			chunks: [ 'one ', 'two ', 'three ', 'four ' ],
			...faults.stall( 2 ),
		} );
		await askProvider( provider.baseUrl, {
			body: streamBody(),
			hangUpAfterEvents: 3,
		} );
		await provider.journal.waitFor(
			( { outcome } ) => outcome === 'aborted'
		);
		const [ entry ] = provider.bill.entries;
		expect( entry?.tokens.input ).toBeGreaterThan( 0 );
		// 'one', ' ', 'two', ' ': white space at the end of a delta is a piece of its own.
		expect( entry?.tokens.output ).toBe( 4 );
	} );

	test( 'charges a cut stream for what was produced, and a garbled body in full', async () => {
		provider.script( {
			chunks: [ 'one', 'two', 'three' ],
			...faults.cutAfter( 1 ),
		} );
		provider.script( faults.garbageBody() );
		await askProvider( provider.baseUrl, { body: streamBody() } );
		await askProvider( provider.baseUrl, { body: chatBody() } );
		const [ cut, garbled ] = provider.bill.entries;
		expect( cut?.tokens.output ).toBe( 1 );
		expect( garbled?.tokens.output ).toBeGreaterThan( 3 );
	} );

	test( 'stays true when the reported usage is a lie', async () => {
		provider.script(
			{ tokens: { input: 10, output: 10 } },
			{
				tokens: { input: 10, output: 10 },
				reportedUsage: { prompt_tokens: 0, completion_tokens: 0 },
			}
		);
		await askProvider( provider.baseUrl, { body: chatBody() } );
		await askProvider( provider.baseUrl, { body: chatBody() } );
		const [ honest, lying ] = provider.bill.entries;
		expect( lying?.costNanoUsd ).toBe( honest?.costNanoUsd );
	} );

	test( 'has one entry for every attempt that reached the model, none for refusals', async () => {
		provider.script( faults.rateLimited(), faults.serverError() );
		for ( let i = 0; i < 4; i++ ) {
			await askProvider( provider.baseUrl, { body: chatBody() } );
		}
		expect( provider.journal.entries ).toHaveLength( 4 );
		expect( provider.bill.entries ).toHaveLength( 2 );
	} );

	test( 'charges the second of two long prompts that begin alike less', async () => {
		const long = 'The shop sells tents. '.repeat( 600 );
		const ask = ( question: string ) =>
			askProvider( provider.baseUrl, {
				body: chatBody( {
					messages: [
						{ role: 'system', content: long },
						{ role: 'user', content: question },
					],
				} ),
			} );
		await ask( 'Is it dry?' );
		await ask( 'Is it big?' );
		const [ first, second ] = provider.bill.entries;
		expect( first?.tokens.cacheWrite ).toBeGreaterThan( 1_024 );
		expect( second?.tokens.cachedInput ).toBeGreaterThan( 1_024 );
		expect( second?.costNanoUsd ).toBeLessThan( first?.costNanoUsd ?? 0 );
	} );

	test( 'can be read, and faults scripted, from another process', async () => {
		const control = provider.baseUrl.replace( '/v1', '' );
		await fetch( `${ control }/__script`, {
			method: 'POST',
			body: JSON.stringify( [
				{ tokens: { input: 1_000, output: 0 } },
				faults.serverError(),
			] ),
		} );
		await askProvider( provider.baseUrl, { body: chatBody() } );
		const second = await askProvider( provider.baseUrl, {
			body: chatBody(),
		} );
		const bill = await fetch( `${ control }/__bill` );
		expect( second.status ).toBe( 500 );
		expect( await bill.json() ).toMatchObject( { totalNanoUsd: 100_000 } );
	} );
} );
