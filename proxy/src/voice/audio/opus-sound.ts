/**
 * Says what is known of a recording in Opus once its packets were counted.
 */
import type { OpusCount } from './opus-packet.ts';

/** A recording in Opus. */
export interface OpusSound {
	seconds: number;
	/** Seconds that can hold more than silence. */
	soundingSeconds: number;
}

/** Stamps are written with a margin: up to so much more than the packets is no gap, in milliseconds. */
const STAMP_MARGIN_MS = 1_000;

/**
 * Makes it from the count of the packets and from the time that their stamps span. Whoever hears it may fill gaps between the stamps with
 * silence and bill for that; so stamps count where they say clearly more than the packets.
 */
export function soundOf( count: OpusCount, stampedMs: number ): OpusSound {
	const hasGaps = stampedMs > count.totalMs + STAMP_MARGIN_MS;
	return {
		seconds: ( hasGaps ? stampedMs : count.totalMs ) / 1_000,
		soundingSeconds: count.soundingMs / 1_000,
	};
}
