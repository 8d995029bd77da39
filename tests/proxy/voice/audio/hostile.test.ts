import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocentError } from '../../../../proxy/src/errors.ts';
import { readAudio } from '../../../../proxy/src/voice/audio/read-audio.ts';
import { noise, wav } from '../../../support/speech/index.ts';
import { cluster, ogg, packets, simpleBlocks, webm } from './opus-files.ts';

const good = {
	wav: wav( noise( 300, { level: 0.3 } ), 16_000, { extraChunkBytes: 6 } ),
	float: wav( noise( 300, { level: 0.3 } ), 48_000, {
		float: true,
		channels: 2,
	} ),
	webm: webm( [
		cluster( 0, simpleBlocks( packets( 20 ) ) ),
		cluster( 400, simpleBlocks( packets( 5 ) ), false ),
	] ),
	ogg: ogg( packets( 30 ), { perPage: 7 } ),
};

/** Reads bytes; they are taken for what they are, or refused in words. */
function check( bytes: Uint8Array ): void {
	const startedAt = performance.now();
	try {
		const { seconds, bytes: made } = readAudio( bytes );
		expect( seconds ).toBeGreaterThanOrEqual( 0.25 );
		expect( seconds ).toBeLessThanOrEqual( 120 );
		expect( made.length ).toBeLessThan( bytes.length * 5 + 100 );
	} catch ( error ) {
		if ( ! ( error instanceof DocentError ) ) {
			throw error;
		}
	}
	expect( performance.now() - startedAt ).toBeLessThan( 4_000 );
}

describe( 'whatever is sent', () => {
	it( 'bytes of any kind are refused in words', () => {
		fc.assert( fc.property( fc.uint8Array( { maxLength: 300 } ), check ), {
			numRuns: 2_000,
		} );
	} );

	it.each( Object.entries( good ) )(
		'%s in which bytes were changed is read or refused',
		( _, file ) => {
			const change = fc.record( {
				at: fc.oneof( fc.nat( 200 ), fc.nat( file.length - 1 ) ),
				byte: fc.integer( { min: 0, max: 255 } ),
			} );
			fc.assert(
				fc.property(
					fc.array( change, { minLength: 1, maxLength: 12 } ),
					fc.nat( file.length ),
					( changes, length ) => {
						const bytes = Buffer.from( file );
						for ( const { at, byte } of changes ) {
							bytes[ at ] = byte;
						}
						check( bytes );
						check( bytes.subarray( 0, length ) );
					}
				),
				{ numRuns: 1_500 }
			);
		}
	);

	it.each( Object.entries( good ) )(
		'%s that goes on as something else is read or refused',
		( _, file ) => {
			fc.assert(
				fc.property(
					fc.nat( file.length ),
					fc.uint8Array( { maxLength: 200 } ),
					( length, rest ) =>
						check(
							Buffer.concat( [
								file.subarray( 0, length ),
								rest,
							] )
						)
				),
				{ numRuns: 1_000 }
			);
		}
	);
} );

describe( 'eight million bytes that make work', () => {
	const MB = 8 * 1024 * 1024;
	const filled = ( start: Buffer, pattern: Buffer ) => {
		const bytes = Buffer.alloc( MB );
		start.copy( bytes );
		bytes.fill( pattern, start.length );
		return bytes;
	};

	it.each( [
		[
			'tiny elements of WebM',
			filled( webm( [] ), Buffer.from( 'ec80', 'hex' ) ),
		],
		[
			'WebM of nothing but tracks',
			filled( webm( [] ), Buffer.from( 'ae80', 'hex' ) ),
		],
		[
			'WebM blocks of 256 packets without a byte',
			filled( webm( [] ), Buffer.from( 'a385810000' + '04ff', 'hex' ) ),
		],
		[
			'empty pages of Ogg',
			filled( ogg( [] ), ogg( [] ).subarray( 0, 27 ) ),
		],
		[
			'empty chunks of WAV',
			filled(
				Buffer.from( 'RIFF\0\0\0\0WAVE' ),
				Buffer.from( 'abcd\0\0\0\0' )
			),
		],
		[
			'WAV at 96 kHz of 8 bits',
			wav( noise( 80_000, { level: 0.4, sampleRate: 96_000 } ), 96_000, {
				bits: 8,
			} ),
		],
	] )( 'are soon done with: %s', ( _, bytes ) => {
		check( bytes );
	} );
} );
