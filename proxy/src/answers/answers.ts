/**
 * Remembers answers, so that a question asked again costs nothing, and keeps the answers that the owner wrote.
 */
import { randomUUID } from 'node:crypto';
import { DocentError } from '../errors.ts';
import { baseLanguage } from '../knowledge/language.ts';
import {
	questionLanguage,
	questionTerms,
	writeTerms,
} from '../knowledge/question-terms.ts';
import type {
	AnswerGround,
	AnswerKey,
	AnswerStatus,
	AnswerStore,
	FoundAnswers,
	StoredAnswer,
} from '../stores/answer-store.ts';
import { isStoreAway } from '../stores/store-away.ts';
import type { Clock, Mood, Source } from '../types.ts';
import { createHitCounter } from './hit-counter.ts';
import { normaliseQuestion } from './normalise.ts';

/** How many cached answers one site keeps. */
const MAX_ENTRIES_PER_SITE = 5_000;

/** A longer question is nobody else's question: neither looked up nor remembered. In characters of its normalised form. */
const MAX_QUESTION_LENGTH = 1_000;

/** What was asked, where, of which assistant. */
export interface Asked {
	siteId: string;
	/** BCP 47 tag that the answer is wanted in. */
	language: string;
	/** Names the page when the answer depends on it; empty for the whole site. */
	scopeKey: string;
	/** Changes whenever the owner changes how the assistant answers. */
	assistantVersion: string;
	question: string;
}

/** An answer that was ready. */
export interface ReadyAnswer {
	id: string;
	text: string;
	sources: Source[];
	mood?: Mood;
	confident: boolean;
	/** What answering once cost, and a hit saves; 0 for what the owner wrote. */
	costNanoUsd: number;
}

/** What looking up a question gave. */
export type FoundAnswer =
	| { kind: 'hit'; match: 'pinned' | 'exact'; answer: ReadyAnswer }
	| { kind: 'miss' };

/** A complete answer with all that its life depends on. */
export interface NewlyAnswered extends Asked {
	text: string;
	sources: Source[];
	mood?: Mood | undefined;
	/** The documents of every passage that was read for the answer. */
	restsOn: readonly AnswerGround[];
	/** The version of the documents that the passages came from. */
	knowledgeVersion: number;
	costNanoUsd: number;
	ttlSeconds: number;
}

/** What the owner decides for a question. */
export interface OwnersWord {
	siteId: string;
	/** Made up when missing; an existing id is overwritten. */
	id?: string | undefined;
	question: string;
	/** BCP 47 tag; without one the answer serves every language. */
	language?: string | undefined;
}

/** An answer as the owner sees it in the list. */
export interface ListedAnswer {
	id: string;
	status: AnswerStatus;
	question: string;
	language: string;
	text: string;
	sources: Source[];
	hits: number;
	savedNanoUsd: number;
	createdAt: number;
	lastUsedAt: number;
}

/** The answers of all sites, each site apart. */
export interface Answers {
	find( asked: Asked ): Promise< FoundAnswer >;
	/**
	 * Stores an answer unless the documents changed since it was computed or the owner forbade it; returns whether it was stored.
	 */
	remember( answered: NewlyAnswered ): Promise< boolean >;
	/** Serves this text for the question from now on; returns the id. */
	pin(
		word: OwnersWord & {
			text: string;
			sources?: readonly Source[] | undefined;
		}
	): Promise< string >;
	/** Never again serves or stores a cached answer for the question; returns the id. */
	forbid( word: OwnersWord ): Promise< string >;
	/** Lists a site's answers, the most used first. */
	list( siteId: string, limit?: number ): Promise< ListedAnswer[] >;
	/** Returns whether there was such an answer. */
	delete( siteId: string, id: string ): Promise< boolean >;
	/** Removes expired answers; returns how many. */
	deleteExpired(): Promise< number >;
	/** Writes the hits that were only counted in memory so far. Call before closing the store. */
	flush(): Promise< void >;
}

const MISS: FoundAnswer = { kind: 'miss' };

/** Makes the answers over a store. */
export function createAnswers( {
	store,
	clock,
	maxEntriesPerSite = MAX_ENTRIES_PER_SITE,
}: {
	store: AnswerStore;
	clock: Clock;
	maxEntriesPerSite?: number;
} ): Answers {
	const hits = createHitCounter( { store } );

	return {
		async find( asked ) {
			const normalised = normaliseQuestion( asked.question );
			if ( ! isCacheable( normalised ) ) {
				return MISS;
			}
			const { owned, cached } = await findOrNothing( store, {
				...asked,
				normalised,
			} );
			const chosen = choose( owned, cached, asked.language, clock() );
			if ( ! chosen ) {
				return MISS;
			}
			hits.count( asked.siteId, chosen.id, clock() );
			return {
				kind: 'hit',
				match: chosen.status === 'pinned' ? 'pinned' : 'exact',
				answer: {
					id: chosen.id,
					text: chosen.text,
					sources: chosen.sources,
					...( chosen.mood && { mood: chosen.mood } ),
					confident: true,
					costNanoUsd: chosen.costNanoUsd,
				},
			};
		},

		async remember( { ttlSeconds, restsOn, ...answered } ) {
			const normalised = normaliseQuestion( answered.question );
			if ( ! isCacheable( normalised ) || ttlSeconds <= 0 ) {
				return false;
			}
			const { owned } = await store.find( { ...answered, normalised } );
			if (
				owned.some( ( entry ) => speaks( entry, answered.language ) )
			) {
				return false;
			}
			const now = clock();
			const language = questionLanguage(
				answered.question,
				answered.language,
				[]
			);
			return store.remember(
				{
					...answered,
					id: randomUUID(),
					normalised,
					terms: writeTerms(
						questionTerms( answered.question, language )
					),
					mood: answered.mood,
					restsOn,
					createdAt: now,
					expiresAt: now + ttlSeconds * 1_000,
				},
				maxEntriesPerSite
			);
		},

		async pin( {
			siteId,
			id = randomUUID(),
			question,
			language = '',
			text,
			sources = [],
		} ) {
			await store.putOwned( {
				siteId,
				id,
				status: 'pinned',
				question,
				normalised: ownedQuestion( question ),
				language,
				text,
				sources: [ ...sources ],
				createdAt: clock(),
			} );
			return id;
		},

		async forbid( { siteId, id = randomUUID(), question, language = '' } ) {
			await store.putOwned( {
				siteId,
				id,
				status: 'forbidden',
				question,
				normalised: ownedQuestion( question ),
				language,
				text: '',
				sources: [],
				createdAt: clock(),
			} );
			return id;
		},

		async list( siteId, limit = 100 ) {
			await hits.flush();
			return store.list( siteId, limit );
		},

		delete: ( siteId, id ) => store.delete( siteId, id ),
		deleteExpired: () => store.deleteExpired( clock() ),

		async flush() {
			try {
				await hits.flush();
			} catch ( error ) {
				// Hits are figures for the owner: a proxy ends in peace without them.
				if ( ! isStoreAway( error ) ) {
					throw error;
				}
			}
		},
	};
}

/** While the store is away, nothing is found: a question is then answered anew. */
async function findOrNothing(
	store: AnswerStore,
	key: AnswerKey
): Promise< FoundAnswers > {
	try {
		return await store.find( key );
	} catch ( error ) {
		if ( isStoreAway( error ) ) {
			return { owned: [], cached: undefined };
		}
		throw error;
	}
}

function isCacheable( normalised: string ): boolean {
	return normalised !== '' && normalised.length <= MAX_QUESTION_LENGTH;
}

/** Picks what is served: the owner's word before anything else, and of two pins the one written for the language. */
function choose(
	owned: readonly StoredAnswer[],
	cached: StoredAnswer | undefined,
	language: string,
	now: number
): StoredAnswer | undefined {
	const fitting = owned.filter( ( entry ) => speaks( entry, language ) );
	if ( fitting.some( ( { status } ) => status === 'forbidden' ) ) {
		return undefined;
	}
	const pinned =
		fitting.find( ( entry ) => entry.language !== '' ) ?? fitting[ 0 ];
	if ( pinned ) {
		return pinned;
	}
	return cached && ( cached.expiresAt ?? Infinity ) > now
		? cached
		: undefined;
}

/** Whether an entry of the owner is meant for questions in `language`. */
function speaks( entry: StoredAnswer, language: string ): boolean {
	return (
		entry.language === '' ||
		baseLanguage( entry.language ) === baseLanguage( language )
	);
}

function ownedQuestion( question: string ): string {
	const normalised = normaliseQuestion( question );
	if ( normalised === '' ) {
		throw new DocentError(
			'question_empty',
			'Write the question in words.'
		);
	}
	if ( ! isCacheable( normalised ) ) {
		throw new DocentError(
			'question_too_long',
			`Write the question in at most ${ MAX_QUESTION_LENGTH } characters.`
		);
	}
	return normalised;
}
