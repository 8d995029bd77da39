import { beforeAll, describe, expect, it } from 'vitest';
import {
	readAudio,
	toPcm,
} from '../../../../proxy/src/voice/audio/read-audio.ts';
import {
	clipped,
	joined,
	loudness,
	mixed,
	noise,
	readWav,
	tone,
	wav,
	type WavOptions,
} from '../../../support/speech/index.ts';
import { refusalOf } from './refusal.ts';

/** One second that no check minds. */
const beep = tone( 1_000, { level: 0.5 } );
const plain = wav( beep, 16_000 );

/** Returns the loudest difference between two sounds, from 0 to 1. */
function difference( one: Int16Array, other: Int16Array ): number {
	expect( one.length ).toBe( other.length );
	return (
		one.reduce(
			( worst, sample, at ) =>
				Math.max(
					worst,
					Math.abs( sample - ( other[ at ] as number ) )
				),
			0
		) / 32_768
	);
}

const pcmOf = ( bytes: Uint8Array ) => toPcm( readAudio( bytes ), 16_000 );

/** Writes a file of chunks in any order, each as it is said. */
function file(
	...chunks: Array< [ name: string, body: Uint8Array, size?: number ] >
) {
	return Buffer.concat( [
		Buffer.from( 'RIFF\0\0\0\0WAVE' ),
		...chunks.flatMap( ( [ name, body, size = body.length ] ) => {
			const head = Buffer.from( `${ name }\0\0\0\0` );
			head.writeUInt32LE( size, 4 );
			return [ head, body, Buffer.alloc( body.length % 2 ) ];
		} ),
	] );
}

const format = plain.subarray( 20, 36 );
const data = plain.subarray( 44 );

/** Changes numbers of the plain file's header. */
function changed( change: ( header: Buffer ) => void ): Buffer {
	const copy = Buffer.from( plain );
	change( copy );
	return copy;
}

describe( 'a WAV file', () => {
	it.each( [
		[ '16 bits', {}, 0.0001 ],
		[ '8 bits', { bits: 8 }, 0.01 ],
		[ '24 bits', { bits: 24 }, 0.0001 ],
		[ '32 bits', { bits: 32 }, 0.0001 ],
		[ 'floating point', { float: true }, 0.0001 ],
		[ 'two channels', { channels: 2 }, 0.0001 ],
		[ 'two channels of 24 bits', { channels: 2, bits: 24 }, 0.0001 ],
		[ 'the longer header', { isExtensible: true }, 0.0001 ],
		[
			'the longer header and floats',
			{ isExtensible: true, float: true },
			0.0001,
		],
		[
			'an editor’s chunk of odd length before the sound',
			{ extraChunkBytes: 33 },
			0.0001,
		],
		[
			'the length 0, as who writes into a pipe does',
			{ claimedDataBytes: 0 },
			0.0001,
		],
		[ 'the largest length', { claimedDataBytes: 0xffffffff }, 0.0001 ],
		[ 'a length beyond its end', { claimedDataBytes: 1_000_000 }, 0.0001 ],
	] satisfies Array< [ string, WavOptions, number ] > )(
		'with %s is heard as it is',
		( _, options, tolerance ) => {
			const bytes = wav( beep, 16_000, options );
			expect( difference( pcmOf( bytes ), beep ) ).toBeLessThan(
				tolerance
			);
		}
	);

	it.each( [ 8_000, 11_025, 22_050, 44_100, 48_000, 96_000 ] )(
		'of %i Hz becomes 16 kHz, mono, 16 bits, and sounds the same',
		( rate ) => {
			const sound = tone( 1_000, { level: 0.5, sampleRate: rate } );
			const audio = readAudio( wav( sound, rate, { channels: 2 } ) );
			expect( audio ).toMatchObject( {
				mimeType: 'audio/wav',
				seconds: 1,
			} );
			const read = readWav( audio.bytes );
			expect( read ).toMatchObject( { sampleRate: 16_000, channels: 1 } );
			const inside = ( pcm: Int16Array ) => pcm.subarray( 1_000, 15_000 );
			expect(
				difference(
					inside( read?.pcm ?? new Int16Array() ),
					inside( beep )
				)
			).toBeLessThan( 0.002 );
		}
	);

	it( 'whose sound comes before its format is read all the same', () => {
		expect( pcmOf( file( [ 'data', data ], [ 'fmt ', format ] ) ) ).toEqual(
			beep
		);
	} );

	it( 'gives away nothing but its sound: what editors wrote into it is not sent on', () => {
		const { bytes } = readAudio(
			wav( beep, 16_000, { extraChunkBytes: 64 } )
		);
		expect( bytes.length ).toBe( 44 + beep.length * 2 );
	} );

	it( 'that was cut off counts for as long as it is', () => {
		expect(
			readAudio( plain.subarray( 0, 44 + 16_000 + 1 ) ).seconds
		).toBe( 0.5 );
	} );

	it( 'whose two channels differ is their mean', () => {
		const bytes = wav( beep, 16_000, { channels: 2 } );
		for ( let at = 46; at < bytes.length; at += 4 ) {
			bytes.writeInt16LE( 0, at );
		}
		expect( loudness( pcmOf( bytes ) ) ).toBeCloseTo(
			loudness( beep ) / 2,
			3
		);
	} );

	it( 'whose floats are no numbers, or too large, stays within bounds', () => {
		const bytes = wav( beep, 16_000, { float: true } );
		bytes.writeFloatLE( NaN, 44 );
		bytes.writeFloatLE( Infinity, 48 );
		bytes.writeFloatLE( 1e30, 52 );
		const pcm = pcmOf( bytes );
		expect( [ ...pcm.subarray( 0, 3 ) ] ).toEqual( [ 0, 0, 32_767 ] );
	} );

	it( 'that is clipped, noisy, or has two voices at once is let through', () => {
		for ( const sound of [
			clipped( beep ),
			noise( 1_000, { level: 0.4 } ),
			mixed( beep, tone( 1_000, { hertz: 333 } ) ),
		] ) {
			expect( readAudio( wav( sound, 16_000 ) ).seconds ).toBe( 1 );
		}
	} );

	it( 'gives its samples at any other rate', () => {
		const pcm = toPcm( readAudio( plain ), 24_000 );
		const same = tone( 1_000, { level: 0.5, sampleRate: 24_000 } );
		expect( pcm.length ).toBe( 24_000 );
		expect(
			difference(
				pcm.subarray( 1_000, 23_000 ),
				same.subarray( 1_000, 23_000 )
			)
		).toBeLessThan( 0.002 );
	} );
} );

describe( 'a WAV file is refused', () => {
	it.each( [
		[ 'with no byte', new Uint8Array(), 'audio_empty' ],
		[
			'with a header and nothing else',
			wav( new Int16Array(), 16_000 ),
			'audio_empty',
		],
		[
			'of 0.1 s',
			wav( beep.subarray( 0, 1_600 ), 16_000 ),
			'audio_too_short',
		],
		[
			'just under 0.25 s',
			wav( beep.subarray( 0, 3_999 ), 16_000 ),
			'audio_too_short',
		],
		[
			'of 10 minutes',
			wav( new Int16Array( 600 * 8_000 ), 8_000, { bits: 8 } ),
			'audio_too_long',
		],
		[
			'just over 120 s',
			wav( new Int16Array( 120 * 16_000 + 1 ), 16_000 ),
			'audio_too_long',
		],
		[
			'of more than 8 MB',
			new Uint8Array( 8 * 1024 * 1024 + 1 ),
			'payload_too_large',
		],
		[
			'whose header is cut off',
			plain.subarray( 0, 30 ),
			'audio_unreadable',
		],
		[
			'that ends in its first word',
			plain.subarray( 0, 4 ),
			'audio_unreadable',
		],
		[ 'without a format', file( [ 'data', data ] ), 'audio_unreadable' ],
		[ 'without sound', file( [ 'fmt ', format ] ), 'audio_unreadable' ],
		[
			'without channels',
			changed( ( header ) => header.writeUInt16LE( 0, 22 ) ),
			'audio_unreadable',
		],
		[
			'with six channels',
			changed( ( header ) => header.writeUInt16LE( 6, 22 ) ),
			'audio_unreadable',
		],
		[
			'with a rate of 0',
			changed( ( header ) => header.writeUInt32LE( 0, 24 ) ),
			'audio_unreadable',
		],
		[
			'with a rate of 4 GHz',
			changed( ( header ) => header.writeUInt32LE( 0xffffffff, 24 ) ),
			'audio_unreadable',
		],
		[
			'with samples of 12 bits',
			changed( ( header ) => header.writeUInt16LE( 12, 34 ) ),
			'audio_unreadable',
		],
		[
			'whose header contradicts itself',
			changed( ( header ) => header.writeUInt16LE( 7, 32 ) ),
			'audio_unreadable',
		],
		[
			'with compressed sound',
			changed( ( header ) => header.writeUInt16LE( 7, 20 ) ),
			'unsupported_media_type',
		],
	] )( '%s', ( _, bytes, code ) => {
		expect( refusalOf( bytes ).code ).toBe( code );
	} );

	it( 'in words that name what is wrong', () => {
		const { message } = refusalOf(
			changed( ( header ) => header.writeUInt16LE( 7, 20 ) )
		);
		expect( message ).toContain( 'μ-law' );
		expect( message ).toContain( 'Opus in WebM or Ogg' );
	} );
} );

describe( 'a length', () => {
	let longest: Uint8Array;

	beforeAll( () => {
		longest = wav(
			joined( [ beep, noise( 119_000, { level: 0.3 } ) ] ),
			16_000
		);
	} );

	it.each( [ 0.25, 120 ] )( 'of %d s is not refused', ( seconds ) => {
		const bytes = longest.subarray( 0, 44 + seconds * 32_000 );
		expect( readAudio( bytes ).seconds ).toBe( seconds );
	} );
} );
