import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SHOP } from '../../support/proxy/shop.ts';
import { textOf } from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	faults,
	startSimulatedProvider,
	type Behaviour,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

const QUESTION = 'How much is shipping?';

let proxy: TestProxy;
let provider: SimulatedProvider;

beforeEach( async () => {
	provider = await startSimulatedProvider();
	proxy = await startProxy( {
		providerUrl: provider.baseUrl,
		silenceMs: 150,
	} );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	await proxy.site( 'PUT', '/v1/site/settings', {
		rateLimits: { visitorPerMinute: 1_000, addressPerMinute: 1_000 },
	} );
} );

afterEach( async () => {
	await proxy.close();
	await provider.close();
} );

async function day() {
	const usage = await ( await proxy.site( 'GET', '/v1/site/usage' ) ).json();
	return usage.day as { spentNanoUsd: number; heldNanoUsd: number };
}

const beforeTheFirstWord: Array< [ string, Behaviour ] > = [
	[ '401', faults.unauthorized() ],
	[ '403', faults.forbidden() ],
	[ '404', faults.modelNotFound() ],
	[ '429 (rate)', faults.rateLimited( { retryAfterSeconds: 1 } ) ],
	[ '429 (quota)', faults.outOfQuota() ],
	[ '500', faults.serverError() ],
	[ '503', faults.overloaded() ],
	[
		'a page of HTML',
		{ kind: 'garbage-body', body: '<html>Bad gateway</html>' },
	],
	[ 'an empty stream', { kind: 'empty-stream' } ],
	[ 'a reset connection', { kind: 'reset' } ],
	[ 'silence', { kind: 'silence' } ],
	[ 'headers without end', { kind: 'endless-headers' } ],
	[ 'silence before the first word', { stall: { afterChunks: 0 } } ],
	[
		'garbage in the stream',
		{ garbage: { afterChunks: 0, bytes: 'data: {"cho\n\n' } },
	],
	[ 'a refusal', { refusal: 'I cannot help with that.', text: '' } ],
];

describe( 'when the provider answers with', () => {
	it.each( beforeTheFirstWord )(
		'%s, the visitor gets the words of the site, and the ledger holds at least the bill',
		async ( _, behaviour ) => {
			provider.setDefault( behaviour );
			const events = await proxy.events( QUESTION );
			expect( events[ 1 ] ).toMatchObject( {
				event: 'notice',
				data: { code: 'answered_from_site' },
			} );
			expect( textOf( events ) ).toContain( '4.90' );
			expect( events.at( -1 )?.data ).toMatchObject( {
				finishReason: 'extractive',
				tier: 'none',
			} );
			expect( textOf( events ) + events[ 1 ]?.data.message ).not.toMatch(
				/api.?key|quota|openai|429/i
			);
			const { spentNanoUsd, heldNanoUsd } = await day();
			expect( heldNanoUsd ).toBe( 0 );
			expect( spentNanoUsd ).toBeGreaterThanOrEqual(
				provider.bill.totalNanoUsd
			);
		}
	);

	it( 'an overload at the first model, the next model of the tier answers', async () => {
		provider.script( faults.overloaded() );
		const events = await proxy.events( QUESTION );
		expect( events.at( -1 )?.data.finishReason ).toBe( 'stop' );
		expect( provider.journal.entries ).toHaveLength( 2 );
		expect( ( await day() ).spentNanoUsd ).toBe(
			provider.bill.totalNanoUsd
		);
	} );

	it( 'a wrong key, no second model is troubled with it', async () => {
		provider.setDefault( faults.unauthorized() );
		await proxy.events( QUESTION );
		expect( provider.journal.entries ).toHaveLength( 1 );
	} );

	it.each( [
		[
			'a clean end without a finish',
			{ cut: { afterChunks: 5, how: 'end' } },
		],
		[ 'a closed socket', { cut: { afterChunks: 5, how: 'close' } } ],
		[ 'a reset', { cut: { afterChunks: 5, how: 'reset' } } ],
		[ 'silence', { stall: { afterChunks: 5 } } ],
		[
			'garbage',
			{ garbage: { afterChunks: 5, bytes: 'data: nonsense\n\n' } },
		],
	] as Array< [ string, Behaviour ] > )(
		'%s in mid-answer, the visitor is told and can ask again, and nothing of it is kept',
		async ( _, behaviour ) => {
			provider.setDefault( {
				...behaviour,
				chunks: Array.from(
					{ length: 30 },
					( __, index ) => `word${ index } `
				),
			} as Behaviour );
			const events = await proxy.events( QUESTION );
			expect( textOf( events ) ).toContain( 'word' );
			expect( events.at( -1 ) ).toMatchObject( {
				event: 'error',
				data: { code: 'answer_failed' },
			} );
			const { spentNanoUsd, heldNanoUsd } = await day();
			expect( heldNanoUsd ).toBe( 0 );
			expect( spentNanoUsd ).toBeGreaterThanOrEqual(
				provider.bill.totalNanoUsd
			);
			provider.setDefault( {} );
			const again = await proxy.events( QUESTION );
			expect( again.at( -1 )?.data ).toMatchObject( {
				finishReason: 'stop',
				cache: 'miss',
			} );
		}
	);

	it( 'an answer that is too long, the visitor is told that it was shortened, and it is not kept', async () => {
		provider.setDefault( { finishReason: 'length', text: 'A long story' } );
		const events = await proxy.events( QUESTION );
		expect( events.some( ( { data } ) => data.code === 'shortened' ) ).toBe(
			true
		);
		expect( events.at( -1 )?.data.finishReason ).toBe( 'length' );
		const again = await proxy.events( QUESTION );
		expect( again.at( -1 )?.data.cache ).toBe( 'miss' );
	} );

	it( 'doubt in its trailer, the answer is not kept and the owner sees the question', async () => {
		provider.setDefault( {
			text: 'The site does not say.\n[[docent]] mood=neutral confident=no handoff=yes used=1',
		} );
		const events = await proxy.events( QUESTION );
		expect( events.at( -1 )?.data ).toMatchObject( {
			confident: false,
			handoff: true,
		} );
		const { questions } = await (
			await proxy.site( 'GET', '/v1/site/unanswered' )
		).json();
		expect( questions ).toHaveLength( 1 );
		expect( ( await proxy.events( QUESTION ) ).at( -1 )?.data.cache ).toBe(
			'miss'
		);
	} );

	it( 'text without end, it is cut off, the connection is closed and the whole reserve is paid', async () => {
		let isClosed = false;
		const runaway = createServer( ( request, response ) => {
			request.resume();
			response.on( 'close', () => ( isClosed = true ) );
			response.writeHead( 200, { 'Content-Type': 'text/event-stream' } );
			const delta = { content: 'word '.repeat( 50 ) };
			const chunk = `data: ${ JSON.stringify( { choices: [ { index: 0, delta } ] } ) }\n\n`;
			const pour = () => {
				while ( ! response.destroyed && response.write( chunk ) ) {}
			};
			response.on( 'drain', pour );
			response.write( chunk );
			setTimeout( pour, 30 );
		} ).listen( 0, '127.0.0.1' );
		await once( runaway, 'listening' );
		const { port } = runaway.address() as AddressInfo;
		const other = await startProxy( {
			providerUrl: `http://127.0.0.1:${ port }/v1`,
		} );
		await other.site( 'PUT', '/v1/site/documents', { documents: SHOP } );

		const events = await other.events( QUESTION );
		expect( events.at( -1 ) ).toMatchObject( {
			event: 'error',
			data: { code: 'answer_failed' },
		} );
		expect( textOf( events ).length ).toBeLessThan( 20_000 );
		expect( isClosed ).toBe( true );
		const { day: spent } = await (
			await other.site( 'GET', '/v1/site/usage' )
		).json();
		expect( spent.heldNanoUsd ).toBe( 0 );
		expect( spent.spentNanoUsd ).toBeGreaterThan( 0 );
		await other.close();
		runaway.close();
	} );
} );

describe( 'the connectivity test', () => {
	it( 'tells the owner what is wrong with the key, and what to do', async () => {
		provider.setDefault( faults.unauthorized() );
		const health = await (
			await proxy.site( 'GET', '/v1/site/health' )
		).json();
		expect( health.documents ).toBe( SHOP.length );
		expect( health.checks.map( ( { id }: { id: string } ) => id ) ).toEqual(
			expect.arrayContaining( [
				'reachable',
				'signed',
				'clock',
				'provider',
				'provider:openai',
				'storage',
			] )
		);
		for ( const { status } of health.checks ) {
			expect( [ 'ok', 'warning', 'error' ] ).toContain( status );
		}
	} );
} );
