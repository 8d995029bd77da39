/**
 * Reads archives back, independently of the code that wrote them.
 */

import { crc32, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { zipArchive } from '../../dev/zip-archive.ts';

/** Reads an archive from its end, as unzip programs do. */
function unzip( archive: Buffer ): Map< string, Buffer > {
	const end = archive.lastIndexOf( Buffer.from( 'PK\x05\x06', 'latin1' ) );
	const count = archive.readUInt16LE( end + 10 );
	let at = archive.readUInt32LE( end + 16 );
	const files = new Map< string, Buffer >();
	for ( let index = 0; index < count; index++ ) {
		expect( archive.toString( 'latin1', at, at + 4 ) ).toBe( 'PK\x01\x02' );
		const packedLength = archive.readUInt32LE( at + 20 );
		const nameLength = archive.readUInt16LE( at + 28 );
		const name = archive.toString( 'utf8', at + 46, at + 46 + nameLength );
		const local = archive.readUInt32LE( at + 42 );
		expect( archive.toString( 'latin1', local, local + 4 ) ).toBe(
			'PK\x03\x04'
		);
		const start = local + 30 + archive.readUInt16LE( local + 26 );
		const content = inflateRawSync(
			archive.subarray( start, start + packedLength )
		);
		expect( crc32( content ) ).toBe( archive.readUInt32LE( at + 16 ) );
		expect( content.length ).toBe( archive.readUInt32LE( at + 24 ) );
		files.set( name, content );
		at += 46 + nameLength;
	}
	expect( at ).toBe( end );
	return files;
}

describe( 'zip archive', () => {
	it( 'gives every file back, whatever its name and content', () => {
		const entries = [
			{ name: 'docent/docent.php', content: Buffer.from( '<?php' ) },
			{ name: 'docent/empty', content: Buffer.alloc( 0 ) },
			{
				name: 'docent/配送 ü.txt',
				content: Buffer.from( '说明'.repeat( 5000 ) ),
			},
		];
		const files = unzip( zipArchive( entries ) );
		expect( [ ...files.keys() ] ).toEqual(
			entries.map( ( { name } ) => name )
		);
		for ( const { name, content } of entries ) {
			expect( files.get( name )?.equals( content ) ).toBe( true );
		}
	} );

	it( 'gives the same bytes for the same files', () => {
		const entries = [ { name: 'a', content: Buffer.from( 'a' ) } ];
		expect( zipArchive( entries ).equals( zipArchive( entries ) ) ).toBe(
			true
		);
	} );

	it( 'is a valid archive without any file', () => {
		expect( unzip( zipArchive( [] ) ).size ).toBe( 0 );
	} );
} );
