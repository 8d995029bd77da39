import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	openDatabase,
	openExistingDatabase,
} from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteLedgerStore } from '../../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';

const SQLITE = new URL( '../../../proxy/src/stores/sqlite/', import.meta.url );
const MIGRATIONS = new URL( 'migrations/', SQLITE );
const files = readdirSync( MIGRATIONS )
	.filter( ( name ) => name.endsWith( '.sql' ) )
	.sort();

let dataDir: string;

beforeEach( () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-migration-' ) );
} );

afterEach( () => {
	rmSync( dataDir, { recursive: true, force: true } );
} );

/** Makes the file as a version with this many migrations left it, and lets `fill` write into it. */
function makeFile( version: number, fill?: ( old: DatabaseSync ) => void ) {
	const old = new DatabaseSync( join( dataDir, 'docent.sqlite' ) );
	for ( const file of files.slice( 0, version ) ) {
		old.exec( readFileSync( new URL( file, MIGRATIONS ), 'utf8' ) );
	}
	fill?.( old );
	old.exec( `PRAGMA user_version = ${ version }` );
	old.close();
}

const DETAILS =
	'{"model":"gpt","tier":"economy","visitorId":"v1","turnId":"t"}';
const DAY = 'site:shop:day:2026-11-20';
const MONTH = 'site:shop:month:2026-11';
const VISITOR = 'visitor:shop:v1:day:2026-11-20';

/** Fills a book of the third schema: one call settled at 25, one open at 60 that expires at 5,000. */
function fillThird( old: DatabaseSync ): void {
	const window = old.prepare(
		'INSERT INTO ledger_windows VALUES (?, 25, 60)'
	);
	for ( const key of [ DAY, MONTH, VISITOR ] ) {
		window.run( key );
	}
	const entry = old.prepare(
		`INSERT INTO ledger_entries (reservation_id, site_id, kind, amount_nano_usd, is_estimated, usage, details, at)
		VALUES (?, 'shop', ?, ?, ?, ?, ?, ?)`
	);
	entry.run( 'r1', 'reserve', 50, 1, null, DETAILS, 1_000 );
	entry.run(
		'r1',
		'settle',
		25,
		0,
		'{"inputTokens":12,"cachedInputTokens":0,"cacheWriteTokens":0,"outputTokens":3}',
		DETAILS,
		1_500
	);
	entry.run( 'r2', 'reserve', 60, 1, null, DETAILS, 2_000 );
	old.prepare(
		`INSERT INTO ledger_reservations VALUES ('r2', 'shop', 60, ?, ?, 5000)`
	).run( JSON.stringify( [ DAY, MONTH, VISITOR ] ), DETAILS );
}

const migrationOf = ( name: string ) =>
	files.findIndex( ( file ) => file.startsWith( name ) );

describe( 'a data folder of an older version', () => {
	it( 'keeps what was spent and held, its book, and its open reservations, which settle as before', async () => {
		makeFile( migrationOf( '004' ), fillThird );
		const database = openDatabase( dataDir );
		const store = createSqliteLedgerStore( database );
		expect( await store.check() ).toMatchObject( {
			windows: 3,
			openReservations: 1,
			problems: [],
		} );
		for ( const key of [ DAY, MONTH, VISITOR ] ) {
			expect( await store.balance( key ) ).toEqual( {
				spent: 25,
				held: 60,
			} );
		}
		const entries = await store.entries( 'shop', 20 );
		expect(
			entries.map( ( { kind, amounts, reason } ) => [
				kind,
				amounts.nanoUsd,
				reason,
			] )
		).toEqual( [
			...Array.from( { length: 3 }, () => [
				'correct',
				25,
				'carried over from the older book',
			] ),
			[ 'reserve', 60, undefined ],
			[ 'settle', 25, undefined ],
			[ 'reserve', 50, undefined ],
		] );
		expect( entries.at( -2 ) ).toMatchObject( {
			model: 'gpt',
			visitorId: 'v1',
			usage: { inputTokens: 12 },
			at: 1_500,
		} );

		expect(
			await store.settle( {
				reservationId: 'r2',
				amounts: { nanoUsd: 40 },
				isEstimated: false,
				usage: undefined,
				now: 3_000,
			} )
		).toBe( 'resolved' );
		expect( await store.balance( VISITOR ) ).toEqual( {
			spent: 65,
			held: 0,
		} );
		expect( ( await store.check() ).problems ).toEqual( [] );
		database.close();
	} );

	it( 'expires reservations that it left open, and reconciles them', async () => {
		makeFile( migrationOf( '004' ), fillThird );
		const database = openDatabase( dataDir );
		const store = createSqliteLedgerStore( database );
		expect( await store.expire( 4_999 ) ).toBe( 0 );
		expect( await store.expire( 5_000 ) ).toBe( 1 );
		expect( await store.balance( DAY ) ).toEqual( { spent: 85, held: 0 } );
		expect( await store.release( 'r2', 6_000 ) ).toBe( 'reconciled' );
		expect( await store.balance( DAY ) ).toEqual( { spent: 25, held: 0 } );
		expect( ( await store.check() ).problems ).toEqual( [] );
		database.close();
	} );

	it( 'is left as it is by tools, which say to start the proxy once', () => {
		makeFile( migrationOf( '004' ), fillThird );
		expect( () => openExistingDatabase( dataDir ) ).toThrow(
			/older version of Docent \(schema 3.*Start the proxy on it once/s
		);
	} );
} );

describe( 'a data folder of a newer version', () => {
	it( 'is refused with what to do, and nothing in it changes', () => {
		makeFile( files.length );
		const newer = new DatabaseSync( join( dataDir, 'docent.sqlite' ) );
		newer.exec( `PRAGMA user_version = ${ files.length + 1 }` );
		newer.close();
		for ( const open of [ openDatabase, openExistingDatabase ] ) {
			expect( () => open( dataDir ) ).toThrow(
				/newer version of Docent.*Update the proxy or give it another DOCENT_DATA_DIR/
			);
		}
		const again = new DatabaseSync( join( dataDir, 'docent.sqlite' ) );
		expect( again.prepare( 'PRAGMA user_version' ).get() ).toEqual( {
			user_version: files.length + 1,
		} );
		again.close();
	} );
} );

const OPENER = `
	import { openDatabase } from ${ JSON.stringify( new URL( 'database.ts', SQLITE ).href ) };
	process.stdin.once( 'data', () => {
		openDatabase( process.argv[ 1 ] ).close();
		process.exit( 0 );
	} );
	process.stdout.write( 'waiting' );
`;

describe( 'proxies that start at the same moment', () => {
	it.each( [ 0, migrationOf( '004' ) ] )(
		'all come up when the folder is at schema %i, and bring it up to date once',
		async ( version ) => {
			for ( let round = 0; round < 3; round++ ) {
				rmSync( dataDir, { recursive: true, force: true } );
				dataDir = mkdtempSync( join( tmpdir(), 'docent-migration-' ) );
				if ( version > 0 ) {
					makeFile( version, fillThird );
				}
				const openers = Array.from( { length: 6 }, () =>
					spawn(
						process.execPath,
						[
							'--input-type=module-typescript',
							'-e',
							OPENER,
							dataDir,
						],
						{ stdio: [ 'pipe', 'pipe', 'pipe' ] }
					)
				);
				let said = '';
				for ( const opener of openers ) {
					opener.stderr.on( 'data', ( data ) => ( said += data ) );
				}
				const ends = openers.map( ( opener ) =>
					once( opener, 'exit' )
				);
				await Promise.all(
					openers.map( ( { stdout } ) => once( stdout, 'data' ) )
				);
				for ( const { stdin } of openers ) {
					stdin.write( 'go' );
				}
				const codes = ( await Promise.all( ends ) ).map(
					( [ code ] ) => code
				);
				expect( codes, said ).toEqual( [ 0, 0, 0, 0, 0, 0 ] );
				const database = openExistingDatabase( dataDir );
				const store = createSqliteLedgerStore( database );
				expect( await store.check() ).toMatchObject( {
					openReservations: version > 0 ? 1 : 0,
					problems: [],
				} );
				database.close();
			}
		},
		30_000
	);
} );
