/**
 * Names what the audio thread hands to the page.
 */

/** 20 ms of what the microphone heard; the last one of a recording may be shorter, and an empty one says that no more will come. */
export interface CaptureFrame {
	/** Mono, 16 bits. */
	samples: Int16Array< ArrayBuffer >;
	/** Root mean square, 0 to 1. */
	rms: number;
	/** Largest absolute sample, 0 to 1 and, when the microphone is overdriven, beyond. */
	peak: number;
}
