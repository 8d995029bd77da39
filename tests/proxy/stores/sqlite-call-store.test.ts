import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
	openDatabase,
	type Database,
} from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteCallStore } from '../../../proxy/src/stores/sqlite/sqlite-call-store.ts';
import { call, describeCallStore } from './call-store-contract.ts';

const folders: string[] = [];
const databases: Database[] = [];

function open( folder?: string ): Database {
	const at = folder ?? mkdtempSync( join( tmpdir(), 'docent-calls-' ) );
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

describeCallStore( 'SQLite', async () => createSqliteCallStore( open() ) );

describe( 'the call log in a SQLite file', () => {
	it( 'is still there when the file is opened again', async () => {
		const first = open();
		const [ folder ] = folders;
		const one = call();
		await createSqliteCallStore( first ).add( one, '2026-11-20' );
		databases.pop()?.close();
		const store = createSqliteCallStore( open( folder ) );
		expect(
			( await store.list( 'shop', {}, { limit: 5 } ) ).calls
		).toEqual( [ one ] );
	} );

	it( 'counts a call once that two proxies on one file write', async () => {
		const first = open();
		const second = open( folders[ 0 ] );
		const one = call();
		const stores = [ first, second ].map( createSqliteCallStore );
		await Promise.all(
			stores.map( ( store ) => store.add( one, '2026-11-20' ) )
		);
		expect(
			await stores[ 0 ]?.rollups( 'shop', '2026-11-20', '2026-11-20' )
		).toMatchObject( [ { calls: 1 } ] );
	} );

	it( 'commits together with what else is written at the end of a turn', async () => {
		const database = open();
		const store = createSqliteCallStore( database );
		let wasThere: boolean | undefined;
		const added = store.add( call(), '2026-11-20' );
		await database.writeSoon( () => {
			wasThere =
				database.prepare( 'SELECT count(*) AS n FROM calls' ).get()
					?.n === 1;
		} );
		await added;
		expect( wasThere ).toBe( true );
	} );

	it( 'tells calls apart whose turns share a number', async () => {
		// Both hash to the same 32 bits (found by search).
		const [ a, b ] = collidingIds();
		const store = createSqliteCallStore( open() );
		const first = call( { turnId: a } );
		const second = call( { turnId: b } );
		await store.add( first, '2026-11-20' );
		await store.add( second, '2026-11-20' );
		expect(
			( await store.list( 'shop', { turnId: a }, { limit: 5 } ) ).calls
		).toEqual( [ first ] );
		expect(
			( await store.list( 'shop', { turnId: b }, { limit: 5 } ) ).calls
		).toEqual( [ second ] );
	} );
} );

/** Finds two ids with the same FNV-1a hash; by the birthday paradox that takes about 80,000 tries. */
function collidingIds(): [ string, string ] {
	const seen = new Map< number, string >();
	for ( let n = 0; ; n++ ) {
		const id = `turn-${ n.toString( 36 ) }`;
		let hash = 0x811c9dc5;
		for ( let index = 0; index < id.length; index++ ) {
			hash = Math.imul( hash ^ id.charCodeAt( index ), 0x01000193 );
		}
		const other = seen.get( hash | 0 );
		if ( other !== undefined ) {
			return [ other, id ];
		}
		seen.set( hash | 0, id );
	}
}
