import { describe, expect, it } from 'vitest';
import { refusalOf } from './refusal.ts';

/** Begins a file with characters at a place, and fills it up with bytes that are no text. */
const file = ( text: string, at = 0 ) => {
	const bytes = Buffer.alloc( 400, 0x03 );
	bytes.write( text, at, 'latin1' );
	return bytes;
};

describe( 'what cannot be heard is refused by its name', () => {
	it.each( [
		[ 'MP3 with tags', file( 'ID3\u0004' ), 'MP3' ],
		[ 'MP3 without', file( '\u00ff\u00fb\u0090\u0064' ), 'MP3' ],
		[ 'AAC', file( '\u00ff\u00f1\u0050\u0080' ), 'AAC' ],
		[
			'M4A, as Safari recorded before 18.4',
			file( '\0\0\0\u0018ftypM4A ' ),
			'AAC sound in MP4',
		],
		[ 'MP4', file( '\0\0\0\u0018ftypisom' ), 'MP4' ],
		[ 'FLAC', file( 'fLaC' ), 'FLAC' ],
		[ 'AIFF', file( 'FORM\0\0\0\u0000AIFF' ), 'AIFF' ],
		[ 'Core Audio', file( 'caff' ), 'Core Audio' ],
		[ 'AMR', file( '#!AMR\n' ), 'AMR' ],
		[ 'AVI', file( 'RIFF\0\0\0\0AVI ' ), 'video' ],
		[ 'MPEG video', file( '\0\0\u0001\u00ba' ), 'video' ],
		[ 'WAV of 64 bits', file( 'RF64\0\0\0\0WAVE' ), 'WAV' ],
		[ 'PNG', file( '\u0089PNG\r\n\u001a\n' ), 'picture' ],
		[ 'JPEG', file( '\u00ff\u00d8\u00ff\u00e0' ), 'picture' ],
		[ 'WebP', file( 'RIFF\0\0\0\0WEBP' ), 'picture' ],
		[ 'PDF', file( '%PDF-1.7' ), 'PDF' ],
		[ 'ZIP', file( 'PK\u0003\u0004' ), 'archive' ],
		[ 'HTML', Buffer.from( '<!doctype html><p>Not found' ), 'text' ],
		[ 'JSON', Buffer.from( '{"error":"ä"}' ), 'text' ],
	] )( '%s', ( _, bytes, name ) => {
		const { code, message } = refusalOf( bytes );
		expect( code ).toBe( 'unsupported_media_type' );
		expect( message ).toContain( name );
		expect( message ).toContain(
			'Please send WAV, or Opus in WebM or Ogg.'
		);
	} );

	it( 'and what nobody knows without one', () => {
		const { code, message } = refusalOf( file( '\u0002' ) );
		expect( code ).toBe( 'unsupported_media_type' );
		expect( message ).toContain( 'no recording' );
	} );
} );
