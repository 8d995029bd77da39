/**
 * Keeps the questions that a site had no answer to, so that the owner sees what is missing.
 */
import { cleanText } from '../knowledge/fold.ts';
import type {
	UnansweredQuestion,
	UnansweredStore,
} from '../stores/answer-store.ts';
import type { Clock } from '../types.ts';
import { normaliseQuestion } from './normalise.ts';

/** How many different questions one site keeps. */
const MAX_ENTRIES_PER_SITE = 1_000;

/** How much of a question is kept, in characters. */
const MAX_QUESTION_LENGTH = 500;

/** The unanswered questions of all sites, each site apart. */
export interface Unanswered {
	log( siteId: string, question: string, language?: string ): Promise< void >;
	/** Lists a site's questions, the most asked first. */
	list( siteId: string, limit?: number ): Promise< UnansweredQuestion[] >;
	/** Forgets a question; returns whether there was such a one. */
	delete( siteId: string, question: string ): Promise< boolean >;
}

/** Makes the log over a store. */
export function createUnanswered( {
	store,
	clock,
	maxEntriesPerSite = MAX_ENTRIES_PER_SITE,
}: {
	store: UnansweredStore;
	clock: Clock;
	maxEntriesPerSite?: number;
} ): Unanswered {
	return {
		async log( siteId, question, language = '' ) {
			const shortened = cleanText( question )
				.slice( 0, MAX_QUESTION_LENGTH )
				.trim();
			const normalised = normaliseQuestion( shortened );
			if ( normalised !== '' ) {
				await store.log(
					siteId,
					{ question: shortened, normalised, language, at: clock() },
					maxEntriesPerSite
				);
			}
		},

		list: ( siteId, limit = 100 ) => store.list( siteId, limit ),

		delete: ( siteId, question ) =>
			store.delete(
				siteId,
				normaliseQuestion(
					cleanText( question ).slice( 0, MAX_QUESTION_LENGTH ).trim()
				)
			),
	};
}
