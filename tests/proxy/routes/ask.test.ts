import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allEvents, textOf } from '../../support/proxy/sse.ts';
import { mintToken, newVisitorId } from '../../support/proxy/credentials.ts';
import { page, SHOP } from '../../support/proxy/shop.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

interface PromptBody {
	messages: Array< { role: string; content: string } >;
}

let proxy: TestProxy;
let provider: SimulatedProvider | undefined;

async function start( { withProvider }: { withProvider: boolean } ) {
	provider = withProvider ? await startSimulatedProvider() : undefined;
	proxy = await startProxy(
		provider ? { providerUrl: provider.baseUrl } : {}
	);
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
}

afterEach( async () => {
	await proxy.close();
	await provider?.close();
} );

describe( 'a question without a provider', () => {
	beforeEach( () => start( { withProvider: false } ) );

	it( 'is answered in the words of the site, with the page as source', async () => {
		const events = await proxy.events(
			'How long can I return unused gear?'
		);
		expect( events.map( ( { event } ) => event ) ).toEqual( [
			'turn',
			'notice',
			'text',
			'sources',
			'done',
		] );
		expect( events.map( ( { id } ) => id ) ).toEqual( [ 1, 2, 3, 4, 5 ] );
		expect( textOf( events ) ).toContain( '60 days' );
		expect( events[ 3 ]?.data ).toEqual( [
			{ id: 1, title: 'Returns', url: SHOP[ 1 ]?.url },
		] );
		expect( events[ 4 ]?.data ).toMatchObject( {
			finishReason: 'extractive',
			cache: 'miss',
			confident: true,
		} );
	} );

	it( 'is called a quotation also when it comes from the cache', async () => {
		const first = await proxy.events(
			'How long can I return unused gear?'
		);
		const second = await proxy.events(
			'How long can I return unused gear?'
		);
		expect( second.at( -1 )?.data.cache ).toBe( 'exact' );
		expect( second[ 1 ] ).toEqual( first[ 1 ] );
		expect( textOf( second ) ).toBe( textOf( first ) );
	} );

	it( 'is answered in Chinese from a Chinese page', async () => {
		const events = await proxy.events( '订单多久能送达？' );
		expect( textOf( events ) ).toContain( '五到七个工作日' );
		expect(
			events.find( ( { event } ) => event === 'notice' )?.data.message
		).toBe( '以下是网站上的内容：' );
	} );

	it( 'says so when the site does not say it, and the owner sees the question', async () => {
		const events = await proxy.events(
			'Who won the football world cup in 1974?'
		);
		expect( textOf( events ) ).toContain(
			'could not find that on this site'
		);
		expect( events.at( -1 )?.data ).toMatchObject( {
			finishReason: 'abstained',
			confident: false,
		} );
		const { questions } = await (
			await proxy.site( 'GET', '/v1/site/unanswered' )
		).json();
		expect( questions ).toMatchObject( [
			{ question: 'Who won the football world cup in 1974?', count: 1 },
		] );
	} );

	it.each( [
		[ 'Hi!', 'Hello!' ],
		[ '你好', '您好' ],
		[ 'Danke.', 'Gern' ],
	] )(
		'is greeted back when it is only polite: %s',
		async ( question, reply ) => {
			const events = await proxy.events( question );
			expect( textOf( events ) ).toContain( reply );
			expect( events.at( -1 )?.data ).toMatchObject( {
				finishReason: 'stop',
				confident: true,
			} );
		}
	);

	it( 'abstains from a new subject, whatever was asked before', async () => {
		const [ first ] = await proxy.events(
			'How long can I return unused gear?'
		);
		const events = await proxy.events(
			'Do you sell submarines to pirates?',
			{
				body: { conversationId: first?.data.conversationId },
			}
		);
		expect( events.at( -1 )?.data.finishReason ).toBe( 'abstained' );
	} );

	it( 'answers from one page only when its scope is that page', async () => {
		const events = await proxy.events(
			'How long can I return unused gear?',
			{
				body: { scope: { postId: 13, title: 'Ridgeline 2 tent' } },
			}
		);
		expect( events.at( -1 )?.data.finishReason ).toBe( 'abstained' );
	} );
} );

describe( 'a question with a provider', () => {
	beforeEach( () => start( { withProvider: true } ) );

	it( 'streams a grounded answer without its trailer, settles what it cost, and shows only the pages it used', async () => {
		const events = await proxy.events( 'How much is shipping?' );
		expect( events.at( -1 )?.data ).toMatchObject( {
			finishReason: 'stop',
			cache: 'miss',
			tier: 'economy',
			confident: true,
		} );
		expect( textOf( events ) ).not.toContain( '[[' );
		expect( textOf( events ).length ).toBeGreaterThan( 10 );
		const usage = await (
			await proxy.site( 'GET', '/v1/site/usage' )
		).json();
		expect( usage.day ).toMatchObject( {
			spentNanoUsd: provider?.bill.totalNanoUsd,
			heldNanoUsd: 0,
		} );
		expect( usage.day.spentNanoUsd ).toBeGreaterThan( 0 );
	} );

	it( 'is answered from the cache the second time: same text, same sources, nothing spent', async () => {
		const first = await proxy.events( 'How much is shipping?' );
		const spent = provider?.bill.totalNanoUsd;
		const second = await proxy.events( 'how much is  SHIPPING', {
			token: mintToken(),
		} );
		expect( second.at( -1 )?.data ).toMatchObject( {
			cache: 'exact',
			finishReason: 'cached',
		} );
		expect( textOf( second ) ).toBe( textOf( first ) );
		expect(
			second.find( ( { event } ) => event === 'sources' )?.data
		).toEqual( first.find( ( { event } ) => event === 'sources' )?.data );
		expect( provider?.bill.totalNanoUsd ).toBe( spent );
	} );

	it( 'is asked anew after the page behind the answer changed', async () => {
		await proxy.events( 'How much is shipping?' );
		await proxy.site( 'PUT', '/v1/site/documents', {
			documents: [
				page(
					11,
					'Shipping',
					'## Shipping costs\nShipping costs 5.90 euros.'
				),
			],
		} );
		const after = await proxy.events( 'How much is shipping?' );
		expect( after.at( -1 )?.data.cache ).toBe( 'miss' );
		const prompt = JSON.stringify(
			provider?.journal.entries.at( -1 )?.body
		);
		expect( prompt ).toContain( '5.90' );
		expect( prompt ).not.toContain( '4.90' );
	} );

	it( 'is understood as a follow-up from the history that the proxy holds', async () => {
		const first = await proxy.events(
			'How long can I return unused gear?'
		);
		const { conversationId } = first[ 0 ]?.data;
		const second = await proxy.events( 'And how long until the refund?', {
			body: { conversationId },
		} );
		expect( second[ 0 ]?.data.conversationId ).toBe( conversationId );
		expect( second.at( -1 )?.data.finishReason ).toBe( 'stop' );
		const { messages } = provider?.journal.entries.at( -1 )
			?.body as PromptBody;
		expect( messages.map( ( { role } ) => role ) ).toEqual( [
			'system',
			'user',
			'assistant',
			'user',
		] );
		expect( messages[ 1 ]?.content ).toBe(
			'How long can I return unused gear?'
		);
		expect( messages[ 2 ]?.content ).toBe( textOf( first ) );
	} );

	it( 'takes a pinned answer as written, without the provider', async () => {
		const put = await proxy.site( 'PUT', '/v1/site/answers/hours', {
			status: 'pinned',
			question: 'When are you open?',
			text: 'Monday to Friday, 9 to 18.',
			sources: [ { title: 'Hours', url: 'https://shop.example/hours' } ],
		} );
		expect( put.status ).toBe( 200 );
		const events = await proxy.events( 'when are you open' );
		expect( textOf( events ) ).toBe( 'Monday to Friday, 9 to 18.' );
		expect( events.at( -1 )?.data.cache ).toBe( 'pinned' );
		expect( provider?.journal.entries ).toHaveLength( 0 );
	} );

	it( 'is quoted from the site once the limit is reached, and nothing is sent to the provider', async () => {
		await proxy.site( 'PUT', '/v1/site/settings', {
			limits: { siteDayNanoUsd: 1_000 },
		} );
		const events = await proxy.events( 'How much is shipping?' );
		expect( events[ 1 ] ).toMatchObject( {
			event: 'notice',
			data: { code: 'limit_reached' },
		} );
		expect( textOf( events ) ).toContain( '4.90' );
		expect( provider?.journal.entries ).toHaveLength( 0 );
	} );

	it( 'does not keep an answer to a question with personal data', async () => {
		const question = 'How much is shipping for order 4711 0815 22?';
		await proxy.events( question );
		const again = await proxy.events( question );
		expect( again.at( -1 )?.data.cache ).toBe( 'miss' );
	} );
} );

describe( 'what is not a question', () => {
	beforeEach( () => start( { withProvider: true } ) );

	it.each( [
		[ 'empty', { question: '' }, 400, 'question_empty' ],
		[
			'only white space and control characters',
			{ question: ' \u0000\n ' },
			400,
			'question_empty',
		],
		[
			'20,000 characters',
			{ question: 'x'.repeat( 20_000 ) },
			400,
			'question_too_long',
		],
		[
			'a forged role',
			{ question: 'hi', role: 'system' },
			400,
			'bad_request',
		],
		[
			'a forged history',
			{ question: 'hi', messages: [] },
			400,
			'bad_request',
		],
		[ 'not a string', { question: { $gt: '' } }, 400, 'bad_request' ],
		[
			'a path as conversation',
			{ question: 'hi', conversationId: '../../x' },
			400,
			'bad_request',
		],
		[ 'nothing at all', {}, 400, 'bad_request' ],
	] )( 'is refused: %s', async ( _, body, status, code ) => {
		const response = await proxy.visitor( 'POST', '/v1/ask', { body } );
		expect( response.status ).toBe( status );
		const { error } = await response.json();
		expect( error ).toMatchObject( { code } );
		expect( error.requestId ).not.toBe( '' );
		expect( provider?.journal.entries ).toHaveLength( 0 );
	} );

	it.each( [
		'a',
		'🏕️🎿',
		'كم تكلفة الشحن؟',
		'<script>alert(1)</script> shipping',
		'**shipping** [x](javascript:alert(1))',
		'"shipping" OR NEAR( * ) -- \' ;',
		'\ud800 shipping',
	] )( 'is answered calmly when it is odd: %s', async ( question ) => {
		const events = await proxy.events( question );
		expect( events.at( -1 )?.event ).toBe( 'done' );
	} );

	it( 'is refused when it is not JSON, or larger than a question can be', async () => {
		const text = await proxy.ask( 'hi', {
			headers: { 'Content-Type': 'text/plain' },
		} );
		expect( text.status ).toBe( 415 );
		const huge = await proxy.visitor( 'POST', '/v1/ask', {
			body: { question: 'x'.repeat( 100_000 ) },
		} );
		expect( huge.status ).toBe( 413 );
		expect( ( await huge.json() ).error.code ).toBe( 'payload_too_large' );
	} );
} );

describe( 'an address in a request or a reply', () => {
	it( 'is compared, never fetched', async () => {
		let hits = 0;
		const bait = createServer( ( _, response ) => {
			hits++;
			response.end( 'secret' );
		} ).listen( 0, '127.0.0.1' );
		await once( bait, 'listening' );
		const url = `http://127.0.0.1:${ ( bait.address() as AddressInfo ).port }/`;
		const redirecting = createServer( ( request, response ) => {
			request.resume();
			response.writeHead( 307, { Location: url } ).end();
		} ).listen( 0, '127.0.0.1' );
		await once( redirecting, 'listening' );

		proxy = await startProxy( {
			providerUrl: `http://127.0.0.1:${ ( redirecting.address() as AddressInfo ).port }/v1`,
		} );
		await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
		const scoped = await proxy.events( 'What is on this page?', {
			body: { scope: { url } },
		} );
		expect( scoped.at( -1 )?.data.finishReason ).toBe( 'abstained' );
		for ( const scopeUrl of [ 'file:///etc/passwd', url ] ) {
			const events = await proxy.events(
				`How much is shipping? See ${ url }`,
				{
					body: { scope: { url: scopeUrl } },
				}
			);
			expect( events.at( -1 )?.event ).toBe( 'done' );
		}
		const redirected = await proxy.events( 'How much is shipping?' );
		expect( redirected.at( -1 )?.data.finishReason ).toBe( 'extractive' );
		expect( hits ).toBe( 0 );
		bait.close();
		redirecting.close();
	} );
} );

describe( 'what belongs to another visitor', () => {
	beforeEach( () => start( { withProvider: true } ) );

	it( 'cannot be asked on, read, stopped, rated or forgotten', async () => {
		const mine = mintToken( { sub: newVisitorId() } );
		const other = mintToken( { sub: newVisitorId() } );
		const [ first ] = await proxy.events( 'How much is shipping?', {
			token: mine,
		} );
		const { turnId, conversationId } = first?.data;

		const ask = await proxy.ask( 'And returns?', {
			token: other,
			body: { conversationId },
		} );
		expect( ask.status ).toBe( 404 );
		for ( const [ method, path, body ] of [
			[ 'GET', `/v1/turns/${ turnId }`, undefined ],
			[ 'DELETE', `/v1/turns/${ turnId }`, undefined ],
			[ 'POST', `/v1/turns/${ turnId }/feedback`, { rating: 'down' } ],
			[ 'DELETE', `/v1/conversations/${ conversationId }`, undefined ],
		] as const ) {
			const response = await proxy.visitor( method, path, {
				token: other,
				body,
			} );
			expect( [ path, response.status ] ).toEqual( [ path, 404 ] );
		}

		const own = await proxy.visitor( 'GET', `/v1/turns/${ turnId }`, {
			token: mine,
		} );
		expect( ( await allEvents( own ) ).at( -1 )?.event ).toBe( 'done' );
		const rated = await proxy.visitor(
			'POST',
			`/v1/turns/${ turnId }/feedback`,
			{
				token: mine,
				body: { rating: 'up', remark: 'Clear.' },
			}
		);
		expect( rated.status ).toBe( 204 );
		const forgotten = await proxy.visitor(
			'DELETE',
			`/v1/conversations/${ conversationId }`,
			{ token: mine }
		);
		expect( forgotten.status ).toBe( 204 );
	} );
} );
