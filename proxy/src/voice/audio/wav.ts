/**
 * Reads WAV files as they really come, and writes the one kind that is sent on: 16 bits, mono.
 */
import { DocentError } from '../../errors.ts';
import { toInt16, type ReadSamples } from './resample.ts';

/** Sound in a WAV file, still as it lies there. */
export interface WavSound {
	sampleRate: number;
	/** Samples of each channel. */
	length: number;
	/** Reads samples, both channels of a stereo file mixed into one. */
	read: ReadSamples;
}

/** What a `fmt ` chunk says, in the units of the file. */
interface WavFormat {
	encoding: 'integer' | 'float';
	channels: number;
	sampleRate: number;
	bits: number;
}

const FORMAT_INTEGER = 1;
const FORMAT_FLOAT = 3;
const FORMAT_EXTENSIBLE = 0xfffe;

/** What else a WAV file is usually made of. */
const COMPRESSED: Readonly< Record< number, string > > = {
	0x0002: 'ADPCM',
	0x0006: 'A-law',
	0x0007: 'μ-law',
	0x0011: 'ADPCM',
	0x0050: 'MPEG',
	0x0055: 'MP3',
};

const MIN_RATE = 8_000;
const MAX_RATE = 96_000;

/** A header of 44 bytes: RIFF, one `fmt ` chunk of 16 bytes, and the head of `data`. */
const HEADER_BYTES = 44;

/** Tells whether bytes begin like a WAV file, were it cut off in its first words. */
export function isWav( bytes: Uint8Array ): boolean {
	return (
		hasText( bytes, 0, 'RIFF' ) &&
		( bytes.length < 12 || hasText( bytes, 8, 'WAVE' ) )
	);
}

/** Tells whether these ASCII characters stand at a place. */
export function hasText(
	bytes: Uint8Array,
	at: number,
	text: string
): boolean {
	for ( let index = 0; index < text.length; index++ ) {
		if ( bytes[ at + index ] !== text.charCodeAt( index ) ) {
			return false;
		}
	}
	return true;
}

/**
 * Reads the chunks of a WAV file, in whatever order. Throws `audio_unreadable`, or `unsupported_media_type` for compressed sound.
 *
 * Who writes while recording does not know the length yet and writes 0 or the largest number; so the sound goes on for as long as there are
 * bytes whenever the length cannot be true.
 */
export function parseWav( bytes: Uint8Array ): WavSound {
	const view = new DataView(
		bytes.buffer,
		bytes.byteOffset,
		bytes.byteLength
	);
	let format: WavFormat | undefined;
	let data: Uint8Array | undefined;
	let at = 12;
	while ( at + 8 <= bytes.length && ! ( format && data ) ) {
		const size = view.getUint32( at + 4, true );
		const start = at + 8;
		const isData = hasText( bytes, at, 'data' );
		const end =
			isData && size === 0
				? bytes.length
				: Math.min( bytes.length, start + size );
		if ( isData ) {
			data ??= bytes.subarray( start, end );
		} else if ( hasText( bytes, at, 'fmt ' ) ) {
			format = parseFormat( view, start, end - start );
		}
		// Chunks begin at even places.
		at = end + ( ( end - start ) & 1 );
	}
	if ( ! format || ! data ) {
		throw unreadable( 'it ends before its sound begins' );
	}
	const { channels, bits, sampleRate } = format;
	const frameBytes = ( channels * bits ) / 8;
	return {
		sampleRate,
		length: Math.floor( data.length / frameBytes ),
		read: samplesOf( data, format ),
	};
}

function parseFormat( view: DataView, at: number, size: number ): WavFormat {
	if ( size < 16 ) {
		throw unreadable( 'its header is cut off' );
	}
	const channels = view.getUint16( at + 2, true );
	const sampleRate = view.getUint32( at + 4, true );
	const frameBytes = view.getUint16( at + 12, true );
	const bits = view.getUint16( at + 14, true );
	let tag = view.getUint16( at, true );
	if ( tag === FORMAT_EXTENSIBLE && size >= 40 ) {
		tag = view.getUint16( at + 24, true );
	}
	if ( tag !== FORMAT_INTEGER && tag !== FORMAT_FLOAT ) {
		throw new DocentError(
			'unsupported_media_type',
			`The WAV file holds ${ COMPRESSED[ tag ] ?? 'compressed' } sound. Please send it uncompressed (PCM), or Opus in WebM or Ogg.`
		);
	}
	if ( channels < 1 || channels > 2 ) {
		throw unreadable(
			`it says that it has ${ channels } channels; one or two can be read`
		);
	}
	if ( sampleRate < MIN_RATE || sampleRate > MAX_RATE ) {
		throw unreadable(
			`it says that it has ${ sampleRate } samples a second; ${ MIN_RATE } to ${ MAX_RATE } can be read`
		);
	}
	const encoding = tag === FORMAT_FLOAT ? 'float' : 'integer';
	const isKnownWidth =
		encoding === 'float' ? bits === 32 : [ 8, 16, 24, 32 ].includes( bits );
	if ( ! isKnownWidth ) {
		throw unreadable(
			`samples of ${ bits } bits cannot be read; whole numbers of 8, 16, 24 or 32 bits can, and floating point of 32`
		);
	}
	if ( frameBytes !== ( channels * bits ) / 8 ) {
		throw unreadable( 'its header contradicts itself' );
	}
	return { encoding, channels, sampleRate, bits };
}

/** Makes the reader of one kind of samples. */
function samplesOf(
	data: Uint8Array,
	{ encoding, channels, bits }: WavFormat
): ReadSamples {
	const view = new DataView( data.buffer, data.byteOffset, data.byteLength );
	const width = bits / 8;
	const sampleAt = sampleReader( view, encoding, bits );
	return ( from, into ) => {
		let at = from * channels * width;
		for ( let index = 0; index < into.length; index++ ) {
			let sample = sampleAt( at );
			at += width;
			if ( channels === 2 ) {
				sample = ( sample + sampleAt( at ) ) / 2;
				at += width;
			}
			into[ index ] = sample;
		}
	};
}

function sampleReader(
	view: DataView,
	encoding: WavFormat[ 'encoding' ],
	bits: number
): ( at: number ) => number {
	if ( encoding === 'float' ) {
		return ( at ) => {
			const sample = view.getFloat32( at, true );
			// A broken sample would spread over its neighbours in the filter.
			return Number.isFinite( sample )
				? Math.max( -1, Math.min( 1, sample ) )
				: 0;
		};
	}
	switch ( bits ) {
		case 8:
			return ( at ) => ( view.getUint8( at ) - 128 ) / 128;
		case 16:
			return ( at ) => view.getInt16( at, true ) / 32_768;
		case 24:
			return ( at ) =>
				( ( view.getInt8( at + 2 ) << 16 ) |
					view.getUint16( at, true ) ) /
				8_388_608;
		default:
			return ( at ) => view.getInt32( at, true ) / 2_147_483_648;
	}
}

/** Reads all samples of a sound as they are, in 16 bits. */
export function readAll( { length, read }: WavSound ): Int16Array {
	const samples = new Int16Array( length );
	const block = new Float32Array( Math.min( length, 4_096 ) );
	for ( let from = 0; from < length; from += block.length ) {
		const part = block.subarray(
			0,
			Math.min( block.length, length - from )
		);
		read( from, part );
		for ( let index = 0; index < part.length; index++ ) {
			samples[ from + index ] = toInt16( part[ index ] as number );
		}
	}
	return samples;
}

/** Writes mono samples of 16 bits as a WAV file. */
export function writeWav(
	samples: Int16Array,
	sampleRate: number
): Uint8Array {
	const bytes = new Uint8Array( HEADER_BYTES + samples.length * 2 );
	const view = new DataView( bytes.buffer );
	const text = new TextEncoder();
	text.encodeInto( 'RIFF', bytes );
	view.setUint32( 4, bytes.length - 8, true );
	text.encodeInto( 'WAVEfmt ', bytes.subarray( 8 ) );
	view.setUint32( 16, 16, true );
	view.setUint16( 20, FORMAT_INTEGER, true );
	view.setUint16( 22, 1, true );
	view.setUint32( 24, sampleRate, true );
	view.setUint32( 28, sampleRate * 2, true );
	view.setUint16( 32, 2, true );
	view.setUint16( 34, 16, true );
	text.encodeInto( 'data', bytes.subarray( 36 ) );
	view.setUint32( 40, samples.length * 2, true );
	for ( let index = 0; index < samples.length; index++ ) {
		view.setInt16(
			HEADER_BYTES + index * 2,
			samples[ index ] as number,
			true
		);
	}
	return bytes;
}

function unreadable( why: string ): DocentError {
	return new DocentError(
		'audio_unreadable',
		`The WAV file cannot be read: ${ why }. Please record it again.`
	);
}
