/**
 * Asks for answers as one JSON object.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../support/proxy/shop.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	faults,
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

let provider: SimulatedProvider;
let proxy: TestProxy;
beforeEach( async () => {
	provider = await startSimulatedProvider();
	proxy = await startProxy( {
		providerUrl: provider.baseUrl,
		graceMs: 50,
	} );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
} );
afterEach( async () => {
	await proxy.close();
	await provider.close();
} );

const JSON_ONLY = { headers: { Accept: 'application/json' } };

describe( 'a caller that takes JSON and no stream', () => {
	it( 'gets the whole answer with its sources', async () => {
		provider.script( {
			text: 'Shipping costs 4.90 euros.\n[[docent]] mood=neutral confident=yes handoff=no used=1',
		} );
		const response = await proxy.ask( 'How much is shipping?', JSON_ONLY );
		expect( response.headers.get( 'content-type' ) ).toContain(
			'application/json'
		);
		expect( await response.json() ).toEqual( {
			turnId: expect.stringMatching( /^[0-9a-f]{32}$/ ),
			conversationId: expect.stringMatching( /^[0-9a-f]{32}$/ ),
			answer: 'Shipping costs 4.90 euros.',
			sources: [
				expect.objectContaining( { id: 1, title: 'Shipping' } ),
			],
			notices: [],
			finishReason: 'stop',
			cache: 'miss',
			tier: 'economy',
			mood: 'neutral',
			confident: true,
			handoff: false,
		} );
	} );

	it( 'gets a saved answer, and notices of a quotation', async () => {
		await proxy.ask( 'How much is shipping?', JSON_ONLY );
		const again = await (
			await proxy.ask( 'How much is shipping?', JSON_ONLY )
		).json();
		expect( again.cache ).toBe( 'exact' );
		await proxy.site( 'PUT', '/v1/site/settings', {
			limits: { siteDayNanoUsd: 0 },
		} );
		const quoted = await (
			await proxy.ask( 'How long can I return gear?', JSON_ONLY )
		).json();
		expect( quoted ).toMatchObject( {
			finishReason: 'extractive',
			notices: [ { code: 'limit_reached' } ],
		} );
		expect( quoted.answer ).toContain( '60 days' );
	} );

	it( 'gets the error of an answer that broke off, with its status', async () => {
		provider.script( faults.cutAfter( 5 ) );
		const response = await proxy.ask( 'How much is shipping?', JSON_ONLY );
		expect( response.status ).toBeGreaterThanOrEqual( 500 );
		expect( ( await response.json() ).error.code ).toBe( 'answer_failed' );
	} );

	it( 'ends the call at the provider by hanging up, after the grace', async () => {
		provider.setDefault( { stall: { afterChunks: 2 } } );
		const hangUp = new AbortController();
		const asked = proxy.ask( 'How much is shipping?', {
			...JSON_ONLY,
			signal: hangUp.signal,
		} );
		await provider.journal.waitFor( () => true );
		hangUp.abort();
		await expect( asked ).rejects.toThrow();
		await provider.journal.waitFor(
			( { outcome } ) => outcome === 'aborted'
		);
	} );
} );

describe( 'a caller that takes a stream as well', () => {
	it.each( [ '*/*', 'application/json, text/event-stream', 'text/html' ] )(
		'with "%s" gets the stream',
		async ( accept ) => {
			const response = await proxy.ask( 'How much is shipping?', {
				headers: { Accept: accept },
			} );
			expect( response.headers.get( 'content-type' ) ).toContain(
				'text/event-stream'
			);
			await response.text();
		}
	);
} );
