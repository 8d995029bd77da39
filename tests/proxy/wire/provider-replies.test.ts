/**
 * The simulated provider answers as the API does, when nothing is scripted.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadOracle } from '../../support/openapi/oracle.ts';
import {
	type SimulatedProvider,
	startSimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { askProvider, chatBody, streamBody, textOf } from './ask-provider.ts';

const PROMPT = [
	{
		role: 'system',
		content:
			'Answer from the passages. End with a line `[[docent]] mood=…`.',
	},
	{
		role: 'user',
		content:
			'[1] Shipping\nParcels leave within two days.\n\n[2] Returns\nYou may return a tent within 30 days. It must be dry.\n\nHow long may I return a tent?',
	},
];

describe( 'the simulated provider', () => {
	let provider: SimulatedProvider;
	beforeAll( async () => {
		const inspector = loadOracle();
		provider = await startSimulatedProvider( {
			apiKey: 'sk-test',
			...( inspector ? { inspector } : {} ),
		} );
	} );
	afterEach( () => provider.reset() );
	afterAll( () => provider.close() );

	test( 'answers from the passage that fits the question and names it in the trailer', async () => {
		const reply = await askProvider( provider.baseUrl, {
			body: chatBody( { messages: PROMPT } ),
		} );
		const body = JSON.parse( reply.text ) as {
			choices: [ { message: { content: string } } ];
		};
		expect( body.choices[ 0 ].message.content ).toBe(
			'You may return a tent within 30 days.\n[[docent]] mood=neutral confident=yes handoff=no used=2'
		);
		expect( provider.violations ).toEqual( [] );
	} );

	test( 'streams the same text and reports usage on the last chunk only', async () => {
		const reply = await askProvider( provider.baseUrl, {
			body: streamBody( { messages: PROMPT } ),
		} );
		const chunks = reply.events.map(
			( event ) => JSON.parse( event ) as { usage: object | null }
		);
		expect( textOf( reply ) ).toContain( 'within 30 days' );
		expect( reply.isDone ).toBe( true );
		expect( chunks.slice( 0, -1 ).every( ( c ) => c.usage === null ) ).toBe(
			true
		);
		expect( chunks.at( -1 ) ).toMatchObject( {
			choices: [],
			usage: { prompt_tokens: expect.any( Number ) },
		} );
		expect( provider.violations ).toEqual( [] );
	} );

	test( 'carries the headers of the API', async () => {
		const { headers } = await askProvider( provider.baseUrl, {
			body: chatBody(),
		} );
		expect( headers[ 'x-request-id' ] ).toMatch( /^req_[0-9a-f]{32}$/ );
		expect( headers ).toHaveProperty( 'x-ratelimit-remaining-tokens' );
	} );

	test( 'lists the models it sells', async () => {
		const reply = await askProvider( provider.baseUrl, {
			path: '/models',
		} );
		expect( reply.text ).toContain( '"gpt-6-luna"' );
		expect( provider.violations ).toEqual( [] );
	} );

	test( 'stops at the asked-for number of tokens and says so', async () => {
		const reply = await askProvider( provider.baseUrl, {
			body: chatBody( { messages: PROMPT, max_completion_tokens: 3 } ),
		} );
		expect( JSON.parse( reply.text ) ).toMatchObject( {
			choices: [ { finish_reason: 'length' } ],
			usage: { completion_tokens: 3 },
		} );
	} );

	test( 'keeps the key out of its journal', async () => {
		await askProvider( provider.baseUrl, { body: chatBody() } );
		expect( JSON.stringify( provider.journal.entries ) ).not.toContain(
			'sk-test'
		);
		expect( provider.journal.entries[ 0 ]?.hasKey ).toBe( true );
	} );

	test.each( [
		[ 'no key', { key: undefined, body: chatBody() }, 401 ],
		[ 'a foreign key', { key: 'sk-other', body: chatBody() }, 401 ],
		[ 'an unknown model', { body: chatBody( { model: 'gpt-0' } ) }, 404 ],
		[ 'no messages', { body: chatBody( { messages: [] } ) }, 400 ],
		[
			'stream options without a stream',
			{ body: chatBody( { stream_options: { include_usage: true } } ) },
			400,
		],
		[ 'the old max_tokens', { body: chatBody( { max_tokens: 5 } ) }, 400 ],
		[
			'a temperature while the model reasons',
			{ body: chatBody( { temperature: 0.2 } ) },
			400,
		],
		[
			'effort none where the model always reasons',
			{
				body: chatBody( {
					model: 'gpt-6-astra',
					reasoning_effort: 'none',
				} ),
			},
			400,
		],
		[ 'an unknown route', { path: '/nothing' }, 404 ],
	] )( 'turns away %s', async ( _name, options, status ) => {
		const reply = await askProvider( provider.baseUrl, options );
		expect( reply.status ).toBe( status );
		expect( JSON.parse( reply.text ) ).toHaveProperty( 'error.message' );
		expect( provider.bill.totalNanoUsd ).toBe( 0 );
	} );
} );
