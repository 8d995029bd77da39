/**
 * Tells how long a packet of Opus sounds, from its first bytes (RFC 6716 section 3.1).
 */

/** Frame lengths in milliseconds by the last bits of the configuration: SILK, hybrid and CELT have their own. */
const SILK_MS = [ 10, 20, 40, 60 ] as const;
const HYBRID_MS = [ 10, 20 ] as const;
const CELT_MS = [ 2.5, 5, 10, 20 ] as const;

/** No packet may last longer, in milliseconds (RFC 6716, requirement R5). */
const MAX_PACKET_MS = 120;

/**
 * Returns the length of a packet in milliseconds. `first` is its first byte and `second` its second one, undefined when there is none.
 * Returns undefined when no packet begins like that.
 */
export function opusPacketMs(
	first: number,
	second: number | undefined
): number | undefined {
	const frameMs = frameLengthMs( first >> 3 );
	switch ( first & 3 ) {
		case 0:
			return frameMs;
		case 1:
		case 2:
			return frameMs * 2;
		default: {
			const frames = ( second ?? 0 ) & 63;
			const packetMs = frames * frameMs;
			return frames > 0 && packetMs <= MAX_PACKET_MS
				? packetMs
				: undefined;
		}
	}
}

function frameLengthMs( configuration: number ): number {
	if ( configuration < 12 ) {
		return SILK_MS[ configuration & 3 ] as number;
	}
	return configuration < 16
		? ( HYBRID_MS[ configuration & 1 ] as number )
		: ( CELT_MS[ configuration & 3 ] as number );
}

/** Adds up what the packets of a recording say about themselves. */
export interface OpusCount {
	/** Length of all packets, in milliseconds. */
	readonly totalMs: number;
	/** Length of those that can hold more than silence, in milliseconds. */
	readonly soundingMs: number;
	/** Takes a packet by its first two bytes and its length in bytes; returns false when it is no packet of Opus. */
	add( first: number, second: number | undefined, bytes: number ): boolean;
}

/**
 * Below so many bits a second there is nothing but silence: an encoder spends 3 bytes on 20 ms of digital silence (1.2 kbit/s) and 1 or 2
 * where it transmits discontinuously, and speech has at least 6 kbit/s (RFC 6716 section 2.1.1).
 */
const SILENT_BITS_PER_SECOND = 2_400;

/** Starts counting. */
export function createOpusCount(): OpusCount {
	let totalMs = 0;
	let soundingMs = 0;
	return {
		get totalMs() {
			return totalMs;
		},
		get soundingMs() {
			return soundingMs;
		},
		add( first, second, bytes ) {
			const packetMs = opusPacketMs( first, second );
			if ( packetMs === undefined ) {
				return false;
			}
			totalMs += packetMs;
			if ( bytes * 8_000 > packetMs * SILENT_BITS_PER_SECOND ) {
				soundingMs += packetMs;
			}
			return true;
		},
	};
}
