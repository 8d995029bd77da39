import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	openDatabase,
	type Database,
} from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteLedgerStore } from '../../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';

let dataDir: string;
let database: Database;
let other: DatabaseSync;

beforeEach( () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-busy-' ) );
	database = openDatabase( dataDir );
	other = new DatabaseSync( join( dataDir, 'docent.sqlite' ) );
} );

afterEach( () => {
	other.close();
	database.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

const reserve = ( id: string ) =>
	createSqliteLedgerStore( database ).reserve( {
		reservationId: id,
		siteId: 'shop',
		windows: [ { key: 'day', unit: 'nanoUsd', limit: 100 } ],
		amounts: { nanoUsd: 1 },
		now: 1_000,
		expiresAt: 2_000,
		details: { model: 'm', tier: 't', visitorId: 'v', turnId: 't' },
	} );

/** Measures how long this process stood still at most while `work` went on, in milliseconds. */
async function standstill( work: Promise< unknown > ): Promise< number > {
	let isDone = false;
	const done = () => ( isDone = true );
	work.then( done, done );
	let longest = 0;
	while ( ! isDone ) {
		const before = performance.now();
		await delay( 1 );
		longest = Math.max( longest, performance.now() - before );
	}
	return longest;
}

describe( 'while another process has the file', () => {
	it( 'writes wait for it and everything else goes on', async () => {
		other.exec( 'BEGIN IMMEDIATE' );
		const reserved = reserve( 'r1' );
		const release = delay( 800 ).then( () => other.exec( 'COMMIT' ) );
		const longest = await standstill( reserved );
		await release;
		expect( await reserved ).toEqual( { kind: 'reserved' } );
		expect( longest ).toBeLessThan( 400 );
	} );

	it( 'writes that come later wait as well, and all are written', async () => {
		other.exec( 'BEGIN IMMEDIATE' );
		const reserves = [];
		for ( let count = 0; count < 20; count++ ) {
			reserves.push( reserve( `r${ count }` ) );
			await delay( 10 );
		}
		other.exec( 'COMMIT' );
		const outcomes = await Promise.all( reserves );
		expect( outcomes.every( ( { kind } ) => kind === 'reserved' ) ).toBe(
			true
		);
	} );

	it( 'for too long, a write is given up: nothing is spent, and later writes succeed', async () => {
		other.exec( 'BEGIN IMMEDIATE' );
		const startedAt = performance.now();
		await expect( reserve( 'r1' ) ).rejects.toThrow( /locked/ );
		expect( performance.now() - startedAt ).toBeGreaterThan( 4_500 );
		other.exec( 'COMMIT' );
		expect( await reserve( 'r1' ) ).toEqual( { kind: 'reserved' } );
	} );
} );
