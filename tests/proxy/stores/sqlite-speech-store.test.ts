/**
 * Puts the SQLite store of speech through its contract, and looks at its files: after a crash, with a damaged folder, and who may read them.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../proxy/src/stores/sqlite/database.ts';
import { createSqliteSpeechStore } from '../../../proxy/src/stores/sqlite/sqlite-speech-store.ts';
import { temporaryFolder } from '../knowledge/open-sqlite.ts';
import {
	describeSpeechStore,
	idOf,
	soundOf,
	speechOf,
} from './speech-store-contract.ts';

const NOW = Date.UTC( 2026, 10, 20, 12 );

describeSpeechStore( 'SQLite', async () => {
	const { folder, remove } = temporaryFolder();
	const database = openDatabase( folder );
	return {
		store: createSqliteSpeechStore( database, folder ),
		async close() {
			database.close();
			remove();
		},
	};
} );

describe( 'the files of stored speech', () => {
	const closing: Array< () => void > = [];
	afterEach( () => {
		for ( const close of closing.splice( 0 ) ) {
			close();
		}
	} );
	const open = ( given?: ReturnType< typeof temporaryFolder > ) => {
		const place = given ?? temporaryFolder();
		const database = openDatabase( place.folder );
		closing.unshift( () => database.close() );
		if ( ! given ) {
			closing.push( place.remove );
		}
		return {
			place,
			files: join( place.folder, 'speech' ),
			store: createSqliteSpeechStore( database, place.folder ),
		};
	};

	it( 'are not even a folder before the first sound', async () => {
		const { store, files } = open();
		await store.cleared;
		expect( existsSync( files ) ).toBe( false );
	} );

	it( 'are one for each sound, for the owner alone, and none half written', async () => {
		const { store, files } = open();
		await store.add( speechOf( 'a' ), soundOf( 1_000 ), 10_000 );
		await store.add( speechOf( 'b' ), soundOf( 1_000 ), 10_000 );
		expect( ( await readdir( files ) ).sort() ).toEqual( [
			`${ idOf( 'a' ) }.wav`,
			`${ idOf( 'b' ) }.wav`,
		] );
		const { mode } = await stat( join( files, `${ idOf( 'a' ) }.wav` ) );
		expect( mode & 0o077 ).toBe( 0 );
	} );

	it( 'go with what was driven out or forgotten', async () => {
		const { store, files } = open();
		await store.add( speechOf( 'a' ), soundOf( 1_000 ), 1_000 );
		await store.add(
			speechOf( 'b', { createdAt: NOW + 1 } ),
			soundOf( 1_000 ),
			1_000
		);
		expect( await readdir( files ) ).toEqual( [ `${ idOf( 'b' ) }.wav` ] );
		await store.deleteUnusedSince( NOW + 2 );
		expect( await readdir( files ) ).toEqual( [] );
	} );

	it( 'that a crash left over are removed at the next start; what is stored and what is strange stay', async () => {
		const first = open();
		await first.store.add( speechOf( 'a' ), soundOf( 1_000 ), 10_000 );
		const old = new Date( Date.now() - 3_600_000 );
		for ( const [ name, isOld ] of [
			[ `${ idOf( 'a' ) }.wav.0123456789ab.part`, true ],
			[ `${ idOf( 'c' ) }.wav`, true ],
			[ `${ idOf( 'd' ) }.wav.0123456789ab.part`, false ],
			[ 'notes.txt', true ],
		] as const ) {
			await writeFile( join( first.files, name ), 'x' );
			if ( isOld ) {
				await utimes( join( first.files, name ), old, old );
			}
		}
		await utimes( join( first.files, `${ idOf( 'a' ) }.wav` ), old, old );
		const second = open( first.place );
		await second.store.cleared;
		expect( ( await readdir( first.files ) ).sort() ).toEqual( [
			`${ idOf( 'a' ) }.wav`,
			`${ idOf( 'd' ) }.wav.0123456789ab.part`,
			'notes.txt',
		] );
	} );

	it( 'that somebody deleted are made again: the row goes with the first who misses one', async () => {
		const { store, files } = open();
		await store.add( speechOf( 'a' ), soundOf( 1_000 ), 10_000 );
		await rm( join( files, `${ idOf( 'a' ) }.wav` ) );
		expect( await store.read( speechOf( 'a' ), 0, 9 ) ).toBe( undefined );
		expect( await store.open( idOf( 'a' ) ) ).toBe( undefined );
	} );

	it( 'leave no row when they cannot be written', async () => {
		const { store, place, files } = open();
		await store.cleared;
		await writeFile( files, 'a file where the folder should be' );
		await expect(
			store.add( speechOf( 'a' ), soundOf( 1_000 ), 10_000 )
		).rejects.toThrow();
		expect( await store.open( idOf( 'a' ) ) ).toBe( undefined );
		await rm( files );
		await mkdir( files );
		await store.add( speechOf( 'a' ), soundOf( 1_000 ), 10_000 );
		expect( await store.open( idOf( 'a' ) ) ).toBeDefined();
		expect( place.folder ).toBeTruthy();
	} );
} );
