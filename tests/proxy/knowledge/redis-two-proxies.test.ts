/**
 * Two whole proxies behind one address, on one real Redis: what a site or a visitor does at one holds at the other when the request returns.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
	mintToken,
	newVisitorId,
	signRequest,
} from '../../support/proxy/credentials.ts';
import { page, SHOP } from '../../support/proxy/shop.ts';
import { textOf, type WireEvent } from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import { startRedis, type RedisServer } from '../../support/redis/index.ts';
import { untilItWorks } from '../../support/redis/until.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

const QUESTION = 'What does shipping cost?';

let redis: RedisServer;
let provider: SimulatedProvider;
let here: TestProxy;
let there: TestProxy;

beforeAll( async () => {
	redis = await startRedis( { isDurable: false } );
	provider = await startSimulatedProvider();
	const start = () =>
		startProxy( {
			providerUrl: provider.baseUrl,
			env: { REDIS_URL: redis.url },
		} );
	here = await start();
	there = await start();
} );

afterAll( async () => {
	await here.close();
	await there.close();
	await provider.close();
	await redis.stop();
} );

beforeEach( async () => {
	// The ledger stays: a proxy that finds its book gone spends nothing until it has told what it remembers.
	for ( const key of await redis.command< string[] >( 'KEYS', '*' ) ) {
		if (
			/:(documents|urls|words|passages|knowledge|answers|unanswered)\b/.test(
				key
			)
		) {
			await redis.command( 'DEL', key );
		}
	}
	provider.reset();
	await put( here, ...SHOP );
	await here.site( 'PUT', '/v1/site/settings', {
		rateLimits: { visitorPerMinute: 1_000, addressPerMinute: 1_000 },
		limits: { siteDayNanoUsd: 1_000_000_000 },
	} );
} );

const put = ( proxy: TestProxy, ...documents: unknown[] ) =>
	proxy.site( 'PUT', '/v1/site/documents', { documents } );

const doneOf = ( events: WireEvent[] ) =>
	events.find( ( { event } ) => event === 'done' )?.data;

const turnOf = ( events: WireEvent[] ) =>
	events[ 0 ]?.data as { turnId: string; conversationId: string };

describe( 'documents', () => {
	it( 'put at one are searched at the other when the request returns', async () => {
		expect( textOf( await there.events( QUESTION ) ) ).toContain( '4.90' );
		await put(
			here,
			page( 20, 'Kayaks', 'The kayak Otter carries 140 kilograms.' )
		);
		const events = await there.events(
			'How many kilograms does the kayak Otter carry?'
		);
		expect( textOf( events ) ).toContain( '140' );
		await there.site( 'DELETE', '/v1/site/documents/post-20' );
		expect(
			doneOf(
				await here.events(
					'How many kilograms does the kayak Otter carry, please?'
				)
			).finishReason
		).toBe( 'abstained' );
	} );

	it( 'are the same in the manifest of both', async () => {
		await put( there, page( 21, 'Ropes', 'The rope is red.' ) );
		for ( const proxy of [ here, there ] ) {
			const difference = await (
				await proxy.site( 'POST', '/v1/site/documents/manifest', {
					documents: SHOP.map( ( { id, hash } ) => ( { id, hash } ) ),
				} )
			).json();
			expect( difference ).toEqual( {
				missing: [],
				stale: [],
				extra: [ 'post-21' ],
			} );
		}
	} );
} );

describe( 'answers', () => {
	it( 'cached at one are served by the other, and fall for both when their document changes', async () => {
		expect( doneOf( await here.events( QUESTION ) ).cache ).toBe( 'miss' );
		const served = await there.events( QUESTION );
		expect( doneOf( served ).cache ).toBe( 'exact' );
		expect( textOf( served ) ).toContain( '4.90' );
		expect( provider.journal.entries ).toHaveLength( 1 );

		await put(
			there,
			page(
				11,
				'Shipping',
				'## Shipping costs\nShipping costs 7.20 euros.'
			)
		);
		const anew = await here.events( QUESTION );
		expect( doneOf( anew ).cache ).toBe( 'miss' );
		expect( textOf( anew ) ).toContain( '7.20' );
		expect( doneOf( await there.events( QUESTION ) ).cache ).toBe(
			'exact'
		);
	} );

	it( 'pinned, forbidden and deleted at one hold at the other', async () => {
		const own = ( proxy: TestProxy, body: unknown ) =>
			proxy.site( 'PUT', '/v1/site/answers/mine', body );
		await here.events( QUESTION );
		await own( here, {
			status: 'pinned',
			question: QUESTION,
			text: 'Ask Ana.',
		} );
		const pinned = await there.events( QUESTION );
		expect( doneOf( pinned ).cache ).toBe( 'pinned' );
		expect( textOf( pinned ) ).toBe( 'Ask Ana.' );

		await own( there, { status: 'forbidden', question: QUESTION } );
		expect( doneOf( await here.events( QUESTION ) ).cache ).toBe( 'miss' );
		expect( doneOf( await there.events( QUESTION ) ).cache ).toBe( 'miss' );

		await here.site( 'DELETE', '/v1/site/answers/mine' );
		await there.events( QUESTION );
		expect( doneOf( await here.events( QUESTION ) ).cache ).toBe( 'exact' );
	} );

	it( 'that were missing at one are listed by the other', async () => {
		await here.events( 'Do you sell parrots and canaries?' );
		const { questions } = await (
			await there.site( 'GET', '/v1/site/unanswered' )
		).json();
		expect( questions ).toMatchObject( [
			{ question: 'Do you sell parrots and canaries?', count: 1 },
		] );
	} );
} );

describe( 'settings', () => {
	it( 'changed at one hold at the other with its next request', async () => {
		const limit = { limits: { siteDayNanoUsd: 0 } };
		await there.events( 'How long can I return gear?' );
		await here.site( 'PUT', '/v1/site/settings', limit );
		expect(
			( await ( await there.site( 'GET', '/v1/site/settings' ) ).json() )
				.limits.siteDayNanoUsd
		).toBe( 0 );
		const events = await there.events(
			'How heavy is the Ridgeline 2 tent?'
		);
		expect(
			events.find( ( { event } ) => event === 'notice' )?.data.code
		).toBe( 'limit_reached' );
	} );

	it( 'changed in different parts at both at once are all kept', async () => {
		await Promise.all( [
			here.site( 'PUT', '/v1/site/settings', {
				assistant: { name: 'Ana' },
			} ),
			there.site( 'PUT', '/v1/site/settings', {
				assistant: { voice: 'coral' },
			} ),
			here.site( 'PUT', '/v1/site/settings', {
				cache: { ttlSeconds: 99 },
			} ),
		] );
		const settings = await (
			await there.site( 'GET', '/v1/site/settings' )
		).json();
		expect( settings ).toMatchObject( {
			assistant: { name: 'Ana', voice: 'coral' },
			cache: { ttlSeconds: 99 },
		} );
	} );

	it( 'are not changed twice by a signed request that is sent to both', async () => {
		const body = JSON.stringify( { assistant: { name: 'Bea' } } );
		const headers = signRequest( 'PUT', '/v1/site/settings', body );
		const statuses = await Promise.all(
			[ here, there ].map( async ( { url } ) => {
				const { status } = await fetch( `${ url }/v1/site/settings`, {
					method: 'PUT',
					headers,
					body,
				} );
				return status;
			} )
		);
		expect( statuses.sort() ).toEqual( [ 200, 401 ] );
	} );
} );

describe( 'conversations', () => {
	it( 'begun at one go on at the other with their history', async () => {
		const token = mintToken();
		const first = await here.events( QUESTION, { token } );
		await there.events( 'And how long does it take?', {
			token,
			body: { conversationId: turnOf( first ).conversationId },
		} );
		const { messages } = provider.journal.entries.at( -1 )?.body as {
			messages: Array< { role: string; content: string } >;
		};
		expect(
			messages.map( ( { role, content } ) => `${ role }: ${ content }` )
		).toEqual(
			expect.arrayContaining( [
				expect.stringContaining( QUESTION ),
				expect.stringMatching( /^assistant: .*4\.90/ ),
			] )
		);
	} );

	it( 'forgotten at one are gone at the other', async () => {
		const token = mintToken();
		const { turnId, conversationId } = turnOf(
			await here.events( QUESTION, { token } )
		);
		expect(
			(
				await there.visitor(
					'DELETE',
					`/v1/conversations/${ conversationId }`,
					{ token }
				)
			).status
		).toBe( 204 );
		const again = await here.ask( 'And abroad?', {
			token,
			body: { conversationId },
		} );
		expect( again.status ).toBe( 404 );
		expect(
			(
				await there.visitor( 'POST', `/v1/turns/${ turnId }/feedback`, {
					token,
					body: { rating: 'up' },
				} )
			).status
		).toBe( 404 );
	} );

	it( 'rated at one, exported at the other, erased at the first are gone for both', async () => {
		const token = mintToken( { sub: newVisitorId(), user: 'ana-1' } );
		const { turnId } = turnOf( await here.events( QUESTION, { token } ) );
		await there.visitor( 'POST', `/v1/turns/${ turnId }/feedback`, {
			token,
			body: { rating: 'down', remark: 'Too short' },
		} );
		const exported = async ( proxy: TestProxy ) =>
			(
				await (
					await proxy.site( 'GET', '/v1/site/people/ana-1' )
				).json()
			).turns;
		for ( const proxy of [ here, there ] ) {
			expect( await exported( proxy ) ).toMatchObject( [
				{
					turnId,
					question: QUESTION,
					rating: 'down',
					remark: 'Too short',
				},
			] );
		}
		const { erasedConversations } = await (
			await here.site( 'DELETE', '/v1/site/people/ana-1' )
		).json();
		expect( erasedConversations ).toBe( 1 );
		for ( const proxy of [ here, there ] ) {
			expect( await exported( proxy ) ).toEqual( [] );
		}
	} );

	it( 'at both are counted by both', async () => {
		const answers = async ( proxy: TestProxy ) =>
			( await ( await proxy.site( 'GET', '/v1/site/usage' ) ).json() )
				.answers.total as number;
		const before = await answers( here );
		await here.events( QUESTION );
		await there.events( QUESTION );
		expect( await answers( here ) ).toBe( before + 2 );
		expect( await answers( there ) ).toBe( before + 2 );
	} );
} );

describe( 'while Redis is paused', () => {
	it( 'both quote the site and spend nothing, take nothing in, and are themselves again afterwards', async () => {
		const proxies = [ here, there ];
		// Forbidden, so that no answer is kept, and each proxy has searched for it.
		await here.site( 'PUT', '/v1/site/answers/mine', {
			status: 'forbidden',
			question: QUESTION,
		} );
		for ( const proxy of proxies ) {
			expect(
				doneOf( await proxy.events( QUESTION ) ).finishReason
			).toBe( 'stop' );
		}
		const calls = provider.journal.entries.length;
		redis.pause();
		for ( const proxy of proxies ) {
			const begin = performance.now();
			const events = await proxy.events( QUESTION );
			expect( performance.now() - begin ).toBeLessThan( 6_000 );
			expect( doneOf( events ).finishReason ).toBe( 'extractive' );
			expect( textOf( events ) ).toContain( '4.90' );
			const refused = await put( proxy, page( 30, 'Oars', 'Of ash.' ) );
			expect( refused.status ).toBe( 503 );
			expect(
				Number( refused.headers.get( 'retry-after' ) )
			).toBeGreaterThan( 0 );
			const health = async ( name: string ) =>
				( await fetch( `${ proxy.url }/health/${ name }` ) ).status;
			expect( await health( 'ready' ) ).toBe( 503 );
			expect( await health( 'live' ) ).toBe( 200 );
		}
		expect( provider.journal.entries ).toHaveLength( calls );
		redis.resume();
		for ( const proxy of proxies ) {
			await untilItWorks( async () =>
				expect( ( await put( proxy, ...SHOP ) ).status ).toBe( 200 )
			);
			expect(
				doneOf( await proxy.events( QUESTION ) ).finishReason
			).toBe( 'stop' );
		}
	} );
} );
