/**
 * Collects which passages lose and gain which words, and works out the postings that change.
 */
import {
	BLOCK_SIZE,
	BYTES_PER_POSTING,
	blockOf,
	changePairs,
	readPairs,
} from '../postings.ts';
import type { RedisConnection } from './connection.ts';
import { CHANGE_TIMEOUT_MS } from './redis-knowledge-site.ts';
import type { Writes } from './redis-knowledge-plan.ts';
import { siteKey } from './redis-site-key.ts';

/** How many words one command reads. */
const WORDS_AT_ONCE = 1_000;

/** What happens to a word in one block. */
interface WordChange {
	removed: Set< number >;
	added: Array< [ number: number, impact: number ] >;
}

/** The words of a change, by the hash they stand in. */
export interface WordChanges {
	remove( language: string, word: string, numbers: readonly number[] ): void;
	add( language: string, word: string, number: number, impact: number ): void;
	/** Reads the postings as they are and adds to `writes` what they become. */
	read(
		redis: RedisConnection,
		siteId: string,
		writes: Writes
	): Promise< void >;
	/** How many passages hold a word after the change, by hash: only of words and hashes that change. */
	readonly counts: ReadonlyMap< string, ReadonlyMap< string, number > >;
}

/** Names the hash, among the keys of a site, that holds the words of documents in a language in one block of passages. */
export function wordsName( language: string, block: number ): string {
	return `words:${ language }:${ block }`;
}

/** Makes an empty collection. */
export function createWordChanges(): WordChanges {
	const blocks = new Map<
		string,
		{ firstNumber: number; words: Map< string, WordChange > }
	>();
	const counts = new Map< string, Map< string, number > >();

	const change = (
		language: string,
		word: string,
		number: number
	): WordChange => {
		const block = blockOf( number );
		const name = wordsName( language, block );
		let { words } = blocks.get( name ) ?? {};
		if ( ! words ) {
			words = new Map();
			blocks.set( name, { firstNumber: block * BLOCK_SIZE, words } );
		}
		let known = words.get( word );
		if ( ! known ) {
			known = { removed: new Set(), added: [] };
			words.set( word, known );
		}
		return known;
	};

	return {
		counts,

		remove( language, word, numbers ) {
			for ( const number of numbers ) {
				const { removed, added } = change( language, word, number );
				removed.add( number );
				// A document that is put twice in one change takes back what it put first.
				const at = added.findIndex( ( [ other ] ) => other === number );
				if ( at >= 0 ) {
					added.splice( at, 1 );
				}
			}
		},

		add( language, word, number, impact ) {
			change( language, word, number ).added.push( [ number, impact ] );
		},

		async read( redis, siteId, writes ) {
			for ( const [ name, { firstNumber, words } ] of blocks ) {
				const countsOfBlock = new Map< string, number >();
				counts.set( name, countsOfBlock );
				const all = [ ...words ];
				for ( let from = 0; from < all.length; from += WORDS_AT_ONCE ) {
					const some = all.slice( from, from + WORDS_AT_ONCE );
					const stored = await redis.command<
						Array< Buffer | null >
					>(
						[
							'HMGET',
							siteKey( siteId, name ),
							...some.map( ( [ word ] ) => word ),
						],
						{ asBuffers: true, timeoutMs: CHANGE_TIMEOUT_MS }
					);
					for ( const [ at, [ word, wanted ] ] of some.entries() ) {
						const before = stored[ at ];
						const bytes = changePairs(
							before ? readPairs( before ) : new Uint16Array(),
							firstNumber,
							wanted.removed,
							wanted.added
						);
						countsOfBlock.set(
							word,
							bytes.length / BYTES_PER_POSTING
						);
						if ( before || bytes.length > 0 ) {
							writes.set(
								`${ name }\n${ word }`,
								Buffer.from( bytes.buffer )
							);
						}
					}
				}
			}
		},
	};
}
