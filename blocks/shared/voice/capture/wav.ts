/**
 * Writes sound as a WAV file, which every listener understands.
 */

const HEADER_BYTES = 44;

/** Puts mono PCM16 samples, in pieces, into one WAV file of type `audio/wav`. `sampleRate` is in samples a second. */
export function encodeWav(
	pieces: ReadonlyArray< Int16Array< ArrayBuffer > >,
	sampleRate: number
): Blob {
	const bytes = pieces.reduce(
		( sum, { byteLength } ) => sum + byteLength,
		0
	);
	const header = new DataView( new ArrayBuffer( HEADER_BYTES ) );
	const write = ( at: number, letters: string ) =>
		[ ...letters ].forEach( ( letter, index ) =>
			header.setUint8( at + index, letter.charCodeAt( 0 ) )
		);
	write( 0, 'RIFF' );
	header.setUint32( 4, HEADER_BYTES - 8 + bytes, true );
	write( 8, 'WAVEfmt ' );
	// Length of the format part; PCM; one channel; bytes a second; bytes and bits a sample.
	header.setUint32( 16, 16, true );
	header.setUint16( 20, 1, true );
	header.setUint16( 22, 1, true );
	header.setUint32( 24, sampleRate, true );
	header.setUint32( 28, sampleRate * 2, true );
	header.setUint16( 32, 2, true );
	header.setUint16( 34, 16, true );
	write( 36, 'data' );
	header.setUint32( 40, bytes, true );
	// Samples lie in memory as the file wants them: every browser's machine is little-endian.
	return new Blob( [ header, ...pieces ], { type: 'audio/wav' } );
}
