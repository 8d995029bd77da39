import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { textOf } from '../../support/proxy/sse.ts';
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
		const reasons: unknown[] = [ 'stop' ];
		while ( reasons.at( -1 ) === 'stop' && reasons.length < 100 ) {
			const events = await proxy.events(
				`${ QUESTION } ${ reasons.length }`,
				{ token: greedy }
			);
			reasons.push( events.at( -1 )?.data.finishReason );
		}
		expect( reasons[ 1 ] ).toBe( 'stop' );
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

/** Makes every write into the file fail from now on, as on a full disk, for every process that has it open. */
function refuseWrites( dataDir: string ): void {
	const file = new DatabaseSync( join( dataDir, 'docent.sqlite' ) );
	const tables = file
		.prepare(
			"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
		)
		.all();
	for ( const { name } of tables ) {
		for ( const event of [ 'INSERT', 'UPDATE', 'DELETE' ] ) {
			file.exec(
				`CREATE TRIGGER "full ${ name } ${ event }" BEFORE ${ event } ON "${ name }" BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`
			);
		}
	}
	file.close();
}

describe( 'a data folder that is full', () => {
	it( 'lets nothing be spent, and visitors still get the words of the site', async () => {
		const proxy = await start( 1, { siteDayNanoUsd: LIMIT } );
		expect(
			( await proxy.events( QUESTION ) ).at( -1 )?.data
		).toMatchObject( { finishReason: 'stop' } );
		const calls = provider.journal.entries.length;
		refuseWrites( proxy.dataDir );
		for ( let index = 0; index < 5; index++ ) {
			const events = await proxy.events( `${ QUESTION } ${ index }` );
			expect( textOf( events ) ).not.toBe( '' );
			expect( events.at( -1 )?.data.finishReason ).toBe( 'extractive' );
		}
		expect( provider.journal.entries ).toHaveLength( calls );
	} );
} );

describe( 'a limit of a hundredth of a cent', () => {
	it( 'is in force on every route that a visitor has: what they can reach spends in the ledger or not at all (T2, T3)', async () => {
		const proxy = await start( 1, { siteDayNanoUsd: 100_000 } );
		const events = await proxy.events( QUESTION );
		const { turnId, conversationId } = events[ 0 ]?.data as {
			turnId: string;
			conversationId: string;
		};
		expect( events.at( -1 )?.data.finishReason ).toBe( 'extractive' );
		for ( const [ method, path, body ] of [
			[ 'GET', `/v1/turns/${ turnId }` ],
			[ 'POST', `/v1/turns/${ turnId }/feedback`, { rating: 'up' } ],
			[ 'DELETE', `/v1/turns/${ turnId }` ],
			[ 'DELETE', `/v1/conversations/${ conversationId }` ],
			[ 'GET', '/v1/speech/none' ],
			[ 'GET', '/v1/realtime' ],
			[ 'POST', '/v1/chat/completions', { model: 'gpt-6-luna' } ],
			[ 'POST', '/v1/decisions', {} ],
		] as const ) {
			await ( await proxy.visitor( method, path, { body } ) ).text();
		}
		expect( provider.journal.entries ).toEqual( [] );
		expect( await usageOf( proxy ) ).toMatchObject( {
			spentNanoUsd: 0,
			heldNanoUsd: 0,
		} );
	} );
} );
