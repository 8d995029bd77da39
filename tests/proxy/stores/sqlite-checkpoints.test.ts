import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
	openDatabase,
	type Database,
} from '../../../proxy/src/stores/sqlite/database.ts';

let dataDir: string;
let database: Database;

beforeEach( () => {
	dataDir = mkdtempSync( join( tmpdir(), 'docent-checkpoints-' ) );
	database = openDatabase( dataDir );
	database.prepare( 'CREATE TABLE notes (text TEXT)' ).run();
} );

afterEach( () => {
	database.close();
	rmSync( dataDir, { recursive: true, force: true } );
} );

/** Commits one after the other, as visitors do who come one by one. */
async function commit( times: number ): Promise< void > {
	for ( let count = 0; count < times; count++ ) {
		await database.write( () =>
			database
				.prepare( 'INSERT INTO notes VALUES (hex(randomblob(1500)))' )
				.run()
		);
	}
}

const size = ( name: string ) => statSync( join( dataDir, name ) ).size;

describe( 'the write-ahead log', () => {
	it( 'is copied into the file once there is rest, and begun anew', async () => {
		await commit( 300 );
		await vi.waitFor( () =>
			expect( size( 'docent.sqlite' ) ).toBeGreaterThan( 800_000 )
		);
		const grown = size( 'docent.sqlite-wal' );
		await commit( 100 );
		expect( size( 'docent.sqlite-wal' ) ).toBe( grown );
	} );

	it( 'does not grow without end where there is never rest', async () => {
		await commit( 6_000 );
		expect( size( 'docent.sqlite-wal' ) ).toBeLessThan( 45_000_000 );
		expect( size( 'docent.sqlite' ) ).toBeGreaterThan( 10_000_000 );
	} );

	it( 'waits for nobody: a reader of an old state keeps its state, commits go on', async () => {
		const reader = new DatabaseSync( join( dataDir, 'docent.sqlite' ) );
		await commit( 1 );
		reader.exec( 'BEGIN' );
		const count = () =>
			reader.prepare( 'SELECT count(*) AS notes FROM notes' ).get()
				?.notes;
		expect( count() ).toBe( 1 );
		await commit( 2_000 );
		expect( count() ).toBe( 1 );
		reader.exec( 'COMMIT' );
		expect( count() ).toBe( 2_001 );
		reader.close();
	} );
} );
