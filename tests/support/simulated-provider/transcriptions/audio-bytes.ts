/**
 * Looks at the bytes of an audio file: what it is, how long it is, and its samples where they can be had.
 */
import { decodeOgg, hasProgram, readWav } from '../../speech/index.ts';
import { webmSeconds } from './webm-length.ts';

/** What a file is. */
export type AudioKind = 'wav' | 'ogg' | 'webm' | 'mp3' | 'mp4' | 'flac';

/** A file that was understood; `pcm` is left out where nothing here can decode it. */
export interface ReadAudio {
	kind: AudioKind;
	seconds: number;
	pcm?: Int16Array;
	sampleRate?: number;
}

const SIGNATURES: ReadonlyArray< [ AudioKind, number, string ] > = [
	[ 'wav', 0, '52494646' ],
	[ 'ogg', 0, '4f676753' ],
	[ 'webm', 0, '1a45dfa3' ],
	[ 'flac', 0, '664c6143' ],
	[ 'mp4', 4, '66747970' ],
	[ 'mp3', 0, '494433' ],
	[ 'mp3', 0, 'fffb' ],
	[ 'mp3', 0, 'fff3' ],
];

/** Says what bytes are, by how they begin. */
export function kindOf( bytes: Uint8Array ): AudioKind | undefined {
	const head = Buffer.from( bytes.subarray( 0, 16 ) ).toString( 'hex' );
	return SIGNATURES.find( ( [ , at, signature ] ) =>
		head.startsWith( signature, at * 2 )
	)?.[ 0 ];
}

/** Bytes a second of formats whose length is only estimated here. */
const ESTIMATED_RATE = 16_000;
const OGG_PAGE_END = 4;

/** Reads a file; undefined when it is damaged or nothing that is known. */
export async function readAudio(
	bytes: Uint8Array
): Promise< ReadAudio | undefined > {
	const kind = kindOf( bytes );
	if ( kind === 'wav' ) {
		const read = readWav( bytes );
		return read && { kind, ...withSeconds( read ) };
	}
	if ( kind === 'ogg' ) {
		if ( ! hasLastPage( bytes ) ) {
			return undefined;
		}
		if ( ! hasProgram( 'opusdec' ) ) {
			return { kind, seconds: bytes.length / ESTIMATED_RATE };
		}
		return decodeOgg( bytes ).then(
			( read ) => ( { kind, ...withSeconds( read ) } ),
			() => undefined
		);
	}
	if ( kind === 'webm' ) {
		const seconds = webmSeconds( bytes );
		return seconds === undefined ? undefined : { kind, seconds };
	}
	return kind && { kind, seconds: bytes.length / ESTIMATED_RATE };
}

function withSeconds( read: { pcm: Int16Array; sampleRate: number } ): {
	pcm: Int16Array;
	sampleRate: number;
	seconds: number;
} {
	return {
		pcm: read.pcm,
		sampleRate: read.sampleRate,
		seconds: read.pcm.length / read.sampleRate,
	};
}

/** An Ogg file that was cut off lacks the page that ends its stream, or the end of that page. */
function hasLastPage( bytes: Uint8Array ): boolean {
	const file = Buffer.from( bytes.buffer, bytes.byteOffset, bytes.length );
	const at = file.lastIndexOf( 'OggS' );
	const segments = file[ at + 26 ];
	if ( at < 0 || segments === undefined ) {
		return false;
	}
	const table = file.subarray( at + 27, at + 27 + segments );
	const size = table.reduce( ( sum, length ) => sum + length, 0 );
	return (
		( ( file[ at + 5 ] ?? 0 ) & OGG_PAGE_END ) !== 0 &&
		file.length >= at + 27 + segments + size
	);
}
