/**
 * Puts the SQLite store through the contract of knowledge, and through what only a file can suffer.
 */
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../proxy/src/stores/sqlite/database.ts';
import { describeKnowledge } from './knowledge-contract.ts';
import { openInMemory, roomsOver, temporaryFolder } from './open-sqlite.ts';
import { document, SHOP } from './outdoor-shop.ts';

const SITE = 'shop';

describeKnowledge( 'SQLite', openInMemory );

describe( 'knowledge in a SQLite file', () => {
	let folder: string;
	let remove: () => void;

	beforeEach( () => {
		( { folder, remove } = temporaryFolder() );
	} );
	afterEach( () => remove() );

	const everything = () => {
		const file = new DatabaseSync( join( folder, 'docent.sqlite' ) );
		const tables = [
			'knowledge_sites',
			'documents',
			'passages',
			'words',
			'answers',
			'answer_documents',
		].map( ( table ) => [
			table,
			file.prepare( `SELECT * FROM ${ table } ORDER BY 1, 2, 3` ).all(),
		] );
		file.close();
		return JSON.stringify( tables );
	};

	it( 'changes nothing when a document cannot be written in the middle of a call', async () => {
		const database = openDatabase( folder );
		const rooms = roomsOver( database );
		await rooms.knowledge.putDocuments( SITE, SHOP.slice( 0, 4 ) );
		const before = everything();
		// Stands for a disk that fills up: the third of the new documents cannot be written.
		database
			.prepare(
				`CREATE TEMP TRIGGER full BEFORE INSERT ON passages WHEN NEW.text LIKE '%screw-on canisters%'
				BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`
			)
			.run();
		await expect(
			rooms.knowledge.putDocuments( SITE, SHOP.slice( 4 ) )
		).rejects.toThrow( 'disk is full' );
		expect( everything() ).toBe( before );
		expect( await rooms.knowledge.version( SITE ) ).toBe( 1 );

		database.prepare( 'DROP TRIGGER full' ).run();
		await rooms.knowledge.putDocuments( SITE, SHOP.slice( 4 ) );
		expect( await rooms.knowledge.countDocuments( SITE ) ).toBe(
			SHOP.length
		);
		await rooms.close();
	} );

	it( 'keeps everything through closing and opening', async () => {
		const first = roomsOver( openDatabase( folder ) );
		await first.knowledge.putDocuments( SITE, SHOP );
		await first.close();
		const second = roomsOver( openDatabase( folder ) );
		const { passages, isConfident } = await second.knowledge.search( SITE, {
			query: 'How heavy is the Serra 3?',
		} );
		expect( isConfident ).toBe( true );
		expect( passages[ 0 ]?.documentId ).toBe( 'serra-3' );
		await second.close();
	} );

	it( 'leaves no word behind when the last document goes', async () => {
		const database = openDatabase( folder );
		const rooms = roomsOver( database );
		await rooms.knowledge.putDocuments( SITE, SHOP );
		for ( const { id } of SHOP ) {
			await rooms.knowledge.removeDocument( SITE, id );
		}
		for ( const table of [ 'words', 'passages', 'documents' ] ) {
			expect(
				database.prepare( `SELECT count(*) AS n FROM ${ table }` ).get()
			).toEqual( { n: 0 } );
		}
		await rooms.close();
	} );

	it( 'shows two proxies on one file the same documents and answers', async () => {
		const one = roomsOver( openDatabase( folder ) );
		const two = roomsOver( openDatabase( folder ) );
		const ask = () =>
			two.knowledge.search( SITE, {
				query: 'Which colour is the lamp?',
			} );
		await one.knowledge.putDocuments( SITE, [
			document( 'lamp', 'Lamp', 'The colour is amber.' ),
		] );
		const found = await ask();
		expect( found.passages[ 0 ]?.text ).toBe( 'The colour is amber.' );
		const key = {
			siteId: SITE,
			language: 'en',
			scopeKey: 'site',
			assistantVersion: '1',
			question: 'Which colour is the lamp?',
		};
		const answer = {
			...key,
			text: 'Amber.',
			sources: [],
			restsOn: found.passages.map( ( { documentId, documentHash } ) => ( {
				documentId,
				hash: documentHash,
			} ) ),
			knowledgeVersion: found.knowledgeVersion,
			costNanoUsd: 5,
			ttlSeconds: 60,
		};
		expect( await two.answers.remember( answer ) ).toBe( true );
		expect( ( await one.answers.find( key ) ).kind ).toBe( 'hit' );

		await one.knowledge.putDocuments( SITE, [
			document( 'lamp', 'Lamp', 'The colour is violet.' ),
		] );
		expect( ( await two.answers.find( key ) ).kind ).toBe( 'miss' );
		expect( ( await ask() ).passages[ 0 ]?.text ).toBe(
			'The colour is violet.'
		);
		expect( await two.answers.remember( answer ) ).toBe( false );
		await one.close();
		await two.close();
	} );
} );
