/**
 * The text path against a provider simulated by somebody else, so that a misreading of the wire cannot hide on both sides.
 */
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { page } from '../../support/proxy/shop.ts';
import { textOf } from '../../support/proxy/sse.ts';
import { type ProxyProcess, startProxyProcess } from './proxy-process.ts';

const ANSWER = 'You may return a tent within 30 days, unused and dry.';

describe( 'a question answered through aimock', () => {
	let mock: LLMock;
	let proxy: ProxyProcess;

	beforeAll( async () => {
		mock = new LLMock( { port: 0 } );
		mock.onMessage( /may I return a tent/, {
			content: `${ ANSWER }\n[[docent]] mood=neutral confident=yes handoff=no used=1`,
		} );
		mock.onMessage( /may I return a rucksack/, {
			error: { message: 'Slow down', type: 'rate_limit_error' },
			status: 429,
		} );
		await mock.start();
		proxy = await startProxyProcess( {
			env: {
				OPENAI_API_KEY: 'sk-mock',
				OPENAI_BASE_URL: `${ mock.url }/v1`,
			},
			documents: [
				page(
					1,
					'Returns',
					'## Returning goods\nYou may return a tent or a rucksack within 30 days, unused and dry.'
				),
				page(
					2,
					'Shipping',
					'## Shipping\nParcels leave within two working days.'
				),
			],
		} );
	}, 30_000 );
	afterAll( async () => {
		await proxy?.stop();
		await mock?.stop();
	} );

	test( 'streams the answer without its trailer and names the page it rests on', async () => {
		const events = await proxy.ask( 'How long may I return a tent?' );
		expect( textOf( events ) ).toBe( ANSWER );
		expect(
			events.find( ( { event } ) => event === 'sources' )?.data
		).toEqual( [ expect.objectContaining( { title: 'Returns' } ) ] );
		expect( events.at( -1 ) ).toMatchObject( {
			event: 'done',
			data: { finishReason: 'stop', tier: 'economy', confident: true },
		} );
	} );

	test( 'sends the passages and the question, and asks for usage', async () => {
		const { body } = mock.getLastRequest() ?? {};
		expect( JSON.stringify( body ) ).toContain( 'within 30 days' );
		expect( body ).toMatchObject( {
			stream: true,
			stream_options: { include_usage: true },
		} );
	} );

	test( 'counts what the answer cost', async () => {
		const usage = ( await proxy.asSite( 'GET', '/v1/site/usage' ) ) as {
			day: { spentNanoUsd: number; heldNanoUsd: number };
		};
		expect( usage.day.spentNanoUsd ).toBeGreaterThan( 0 );
		expect( usage.day.heldNanoUsd ).toBe( 0 );
	} );

	test( 'quotes the site when every model is rate limited', async () => {
		const events = await proxy.ask( 'How long may I return a rucksack?' );
		expect( textOf( events ) ).toContain( '30 days' );
		expect( events.at( -1 )?.data ).toMatchObject( {
			finishReason: 'extractive',
			tier: 'none',
		} );
	} );
} );
