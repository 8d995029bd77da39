/**
 * Writes and reads WAV files: every kind that tests need, the broken kinds too.
 */

/** How a WAV file is written. */
export interface WavOptions {
	/** Default 16; 8 bits are unsigned, as the format has it. */
	bits?: 8 | 16 | 24 | 32;
	/** Every channel gets the same samples. Default 1. */
	channels?: number;
	/** Writes 32-bit floating point numbers. */
	float?: boolean;
	/** Writes the longer header that names the format by a number of 16 bytes. */
	isExtensible?: boolean;
	/** Puts a chunk of this many bytes between header and samples, as editors do. */
	extraChunkBytes?: number;
	/** What the header says of the length of the samples, where that is not the truth; 0xffffffff is what pipes write. */
	claimedDataBytes?: number;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** The end of every format number of the long header. */
const GUID_TAIL = Buffer.from( '000000001000800000aa00389b71', 'hex' );

/** Writes samples (mono, 16 bits) as a WAV file. */
export function wav(
	pcm: Int16Array,
	sampleRate: number,
	options: WavOptions = {}
): Buffer {
	const { channels = 1, float = false, extraChunkBytes = 0 } = options;
	const bits = float ? 32 : ( options.bits ?? 16 );
	const frameBytes = ( channels * bits ) / 8;
	const data = Buffer.alloc( pcm.length * frameBytes );
	for ( const [ at, sample ] of pcm.entries() ) {
		for ( let channel = 0; channel < channels; channel++ ) {
			writeSample( data, {
				at: at * frameBytes + ( channel * bits ) / 8,
				sample,
				bits,
				float,
			} );
		}
	}
	const format = Buffer.alloc( options.isExtensible ? 40 : 16 );
	const tag = float ? FLOAT : PCM;
	format.writeUInt16LE( options.isExtensible ? EXTENSIBLE : tag, 0 );
	format.writeUInt16LE( channels, 2 );
	format.writeUInt32LE( sampleRate, 4 );
	format.writeUInt32LE( sampleRate * frameBytes, 8 );
	format.writeUInt16LE( frameBytes, 12 );
	format.writeUInt16LE( bits, 14 );
	if ( options.isExtensible ) {
		format.writeUInt16LE( 22, 16 );
		format.writeUInt16LE( bits, 18 );
		format.writeUInt32LE( channels === 2 ? 3 : 4, 20 );
		format.writeUInt16LE( tag, 24 );
		GUID_TAIL.copy( format, 26 );
	}
	const chunks = Buffer.concat( [
		chunk( 'fmt ', format ),
		...( extraChunkBytes > 0
			? [ chunk( 'LIST', Buffer.alloc( extraChunkBytes, 32 ) ) ]
			: [] ),
		chunk( 'data', data, options.claimedDataBytes ),
	] );
	const head = Buffer.from( 'RIFF....WAVE' );
	head.writeUInt32LE(
		Math.min(
			0xffffffff,
			options.claimedDataBytes === undefined
				? chunks.length + 4
				: options.claimedDataBytes + 36
		),
		4
	);
	return Buffer.concat( [ head, chunks ] );
}

function chunk( name: string, body: Buffer, claimed = body.length ): Buffer {
	const head = Buffer.from( `${ name }....` );
	head.writeUInt32LE( claimed, 4 );
	return Buffer.concat( [ head, body, Buffer.alloc( body.length % 2 ) ] );
}

function writeSample(
	data: Buffer,
	{
		at,
		sample,
		bits,
		float,
	}: { at: number; sample: number; bits: number; float: boolean }
): void {
	if ( float ) {
		data.writeFloatLE( sample / 32_768, at );
	} else if ( bits === 8 ) {
		data.writeUInt8( ( sample >> 8 ) + 128, at );
	} else if ( bits === 16 ) {
		data.writeInt16LE( sample, at );
	} else if ( bits === 24 ) {
		data.writeIntLE( sample * 256, at, 3 );
	} else {
		data.writeInt32LE( sample * 65_536, at );
	}
}

/** Samples that were read from a WAV file: mono (channels are averaged), 16 bits. */
export interface ReadWav {
	pcm: Int16Array;
	sampleRate: number;
	channels: number;
}

/** Reads a WAV file; undefined when it is none, or ends before its samples do. */
export function readWav( bytes: Uint8Array ): ReadWav | undefined {
	const file = Buffer.from( bytes.buffer, bytes.byteOffset, bytes.length );
	if (
		file.length < 12 ||
		file.toString( 'latin1', 0, 4 ) !== 'RIFF' ||
		file.toString( 'latin1', 8, 12 ) !== 'WAVE'
	) {
		return undefined;
	}
	let format: Buffer | undefined;
	for ( let at = 12; at + 8 <= file.length; ) {
		const name = file.toString( 'latin1', at, at + 4 );
		const size = file.readUInt32LE( at + 4 );
		const body = file.subarray( at + 8, at + 8 + size );
		if ( name === 'fmt ' && body.length >= 16 ) {
			format = body;
		}
		if ( name === 'data' ) {
			return format && body.length === size
				? readSamples( format, body )
				: undefined;
		}
		at += 8 + size + ( size % 2 );
	}
	return undefined;
}

function readSamples( format: Buffer, data: Buffer ): ReadWav | undefined {
	const named = format.readUInt16LE( 0 );
	const tag =
		named === EXTENSIBLE && format.length >= 26
			? format.readUInt16LE( 24 )
			: named;
	const channels = format.readUInt16LE( 2 );
	const sampleRate = format.readUInt32LE( 4 );
	const bits = format.readUInt16LE( 14 );
	const sampleBytes = bits / 8;
	if (
		channels === 0 ||
		sampleRate === 0 ||
		! ( tag === FLOAT
			? bits === 32
			: tag === PCM && [ 8, 16, 24, 32 ].includes( bits ) )
	) {
		return undefined;
	}
	const frames = Math.floor( data.length / ( sampleBytes * channels ) );
	const pcm = new Int16Array( frames );
	for ( let frame = 0; frame < frames; frame++ ) {
		let sum = 0;
		for ( let channel = 0; channel < channels; channel++ ) {
			const at = ( frame * channels + channel ) * sampleBytes;
			sum += readSample( data, at, bits, tag === FLOAT );
		}
		pcm[ frame ] = Math.max(
			-32_768,
			Math.min( 32_767, Math.round( sum / channels ) )
		);
	}
	return { pcm, sampleRate, channels };
}

function readSample(
	data: Buffer,
	at: number,
	bits: number,
	isFloat: boolean
): number {
	if ( isFloat ) {
		return data.readFloatLE( at ) * 32_768;
	}
	return bits === 8
		? ( data.readUInt8( at ) - 128 ) * 256
		: data.readIntLE( at, bits / 8 ) / 2 ** ( bits - 16 );
}
