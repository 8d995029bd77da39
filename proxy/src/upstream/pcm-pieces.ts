/**
 * Cuts a stream of sound into whole samples, wherever the provider cut it.
 */

/** The head of a WAV file is never longer, in bytes, before its samples begin. */
const MAX_HEAD = 4_096;

/** Takes bytes in their order, and gives whole samples of 16 bits. */
export interface PcmPieces {
	/** Returns the samples that are complete now, at an even offset of their buffer; empty when none is. */
	push( bytes: Uint8Array ): Uint8Array;
	/** How many bytes of samples came out. */
	readonly length: number;
}

/** Makes the cutter of one stream. Leaves out the head of a WAV file, which some providers send before the samples. */
export function createPcmPieces(): PcmPieces {
	let rest: Uint8Array = EMPTY;
	let isInHead = true;
	let length = 0;
	return {
		push( bytes ) {
			let all =
				rest.length === 0 ? bytes : Buffer.concat( [ rest, bytes ] );
			if ( isInHead ) {
				const start = samplesAt( all );
				if ( start === undefined ) {
					rest = all;
					return EMPTY;
				}
				isInHead = false;
				all = all.subarray( start );
			}
			const whole = all.length - ( all.length % 2 );
			rest = all.subarray( whole );
			length += whole;
			const samples = all.subarray( 0, whole );
			// Samples are looked at as numbers of 16 bits, which begin at even addresses only.
			return samples.byteOffset % 2 === 0
				? samples
				: new Uint8Array( samples );
		},
		get length() {
			return length;
		},
	};
}

const EMPTY = new Uint8Array( 0 );

/** Returns where the samples begin: 0 without a head, undefined while that cannot be told. */
function samplesAt( bytes: Uint8Array ): number | undefined {
	const text = Buffer.from( bytes.buffer, bytes.byteOffset, bytes.length );
	if ( bytes.length < 4 ) {
		return 'RIFF'.startsWith( text.toString( 'latin1' ) ) ? undefined : 0;
	}
	if ( text.toString( 'latin1', 0, 4 ) !== 'RIFF' ) {
		return 0;
	}
	const data = text.subarray( 0, MAX_HEAD ).indexOf( 'data', 12, 'latin1' );
	if ( data >= 0 && bytes.length >= data + 8 ) {
		return data + 8;
	}
	return bytes.length > MAX_HEAD ? 0 : undefined;
}
