import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	createLedger,
	type Ledger,
	type Reservation,
} from '../../../proxy/src/ledger/ledger.ts';
import { priceUsage } from '../../../proxy/src/ledger/pricing.ts';
import type { Usage } from '../../../proxy/src/ledger/usage.ts';
import { loadCatalog, type Model } from '../../../proxy/src/models/catalog.ts';
import { DEFAULT_SETTINGS } from '../../../proxy/src/settings.ts';
import type {
	Amounts,
	LedgerStore,
} from '../../../proxy/src/stores/ledger-store.ts';
import {
	openDatabase,
	type Database,
} from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteLedgerStore } from '../../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';

const model = loadCatalog( undefined ).targets( 'economy' )[ 0 ] as Model;
const RESERVE = 1_000_000;

let dataDir: string;
let database: Database;
let store: LedgerStore;
let ledger: Ledger;
let log: Array< { msg: string; level: number } & Record< string, unknown > >;
let now: number;

beforeEach( () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-settling-' ) );
	database = openDatabase( dataDir );
	store = createSqliteLedgerStore( database );
	log = [];
	now = Date.parse( '2026-11-20T12:00:00Z' );
	ledger = createLedger( {
		store,
		clock: () => now,
		log: pino(
			{ level: 'debug' },
			{ write: ( line: string ) => log.push( JSON.parse( line ) ) }
		),
	} );
} );

afterEach( () => {
	database.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

const reserve = ( amounts: Amounts = { nanoUsd: RESERVE } ) =>
	ledger.reserve( {
		siteId: 'shop',
		limits: DEFAULT_SETTINGS.limits,
		model,
		amounts,
		details: {
			model: model.id,
			tier: 'economy',
			visitorId: 'v',
			turnId: 't',
		},
	} );

async function hold( amounts?: Amounts ): Promise< Reservation > {
	const outcome = await reserve( amounts );
	expect( outcome.kind ).toBe( 'reserved' );
	return ( outcome as { reservation: Reservation } ).reservation;
}

const day = async () =>
	( await ledger.report( 'shop', DEFAULT_SETTINGS.limits ) ).day;

describe( 'a call that ended', () => {
	it( 'costs what the provider says, to the nano-dollar, and the rest is free at once', async () => {
		const usage: Usage = { textIn: 1_234, textCachedIn: 77, textOut: 321 };
		const { costNanoUsd, saved } = ( await hold() ).settle( usage );
		expect( costNanoUsd ).toBe( priceUsage( model, usage ) );
		expect( await saved ).toBe( 'resolved' );
		expect( await day() ).toMatchObject( {
			spentNanoUsd: costNanoUsd,
			heldNanoUsd: 0,
		} );
	} );

	it( 'is settled once (T6): the second word of the provider changes nothing', async () => {
		const reservation = await hold();
		const { costNanoUsd, saved } = reservation.settle( { textOut: 10 } );
		await saved;
		expect( await reservation.settle( { textOut: 999 } ).saved ).toBe(
			'ignored'
		);
		expect( await reservation.release().saved ).toBe( 'ignored' );
		expect( await day() ).toMatchObject( { spentNanoUsd: costNanoUsd } );
	} );

	it( 'above its reserve is spent exactly and told to the owner', async () => {
		const usage: Usage = { textOut: 10_000_000 };
		const { costNanoUsd, saved } = ( await hold() ).settle( usage );
		await saved;
		expect( costNanoUsd ).toBeGreaterThan( RESERVE );
		expect( await day() ).toMatchObject( {
			spentNanoUsd: costNanoUsd,
			heldNanoUsd: 0,
		} );
		expect( log ).toMatchObject( [
			{
				level: 50,
				msg: 'a call cost more than its reserve',
				model: model.id,
				costNanoUsd,
				reservedNanoUsd: RESERVE,
			},
		] );
		const [ entry ] = await ledger.entries( 'shop', 1 );
		expect( entry ).toMatchObject( {
			kind: 'settle',
			amounts: { nanoUsd: costNanoUsd },
			isEstimated: false,
			usage,
		} );
	} );

	it.each( [
		[ 'no number', { textOut: NaN } ],
		[ 'less than nothing', { textOut: -1_000_000 } ],
		[ 'more than can be counted', { textOut: 1e18 } ],
		[ 'without end', { textIn: Infinity } ],
	] )( 'with usage of %s costs its whole reserve', async ( _, usage ) => {
		const { costNanoUsd, saved } = ( await hold() ).settle( usage );
		expect( costNanoUsd ).toBe( RESERVE );
		expect( await saved ).toBe( 'resolved' );
		expect( await day() ).toMatchObject( {
			spentNanoUsd: RESERVE,
			heldNanoUsd: 0,
		} );
		expect( ( await store.check() ).problems ).toEqual( [] );
	} );

	it( 'by estimate never costs more than its reserve, and is marked', async () => {
		const { costNanoUsd, saved } = ( await hold() ).settleEstimated( {
			textOut: 10_000_000,
		} );
		await saved;
		expect( costNanoUsd ).toBe( RESERVE );
		const [ entry ] = await ledger.entries( 'shop', 1 );
		expect( entry?.isEstimated ).toBe( true );
	} );
} );

describe( 'amounts that are none', () => {
	it.each( [ NaN, -1, 1e18, 0.5 ] )(
		'such as %d are refused by name before anything is written',
		async ( number ) => {
			await expect( reserve( { nanoUsd: number } ) ).rejects.toThrow(
				/amounts\.nanoUsd must be an integer from 0 to/
			);
			await expect(
				reserve( { nanoUsd: 1, voiceSeconds: number } )
			).rejects.toThrow( /amounts\.voiceSeconds must be an integer/ );
			expect( ( await store.check() ).entries ).toBe( 0 );
		}
	);
} );

describe( 'a reserve that nobody knows the end of', () => {
	it( 'is given back: the store failed after it had written', async () => {
		const failing = createLedger( {
			store: {
				...store,
				async reserve( request ) {
					await store.reserve( request );
					throw new Error( 'the connection broke' );
				},
			},
			clock: () => now,
			log: pino( { level: 'silent' } ),
		} );
		await expect(
			failing.reserve( {
				siteId: 'shop',
				limits: DEFAULT_SETTINGS.limits,
				model,
				amountNanoUsd: 5,
				details: {
					model: model.id,
					tier: 'economy',
					visitorId: 'v',
					turnId: 't',
				},
			} )
		).rejects.toThrow( 'the connection broke' );
		await database.write( () => undefined );
		expect( await day() ).toMatchObject( {
			spentNanoUsd: 0,
			heldNanoUsd: 0,
		} );
	} );
} );

describe( 'reservations that a crash left behind', () => {
	it( 'count in full after ten minutes, and what the late end says is reconciled once', async () => {
		const reservation = await hold();
		now += 10 * 60_000 - 1;
		expect( await ledger.expire() ).toBe( 0 );
		now += 1;
		expect( await ledger.expire() ).toBe( 1 );
		expect( await day() ).toMatchObject( {
			spentNanoUsd: RESERVE,
			heldNanoUsd: 0,
		} );
		const { costNanoUsd, saved } = reservation.settle( { textOut: 5 } );
		expect( await saved ).toBe( 'reconciled' );
		expect( await reservation.settle( { textOut: 9 } ).saved ).toBe(
			'ignored'
		);
		expect( await day() ).toMatchObject( { spentNanoUsd: costNanoUsd } );
	} );

	it( 'are resolved all at once, however many there are', async () => {
		await Promise.all(
			Array.from( { length: 2_500 }, () => reserve( { nanoUsd: 10 } ) )
		);
		now += 11 * 60_000;
		expect( await ledger.expire() ).toBe( 2_500 );
		expect( await day() ).toMatchObject( {
			spentNanoUsd: 25_000,
			heldNanoUsd: 0,
		} );
		expect( await store.check() ).toMatchObject( {
			openReservations: 0,
			problems: [],
		} );
	} );
} );

describe( 'a call that ended while the book could not be written', () => {
	const onlyRead = () =>
		database.write( () =>
			database
				.prepare(
					"CREATE TRIGGER no_entries BEFORE INSERT ON ledger_entries BEGIN SELECT RAISE( ABORT, 'disk full' ); END"
				)
				.run()
		);
	const writeAgain = () =>
		database.write( () =>
			database.prepare( 'DROP TRIGGER no_entries' ).run()
		);

	it( 'is entered with what it cost as soon as the book can be written again', async () => {
		const settled = await hold();
		const released = await hold();
		await onlyRead();
		const { costNanoUsd, saved } = settled.settle( { textIn: 900 } );
		await expect( saved ).rejects.toThrow( 'disk full' );
		await expect( released.release().saved ).rejects.toThrow();
		await ledger.expire();
		expect( await day() ).toMatchObject( { heldNanoUsd: 2 * RESERVE } );
		await writeAgain();
		expect( await ledger.expire() ).toBe( 0 );
		expect( await day() ).toMatchObject( {
			spentNanoUsd: costNanoUsd,
			heldNanoUsd: 0,
		} );
	} );

	it( 'is corrected when it had run out before', async () => {
		const { settle } = await hold();
		await onlyRead();
		const { costNanoUsd, saved } = settle( { textIn: 900 } );
		await expect( saved ).rejects.toThrow();
		await writeAgain();
		now += 60 * 60_000;
		await store.expire( now );
		expect( await day() ).toMatchObject( { spentNanoUsd: RESERVE } );
		await ledger.expire();
		expect( await day() ).toMatchObject( {
			spentNanoUsd: costNanoUsd,
			heldNanoUsd: 0,
		} );
		expect( ( await store.check() ).problems ).toEqual( [] );
	} );
} );
