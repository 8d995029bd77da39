/**
 * Says what a store of speech must do: keep what was spoken once, hand out any part of it, and forget what nobody hears.
 */

/** Speech that was stored. */
export interface StoredSpeech {
	/** 32 hex digits that cannot be guessed; the same text, voice and model have the same one. */
	id: string;
	siteId: string;
	mimeType: string;
	bytes: number;
	durationMs: number;
	/** Where each sentence begins. */
	sentences: ReadonlyArray< { text: string; startMs: number } >;
	/** What speaking it cost. */
	costNanoUsd: number;
	createdAt: number;
}

/** A document that speech rests on: an answer on one as it was, a reading on one that is read, in whatever version. */
export type SpeechGround =
	{ documentId: string; hash: string } | { documentId: string };

/** Tells whether the document itself was read aloud. */
export function isReading( ground: SpeechGround ): boolean {
	return ! ( 'hash' in ground );
}

export interface SpeechStore {
	/** How much of one site a store of this kind should keep, in bytes. */
	readonly maxBytesPerSite: number;
	/** Finds speech of a site and counts it as used now. */
	find(
		siteId: string,
		id: string,
		now: number
	): Promise< StoredSpeech | undefined >;
	/** Finds speech by its id alone, for whoever has the address. */
	open( id: string ): Promise< StoredSpeech | undefined >;
	/** Reads bytes from `start` to `end`, both included; undefined when it is gone meanwhile. */
	read(
		speech: StoredSpeech,
		start: number,
		end: number
	): Promise< Uint8Array | undefined >;
	/**
	 * Stores speech whole or not at all; what is there already stays. Keeps at most `maxBytes` of the site: the longest unheard goes.
	 *
	 * It goes in the same step in which a document goes that it rests on, or, unless it is a reading of that document, changes; and it is not
	 * stored when that has happened meanwhile.
	 */
	add(
		speech: StoredSpeech,
		audio: Uint8Array,
		maxBytes: number,
		restsOn?: readonly SpeechGround[]
	): Promise< void >;
	/** Removes what was not used since `time`; returns how many. */
	deleteUnusedSince( time: number ): Promise< number >;
}
