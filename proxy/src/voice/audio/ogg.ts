/**
 * Counts how long the Opus in an Ogg file sounds, packet by packet (RFC 3533, RFC 7845). Checksums are not looked at: whoever changes bytes on
 * purpose can change those as well.
 */
import { DocentError } from '../../errors.ts';
import { WHAT_TO_SEND } from './media-type.ts';
import { createOpusCount, type OpusCount } from './opus-packet.ts';
import { soundOf, type OpusSound } from './opus-sound.ts';
import { hasText } from './wav.ts';

/** Bytes of a page's head before its table of segments. */
const HEAD_BYTES = 27;

const CONTINUED = 1;
const FIRST_PAGE = 2;

/** More streams than this, one after another or side by side, have no recordings. */
const MAX_STREAMS = 8;

/** Opus counts its position in samples of 48 kHz, whatever was recorded. */
const POSITIONS_PER_MS = 48;

/** One stream of packets. The first packet is its head, the second has tags, the others are sound. */
interface Stream {
	packets: number;
	/** The packet that is being put together: its first two bytes, and its length so far. */
	first: number;
	second: number | undefined;
	bytes: number;
	count: OpusCount;
	firstPosition: number | undefined;
	lastPosition: number;
}

/** Tells whether bytes begin like an Ogg file. */
export function isOgg( bytes: Uint8Array ): boolean {
	return hasText( bytes, 0, 'OggS' );
}

/** Reads an Ogg file, chained ones too. Throws `audio_unreadable`, or `unsupported_media_type` when it holds anything but Opus. */
export function parseOgg( bytes: Uint8Array ): OpusSound {
	const view = new DataView(
		bytes.buffer,
		bytes.byteOffset,
		bytes.byteLength
	);
	const ended: Stream[] = [];
	const open = new Map< number, Stream >();
	let at = 0;
	while ( at + HEAD_BYTES <= bytes.length ) {
		if ( ! hasText( bytes, at, 'OggS' ) || bytes[ at + 4 ] !== 0 ) {
			throw unreadable();
		}
		const flags = bytes[ at + 5 ] as number;
		const serial = view.getUint32( at + 14, true );
		const segments = bytes.subarray(
			at + HEAD_BYTES,
			at + HEAD_BYTES + ( bytes[ at + 26 ] as number )
		);
		const start = at + HEAD_BYTES + ( bytes[ at + 26 ] as number );
		const end = segments.reduce( ( sum, size ) => sum + size, start );
		if ( end > bytes.length ) {
			// The recording was cut off; what came before counts.
			break;
		}
		if ( flags & FIRST_PAGE ) {
			const before = open.get( serial );
			if ( before ) {
				ended.push( before );
			}
			if ( ! hasText( bytes, start, 'OpusHead' ) ) {
				throw refuse();
			}
			open.set( serial, newStream() );
			if ( open.size + ended.length > MAX_STREAMS ) {
				throw unreadable();
			}
		}
		const stream = open.get( serial );
		if ( ! stream ) {
			throw unreadable();
		}
		if ( ! ( flags & CONTINUED ) ) {
			stream.bytes = 0;
		}
		countPage( bytes, start, segments, stream );
		// All bits set say that no packet ends on the page.
		const position = view.getBigInt64( at + 6, true );
		if ( position >= 0n && stream.packets > 2 ) {
			stream.lastPosition = Number( position );
			stream.firstPosition ??= Math.max(
				0,
				stream.lastPosition - stream.count.totalMs * POSITIONS_PER_MS
			);
		}
		at = end;
	}
	const sounds = [ ...ended, ...open.values() ].map( ( stream ) =>
		soundOf(
			stream.count,
			( stream.lastPosition - ( stream.firstPosition ?? 0 ) ) /
				POSITIONS_PER_MS
		)
	);
	if ( sounds.length === 0 ) {
		throw unreadable();
	}
	return {
		seconds: sum( sounds.map( ( { seconds } ) => seconds ) ),
		soundingSeconds: sum(
			sounds.map( ( { soundingSeconds } ) => soundingSeconds )
		),
	};
}

function newStream(): Stream {
	return {
		packets: 0,
		first: 0,
		second: undefined,
		bytes: 0,
		count: createOpusCount(),
		firstPosition: undefined,
		lastPosition: 0,
	};
}

/** Counts the packets that end on a page. A segment of 255 bytes is not the last one of its packet. */
function countPage(
	bytes: Uint8Array,
	start: number,
	segments: Uint8Array,
	stream: Stream
): void {
	let at = start;
	for ( const size of segments ) {
		if ( size > 0 ) {
			if ( stream.bytes === 0 ) {
				stream.first = bytes[ at ] as number;
				stream.second = size > 1 ? bytes[ at + 1 ] : undefined;
			}
			stream.bytes += size;
			at += size;
		}
		if ( size < 255 ) {
			stream.packets++;
			if (
				stream.packets > 2 &&
				stream.bytes > 0 &&
				! stream.count.add( stream.first, stream.second, stream.bytes )
			) {
				throw unreadable();
			}
			stream.bytes = 0;
		}
	}
}

function sum( numbers: number[] ): number {
	return numbers.reduce( ( total, number ) => total + number, 0 );
}

function unreadable(): DocentError {
	return new DocentError(
		'audio_unreadable',
		'The Ogg recording cannot be read. Please record it again.'
	);
}

function refuse(): DocentError {
	return new DocentError(
		'unsupported_media_type',
		`This is Ogg with something other than Opus, which cannot be heard here. ${ WHAT_TO_SEND }`
	);
}
