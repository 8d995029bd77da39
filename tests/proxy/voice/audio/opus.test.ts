import { describe, expect, it } from 'vitest';
import { opusPacketMs } from '../../../../proxy/src/voice/audio/opus-packet.ts';
import { readAudio } from '../../../../proxy/src/voice/audio/read-audio.ts';
import {
	encodeOgg,
	hasProgram,
	silence,
	tone,
} from '../../../support/speech/index.ts';
import {
	block,
	cluster,
	element,
	ID,
	ogg,
	packet,
	packets,
	page,
	simpleBlocks,
	track,
	webm,
} from './opus-files.ts';
import { refusalOf } from './refusal.ts';

describe( 'a packet says how long it sounds', () => {
	it.each( [
		[ 0, 10 ],
		[ 1, 20 ],
		[ 2, 40 ],
		[ 3, 60 ],
		[ 11, 60 ],
		[ 12, 10 ],
		[ 13, 20 ],
		[ 15, 20 ],
		[ 16, 2.5 ],
		[ 17, 5 ],
		[ 30, 10 ],
		[ 31, 20 ],
	] )( 'configuration %i: frames of %d ms', ( config, ms ) => {
		expect( opusPacketMs( config << 3, undefined ) ).toBe( ms );
		expect( opusPacketMs( ( config << 3 ) | 1, undefined ) ).toBe( ms * 2 );
		expect( opusPacketMs( ( config << 3 ) | 2, undefined ) ).toBe( ms * 2 );
		expect( opusPacketMs( ( config << 3 ) | 3, 0xc0 | 2 ) ).toBe( ms * 2 );
	} );

	it( 'up to 120 ms, and nothing else is a packet', () => {
		expect( opusPacketMs( ( 1 << 3 ) | 3, 6 ) ).toBe( 120 );
		expect( opusPacketMs( ( 1 << 3 ) | 3, 7 ) ).toBeUndefined();
		expect( opusPacketMs( ( 1 << 3 ) | 3, 0 ) ).toBeUndefined();
		expect( opusPacketMs( ( 1 << 3 ) | 3, undefined ) ).toBeUndefined();
	} );
} );

describe( 'Opus in WebM', () => {
	const file = webm( [
		cluster( 0, simpleBlocks( packets( 50 ) ) ),
		cluster( 1_000, simpleBlocks( packets( 25 ) ) ),
	] );

	it( 'counts by its packets, whatever its header says, and is passed on as it is', () => {
		expect( readAudio( file ) ).toEqual( {
			bytes: file,
			mimeType: 'audio/webm',
			seconds: 1.5,
		} );
	} );

	it( 'with known lengths counts the same', () => {
		expect(
			readAudio(
				webm( [ cluster( 0, simpleBlocks( packets( 50 ) ), false ) ] )
			).seconds
		).toBe( 1 );
	} );

	it.each( [ 'xiph', 'fixed', 'ebml' ] as const )(
		'laced (%s) counts every packet',
		( lacing ) => {
			const sizes = lacing === 'fixed' ? [ 60, 60, 60 ] : [ 60, 700, 31 ];
			const content = sizes.map( ( bytes ) => packet( { bytes } ) );
			const blocks = Array.from( { length: 10 }, ( _, at ) =>
				element(
					ID.simpleBlock,
					block( content, { lacing, time: at * 60 } )
				)
			);
			expect(
				readAudio( webm( [ cluster( 0, blocks ) ] ) ).seconds
			).toBe( 0.6 );
		}
	);

	it( 'in block groups counts as well', () => {
		const groups = packets( 20 ).map( ( one, at ) =>
			element( ID.group, [
				element( ID.block, block( [ one ], { time: at * 20 } ) ),
				element( 0x9b, Buffer.from( [ 20 ] ) ),
			] )
		);
		expect( readAudio( webm( [ cluster( 0, groups ) ] ) ).seconds ).toBe(
			0.4
		);
	} );

	it( 'that was cut off counts what is there', () => {
		expect(
			readAudio( file.subarray( 0, file.length - 10 ) ).seconds
		).toBe( 1.48 );
	} );

	it( 'with cues behind it counts the same', () => {
		const cues = element( ID.cues, Buffer.alloc( 40 ) );
		expect( readAudio( Buffer.concat( [ file, cues ] ) ).seconds ).toBe(
			1.5
		);
	} );

	it( 'whose stamps leave a gap counts with the gap, which a provider might fill', () => {
		const gap = webm( [
			cluster( 0, simpleBlocks( packets( 50 ) ) ),
			cluster( 60_000, simpleBlocks( packets( 50 ) ) ),
		] );
		expect( readAudio( gap ).seconds ).toBeCloseTo( 60.98, 3 );
		const hour = webm( [
			cluster( 0, simpleBlocks( packets( 50 ) ) ),
			cluster( 3_600_000, simpleBlocks( packets( 50 ) ) ),
		] );
		expect( refusalOf( hour ).code ).toBe( 'audio_too_long' );
	} );

	it.each( [
		[ 'no packet', webm( [ cluster( 0, [] ) ] ), 'audio_empty' ],
		[
			'0.1 s',
			webm( [ cluster( 0, simpleBlocks( packets( 5 ) ) ) ] ),
			'audio_too_short',
		],
		[
			'2 minutes and 20 ms',
			webm( [
				cluster(
					0,
					packets( 6_001 ).map( ( one ) =>
						element( ID.simpleBlock, block( [ one ] ) )
					)
				),
			] ),
			'audio_too_long',
		],
		[
			'nothing but silence',
			webm( [
				cluster(
					0,
					simpleBlocks( Array( 50 ).fill( packet( { bytes: 3 } ) ) )
				),
			] ),
			'audio_silent',
		],
		[
			'Vorbis',
			webm( [ cluster( 0, simpleBlocks( packets( 50 ) ) ) ], {
				tracks: [ track( 'A_VORBIS' ) ],
			} ),
			'unsupported_media_type',
		],
		[
			'PCM',
			webm( [ cluster( 0, [] ) ], {
				tracks: [ track( 'A_PCM/INT/LIT' ) ],
			} ),
			'unsupported_media_type',
		],
		[
			'a video',
			webm( [ cluster( 0, simpleBlocks( packets( 50 ) ) ) ], {
				tracks: [
					track( 'V_VP8', { type: 1 } ),
					track( 'A_OPUS', { id: 2 } ),
				],
			} ),
			'unsupported_media_type',
		],
		[
			'two tracks',
			webm( [ cluster( 0, simpleBlocks( packets( 50 ) ) ) ], {
				tracks: [ track(), track( 'A_OPUS', { id: 2 } ) ],
			} ),
			'unsupported_media_type',
		],
		[
			'no track',
			webm( [ cluster( 0, simpleBlocks( packets( 50 ) ) ) ], {
				tracks: [],
			} ),
			'audio_unreadable',
		],
		[
			'a block of a track that is not there',
			webm( [
				cluster( 0, [
					element(
						ID.simpleBlock,
						block( packets( 1 ), { track: 7 } )
					),
				] ),
			] ),
			'audio_unreadable',
		],
		[
			'packets that are none',
			webm( [
				cluster(
					0,
					simpleBlocks( [ packet( { code: 3, frames: 40 } ) ] )
				),
			] ),
			'audio_unreadable',
		],
		[
			'lacing beyond its block',
			webm( [
				cluster( 0, [
					element(
						ID.simpleBlock,
						Buffer.from( '8100000205ffffffff', 'hex' )
					),
				] ),
			] ),
			'audio_unreadable',
		],
		[ 'four bytes', Buffer.from( '1a45dfa3', 'hex' ), 'audio_unreadable' ],
	] )( 'with %s is refused', ( _, bytes, code ) => {
		expect( refusalOf( bytes ).code ).toBe( code );
	} );
} );

describe( 'Opus in Ogg', () => {
	it( 'counts by its packets and is passed on as it is', () => {
		const file = ogg( packets( 75 ) );
		expect( readAudio( file ) ).toEqual( {
			bytes: file,
			mimeType: 'audio/ogg',
			seconds: 1.5,
		} );
	} );

	it( 'whose packets go over the end of a page counts each once', () => {
		const long = packet( { config: 3, bytes: 1_020 } );
		const head = ogg( [] );
		const file = Buffer.concat( [
			head,
			...Array.from( { length: 10 }, () => [
				page( [ long.subarray( 0, 510 ) ], {
					isOpenEnded: true,
					position: -1n,
				} ),
				page( [ long.subarray( 510 ) ], {
					flags: 1,
					position: 48_000n,
				} ),
			] ).flat(),
		] );
		expect( readAudio( file ).seconds ).toBe( 0.6 );
	} );

	it( 'of several streams in a row counts them all', () => {
		const file = Buffer.concat( [
			ogg( packets( 50 ) ),
			ogg( packets( 25 ), { serial: 2 } ),
			ogg( packets( 25 ), { serial: 2 } ),
		] );
		expect( readAudio( file ).seconds ).toBe( 2 );
	} );

	it( 'that begins in the middle of a broadcast counts what is there', () => {
		expect(
			readAudio( ogg( packets( 100 ), { start: 48_000 * 7_200 } ) )
				.seconds
		).toBe( 2 );
	} );

	it( 'that was cut off counts whole pages', () => {
		const file = ogg( packets( 100 ) );
		expect( readAudio( file.subarray( 0, file.length - 1 ) ).seconds ).toBe(
			1
		);
	} );

	it.each( [
		[ 'no packet', ogg( [] ), 'audio_empty' ],
		[ '0.1 s', ogg( packets( 5 ) ), 'audio_too_short' ],
		[ '10 minutes', ogg( packets( 30_000 ) ), 'audio_too_long' ],
		[
			'positions that say an hour',
			Buffer.concat( [
				ogg( packets( 50 ) ),
				page( packets( 1 ), { position: 48_000n * 3_600n } ),
			] ),
			'audio_too_long',
		],
		[
			'Vorbis',
			ogg( packets( 50 ), { head: Buffer.from( '\u0001vorbis' ) } ),
			'unsupported_media_type',
		],
		[
			'FLAC',
			ogg( packets( 50 ), { head: Buffer.from( '\u007fFLAC' ) } ),
			'unsupported_media_type',
		],
		[
			'a video beside it',
			Buffer.concat( [
				ogg( packets( 50 ) ),
				page( [ Buffer.from( '\u0080theora' ) ], {
					flags: 2,
					serial: 9,
				} ),
			] ),
			'unsupported_media_type',
		],
		[
			'a page of a stream that has not begun',
			page( packets( 50 ) ),
			'audio_unreadable',
		],
		[
			'something else between its pages',
			Buffer.concat( [ ogg( packets( 50 ) ), Buffer.alloc( 100 ) ] ),
			'audio_unreadable',
		],
		[
			'a hundred streams',
			Buffer.concat(
				Array.from( { length: 100 }, ( _, serial ) =>
					ogg( packets( 1 ), { serial } )
				)
			),
			'audio_unreadable',
		],
		[ 'four bytes', Buffer.from( 'OggS' ), 'audio_unreadable' ],
	] )( 'with %s is refused', ( _, bytes, code ) => {
		expect( refusalOf( bytes ).code ).toBe( code );
	} );

	describe.skipIf( ! hasProgram( 'opusenc' ) )(
		hasProgram( 'opusenc' )
			? 'from a real encoder'
			: 'LEFT OUT: opusenc is not installed.',
		() => {
			it( 'is as long as what was encoded, and up to two packets of its start and end', async () => {
				const { seconds } = readAudio(
					await encodeOgg( tone( 3_210 ), 16_000 )
				);
				expect( seconds ).toBeGreaterThanOrEqual( 3.21 );
				expect( seconds ).toBeLessThan( 3.26 );
			} );

			it( 'is refused when it is digital silence', async () => {
				const file = await encodeOgg( silence( 2_000 ), 16_000 );
				expect( refusalOf( file ).code ).toBe( 'audio_silent' );
			} );
		}
	);
} );
