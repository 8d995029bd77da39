/**
 * Measures WebM with Opus by the clock of its blocks; browsers write no length in the head of what they record.
 */

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TIME_SCALE = 0x2ad7b1;
const CLUSTER = 0x1f43b675;
const CLUSTER_TIME = 0xe7;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;
const NESTED = new Set( [ SEGMENT, INFO, CLUSTER, BLOCK_GROUP ] );
const UNKNOWN_SIZE = 0x7f;

/** Nanoseconds of a tick, when the file does not say. */
const DEFAULT_SCALE = 1_000_000;
/** What browsers put into one block. */
const LAST_BLOCK_SECONDS = 0.02;

/** Returns the length in seconds; undefined when the file holds no block or ends inside one. */
export function webmSeconds( bytes: Uint8Array ): number | undefined {
	const file = Buffer.from( bytes.buffer, bytes.byteOffset, bytes.length );
	let scale = DEFAULT_SCALE;
	let clusterTime = 0;
	let last: number | undefined;
	for ( let at = 0; at < file.length; ) {
		const id = readNumber( file, at, true );
		const size = id && readNumber( file, at + id.length, false );
		if ( ! id || ! size ) {
			return undefined;
		}
		at += id.length + size.length;
		if ( NESTED.has( id.value ) ) {
			continue;
		}
		if ( at + size.value > file.length ) {
			return undefined;
		}
		const body = file.subarray( at, at + size.value );
		if ( id.value === TIME_SCALE ) {
			scale = unsigned( body );
		} else if ( id.value === CLUSTER_TIME ) {
			clusterTime = unsigned( body );
		} else if ( id.value === SIMPLE_BLOCK || id.value === BLOCK ) {
			// One byte names the track, two are the time within the cluster.
			last = clusterTime + body.readInt16BE( 1 );
		}
		at += size.value;
	}
	return last === undefined
		? undefined
		: ( last * scale ) / 1e9 + LAST_BLOCK_SECONDS;
}

function unsigned( body: Buffer ): number {
	return body.length === 0
		? 0
		: Number( BigInt( `0x${ body.toString( 'hex' ) }` ) );
}

/** Reads a number of EBML: leading zero bits of its first byte say how long it is; names keep those bits, sizes do not. */
function readNumber(
	file: Buffer,
	at: number,
	isName: boolean
): { value: number; length: number } | undefined {
	const first = file[ at ] ?? 0;
	const length = Math.clz32( first ) - 23;
	if ( first === 0 || at + length > file.length ) {
		return undefined;
	}
	let value = isName ? first : first & ( 0xff >> length );
	const isUnknown =
		! isName &&
		file
			.subarray( at + 1, at + length )
			.every( ( byte ) => byte === 0xff ) &&
		value === UNKNOWN_SIZE >> ( length - 1 );
	for ( let next = 1; next < length; next++ ) {
		value = value * 256 + ( file[ at + next ] ?? 0 );
	}
	return { value: isUnknown ? 0 : value, length };
}
