/**
 * A disk that takes nothing for a while, under a proxy in a process of its own: what could not be settled then is never counted twice and never forgotten (T6).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteLedgerStore } from '../../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';
import { mintToken, SITE_ID } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { allEvents, readEvents } from '../../support/proxy/sse.ts';
import { untilItWorks } from '../../support/redis/until.ts';
import {
	startSimulatedProvider,
	type SimulatedProvider,
} from '../../support/simulated-provider/index.ts';
import { runProxy, type RunningProxy } from '../money/proxies.ts';
import { moneyLimits, PATIENT } from './stage.ts';

const LIMIT = 1_000_000_000;
const UNDERWAY = 4;
/** Reservations that nobody resolves run out within this time, in milliseconds. */
const RUN_OUT_MS = 11 * 60_000;

let provider: SimulatedProvider;
let proxy: RunningProxy;
let dataDir: string;

beforeEach( async () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-full-' ) );
	provider = await startSimulatedProvider();
	proxy = await runProxy( { dataDir, providerUrl: provider.baseUrl } );
	await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
	await proxy.site( 'PUT', '/v1/site/settings', {
		limits: moneyLimits( LIMIT ),
		cache: { enabled: false },
		rateLimits: PATIENT,
	} );
} );
afterEach( async () => {
	await proxy.end( 'SIGKILL' );
	await provider.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

/** Lets no file of the proxy grow beyond so many bytes; the system refuses the write, as on a full disk. */
const limitFiles = ( bytes: string ): boolean =>
	spawnSync( 'prlimit', [
		'--pid',
		String( proxy.child.pid ),
		`--fsize=${ bytes }:unlimited`,
	] ).status === 0;

let asked = 0;
const ask = () =>
	proxy.ask( `How much is shipping? ${ ++asked }`, mintToken() );

async function finishOf( response: Promise< Response > ): Promise< string > {
	const last = ( await allEvents( await response ) ).at( -1 );
	return last?.data.finishReason ?? last?.data.code;
}

const canLimit = spawnSync( 'prlimit', [ '--version' ] ).status === 0;

describe.skipIf( ! canLimit )( 'a disk that is full for a while', () => {
	it( 'lets nothing be spent meanwhile, and what ended then is in the book once: at its cost, or at its reserve when that runs out (T6)', async () => {
		expect( await finishOf( ask() ) ).toBe( 'stop' );
		provider.setDefault( { firstChunkDelayMs: 20, chunkDelayMs: 20 } );
		const running = await Promise.all(
			Array.from( { length: UNDERWAY }, async () => {
				const reader = readEvents( await ask() );
				for (;;) {
					const { value } = await reader.next();
					if ( value.event === 'text' ) {
						return reader;
					}
				}
			} )
		);
		expect( limitFiles( '1' ) ).toBe( true );
		for ( const reader of running ) {
			const events = [];
			for await ( const { event } of reader ) {
				events.push( event );
			}
			expect( events.at( -1 ) ).toBe( 'done' );
		}
		const calls = provider.journal.entries.length;
		for ( let count = 0; count < 3; count++ ) {
			expect( await finishOf( ask() ) ).toBe( 'extractive' );
		}
		expect( provider.journal.entries ).toHaveLength( calls );

		limitFiles( 'unlimited' );
		await untilItWorks( async () =>
			expect( await finishOf( ask() ) ).toBe( 'stop' )
		);
		await proxy.end();
		const database = openDatabase( dataDir );
		const store = createSqliteLedgerStore( database );
		await store.expire( Date.now() + RUN_OUT_MS );
		expect( await store.check() ).toMatchObject( {
			openReservations: 0,
			problems: [],
		} );
		const entries = await store.entries( SITE_ID, 1_000 );
		const sumOf = ( kinds: string[] ) =>
			entries
				.filter( ( { kind } ) => kinds.includes( kind ) )
				.reduce( ( sum, { amounts } ) => sum + amounts.nanoUsd, 0 );
		const resolved = entries.filter( ( { kind } ) => kind !== 'reserve' );
		expect( resolved ).toHaveLength( provider.bill.entries.length );
		expect( entries ).toHaveLength( 2 * resolved.length );
		const spentNanoUsd = sumOf( [ 'settle', 'expire' ] );
		expect( spentNanoUsd ).toBeGreaterThanOrEqual(
			provider.bill.totalNanoUsd
		);
		expect( spentNanoUsd ).toBeLessThan( sumOf( [ 'reserve' ] ) );
		database.close();
	}, 30_000 );
} );
