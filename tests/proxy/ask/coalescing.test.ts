/**
 * People who ask the same at the same moment, over real connections: one call, one charge, an answer for everybody.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	mintToken,
	newVisitorId,
	SITE_ID,
} from '../../support/proxy/credentials.ts';
import { page, SHOP } from '../../support/proxy/shop.ts';
import {
	allEvents,
	readEvents,
	textOf,
	type WireEvent,
} from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	preciseNowMs,
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

const QUESTION = 'How much is shipping?';
const WORDS = Array.from( { length: 30 }, ( _, index ) => `word${ index } ` );
const TEXT = WORDS.join( '' ).trim();
const PERSONAL =
	'Are shipping costs 4.90 euros for orders above 80 euros like 471108?';
/** Slow enough that everybody comes while it streams. */
const SLOW = { chunks: WORDS, chunkDelayMs: 12 };

let proxy: TestProxy;
let provider: SimulatedProvider;

beforeEach( async () => {
	provider = await startSimulatedProvider();
	proxy = await startProxy( { providerUrl: provider.baseUrl, graceMs: 60 } );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	await proxy.site( 'PUT', '/v1/site/settings', {
		rateLimits: { visitorPerMinute: 1_000, addressPerMinute: 1_000 },
	} );
} );

afterEach( async () => {
	await proxy.close();
	await provider.close();
} );

/** A visitor who has asked and reads one event at a time. */
async function openAnswer( {
	question = QUESTION,
	token = mintToken(),
	body = {},
	signal,
}: {
	question?: string;
	token?: string;
	body?: Record< string, unknown >;
	signal?: AbortSignal;
} = {} ) {
	const response = await proxy.ask( question, {
		token,
		body,
		...( signal ? { signal } : {} ),
	} );
	const reader = readEvents( response );
	const events: WireEvent[] = [];
	return {
		token,
		events,
		get turnId(): string {
			return events[ 0 ]?.data.turnId;
		},
		/** Reads until so many pieces of text came. */
		async readText( pieces: number ): Promise< void > {
			while (
				events.filter( ( { event } ) => event === 'text' ).length <
				pieces
			) {
				const { value, done } = await reader.next();
				if ( done ) {
					throw new Error( 'the answer ended early' );
				}
				events.push( value );
			}
		},
		async readAll(): Promise< WireEvent[] > {
			for await ( const event of reader ) {
				events.push( event );
			}
			return events;
		},
		stop: () =>
			proxy.visitor(
				'DELETE',
				`/v1/turns/${ events[ 0 ]?.data.turnId }`,
				{
					token,
				}
			),
	};
}

async function balances() {
	const usage = await ( await proxy.site( 'GET', '/v1/site/usage' ) ).json();
	return usage.day as { spentNanoUsd: number; heldNanoUsd: number };
}

const outcomeOf = ( events: WireEvent[] ) => events.at( -1 )?.data;

describe( 'people who ask the same at the same moment', () => {
	it( 'are a hundred: one call, one charge, a hundred whole answers in conversations of their own', async () => {
		provider.setDefault( { ...SLOW, firstChunkDelayMs: 2_000 } );
		const tokens = Array.from( { length: 100 }, () => mintToken() );
		const answers = await Promise.all(
			tokens.map( ( token, index ) =>
				proxy.events(
					index % 2 === 0 ? QUESTION : 'how much is shipping',
					{
						token,
					}
				)
			)
		);
		expect( provider.journal.entries ).toHaveLength( 1 );
		expect( provider.bill.entries ).toHaveLength( 1 );
		expect( await balances() ).toMatchObject( {
			spentNanoUsd: provider.bill.totalNanoUsd,
			heldNanoUsd: 0,
		} );
		for ( const events of answers ) {
			expect( textOf( events ).trim() ).toBe( TEXT );
			expect( events.map( ( { id } ) => id ) ).toEqual(
				events.map( ( _, index ) => index + 1 )
			);
			expect( outcomeOf( events ).finishReason ).toBe( 'stop' );
		}
		const caches = answers.map( ( events ) => outcomeOf( events ).cache );
		expect( caches.filter( ( cache ) => cache === 'miss' ) ).toHaveLength(
			1
		);
		expect(
			caches.filter( ( cache ) => cache === 'coalesced' )
		).toHaveLength( 99 );
		for ( const id of [ 'turnId', 'conversationId' ] ) {
			expect(
				new Set( answers.map( ( events ) => events[ 0 ]?.data[ id ] ) )
					.size
			).toBe( 100 );
		}
		const again = await proxy.visitor(
			'GET',
			`/v1/turns/${ answers[ 42 ]?.[ 0 ]?.data.turnId }`,
			{ token: tokens[ 42 ] as string }
		);
		expect( await allEvents( again ) ).toEqual( answers[ 42 ] );
	} );

	it( 'get what was said so far at once when they come late', async () => {
		provider.script( SLOW );
		const first = await openAnswer();
		await first.readText( 8 );
		const late = await openAnswer();
		await late.readText( 8 );
		expect( provider.journal.entries[ 0 ]?.outcome ).toBe( 'open' );
		expect( textOf( late.events ) ).toContain(
			WORDS.slice( 0, 8 ).join( '' ).trim()
		);
		const all = [ await first.readAll(), await late.readAll() ];
		expect( all.map( ( events ) => textOf( events ).trim() ) ).toEqual( [
			TEXT,
			TEXT,
		] );
		expect( provider.journal.entries ).toHaveLength( 1 );
	} );

	it( 'go on when the first of them stops; the first pays', async () => {
		provider.script( SLOW );
		const leader = await openAnswer();
		await leader.readText( 3 );
		const other = await openAnswer();
		await other.readText( 3 );
		expect( ( await leader.stop() ).status ).toBe( 204 );
		const stopped = await leader.readAll();
		expect( outcomeOf( stopped ) ).toMatchObject( {
			finishReason: 'stopped',
			cache: 'miss',
		} );
		expect( textOf( stopped ).length ).toBeLessThan( TEXT.length );
		expect( provider.journal.entries[ 0 ]?.outcome ).toBe( 'open' );
		expect( textOf( await other.readAll() ).trim() ).toBe( TEXT );
		expect( outcomeOf( other.events ).cache ).toBe( 'coalesced' );
		expect( await balances() ).toMatchObject( {
			spentNanoUsd: provider.bill.totalNanoUsd,
			heldNanoUsd: 0,
		} );
		const entries = await proxy.services.ledger.entries( SITE_ID, 10 );
		expect( new Set( entries.map( ( { turnId } ) => turnId ) ) ).toEqual(
			new Set( [ leader.turnId ] )
		);
		// Whole, although its leader stopped: the next one has it from the cache.
		expect( outcomeOf( await proxy.events( QUESTION ) ).cache ).toBe(
			'exact'
		);
	} );

	it( 'go on when the first of them loses the connection', async () => {
		provider.script( SLOW );
		const lost = new AbortController();
		const leader = await openAnswer( { signal: lost.signal } );
		await leader.readText( 2 );
		const other = await openAnswer();
		lost.abort();
		expect( textOf( await other.readAll() ).trim() ).toBe( TEXT );
	} );

	it( 'can stop one by one; with the last one the call ends at once', async () => {
		provider.setDefault( { ...SLOW, chunkDelayMs: 60 } );
		let fastestMs = Infinity;
		// The machine may be busy with something else once; it is not every time.
		for ( let go = 1; go <= 5 && fastestMs >= 50; go++ ) {
			const open = [];
			for ( let index = 0; index < 3; index++ ) {
				const answer = await openAnswer();
				await answer.readText( 1 );
				open.push( answer );
			}
			const call = provider.journal.entries.at( -1 );
			for ( const answer of open.slice( 0, 2 ) ) {
				await answer.stop();
				await answer.readAll();
				expect( call?.outcome ).toBe( 'open' );
			}
			const stoppedAtMs = preciseNowMs();
			await open[ 2 ]?.stop();
			await provider.journal.waitFor(
				() => call?.abortedAtMs !== undefined
			);
			fastestMs = Math.min(
				fastestMs,
				( call?.abortedAtMs ?? Infinity ) - stoppedAtMs
			);
			expect(
				outcomeOf( ( await open[ 2 ]?.readAll() ) ?? [] ).finishReason
			).toBe( 'stopped' );
			// The next one is nobody's follower.
			expect( provider.journal.entries ).toHaveLength( go );
		}
		expect( fastestMs ).toBeLessThan( 50 );
		const { spentNanoUsd, heldNanoUsd } = await balances();
		expect( heldNanoUsd ).toBe( 0 );
		expect( spentNanoUsd ).toBeGreaterThanOrEqual(
			provider.bill.totalNanoUsd
		);
		provider.setDefault( SLOW );
		expect( outcomeOf( await proxy.events( QUESTION ) ).cache ).toBe(
			'miss'
		);
	} );

	it( 'hear of the same failure when the provider dies in the middle', async () => {
		provider.setDefault( {
			...SLOW,
			cut: { afterChunks: 10, how: 'reset' },
		} );
		const first = await openAnswer();
		await first.readText( 2 );
		const second = await openAnswer();
		for ( const events of [
			await first.readAll(),
			await second.readAll(),
		] ) {
			expect( events.at( -1 ) ).toMatchObject( {
				event: 'error',
				data: { code: 'answer_failed' },
			} );
		}
		expect( provider.journal.entries ).toHaveLength( 1 );
	} );

	it( 'are not held back by the allowance of the first', async () => {
		const poor = mintToken( { sub: newVisitorId() } );
		await proxy.events( 'How long can I return unused gear?', {
			token: poor,
		} );
		const { spentNanoUsd } = await balances();
		await proxy.site( 'PUT', '/v1/site/settings', {
			limits: { visitorDayNanoUsd: spentNanoUsd * 40 },
		} );
		// The allowance of the first is used up to the last cent that a call would need.
		for ( let index = 0; index < 60; index++ ) {
			const events = await proxy.events( `${ QUESTION } ${ index }`, {
				token: poor,
			} );
			if ( outcomeOf( events ).tier === 'none' ) {
				break;
			}
		}
		const [ limited, ...others ] = await Promise.all(
			[ poor, mintToken(), mintToken() ].map( ( token ) =>
				proxy.events( QUESTION, { token } )
			)
		);
		expect( outcomeOf( limited ?? [] ).tier ).toBe( 'none' );
		for ( const events of others ) {
			expect( outcomeOf( events ).tier ).not.toBe( 'none' );
		}
	} );
} );

describe( 'an answer in the making is not shared', () => {
	const bothAsk = async (
		one: Parameters< typeof openAnswer >[ 0 ],
		other: Parameters< typeof openAnswer >[ 0 ]
	) => {
		provider.setDefault( SLOW );
		const first = await openAnswer( one );
		await first.readText( 1 );
		const second = await openAnswer( other );
		for ( const events of [
			await first.readAll(),
			await second.readAll(),
		] ) {
			expect( outcomeOf( events ).cache ).toBe( 'miss' );
			expect( textOf( events ).trim() ).toBe( TEXT );
		}
	};

	it( 'with another question', () =>
		bothAsk( {}, { question: 'How much is shipping to France?' } ) );

	it( 'with the same question about a page', () =>
		bothAsk( {}, { body: { scope: { postId: 11 } } } ) );

	it( 'between guests and members', () =>
		bothAsk( {}, { token: mintToken( { user: 'member-1' } ) } ) );

	it( 'when the question holds something personal', () =>
		bothAsk( { question: PERSONAL }, { question: PERSONAL } ) );

	it( 'with a follow-up', async () => {
		const token = mintToken();
		const [ begin ] = await proxy.events(
			'How long can I return unused gear?',
			{ token }
		);
		await bothAsk(
			{},
			{
				token,
				body: { conversationId: begin?.data.conversationId },
			}
		);
	} );

	it( 'when the owner wants every answer made anew', async () => {
		await proxy.site( 'PUT', '/v1/site/settings', {
			cache: { enabled: false },
		} );
		await bothAsk( {}, {} );
	} );

	it( 'when the documents changed since it began', async () => {
		provider.setDefault( SLOW );
		const first = await openAnswer();
		await first.readText( 1 );
		await proxy.site( 'PUT', '/v1/site/documents', {
			documents: [
				page(
					11,
					'Shipping',
					'## Shipping costs\nShipping costs 5.90 euros.'
				),
			],
		} );
		const second = await openAnswer();
		await Promise.all( [ first.readAll(), second.readAll() ] );
		expect( outcomeOf( second.events ).cache ).toBe( 'miss' );
		expect(
			JSON.stringify( provider.journal.entries[ 1 ]?.body )
		).toContain( '5.90' );
	} );
} );
