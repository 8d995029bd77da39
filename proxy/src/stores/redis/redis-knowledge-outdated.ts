/**
 * Picks the cached answers that a change of documents makes untrue, before the change is made.
 */
import type { KnowledgeChange } from '../knowledge-store.ts';
import { BLOCK_SIZE, BYTES_PER_POSTING } from '../postings.ts';
import type { RedisConnection } from './connection.ts';
import type { Plan } from './redis-knowledge-plan.ts';
import {
	CHANGE_TIMEOUT_MS,
	readKnowledgeStep,
} from './redis-knowledge-site.ts';
import { type ChangedCounts, wordsName } from './redis-knowledge-words.ts';
import { siteKey } from './redis-site-key.ts';

const LENGTHS = readKnowledgeStep( 'lengths' );

/** How many words one script looks up. */
const WORDS_AT_ONCE = 500;

/** Answers that fall, and the last answer that was looked at: whatever is stored after it was not. */
export interface Outdated {
	ids: string[];
	lastSeen: string;
}

/** Passages that hold a word, by language. */
type Counts = Map< string, number >;

/** Reads the cached questions and picks among them. */
export async function findOutdatedAnswers(
	redis: RedisConnection,
	siteId: string,
	{ changed, site, counts: changedCounts }: Plan,
	{ findOutdated }: KnowledgeChange
): Promise< Outdated > {
	if ( changed.length === 0 ) {
		return { ids: [], lastSeen: '' };
	}
	const answers = siteKey( siteId, 'answers' );
	const [ lastSeen, terms ] = await redis.transaction<
		[ string | null, Record< string, string > ]
	>(
		[
			[ 'GET', `${ answers }:count` ],
			[ 'HGETALL', `${ answers }:terms` ],
		],
		{ timeoutMs: CHANGE_TIMEOUT_MS }
	);
	const questions = Object.entries( terms ).map( ( [ answerId, text ] ) => ( {
		answerId,
		terms: text,
	} ) );
	const known = new Map< string, Counts >();
	let ids: string[] = [];
	// It names the words it wants to know about while it works, so it works until it has asked for no new one.
	for ( let missing = new Set< string >(); questions.length > 0; ) {
		ids = findOutdated( changed, questions, {
			passageCount: site.passages,
			languages: Object.keys( site.languages ),
			passagesWith( word, languages ) {
				const counts = known.get( word );
				if ( ! counts ) {
					missing.add( word );
				}
				return languages.reduce(
					( sum, language ) => sum + ( counts?.get( language ) ?? 0 ),
					0
				);
			},
		} );
		if ( missing.size === 0 ) {
			break;
		}
		await readCounts( redis, siteId, [ ...missing ], changedCounts, known );
		missing = new Set();
	}
	return { ids, lastSeen: lastSeen ?? '0' };
}

/** Reads how many passages hold each word once the change is made. */
async function readCounts(
	redis: RedisConnection,
	siteId: string,
	words: readonly string[],
	changed: ChangedCounts,
	known: Map< string, Counts >
): Promise< void > {
	for ( let from = 0; from < words.length; from += WORDS_AT_ONCE ) {
		const some = words.slice( from, from + WORDS_AT_ONCE );
		const stored = await redis.script<
			Array< string | number | number[] >
		>( LENGTHS, [ siteKey( siteId ) ], [ String( BLOCK_SIZE ), ...some ], {
			timeoutMs: CHANGE_TIMEOUT_MS,
		} );
		const byWord = some.map( ( word ): [ string, Counts ] => [
			word,
			new Map(),
		] );
		const add = ( counts: Counts, language: string, passages: number ) =>
			counts.set( language, ( counts.get( language ) ?? 0 ) + passages );
		for ( let at = 0; at < stored.length; at += 3 ) {
			const language = stored[ at ] as string;
			const name = wordsName( language, stored[ at + 1 ] as number );
			const lengths = stored[ at + 2 ] as number[];
			for ( const [ index, [ word, counts ] ] of byWord.entries() ) {
				// What the change writes is added below.
				if ( ! changed.get( name )?.has( word ) ) {
					add(
						counts,
						language,
						( lengths[ index ] ?? 0 ) / BYTES_PER_POSTING
					);
				}
			}
		}
		for ( const [ name, ofBlock ] of changed ) {
			const [ , language = '' ] = name.split( ':' );
			for ( const [ word, counts ] of byWord ) {
				add( counts, language, ofBlock.get( word ) ?? 0 );
			}
		}
		for ( const [ word, counts ] of byWord ) {
			known.set( word, counts );
		}
	}
}
