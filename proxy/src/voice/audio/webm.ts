/**
 * Counts how long the Opus in a WebM file sounds, packet by packet (RFC 8794, RFC 9559). Nothing that a header says is believed.
 */
import { DocentError } from '../../errors.ts';
import { WHAT_TO_SEND } from './media-type.ts';
import { lacedSizes } from './webm-lacing.ts';
import { readNumber, readVint } from './webm-numbers.ts';
import { createOpusCount, type OpusCount } from './opus-packet.ts';
import { soundOf, type OpusSound } from './opus-sound.ts';

const ID = {
	header: 0x1a45dfa3,
	segment: 0x18538067,
	info: 0x1549a966,
	timestampScale: 0x2ad7b1,
	tracks: 0x1654ae6b,
	trackEntry: 0xae,
	trackNumber: 0xd7,
	trackType: 0x83,
	codec: 0x86,
	cluster: 0x1f43b675,
	timestamp: 0xe7,
	blockGroup: 0xa0,
	block: 0xa1,
	simpleBlock: 0xa3,
} as const;

/**
 * What is stepped into. Elements lie one behind another whatever their parents are, so that a walk needs no end of any parent and an unknown
 * length, as it is written while recording, makes no difference.
 */
const PARENTS: ReadonlySet< number > = new Set( [
	ID.segment,
	ID.info,
	ID.tracks,
	ID.trackEntry,
	ID.cluster,
	ID.blockGroup,
] );

const TYPE_AUDIO = 2;

/** More tracks than this has no file. */
const MAX_TRACKS = 16;

/** The unit of times when the file names none, in nanoseconds. */
const DEFAULT_SCALE_NS = 1_000_000;

interface Track {
	number: number;
	type: number;
	codec: string;
}

/** Tells whether bytes begin like a WebM or Matroska file. */
export function isWebm( bytes: Uint8Array ): boolean {
	return (
		bytes[ 0 ] === 0x1a &&
		bytes[ 1 ] === 0x45 &&
		bytes[ 2 ] === 0xdf &&
		bytes[ 3 ] === 0xa3
	);
}

/** Reads a WebM file. Throws `audio_unreadable`, or `unsupported_media_type` when it holds anything but one track of Opus. */
export function parseWebm( bytes: Uint8Array ): OpusSound {
	const count = createOpusCount();
	const tracks: Track[] = [];
	let hasChecked = false;
	let scaleNs = DEFAULT_SCALE_NS;
	let clusterTime = 0;
	let firstTime: number | undefined;
	let lastTime = 0;
	let at = 0;
	while ( at < bytes.length ) {
		const id = readVint( bytes, at, { keepsMarker: true } );
		const size = id && readVint( bytes, at + id.length );
		if ( ! size ) {
			break;
		}
		const start = at + id.length + size.length;
		if ( PARENTS.has( id.value ) ) {
			if ( id.value === ID.trackEntry ) {
				tracks.push( { number: 0, type: 0, codec: '' } );
				if ( tracks.length > MAX_TRACKS ) {
					throw unreadable();
				}
			}
			at = start;
			continue;
		}
		if ( size.isUnknown ) {
			throw unreadable();
		}
		const end = start + size.value;
		if ( end > bytes.length ) {
			// The recording was cut off; what came before counts.
			break;
		}
		const body = bytes.subarray( start, end );
		const track = tracks.at( -1 );
		switch ( id.value ) {
			case ID.timestampScale:
				scaleNs = readNumber( body );
				break;
			case ID.trackNumber:
				if ( track ) {
					track.number = readNumber( body );
				}
				break;
			case ID.trackType:
				if ( track ) {
					track.type = readNumber( body );
				}
				break;
			case ID.codec:
				if ( track ) {
					track.codec = new TextDecoder().decode(
						body.subarray( 0, 64 )
					);
				}
				break;
			case ID.timestamp:
				clusterTime = readNumber( body );
				break;
			case ID.block:
			case ID.simpleBlock: {
				if ( ! hasChecked ) {
					checkTracks( tracks );
					hasChecked = true;
				}
				const time = clusterTime + countBlock( body, tracks, count );
				firstTime ??= time;
				lastTime = Math.max( lastTime, time );
			}
		}
		at = end;
	}
	checkTracks( tracks );
	const stampedMs =
		( ( lastTime - ( firstTime ?? 0 ) ) * scaleNs ) / 1_000_000;
	return soundOf( count, stampedMs );
}

/** Refuses anything but one track, of Opus: of several tracks, nobody knows which one a provider hears and bills. */
function checkTracks( tracks: Track[] ): void {
	if ( tracks.some( ( { type } ) => type !== TYPE_AUDIO ) ) {
		throw refuse( 'This is a video' );
	}
	const [ track ] = tracks;
	if ( ! track ) {
		throw unreadable();
	}
	if ( tracks.length > 1 ) {
		throw refuse( 'This recording has several tracks' );
	}
	if ( ! /^A_OPUS\0*$/.test( track.codec ) ) {
		throw refuse( 'This is WebM with sound other than Opus' );
	}
}

/** Counts the packets of a block, and returns its time in the cluster, in the file's unit. */
function countBlock(
	body: Uint8Array,
	tracks: Track[],
	count: OpusCount
): number {
	const number = readVint( body, 0 );
	if (
		! number ||
		number.value !== tracks[ 0 ]?.number ||
		body.length < number.length + 3
	) {
		throw unreadable();
	}
	const high = body[ number.length ] as number;
	const low = body[ number.length + 1 ] as number;
	const lacing = ( ( body[ number.length + 2 ] as number ) >> 1 ) & 3;
	const frames = body.subarray( number.length + 3 );
	const laced = lacedSizes( frames, lacing );
	if ( ! laced ) {
		throw unreadable();
	}
	let at = laced.start;
	for ( const size of laced.sizes ) {
		const first = frames[ at ];
		const second = size > 1 ? frames[ at + 1 ] : undefined;
		if (
			size > 0 &&
			( first === undefined || ! count.add( first, second, size ) )
		) {
			throw unreadable();
		}
		at += size;
	}
	return ( ( high << 24 ) >> 16 ) | low;
}

function unreadable(): DocentError {
	return new DocentError(
		'audio_unreadable',
		'The WebM recording cannot be read. Please record it again.'
	);
}

function refuse( what: string ): DocentError {
	return new DocentError(
		'unsupported_media_type',
		`${ what }, which cannot be heard here. ${ WHAT_TO_SEND }`
	);
}
