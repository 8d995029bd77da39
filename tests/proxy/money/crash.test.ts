import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SITE_ID, SITE_SECRET } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { allEvents, readEvents } from '../../support/proxy/sse.ts';
import { startProxy } from '../../support/proxy/start-proxy.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { runProxy, type RunningProxy } from './proxies.ts';

let dataDir: string;
let provider: SimulatedProvider;
const proxies: RunningProxy[] = [];

beforeEach( async () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-crash-' ) );
	provider = await startSimulatedProvider();
} );

afterEach( async () => {
	await Promise.all(
		proxies.splice( 0 ).map( ( proxy ) => proxy.end( 'SIGKILL' ) )
	);
	await provider.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

/** Runs the proxy as its own process, as an operator does. */
async function run( env: Record< string, string > = {} ) {
	const proxy = await runProxy( {
		dataDir,
		providerUrl: provider.baseUrl,
		env,
	} );
	proxies.push( proxy );
	return proxy;
}

async function ask( proxy: RunningProxy ) {
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	return proxy.ask( 'How much is shipping?' );
}

describe( 'a proxy that is killed in mid-answer', () => {
	it( 'has the money still held at its next start, and spent once the reservation has run out', async () => {
		provider.setDefault( {
			chunks: Array.from(
				{ length: 200 },
				( _, index ) => `word${ index } `
			),
			chunkDelayMs: 10,
		} );
		const proxy = await run();
		const reader = readEvents( await ask( proxy ) );
		for ( let index = 0; index < 5; index++ ) {
			await reader.next();
		}
		await proxy.end( 'SIGKILL' );

		let now = Date.now();
		const after = await startProxy( { dataDir, clock: () => now } );
		await after.services.tidy();
		const report = async () => {
			const { limits } = await after.services.sites.settings( SITE_ID );
			return ( await after.services.ledger.report( SITE_ID, limits ) )
				.month;
		};
		const held = await report();
		expect( held.heldNanoUsd ).toBeGreaterThanOrEqual(
			provider.bill.totalNanoUsd
		);
		expect( held.spentNanoUsd ).toBe( 0 );
		now += 11 * 60_000;
		await after.services.tidy();
		expect( await report() ).toMatchObject( {
			heldNanoUsd: 0,
			spentNanoUsd: held.heldNanoUsd,
		} );
		await after.close( { keepData: true } );
	} );
} );

describe( 'a proxy that is killed again and again while people ask', () => {
	it( 'never loses what the provider billed: the book adds up after each start, and spends at least the bill and at most the limit', async () => {
		provider.setDefault( { chunks: 30, chunkDelayMs: 3 } );
		const limit = 1_000_000_000;
		for ( let round = 1; round <= 6; round++ ) {
			const proxy = await run();
			await proxy.site( 'PUT', '/v1/site/documents', {
				documents: SHOP,
			} );
			await proxy.site( 'PUT', '/v1/site/settings', {
				limits: { siteDayNanoUsd: limit },
				cache: { enabled: false },
				rateLimits: {
					visitorPerMinute: 10_000,
					addressPerMinute: 10_000,
					sitePerMinute: 10_000,
				},
			} );
			let answered = 0;
			const killed = new AbortController();
			const asking = Array.from( { length: 12 }, async ( _, lane ) => {
				while ( ! killed.signal.aborted ) {
					try {
						await allEvents(
							await proxy.ask(
								`How much is shipping? ${ round } ${ lane } ${ answered }`
							)
						);
						// Another number of answers each time, so that the kill falls on other steps.
						if ( ++answered === 7 * round ) {
							killed.abort();
							proxy.child.kill( 'SIGKILL' );
						}
					} catch {
						// The connection died with the proxy.
					}
				}
			} );
			await Promise.all( asking );
		}

		let now = Date.now();
		const after = await startProxy( { dataDir, clock: () => now } );
		const { ledger } = after.services.stores;
		expect( ( await ledger.check() ).problems ).toEqual( [] );
		const report = async () => {
			const { limits } = await after.services.sites.settings( SITE_ID );
			return ( await after.services.ledger.report( SITE_ID, limits ) )
				.month;
		};
		const { totalNanoUsd, entries } = provider.bill;
		const before = await report();
		expect(
			before.spentNanoUsd + before.heldNanoUsd
		).toBeGreaterThanOrEqual( totalNanoUsd );
		now += 11 * 60_000;
		await after.services.tidy();
		const rest = await report();
		expect( rest.heldNanoUsd ).toBe( 0 );
		expect( rest.spentNanoUsd ).toBeGreaterThanOrEqual( totalNanoUsd );
		expect( rest.spentNanoUsd ).toBeLessThanOrEqual( limit );
		expect( await ledger.check() ).toMatchObject( {
			openReservations: 0,
			problems: [],
		} );
		const book = await ledger.entries( SITE_ID, 1_000_000 );
		const kinds = ( kind: string ) =>
			book.filter( ( entry ) => entry.kind === kind );
		expect( kinds( 'expire' ).length ).toBeGreaterThan( 0 );
		expect( kinds( 'settle' ).length ).toBeGreaterThan( 100 );
		expect( kinds( 'reserve' ).length ).toBeGreaterThanOrEqual(
			entries.length
		);
		// What was settled with reported usage is on the bill to the nano-dollar.
		const bill = entries.map( ( entry ) => entry.costNanoUsd );
		for ( const { amounts, isEstimated } of kinds( 'settle' ) ) {
			if ( ! isEstimated ) {
				const index = bill.indexOf( amounts.nanoUsd );
				expect( index ).not.toBe( -1 );
				bill.splice( index, 1 );
			}
		}
		await after.close( { keepData: true } );
	}, 60_000 );
} );

describe( 'a proxy that is told to stop', () => {
	it( 'lets the running answer end, then leaves with code 0', async () => {
		provider.setDefault( {
			chunks: Array.from(
				{ length: 30 },
				( _, index ) => `word${ index } `
			),
			chunkDelayMs: 10,
		} );
		const proxy = await run();
		const { child } = proxy;
		const response = await ask( proxy );
		const events = [];
		for await ( const event of readEvents( response ) ) {
			events.push( event.event );
			if ( events.length === 3 ) {
				child.kill( 'SIGTERM' );
			}
		}
		expect( events.at( -1 ) ).toBe( 'done' );
		const [ code ] = await once( child, 'exit' );
		expect( code ).toBe( 0 );
	} );
} );

describe( 'the log of a proxy', () => {
	it( 'holds neither key nor secret nor token nor what was asked, even when it tells everything', async () => {
		// A real provider quotes a part of the key it refuses.
		provider.setDefault( {
			kind: 'refusal',
			status: 401,
			error: {
				message:
					'Incorrect API key provided: test-key. You asked: How much is shipping?',
				type: 'invalid_request_error',
				code: 'invalid_api_key',
			},
		} );
		const proxy = await run( { LOG_LEVEL: 'trace' } );
		const { child, url } = proxy;
		let log = '';
		child.stdout?.on( 'data', ( data ) => ( log += data ) );
		await ( await ask( proxy ) ).text();
		await fetch( `${ url }/v1/ask`, {
			method: 'POST',
			headers: { Authorization: 'Bearer forged.token.value' },
		} );
		await proxy.end();
		expect( log ).toContain( 'a model did not answer' );
		expect( log ).toContain( 'provider_auth' );
		for ( const secret of [
			SITE_SECRET,
			'test-key',
			'Bearer',
			'forged.token',
			'How much is shipping',
		] ) {
			expect( log ).not.toContain( secret );
		}
	} );
} );

describe( 'a proxy that cannot start', () => {
	it( 'says what is wrong and what to do, when its data folder cannot be made', async () => {
		const { child, errors } = await run( {
			DOCENT_DATA_DIR: join( fileURLToPath( import.meta.url ), 'data' ),
		} );
		expect( child.exitCode ).toBe( 1 );
		expect( errors() ).toContain( 'DOCENT_DATA_DIR' );
	} );

	it( 'says so when a newer version has written its data folder, and leaves the folder as it is', async () => {
		await ( await run() ).end();
		const path = join( dataDir, 'docent.sqlite' );
		const file = new DatabaseSync( path );
		file.exec( 'PRAGMA user_version = 999' );
		file.close();
		const before = readFileSync( path );
		const { child, errors } = await run();
		expect( child.exitCode ).toBe( 1 );
		expect( errors() ).toContain( 'newer version of Docent (schema 999' );
		expect( errors() ).toContain( 'DOCENT_DATA_DIR' );
		expect( readFileSync( path ).equals( before ) ).toBe( true );
	} );

	it( 'says so when its port is taken', async () => {
		const first = await run();
		const { child, errors } = await run( {
			PORT: new URL( first.url ).port,
		} );
		expect( child.exitCode ).toBe( 1 );
		expect( errors() ).toContain( 'Set PORT' );
	} );
} );
