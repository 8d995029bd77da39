import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
	openDatabase,
	type Database,
} from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteLedgerStore } from '../../../proxy/src/stores/sqlite/sqlite-ledger-store.ts';
import { describeLedgerProcesses } from './ledger-processes-contract.ts';
import { describeLedgerStore } from './ledger-store-contract.ts';

const folders: string[] = [];
const databases: Database[] = [];

function open( folder?: string ): Database {
	const at = folder ?? mkdtempSync( join( tmpdir(), 'docent-ledger-' ) );
	folders.push( at );
	const database = openDatabase( at );
	databases.push( database );
	return database;
}

afterEach( () => {
	for ( const database of databases.splice( 0 ) ) {
		database.close();
	}
	for ( const folder of folders.splice( 0 ) ) {
		rmSync( folder, { recursive: true, force: true } );
	}
} );

describeLedgerStore( 'SQLite', async () => createSqliteLedgerStore( open() ) );

describeLedgerProcesses( 'SQLite', {
	opener: new URL( './open-sqlite-ledger.ts', import.meta.url ).href,
	async makeLocation() {
		const folder = mkdtempSync( join( tmpdir(), 'docent-ledger-' ) );
		folders.push( folder );
		return folder;
	},
} );

describe( 'two ledgers on one SQLite file', () => {
	it( 'never admit more than the limit together', async () => {
		const first = open();
		const second = open( folders[ 0 ] );
		const stores = [ first, second ].map( createSqliteLedgerStore );
		const outcomes = await Promise.all(
			Array.from( { length: 400 }, ( _, index ) =>
				stores[ index % 2 ]?.reserve( {
					reservationId: `r${ index }`,
					siteId: 'shop',
					windows: [ { key: 'day', unit: 'nanoUsd', limit: 1_000 } ],
					amounts: { nanoUsd: 10 },
					now: 0,
					expiresAt: 1,
					details: {
						model: 'm',
						tier: 't',
						visitorId: 'v',
						turnId: 't',
					},
				} )
			)
		);
		expect(
			outcomes.filter( ( outcome ) => outcome?.kind === 'reserved' )
		).toHaveLength( 100 );
	} );
} );

describe( 'whoever asks for the ledger of an open file', () => {
	it( 'gets the same one, because two would not see what the other writes', () => {
		const database = open();
		expect( createSqliteLedgerStore( database ) ).toBe(
			createSqliteLedgerStore( database )
		);
		expect( createSqliteLedgerStore( open() ) ).not.toBe(
			createSqliteLedgerStore( database )
		);
	} );
} );

describe( 'a group of writes', () => {
	it( 'undoes alone the one that throws', async () => {
		const database = open();
		database.prepare( 'CREATE TABLE notes (text TEXT)' ).run();
		const add = ( text: string ) =>
			database.prepare( 'INSERT INTO notes VALUES (?)' ).run( text );
		const results = await Promise.allSettled( [
			database.write( () => add( 'one' ) ),
			database.write( () => {
				add( 'two' );
				throw new Error( 'no' );
			} ),
			database.write( () => add( 'three' ) ),
		] );
		expect( results.map( ( { status } ) => status ) ).toEqual( [
			'fulfilled',
			'rejected',
			'fulfilled',
		] );
		expect(
			database
				.prepare( 'SELECT text FROM notes' )
				.all()
				.map( ( row ) => row.text )
		).toEqual( [ 'one', 'three' ] );
	} );
} );
