import { afterEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { allEvents, textOf } from '../../support/proxy/sse.ts';
import { startProxy, type TestProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';

const QUESTION = 'How much is shipping?';
const LIMIT = 3_000_000;

const proxies: TestProxy[] = [];
let provider: SimulatedProvider;

async function start( count: number, limits: Record< string, number > ) {
	provider = await startSimulatedProvider( {
		behaviour: { firstChunkDelayMs: 5 },
	} );
	for ( let index = 0; index < count; index++ ) {
		const dataDir = proxies[ 0 ]?.dataDir;
		proxies.push(
			await startProxy( {
				providerUrl: provider.baseUrl,
				...( dataDir ? { dataDir } : {} ),
			} )
		);
	}
	const [ first ] = proxies;
	await first?.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	await first?.site( 'PUT', '/v1/site/settings', {
		limits,
		cache: { enabled: false },
		rateLimits: {
			visitorPerMinute: 10_000,
			addressPerMinute: 10_000,
			sitePerMinute: 10_000,
		},
	} );
	return first as TestProxy;
}

afterEach( async () => {
	for ( const proxy of proxies.splice( 0 ).reverse() ) {
		await proxy.close();
	}
	await provider.close();
} );

async function usageOf( proxy: TestProxy ) {
	const usage = await ( await proxy.site( 'GET', '/v1/site/usage' ) ).json();
	return usage.day as { spentNanoUsd: number; heldNanoUsd: number };
}

describe( 'a hard limit', () => {
	it.each( [ 1, 2 ] )(
		'is never passed by 200 people who ask at once, on %i proxies: the bill stays below, the ledger equals the bill, nothing stays held',
		async ( count ) => {
			const first = await start( count, {
				siteDayNanoUsd: LIMIT,
				visitorDayNanoUsd: LIMIT,
			} );
			const outcomes = await Promise.all(
				Array.from( { length: 200 }, async ( _, index ) => {
					const proxy = proxies[ index % count ] as TestProxy;
					const events = await proxy.events(
						`${ QUESTION } ${ index }`,
						{
							token: mintToken(),
						}
					);
					return events.at( -1 )?.data.finishReason as string;
				} )
			);
			expect( new Set( outcomes ) ).toEqual(
				new Set( [ 'stop', 'extractive' ] )
			);
			expect( provider.bill.totalNanoUsd ).toBeGreaterThan( 0 );
			expect( provider.bill.totalNanoUsd ).toBeLessThanOrEqual( LIMIT );
			expect( await usageOf( first ) ).toMatchObject( {
				spentNanoUsd: provider.bill.totalNanoUsd,
				heldNanoUsd: 0,
			} );
		}
	);

	it( 'of a visitor stops that visitor and nobody else', async () => {
		const proxy = await start( 1, {
			siteDayNanoUsd: 1_000_000_000,
			visitorDayNanoUsd: 1_500_000,
		} );
		const greedy = mintToken();
		const reasons = [];
		for ( let index = 0; index < 12; index++ ) {
			const events = await proxy.events( `${ QUESTION } ${ index }`, {
				token: greedy,
			} );
			reasons.push( events.at( -1 )?.data.finishReason );
		}
		expect( reasons[ 0 ] ).toBe( 'stop' );
		expect( reasons.at( -1 ) ).toBe( 'extractive' );
		const other = await proxy.events( QUESTION, { token: mintToken() } );
		expect( other.at( -1 )?.data.finishReason ).toBe( 'stop' );
	} );

	it( 'of nothing lets nothing through', async () => {
		const proxy = await start( 1, { siteDayNanoUsd: 0 } );
		const events = await proxy.events( QUESTION );
		expect( events[ 1 ]?.data.code ).toBe( 'limit_reached' );
		expect( provider.journal.entries ).toHaveLength( 0 );
	} );
} );

describe( 'a data folder that is full', () => {
	it( 'lets nothing be spent, and visitors still get the words of the site', async () => {
		const proxy = await start( 1, { siteDayNanoUsd: LIMIT } );
		const { database } = proxy.services;
		const pages = Number(
			database.prepare( 'PRAGMA page_count' ).get()?.page_count
		);
		database.prepare( `PRAGMA max_page_count = ${ pages }` ).get();
		await expect(
			database.write( () => {
				database.prepare( 'CREATE TABLE filler (text)' ).run();
				database
					.prepare(
						'INSERT INTO filler VALUES (hex(randomblob(1000000)))'
					)
					.run();
			} )
		).rejects.toThrow( /full/ );

		// What is free inside the file may still be used up; from then on every write fails.
		for ( let index = 0; index < 200; index++ ) {
			const response = await proxy.ask( `${ QUESTION } ${ index }` );
			const events = await allEvents( response );
			expect( textOf( events ) ).not.toBe( '' );
			expect( events.at( -1 )?.event ).toBe( 'done' );
		}
		const calls = provider.journal.entries.length;
		const last = await proxy.events( QUESTION );
		expect( last.at( -1 )?.data.finishReason ).toBe( 'extractive' );
		expect( provider.journal.entries ).toHaveLength( calls );
		database.prepare( 'PRAGMA max_page_count = 1073741823' ).get();
	} );
} );
