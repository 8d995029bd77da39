import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSpentShare } from '../../../proxy/src/ask/spent-share.ts';
import { createLedger } from '../../../proxy/src/ledger/ledger.ts';
import { siteDayKey, siteMonthKey } from '../../../proxy/src/ledger/windows.ts';
import { DEFAULT_SETTINGS } from '../../../proxy/src/settings.ts';
import { openSqliteStores } from '../../../proxy/src/stores/sqlite/sqlite-stores.ts';
import type { Stores } from '../../../proxy/src/stores/stores.ts';

const SITE = 'shop';
const NOON = Date.UTC( 2027, 0, 15, 12 );
const LIMITS = {
	...DEFAULT_SETTINGS.limits,
	siteDayNanoUsd: 15_000_000_000,
	siteMonthNanoUsd: 40_000_000_000,
};

let folder: string;
let stores: Stores;
let now: number;
let told: Array< Record< string, unknown > >;
let share: ( limits?: typeof LIMITS ) => Promise< number >;

beforeEach( async () => {
	folder = await mkdtemp( join( tmpdir(), 'docent-economy-' ) );
	stores = openSqliteStores( folder );
	now = NOON;
	told = [];
	const log = pino(
		{ level: 'warn' },
		{
			write: ( line: string ) => told.push( JSON.parse( line ) ),
		}
	);
	const clock = () => now;
	const ledger = createLedger( { store: stores.ledger, clock, log } );
	const spentShare = createSpentShare( { ledger, clock, log } );
	share = ( limits = LIMITS ) => spentShare( SITE, limits );
} );

afterEach( async () => {
	await stores.close();
	await rm( folder, { recursive: true, force: true } );
} );

/** Writes into the book that so much more was spent today. */
const spend = ( nanoUsd: number ) =>
	stores.ledger.correct( {
		siteId: SITE,
		windows: [
			{ key: siteDayKey( SITE, '2027-01-15' ), unit: 'nanoUsd' },
			{ key: siteMonthKey( SITE, '2027-01' ), unit: 'nanoUsd' },
		],
		nanoUsd,
		reason: 'test',
		now,
	} );

describe( 'the share of its limits that a site has spent', () => {
	it( 'T12: is the larger of day and month', async () => {
		await spend( 400_000_000 );
		expect( await share() ).toBeCloseTo( 0.4 / 15, 12 );
		expect(
			await share( { ...LIMITS, siteMonthNanoUsd: 1_000_000_000 } )
		).toBeCloseTo( 0.4, 12 );
		expect( told ).toEqual( [] );
	} );

	it( 'T12: holds nothing that is only held', async () => {
		await spend( 400_000_000 );
		await stores.ledger.reserve( {
			reservationId: 'r1',
			siteId: SITE,
			windows: [
				{
					key: siteDayKey( SITE, '2027-01-15' ),
					unit: 'nanoUsd',
					limit: LIMITS.siteDayNanoUsd,
				},
			],
			amounts: { nanoUsd: 14_000_000_000 },
			now,
			expiresAt: now + 1_000,
			details: {
				model: 'm',
				tier: 'economy',
				visitorId: 'v',
				turnId: 't',
			},
		} );
		expect( await share() ).toBeCloseTo( 0.4 / 15, 12 );
	} );

	it( 'may be a second old', async () => {
		expect( await share() ).toBe( 0 );
		await spend( 1_500_000_000 );
		now += 999;
		expect( await share() ).toBe( 0 );
		now += 1;
		expect( await share() ).toBeCloseTo( 0.1, 12 );
	} );

	it( 'is read anew when the limits change, and when the clock is set back', async () => {
		await share();
		await spend( 1_500_000_000 );
		expect( await share( { ...LIMITS } ) ).toBeCloseTo( 0.1, 12 );
		await share();
		await spend( 1_500_000_000 );
		now -= 60_000;
		expect( await share() ).toBeCloseTo( 0.2, 12 );
	} );

	it( 'is nothing where the limit is nothing: there is no soft part of it', async () => {
		await spend( 1_000 );
		expect(
			await share( { ...LIMITS, siteDayNanoUsd: 0, siteMonthNanoUsd: 0 } )
		).toBe( 0 );
	} );

	it( 'is told once a window when it passes the soft limit', async () => {
		await spend( LIMITS.siteDayNanoUsd * 0.9 );
		for ( let index = 0; index < 5; index++ ) {
			await share();
			now += 1_000;
		}
		expect( told ).toMatchObject( [
			{ siteId: SITE, window: '2027-01-15', level: 40 },
		] );
	} );

	it( 'is told once for the day and once for the month when both are passed', async () => {
		const limits = {
			...LIMITS,
			siteMonthNanoUsd: LIMITS.siteDayNanoUsd,
		};
		await spend( LIMITS.siteDayNanoUsd * 0.9 );
		for ( let index = 0; index < 5; index++ ) {
			await share( limits );
			now += 1_000;
		}
		expect( told ).toMatchObject( [
			{ window: '2027-01-15' },
			{ window: '2027-01' },
		] );
	} );

	it( 'counts as nothing while the book cannot be read: nothing can be reserved then either', async () => {
		await spend( LIMITS.siteDayNanoUsd );
		await stores.close();
		expect( await share() ).toBe( 0 );
		expect( await share() ).toBe( 0 );
		expect( told ).toHaveLength( 1 );
		stores = openSqliteStores( folder );
	} );
} );
