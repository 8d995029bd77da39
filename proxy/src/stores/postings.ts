/**
 * Packs the passages that hold a word into bytes, the same for every store: two numbers of 16 bits a passage, its place in
 * the block and its impact.
 */

/** How many passages share a block. Small enough to rewrite quickly, large enough that most sites have one. */
export const BLOCK_SIZE = 4_096;

/** The largest impact a posting can carry. */
export const MAX_IMPACT = 65_535;

/** Two numbers of 16 bits. */
export const BYTES_PER_POSTING = 4;

/** One block of the passages that hold a word in documents of one language. */
export interface Postings {
	/** Base language of the documents. */
	language: string;
	/** The number of the block's first passage. */
	firstNumber: number;
	/** Place in the block and impact, in turns. */
	pairs: Uint16Array;
}

/** Returns the block that a passage belongs to. */
export function blockOf( passageNumber: number ): number {
	return Math.floor( passageNumber / BLOCK_SIZE );
}

/** Reads stored bytes as postings of a block. */
export function readPairs( bytes: Uint8Array ): Uint16Array {
	// A view needs an even offset, which bytes from a database do not promise.
	const aligned =
		bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array( bytes );
	return new Uint16Array(
		aligned.buffer,
		aligned.byteOffset,
		aligned.byteLength >> 1
	);
}

/** Returns the pairs without the passages in `removed`, and with `added` (number and impact) at the end, as bytes. */
export function changePairs(
	pairs: Uint16Array,
	firstNumber: number,
	removed: ReadonlySet< number >,
	added: ReadonlyArray< readonly [ number: number, impact: number ] >
): Uint8Array {
	const kept: number[] = [];
	for ( let at = 0; at < pairs.length; at += 2 ) {
		const place = pairs[ at ] ?? 0;
		if ( ! removed.has( firstNumber + place ) ) {
			kept.push( place, pairs[ at + 1 ] ?? 0 );
		}
	}
	for ( const [ number, impact ] of added ) {
		kept.push( number - firstNumber, Math.min( impact, MAX_IMPACT ) );
	}
	return new Uint8Array( Uint16Array.from( kept ).buffer );
}
