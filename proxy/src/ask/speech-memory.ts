/**
 * Bounds what recordings and speech of running answers hold of the process's memory: a few seconds of sound weigh as much as hundreds of
 * written answers.
 */

/** So much may be held by all running answers together, in bytes. */
const MAX_BYTES = 256 * 1024 * 1024;

/** What one answer holds. */
export interface HeldSound {
	/** Takes on so many bytes more; false when there is no room for them. */
	take( bytes: number ): boolean;
	/** Lets go of everything. */
	free(): void;
}

/** The memory for sound of one process. */
export interface SpeechMemory {
	/** Begins an account for an answer. */
	open(): HeldSound;
}

/** Makes an empty one. */
export function createSpeechMemory( maxBytes = MAX_BYTES ): SpeechMemory {
	let total = 0;
	return {
		open() {
			let own = 0;
			return {
				take( bytes ) {
					if ( total + bytes > maxBytes ) {
						return false;
					}
					own += bytes;
					total += bytes;
					return true;
				},
				free() {
					total -= own;
					own = 0;
				},
			};
		},
	};
}
