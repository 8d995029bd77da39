import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	openDatabase,
	type Database,
} from '../../../proxy/src/stores/sqlite/database.ts';
import type { LedgerStore } from '../../../proxy/src/stores/ledger-store.ts';
import { openRedisStores } from '../../../proxy/src/stores/redis/redis-stores.ts';
import { createSqliteLedgerStore } from '../../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';
import { mintToken } from '../../support/proxy/credentials.ts';
import { SHOP } from '../../support/proxy/shop.ts';
import { startRedis } from '../../support/redis/index.ts';
import { startProxy } from '../../support/proxy/start-proxy.ts';
import { startSimulatedProvider } from '../../support/simulated-provider/index.ts';

const ROOT = fileURLToPath( new URL( '../../../', import.meta.url ) );

interface Result {
	code: number;
	output: string;
	errors: string;
}

const run = ( file: string, args: string[] ) =>
	new Promise< Result >( ( resolve ) => {
		execFile( file, args, { cwd: ROOT }, ( error, output, errors ) =>
			resolve( {
				code: error ? Number( error.code ) : 0,
				output,
				errors,
			} )
		);
	} );

/** Runs a command of package.json as an operator does. */
const npm = ( command: string, ...args: string[] ) =>
	run( 'npm', [ 'run', '--silent', command, '--', ...args ] );

/** Runs what the command stands for, without the half second of npm. */
const check = ( ...args: string[] ) =>
	run( process.execPath, [ 'proxy/src/check-ledger.ts', ...args ] );
const correct = ( ...args: string[] ) =>
	run( process.execPath, [ 'proxy/src/correct-ledger.ts', ...args ] );

let dataDir: string;
let database: Database | undefined;

beforeEach( () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-commands-' ) );
} );

afterEach( () => {
	close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

function open(): LedgerStore {
	database = openDatabase( dataDir );
	return createSqliteLedgerStore( database );
}

function close(): void {
	database?.close();
	database = undefined;
}

const today = () => new Date().toISOString().slice( 0, 10 );

let next = 0;

/** Spends in the windows of today. */
async function spend( store: LedgerStore, nanoUsd: number, visitor = 'v' ) {
	const reservationId = `r${ ++next }`;
	await store.reserve( {
		reservationId,
		siteId: 'shop',
		windows: [
			`site:shop:day:${ today() }`,
			`site:shop:month:${ today().slice( 0, 7 ) }`,
			`visitor:shop:${ visitor }:day:${ today() }`,
		].map( ( key ) => ( { key, unit: 'nanoUsd', limit: 1e15 } ) ),
		amounts: { nanoUsd },
		now: Date.now(),
		expiresAt: Date.now() + 60_000,
		details: {
			model: 'm',
			tier: 'economy',
			visitorId: visitor,
			turnId: 't',
		},
	} );
	await store.settle( {
		reservationId,
		amounts: { nanoUsd },
		isEstimated: false,
		usage: undefined,
		now: Date.now(),
	} );
}

/** Fills a folder with some calls. */
async function fill( calls = 20 ): Promise< void > {
	const store = open();
	await Promise.all(
		Array.from( { length: calls }, ( _, count ) =>
			spend( store, 1_000 + count, `v${ count % 4 }` )
		)
	);
	close();
}

/** Damages the file in a way of its own. */
function damage( sql: string ): void {
	const file = new DatabaseSync( join( dataDir, 'docent.sqlite' ) );
	file.exec( `PRAGMA ignore_check_constraints = ON; ${ sql }` );
	file.close();
}

describe( 'npm run ledger:check', () => {
	it( 'says that a book adds up, and leaves with 0', async () => {
		await fill();
		const { code, output, errors } = await npm( 'ledger:check', dataDir );
		expect( errors ).toBe( '' );
		expect( output ).toContain(
			'adds up: 40 entries, 6 windows, 0 open reservations.'
		);
		expect( code ).toBe( 0 );
	} );

	it( 'works while a proxy answers on the same folder', async () => {
		const provider = await startSimulatedProvider();
		const proxy = await startProxy( { providerUrl: provider.baseUrl } );
		await proxy.site( 'PUT', '/v1/site/documents', { documents: SHOP } );
		await proxy.site( 'PUT', '/v1/site/settings', {
			cache: { enabled: false },
			rateLimits: {
				visitorPerMinute: 10_000,
				addressPerMinute: 10_000,
				sitePerMinute: 10_000,
			},
		} );
		let isChecked = false;
		const asking = ( async () => {
			for ( let count = 0; ! isChecked; count++ ) {
				await proxy.events( `How much is shipping? ${ count }`, {
					token: mintToken(),
				} );
			}
		} )();
		const checks = [];
		for ( let count = 0; count < 3; count++ ) {
			checks.push( await check( proxy.dataDir ) );
		}
		isChecked = true;
		await asking;
		await proxy.close();
		await provider.close();
		for ( const { code, output, errors } of checks ) {
			expect( errors ).toBe( '' );
			expect( output ).toContain( 'adds up' );
			expect( code ).toBe( 0 );
		}
	}, 30_000 );

	it.each( [
		[
			'a counter that was changed by hand',
			"UPDATE ledger_windows SET spent = spent - 1 WHERE key LIKE 'site:shop:day:%'",
			/window site:shop:day:\S+ counts 20189 nanoUsd spent and 0 held, but its entries add up to 20190 spent and 0 held/,
		],
		[
			'a counter below zero',
			'UPDATE ledger_windows SET held = -5 WHERE id = 1',
			/window site:shop:day:\S+ counts 20190 nanoUsd spent and -5 held/,
		],
		[
			'a settlement that is missing',
			"DELETE FROM ledger_entries WHERE id = (SELECT max(id) FROM ledger_entries WHERE kind = 'settle')",
			/reservation r\d+ is open in the book and missing from what is open/,
		],
		[
			'a beginning that is missing',
			"DELETE FROM ledger_entries WHERE id = (SELECT max(id) FROM ledger_entries WHERE kind = 'reserve')",
			/entry \d+ \(settle\) resolves reservation r\d+, which is not open/,
		],
		[
			'an amount that was edited',
			"UPDATE ledger_entries SET nano_usd = 1 WHERE id = (SELECT max(id) FROM ledger_entries WHERE kind = 'settle')",
			/but its entries add up to/,
		],
		[
			'a window that is missing',
			"DELETE FROM ledger_windows WHERE key LIKE 'visitor:shop:v1:%'",
			/counts in window \d+, which does not exist/,
		],
		[
			'a hold that nothing began',
			'INSERT INTO ledger_open VALUES (123456, 5)',
			/what is open names entry 123456/,
		],
	] )( 'names %s, and leaves with 1', async ( _, sql, problem ) => {
		await fill();
		damage( sql );
		const { code, output, errors } = await check( dataDir );
		expect( errors ).toContain( 'does not add up' );
		expect( errors ).toMatch( problem );
		expect( output ).toBe( '' );
		expect( code ).toBe( 1 );
	} );

	it( 'tells of a file whose bytes are damaged instead of dying of it', async () => {
		await fill( 2_000 );
		const path = join( dataDir, 'docent.sqlite' );
		const file = new DatabaseSync( path );
		const { page } = file
			.prepare(
				"SELECT pageno AS page FROM dbstat WHERE name = 'ledger_entries' AND pagetype = 'leaf' LIMIT 1 OFFSET 20"
			)
			.get() as { page: number };
		file.close();
		const bytes = openSync( path, 'r+' );
		writeSync(
			bytes,
			Buffer.alloc( 2_000, 0xff ),
			0,
			2_000,
			( page - 1 ) * 4_096
		);
		closeSync( bytes );
		const { code, errors } = await check( dataDir );
		expect( errors ).toContain( 'does not add up' );
		expect( errors ).toMatch( /malformed|ledger_entries: / );
		expect( errors ).not.toContain( 'at file:' );
		expect( code ).toBe( 1 );
	} );

	it( 'says what is missing without a folder, and makes none', async () => {
		expect( await check() ).toMatchObject( {
			code: 1,
			errors: expect.stringContaining( 'npm run ledger:check -- ./data' ),
		} );
		const nowhere = join( dataDir, 'nowhere' );
		expect( await check( nowhere ) ).toMatchObject( {
			code: 1,
			errors: expect.stringContaining( 'There is no docent.sqlite in' ),
		} );
	} );
} );

describe( 'npm run ledger:correct (T28)', () => {
	const order = [
		'--site',
		'shop',
		'--reason',
		'the price was ten times too high',
	];

	it( 'lets a site that a wrong price stopped answer again, with the reason in a book that still adds up', async () => {
		const store = open();
		await spend( store, 500_000_000 );
		const windows = [
			{
				key: `site:shop:day:${ today() }`,
				unit: 'nanoUsd' as const,
				limit: 500_000_000,
			},
		];
		const tryAgain = () =>
			store.reserve( {
				reservationId: `again${ ++next }`,
				siteId: 'shop',
				windows,
				amounts: { nanoUsd: 50_000_000 },
				now: Date.now(),
				expiresAt: Date.now() + 60_000,
				details: { model: 'm', tier: 't', visitorId: 'v', turnId: 't' },
			} );
		expect( await tryAgain() ).toMatchObject( { kind: 'refused' } );

		// The store stays open, as in a proxy that goes on working.
		const { code, output, errors } = await npm(
			'ledger:correct',
			dataDir,
			...order,
			'--usd',
			'-0.40'
		);
		expect( errors ).toBe( '' );
		expect( output ).toContain(
			`site:shop:day:${ today() }: $0.50 → $0.10`
		);
		expect( output ).toContain( '$0.50 → $0.10\n' );
		expect( code ).toBe( 0 );

		expect( await tryAgain() ).toEqual( { kind: 'reserved' } );
		expect(
			( await store.entries( 'shop', 10 ) ).find(
				( { kind } ) => kind === 'correct'
			)
		).toMatchObject( {
			amounts: { nanoUsd: -400_000_000 },
			reason: 'the price was ten times too high',
		} );
		close();
		expect( await check( dataDir ) ).toMatchObject( {
			code: 0,
		} );
	} );

	it( "corrects each visitor's day as well when told to, never below zero", async () => {
		const store = open();
		await spend( store, 300_000_000, 'anna' );
		await spend( store, 100_000_000, 'ben' );
		const { output } = await correct(
			dataDir,
			...order,
			'--usd=-0.25',
			'--visitors'
		);
		expect( output ).toContain( `anna:day:${ today() }: $0.30 → $0.05` );
		expect( output ).toContain( `ben:day:${ today() }: $0.10 → $0.00` );
		expect( ( await store.check() ).problems ).toEqual( [] );
	} );

	it( 'corrects another day when one is named', async () => {
		await fill( 1 );
		const { output } = await correct(
			dataDir,
			...order,
			'--usd=2',
			'--day=2026-02-28'
		);
		expect( output ).toBe(
			'site:shop:day:2026-02-28: $0.00 → $2.00\nsite:shop:month:2026-02: $0.00 → $2.00\n'
		);
	} );

	it.each( [
		[ [ '--usd', 'NaN' ], 'no amount of dollars' ],
		[ [ '--usd', '1e18' ], 'no amount of dollars' ],
		[ [ '--usd', '-0.0000000001' ], 'no amount of dollars' ],
		[ [ '--usd', '0' ], 'no amount of dollars' ],
		[ [ '--usd', '1', '--day', 'today' ], 'no date' ],
		[ [ '--usd', '1', '--day', '2026-02-29' ], 'no date' ],
		[ [ '--usd', '1', '--site', 'shopp' ], 'knows no site shopp' ],
		[ [ '--usd', '1', '--reason', ' ' ], 'Say what to correct' ],
		[ [ '--cents', '1' ], 'cents' ],
		[ [], 'Say what to correct' ],
	] )( 'refuses %j and changes nothing', async ( args, message ) => {
		await fill( 1 );
		const { code, errors, output } = await correct(
			dataDir,
			...order,
			...args
		);
		expect( errors ).toContain( message );
		expect( output ).toBe( '' );
		expect( code ).toBe( 1 );
		expect( ( await open().check() ).entries ).toBe( 2 );
	} );
} );

describe( 'both commands on a Redis', () => {
	it( 'check its book and correct it while proxies work on it', async () => {
		const redis = await startRedis();
		const stores = await openRedisStores( redis.url );
		await spend( stores.ledger, 500_000_000, 'anna' );
		expect( await check( redis.url ) ).toMatchObject( {
			code: 0,
			output: expect.stringContaining( 'adds up: 2 entries, 3 windows' ),
		} );
		const { output, errors } = await correct(
			redis.url,
			'--site=shop',
			'--reason=a wrong price',
			'--usd=-0.40',
			'--visitors'
		);
		expect( errors ).toBe( '' );
		expect( output.match( /\$0\.50 → \$0\.10/g ) ).toHaveLength( 3 );
		expect( output ).toContain( `visitor:shop:anna:day:${ today() }` );
		expect(
			await stores.ledger.balance( `site:shop:day:${ today() }` )
		).toEqual( { spent: 100_000_000, held: 0 } );
		expect( ( await stores.ledger.check() ).problems ).toEqual( [] );
		await stores.close();
		await redis.stop();
	}, 30_000 );

	it( 'say that it is away, without its password', async () => {
		const place = 'redis://:the-password@127.0.0.1:9';
		const results = [
			await check( place ),
			await correct( place, '--site=shop', '--usd=1', '--reason=x' ),
		];
		for ( const { code, output, errors } of results ) {
			expect( code ).toBe( 1 );
			expect( output ).toBe( '' );
			expect( errors ).not.toBe( '' );
			expect( errors ).not.toContain( 'the-password' );
		}
	}, 30_000 );
} );
