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
import { loadCatalog, type Model } from '../../../proxy/src/models/catalog.ts';
import {
	DEFAULT_SETTINGS,
	type Settings,
} from '../../../proxy/src/settings.ts';
import {
	openDatabase,
	type Database,
} from '../../../proxy/src/stores/sqlite/database.ts';
import type { Amounts } from '../../../proxy/src/stores/ledger-store.ts';
import { createSqliteLedgerStore } from '../../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';

const model = loadCatalog( undefined ).targets( 'economy' )[ 0 ] as Model;

let dataDir: string;
let database: Database;
let ledger: Ledger;
let now: number;
let limits: Settings[ 'limits' ];

beforeEach( () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-windows-' ) );
	database = openDatabase( dataDir );
	ledger = createLedger( {
		store: createSqliteLedgerStore( database ),
		clock: () => now,
		log: pino( { level: 'silent' } ),
	} );
	limits = {
		...DEFAULT_SETTINGS.limits,
		siteDayNanoUsd: 1_000,
		siteMonthNanoUsd: 10_000,
		visitorDayNanoUsd: 1_000,
		voiceSecondsDay: 60,
		imagesDay: 3,
	};
} );

afterEach( () => {
	database.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

const at = ( time: string ) => {
	now = Date.parse( time );
};

const reserve = ( amounts: Amounts, visitorId = 'v' ) =>
	ledger.reserve( {
		siteId: 'shop',
		limits,
		model,
		amounts,
		details: { model: model.id, tier: 'economy', visitorId, turnId: 't' },
	} );

/** Reserves what must fit. */
async function hold( amounts: Amounts, visitorId?: string ) {
	const outcome = await reserve( amounts, visitorId );
	expect( outcome.kind ).toBe( 'reserved' );
	return ( outcome as { reservation: Reservation } ).reservation;
}

/** Spends what must fit, in full. */
async function spend( amounts: Amounts, visitorId?: string ) {
	await ( await hold( amounts, visitorId ) ).settleInFull().saved;
}

const report = () => ledger.report( 'shop', limits );

describe( 'what is spent on a day', () => {
	it( 'begins anew at midnight of the site without anything being reset (T10), and goes on counting for the month', async () => {
		limits.timeZone = 'America/New_York';
		at( '2026-11-21T04:59:59Z' );
		await spend( { nanoUsd: 1_000 } );
		expect( await reserve( { nanoUsd: 1 } ) ).toMatchObject( {
			kind: 'refused',
			reason: 'spent',
			unit: 'nanoUsd',
			remaining: 0,
		} );
		at( '2026-11-21T05:00:00Z' );
		await spend( { nanoUsd: 400 } );
		expect( await report() ).toMatchObject( {
			day: { window: '2026-11-21', spentNanoUsd: 400 },
			month: { window: '2026-11', spentNanoUsd: 1_400 },
		} );
	} );

	it( 'counts the hour that comes twice into the same day', async () => {
		limits.timeZone = 'Europe/Berlin';
		at( '2026-10-25T00:30:00Z' );
		await spend( { nanoUsd: 600 } );
		at( '2026-10-25T01:30:00Z' );
		expect( await reserve( { nanoUsd: 500 } ) ).toMatchObject( {
			reason: 'spent',
			remaining: 400,
		} );
		at( '2026-10-25T22:59:00Z' );
		expect( await reserve( { nanoUsd: 500 } ) ).toMatchObject( {
			remaining: 400,
		} );
		at( '2026-10-25T23:00:00Z' );
		await spend( { nanoUsd: 500 } );
	} );

	it( 'belongs to the day and month of the reserve when the call ends after midnight of the last day of February in a leap year', async () => {
		limits.timeZone = 'Asia/Kolkata';
		at( '2028-02-29T18:29:50Z' );
		const reservation = await hold( { nanoUsd: 800 } );
		at( '2028-02-29T18:30:10Z' );
		await reservation.settleInFull().saved;
		expect( await report() ).toMatchObject( {
			day: { window: '2028-03-01', spentNanoUsd: 0, heldNanoUsd: 0 },
			month: { window: '2028-03', spentNanoUsd: 0, heldNanoUsd: 0 },
		} );
		at( '2028-02-29T12:00:00Z' );
		expect( await report() ).toMatchObject( {
			day: { window: '2028-02-29', spentNanoUsd: 800, heldNanoUsd: 0 },
			month: { window: '2028-02', spentNanoUsd: 800 },
		} );
	} );

	it( 'is met again by a clock that jumps back an hour over midnight: no money comes twice', async () => {
		at( '2026-11-20T23:50:00Z' );
		await spend( { nanoUsd: 1_000 } );
		at( '2026-11-21T00:10:00Z' );
		await spend( { nanoUsd: 300 } );
		at( '2026-11-20T23:10:00Z' );
		expect( await reserve( { nanoUsd: 1 } ) ).toMatchObject( {
			kind: 'refused',
		} );
		at( '2026-11-21T00:10:00Z' );
		expect( await reserve( { nanoUsd: 701 } ) ).toMatchObject( {
			remaining: 700,
		} );
	} );

	it( 'is held longer, never spent twice, when the clock jumps back an hour while a call runs', async () => {
		at( '2026-11-20T12:00:00Z' );
		const reservation = await hold( { nanoUsd: 500 } );
		at( '2026-11-20T11:00:00Z' );
		expect( await ledger.expire() ).toBe( 0 );
		await reservation.settle( { textIn: 0, textOut: 0 } ).saved;
		expect( ( await report() ).day ).toMatchObject( {
			spentNanoUsd: 0,
			heldNanoUsd: 0,
		} );
	} );

	it( 'counts in full when the clock jumps ahead while a call runs, and what the call really took once it ends', async () => {
		at( '2026-11-20T12:00:00Z' );
		const reservation = await hold( { nanoUsd: 500 } );
		at( '2026-11-20T13:00:00Z' );
		expect( await ledger.expire() ).toBe( 1 );
		expect( ( await report() ).day.spentNanoUsd ).toBe( 500 );
		const { costNanoUsd, saved } = reservation.settle( { textOut: 1 } );
		expect( await saved ).toBe( 'reconciled' );
		expect( ( await report() ).day ).toMatchObject( {
			spentNanoUsd: costNanoUsd,
			heldNanoUsd: 0,
		} );
	} );

	it( 'is met again by an owner who changes the time zone in mid-day and changes it back', async () => {
		at( '2026-11-20T20:00:00Z' );
		await spend( { nanoUsd: 900 } );
		limits.timeZone = 'Asia/Shanghai';
		await spend( { nanoUsd: 700 } );
		expect( await report() ).toMatchObject( {
			day: { window: '2026-11-21', spentNanoUsd: 700 },
			month: { spentNanoUsd: 1_600 },
		} );
		limits.timeZone = 'UTC';
		expect( await reserve( { nanoUsd: 101 } ) ).toMatchObject( {
			remaining: 100,
		} );
	} );

	it( 'is settled where it was reserved, although the owner changed the time zone while the call ran', async () => {
		at( '2026-11-20T20:00:00Z' );
		const reservation = await hold( { nanoUsd: 900 } );
		limits.timeZone = 'Asia/Shanghai';
		await reservation.settleInFull().saved;
		expect( ( await report() ).day.spentNanoUsd ).toBe( 0 );
		limits.timeZone = 'UTC';
		expect( ( await report() ).day ).toMatchObject( {
			spentNanoUsd: 900,
			heldNanoUsd: 0,
		} );
	} );

	it( 'stops everything at once when the owner lowers the limit below it', async () => {
		at( '2026-11-20T12:00:00Z' );
		await spend( { nanoUsd: 600 } );
		limits.siteDayNanoUsd = 500;
		expect( await reserve( { nanoUsd: 1 } ) ).toMatchObject( {
			reason: 'spent',
			remaining: 0,
		} );
	} );
} );

describe( 'kinds of use', () => {
	it( 'are counted for the site by day beside the money, and refused when they are used up', async () => {
		at( '2026-11-20T12:00:00Z' );
		await spend( { nanoUsd: 10, voiceSeconds: 50, images: 2 } );
		expect(
			await reserve( { nanoUsd: 10, voiceSeconds: 11 }, 'w' )
		).toMatchObject( {
			reason: 'spent',
			unit: 'voiceSeconds',
			remaining: 10,
		} );
		expect( await reserve( { nanoUsd: 10, images: 4 } ) ).toMatchObject( {
			reason: 'too_large',
			unit: 'images',
			remaining: 1,
		} );
		await spend( { nanoUsd: 10 } );
		expect( await report() ).toMatchObject( {
			voiceSeconds: {
				window: '2026-11-20',
				spent: 50,
				held: 0,
				limit: 60,
			},
			images: { spent: 2, held: 0, limit: 3 },
		} );
	} );

	it( 'are none where the owner allows none, and words go on', async () => {
		limits.voiceSecondsDay = 0;
		limits.imagesDay = 0;
		at( '2026-11-20T12:00:00Z' );
		expect(
			await reserve( { nanoUsd: 1, voiceSeconds: 1 } )
		).toMatchObject( { reason: 'too_large', unit: 'voiceSeconds' } );
		expect( await reserve( { nanoUsd: 1, images: 1 } ) ).toMatchObject( {
			reason: 'too_large',
			unit: 'images',
		} );
		await spend( { nanoUsd: 1 } );
	} );

	it( 'settle at what the call took, and at the reserve when it does not say', async () => {
		at( '2026-11-20T12:00:00Z' );
		const told = await hold( { nanoUsd: 10, voiceSeconds: 30 } );
		await told.settle( { textOut: 0 }, { voiceSeconds: 12 } ).saved;
		expect( ( await report() ).voiceSeconds.spent ).toBe( 12 );
		const silent = await hold( { nanoUsd: 10, voiceSeconds: 30 } );
		await silent.settle( { textOut: 0 } ).saved;
		expect( ( await report() ).voiceSeconds.spent ).toBe( 42 );
		const unbilled = await hold( { nanoUsd: 10, voiceSeconds: 18 } );
		await unbilled.release().saved;
		expect( ( await report() ).voiceSeconds ).toMatchObject( {
			spent: 42,
			held: 0,
		} );
	} );
} );

describe( 'a visitor', () => {
	it( 'has a day of their own inside that of the site', async () => {
		limits.visitorDayNanoUsd = 300;
		at( '2026-11-20T12:00:00Z' );
		await spend( { nanoUsd: 300 }, 'anna' );
		expect( await reserve( { nanoUsd: 1 }, 'anna' ) ).toMatchObject( {
			reason: 'spent',
			windowKey: 'visitor:shop:anna:day:2026-11-20',
		} );
		await spend( { nanoUsd: 300 }, 'ben' );
	} );

	it( 'stands behind no call of the site itself', async () => {
		limits.visitorDayNanoUsd = 0;
		at( '2026-11-20T12:00:00Z' );
		await spend( { nanoUsd: 300 }, '' );
		expect( ( await report() ).day.spentNanoUsd ).toBe( 300 );
	} );
} );
