/**
 * Writes a zip archive: the same files always give the same bytes.
 *
 * Format after PKWARE's APPNOTE 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end record).
 */

import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
	/** Path inside the archive, with `/`. */
	name: string;
	content: Buffer;
}

/** 1980-01-01, the oldest date the format knows. */
const dosDate = 0x21;
const deflated = 8;
const utf8Names = 0x0800;
const version = 20;

/** Packs entries in the order given. */
export function zipArchive( entries: readonly ZipEntry[] ): Buffer {
	const files: Buffer[] = [];
	const directory: Buffer[] = [];
	let offset = 0;
	for ( const { name, content } of entries ) {
		const path = Buffer.from( name, 'utf8' );
		const packed = deflateRawSync( content, { level: 9 } );
		const facts = Buffer.alloc( 26 );
		facts.writeUInt16LE( version, 0 );
		facts.writeUInt16LE( utf8Names, 2 );
		facts.writeUInt16LE( deflated, 4 );
		facts.writeUInt16LE( 0, 6 );
		facts.writeUInt16LE( dosDate, 8 );
		facts.writeUInt32LE( crc32( content ), 10 );
		facts.writeUInt32LE( packed.length, 14 );
		facts.writeUInt32LE( content.length, 18 );
		facts.writeUInt16LE( path.length, 22 );
		const local = Buffer.concat( [
			Buffer.from( 'PK\x03\x04', 'latin1' ),
			facts,
			path,
			packed,
		] );
		const place = Buffer.alloc( 14 );
		// Attributes of an ordinary file that everybody may read (0644), in the notation of Unix.
		place.writeUInt32LE( ( 0o100644 << 16 ) >>> 0, 6 );
		place.writeUInt32LE( offset, 10 );
		directory.push(
			Buffer.from( 'PK\x01\x02', 'latin1' ),
			// Made by Unix, so that the attributes count.
			Buffer.from( [ version, 3 ] ),
			facts,
			place,
			path
		);
		files.push( local );
		offset += local.length;
	}
	const central = Buffer.concat( directory );
	const end = Buffer.alloc( 22 );
	end.write( 'PK\x05\x06', 0, 'latin1' );
	end.writeUInt16LE( entries.length, 8 );
	end.writeUInt16LE( entries.length, 10 );
	end.writeUInt32LE( central.length, 12 );
	end.writeUInt32LE( offset, 16 );
	return Buffer.concat( [ ...files, central, end ] );
}
