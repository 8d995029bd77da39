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
import type { Stage } from './redis-knowledge-stage.ts';
import { siteKey } from './redis-site-key.ts';

/** How many words one command reads. */
const WORDS_AT_ONCE = 1_000;

/** How many passages hold a word after a change, by hash and word: only of words that change. */
export type ChangedCounts = ReadonlyMap<
	string,
	ReadonlyMap< string, number >
>;

/** The words of a change. */
export interface WordChanges {
	/** Takes passages away from every word they hold. */
	remove(
		language: string,
		words: readonly string[],
		numbers: readonly number[]
	): void;
	add( language: string, word: string, number: number, impact: number ): void;
	/** Reads the postings as they are and stages what they become. */
	stage(
		redis: RedisConnection,
		siteId: string,
		stage: Stage
	): Promise< ChangedCounts >;
}

/** The words of documents in one language in one block of passages. */
interface Block {
	name: string;
	firstNumber: number;
	/** What each word gains; words that only lose have an empty list. */
	words: Map< string, Array< [ number: number, impact: number ] > >;
}

/** Names the hash, among the keys of a site, that holds the words of documents in a language in one block of passages. */
export function wordsName( language: string, block: number ): string {
	return `words:${ language }:${ block }`;
}

/** Makes an empty collection. Passages are removed before others are added in their place. */
export function createWordChanges(): WordChanges {
	const blocks = new Map< string, Block >();
	// A passage that goes loses every word it holds, so one set serves all words.
	const removed = new Set< number >();

	const findBlock = ( language: string, block: number ): Block => {
		const name = wordsName( language, block );
		let found = blocks.get( name );
		if ( ! found ) {
			found = {
				name,
				firstNumber: block * BLOCK_SIZE,
				words: new Map(),
			};
			blocks.set( name, found );
		}
		return found;
	};

	return {
		remove( language, words, numbers ) {
			for ( const number of numbers ) {
				removed.add( number );
			}
			for ( const block of new Set( numbers.map( blockOf ) ) ) {
				const changes = findBlock( language, block ).words;
				for ( const word of words ) {
					if ( ! changes.has( word ) ) {
						changes.set( word, [] );
					}
				}
			}
		},

		add( language, word, number, impact ) {
			const { words } = findBlock( language, blockOf( number ) );
			const added = words.get( word );
			if ( added ) {
				added.push( [ number, impact ] );
			} else {
				words.set( word, [ [ number, impact ] ] );
			}
		},

		async stage( redis, siteId, stage ) {
			const counts = new Map< string, Map< string, number > >();
			for ( const { name, firstNumber, words } of blocks.values() ) {
				const ofBlock = new Map< string, number >();
				counts.set( name, ofBlock );
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
					for ( const [ at, [ word, added ] ] of some.entries() ) {
						const before = stored[ at ];
						const bytes = changePairs(
							before ? readPairs( before ) : new Uint16Array(),
							firstNumber,
							removed,
							added
						);
						ofBlock.set( word, bytes.length / BYTES_PER_POSTING );
						if ( before || bytes.length > 0 ) {
							stage.later( name, word, Buffer.from( bytes ) );
						}
					}
					await stage.send();
				}
			}
			return counts;
		},
	};
}
