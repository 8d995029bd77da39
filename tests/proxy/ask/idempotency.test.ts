/**
 * Questions that are asked again with the same key: answered once, paid for once (T11).
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mintToken, SITE_ORIGIN } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import {
	allEvents,
	readEvents,
	textOf,
	type WireEvent,
} from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

const QUESTION = 'How much is shipping?';
const OTHER_QUESTION = 'How long can I return unused gear?';
const KEY = 'question-4711_A';
const WORDS = Array.from( { length: 20 }, ( _, index ) => `word${ index } ` );
const SLOW = { chunks: WORDS, chunkDelayMs: 10 };

let proxy: TestProxy;
let provider: SimulatedProvider;
let token: string;

beforeEach( async () => {
	token = mintToken();
	provider = await startSimulatedProvider();
	provider.setDefault( SLOW );
	proxy = await startProxy( { providerUrl: provider.baseUrl } );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	// Whatever is answered without a call is so because of the key.
	await proxy.site( 'PUT', '/v1/site/settings', {
		cache: { enabled: false },
	} );
} );

afterEach( async () => {
	await proxy.close();
	await provider.close();
} );

const ask = (
	question = QUESTION,
	{
		key = KEY,
		by = token,
		body = {},
	}: { key?: string; by?: string; body?: Record< string, unknown > } = {}
) =>
	proxy.ask( question, {
		token: by,
		headers: { 'Idempotency-Key': key },
		body,
	} );

async function holds(): Promise< number > {
	const entries = await proxy.services.ledger.entries( 'test-shop', 100 );
	return entries.filter( ( { kind } ) => kind === 'reserve' ).length;
}

describe( 'a question asked again with its key', () => {
	it( 'while the first runs gets the same turn from its first event, and no second hold (T11)', async () => {
		const first = await ask();
		const reader = readEvents( first );
		const begun: WireEvent[] = [];
		for ( let count = 0; count < 5; count++ ) {
			begun.push( ( await reader.next() ).value );
		}
		const repeated = allEvents( await ask() );
		for await ( const event of reader ) {
			begun.push( event );
		}
		expect( await repeated ).toEqual( begun );
		expect( textOf( begun ).trim() ).toBe( WORDS.join( '' ).trim() );
		expect( provider.journal.entries ).toHaveLength( 1 );
		expect( await holds() ).toBe( 1 );
	} );

	it( 'fifty times at once is answered once', async () => {
		await proxy.site( 'PUT', '/v1/site/settings', {
			rateLimits: { visitorPerMinute: 1_000, addressPerMinute: 1_000 },
		} );
		const responses = await Promise.all(
			Array.from( { length: 50 }, () => ask() )
		);
		expect( new Set( responses.map( ( { status } ) => status ) ) ).toEqual(
			new Set( [ 200 ] )
		);
		const bodies = await Promise.all(
			responses.map( ( response ) => response.text() )
		);
		expect( new Set( bodies ).size ).toBe( 1 );
		expect( provider.journal.entries ).toHaveLength( 1 );
		expect( await holds() ).toBe( 1 );
	} );

	it( 'after its end replays its events', async () => {
		const first = await allEvents( await ask() );
		expect( await allEvents( await ask() ) ).toEqual( first );
		expect( provider.journal.entries ).toHaveLength( 1 );
	} );

	it( 'after a restart of the proxy replays what was saved', async () => {
		const body = { scope: { postId: 11 } };
		const first = await allEvents( await ask( QUESTION, { body } ) );
		const { dataDir } = proxy;
		await proxy.close( { keepData: true } );
		proxy = await startProxy( { providerUrl: provider.baseUrl, dataDir } );
		const [ again, joined ] = await Promise.all( [
			ask( QUESTION, { body } ).then( allEvents ),
			ask( QUESTION, { body } ).then( allEvents ),
		] );
		expect( again ).toEqual( first );
		expect( joined ).toEqual( first );
		expect( provider.journal.entries ).toHaveLength( 1 );
		expect( await holds() ).toBe( 1 );
	} );

	it( 'in the body, by a client that cannot set headers, is the same', async () => {
		const first = await allEvents( await ask() );
		const again = await proxy.events( QUESTION, {
			token,
			body: { clientId: KEY },
		} );
		expect( again ).toEqual( first );
	} );

	it( 'in a conversation does not find the conversation busy', async () => {
		const [ begin ] = await allEvents( await ask() );
		const body = { conversationId: begin?.data.conversationId };
		const both = await Promise.all( [
			ask( OTHER_QUESTION, { key: 'follow-up-1', body } ),
			ask( OTHER_QUESTION, { key: 'follow-up-1', body } ),
		] );
		expect( both.map( ( { status } ) => status ) ).toEqual( [ 200, 200 ] );
		const [ one, other ] = await Promise.all( both.map( allEvents ) );
		expect( one ).toEqual( other );
		expect( provider.journal.entries ).toHaveLength( 2 );
	} );

	it( 'which was refused is not held against it', async () => {
		const [ begin ] = await allEvents( await ask() );
		const conversationId = begin?.data.conversationId;
		const running = await ask( OTHER_QUESTION, {
			key: 'another-key',
			body: { conversationId },
		} );
		const early = await ask( QUESTION, {
			key: 'third-key',
			body: { conversationId },
		} );
		expect( early.status ).toBe( 409 );
		await running.text();
		const late = await ask( QUESTION, {
			key: 'third-key',
			body: { conversationId },
		} );
		expect( late.status ).toBe( 200 );
		await late.text();
	} );

	it( 'whose conversation was forgotten meanwhile is answered anew', async () => {
		const [ begin ] = await allEvents( await ask() );
		await proxy.visitor(
			'DELETE',
			`/v1/conversations/${ begin?.data.conversationId }`,
			{ token }
		);
		await allEvents( await ask() );
		expect( provider.journal.entries ).toHaveLength( 2 );
	} );
} );

describe( 'another question with a used key', () => {
	it.each( [
		[ 'in other words', OTHER_QUESTION, {} ],
		[ 'about one page', QUESTION, { scope: { postId: 11 } } ],
	] )(
		'%s is refused: while the first runs, after it, after a restart',
		async ( _, question, body ) => {
			const refused = async () => {
				const response = await ask( question, { body } );
				expect( response.status ).toBe( 409 );
				expect( ( await response.json() ).error.code ).toBe(
					'idempotency_key_reused'
				);
			};
			const first = await ask();
			await refused();
			await first.text();
			await refused();
			const { dataDir } = proxy;
			await proxy.close( { keepData: true } );
			proxy = await startProxy( {
				providerUrl: provider.baseUrl,
				dataDir,
			} );
			await refused();
			expect( provider.journal.entries ).toHaveLength( 1 );
		}
	);

	it( 'in another conversation is refused', async () => {
		const [ begin ] = await allEvents( await ask() );
		const body = { conversationId: begin?.data.conversationId };
		expect( ( await ask( QUESTION, { body } ) ).status ).toBe( 409 );
	} );
} );

describe( 'a key', () => {
	it( 'of one visitor is nothing to another', async () => {
		const first = await allEvents( await ask() );
		const second = await allEvents(
			await ask( QUESTION, { by: mintToken() } )
		);
		expect( second[ 0 ]?.data.turnId ).not.toBe( first[ 0 ]?.data.turnId );
		expect( provider.journal.entries ).toHaveLength( 2 );
	} );

	it.each( [ 'short', 'with space', 'x'.repeat( 65 ), 'umlautüber' ] )(
		'that is not well-formed is refused: %s',
		async ( key ) => {
			const inBody = await proxy.ask( QUESTION, {
				token,
				body: { clientId: key },
			} );
			expect( inBody.status ).toBe( 400 );
			const inHeader = await ask( QUESTION, {
				key: Buffer.from( key ).toString( 'latin1' ),
			} );
			expect( inHeader.status ).toBe( 400 );
			expect( provider.journal.entries ).toHaveLength( 0 );
		}
	);

	it( 'may be sent from the pages of the site', async () => {
		const preflight = await fetch( `${ proxy.url }/v1/ask`, {
			method: 'OPTIONS',
			headers: {
				Origin: SITE_ORIGIN,
				'Access-Control-Request-Method': 'POST',
				'Access-Control-Request-Headers': 'idempotency-key',
			},
		} );
		expect(
			preflight.headers.get( 'access-control-allow-headers' )
		).toContain( 'Idempotency-Key' );
	} );
} );
