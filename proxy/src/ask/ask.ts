/**
 * Tells the story of one question: understand, look in the answer cache, search the site, ask a model, remember.
 */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Answers, Asked } from '../answers/answers.ts';
import type { Unanswered } from '../answers/unanswered.ts';
import { DocentError } from '../errors.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { detectLanguage } from '../knowledge/language.ts';
import type { Settings } from '../settings.ts';
import type { PageScope } from '../types.ts';
import { answerWithModel, type ModelServices } from './answer-with-model.ts';
import type { PastTurn } from '../stores/conversation-store.ts';
import { leansOnHistory, searchQueries } from './history.ts';
import {
	abstain,
	fromModel,
	quoteSite,
	say,
	serveCached,
	type Outcome,
} from './outcome.ts';
import { isPersonal } from './personal.ts';
import { phrase } from './phrases.ts';
import { buildMessages, PROMPT_VERSION } from './prompt.ts';
import { smallTalk } from './small-talk.ts';
import type { Turn } from './turn.ts';

/** A question as the route let it in. */
export interface Question {
	siteId: string;
	text: string;
	scope: PageScope | undefined;
	/** BCP 47 tag of the page, for questions whose language cannot be told. */
	language: string | undefined;
	settings: Settings;
}

/** What answering a question needs. */
export interface AskServices {
	knowledge: Knowledge;
	answers: Answers;
	unanswered: Unanswered;
	/** Absent: answers are quoted from the site. */
	models: ModelServices | undefined;
	log: Logger;
}

/** A question with its place: the turn it streams into, what was said before, the language of its answer. */
interface Asking {
	question: Question;
	turn: Turn;
	history: PastTurn[];
	language: string;
}

type Found = Awaited< ReturnType< Knowledge[ 'search' ] > > & { query: string };

/**
 * A model can tell from passages that cover so much of a question whether they answer it ("Do you ship to Australia?" beside a list of
 * countries); a quotation needs more.
 */
const MODEL_COVERAGE = 0.3;

/** Answers a question into its turn and returns what it came to; throws `answer_failed` when an answer was cut off in the middle. */
export async function answerQuestion(
	services: AskServices,
	question: Question,
	turn: Turn,
	history: PastTurn[]
): Promise< Outcome > {
	const { settings, text } = question;
	const language =
		detectLanguage( text ) ??
		question.language ??
		settings.assistant.language;
	const asking = { question, turn, history, language };

	const polite = smallTalk( text );
	if ( polite ) {
		return say( turn, phrase( polite.phrase, polite.language ) );
	}

	const asked = describeAsked( services, asking );
	if ( settings.cache.enabled && ! leansOnHistory( text, history ) ) {
		const ready = await services.answers.find( asked );
		if ( ready.kind === 'hit' ) {
			return serveCached( turn, ready.match, ready.answer, {
				// Without a model, what is kept is a quotation; what the owner pinned never is.
				isQuotation: ! services.models && ready.match === 'exact',
				language,
			} );
		}
	}

	const found = await search( services.knowledge, asking );
	const outcome = await answerFrom( services, asking, found );
	if ( ! outcome.confident ) {
		logUnanswered( services, asking );
	} else if ( mayBeKept( services, asking, outcome ) ) {
		remember( services, asking, asked, found, outcome );
	}
	return outcome;
}

/** Searches with the best query first, and with the other one when nothing fits. */
async function search(
	knowledge: Knowledge,
	{ question, history, language }: Asking
): Promise< Found > {
	const [ first = question.text, ...others ] = searchQueries(
		question.text,
		history
	);
	const searchWith = async ( query: string ): Promise< Found > => ( {
		...( await knowledge.search( question.siteId, {
			query,
			language,
			scope: question.scope,
		} ) ),
		query,
	} );
	let best = await searchWith( first );
	for ( const query of others ) {
		if ( best.isConfident ) {
			break;
		}
		const next = await searchWith( query );
		best = next.coverage > best.coverage ? next : best;
	}
	return best;
}

/** Answers from what was found: by a model when one may try, in the site's own words otherwise, or not at all. */
async function answerFrom(
	{ models }: AskServices,
	{ question, turn, history, language }: Asking,
	found: Found
): Promise< Outcome > {
	const withoutModel = ( code: 'limit_reached' | 'answered_from_site' ) =>
		found.isConfident
			? quoteSite( turn, found, language, code )
			: abstain( turn, found.nearest, language );

	if ( ! models ) {
		return withoutModel( 'answered_from_site' );
	}
	if ( ! found.isConfident && found.coverage < MODEL_COVERAGE ) {
		return abstain( turn, found.nearest, language );
	}
	const { settings } = question;
	const result = await answerWithModel( models, {
		turn,
		limits: settings.limits,
		messages: buildMessages( {
			assistant: settings.assistant,
			history,
			passages: found.passages,
			question: question.text,
		} ),
		promptCacheKey: `docent-${ question.siteId }`,
		tier: 'economy',
	} );
	switch ( result.kind ) {
		case 'answered':
			return fromModel( turn, result, found.passages, language );
		case 'limit_reached':
			return withoutModel( 'limit_reached' );
		case 'unavailable':
			return {
				...withoutModel( 'answered_from_site' ),
				costNanoUsd: result.costNanoUsd,
			};
		case 'cut':
			throw new DocentError( 'answer_failed', phrase( 'cut', language ), {
				retryAfterMs: 1_000,
			} );
	}
}

/**
 * Tells whether an answer may be kept for others: standalone, not personal, and whole. A quotation is kept only where there is no model that
 * could do better later.
 */
function mayBeKept(
	{ models }: AskServices,
	{ question, history }: Asking,
	{ finishReason }: Outcome
): boolean {
	return (
		question.settings.cache.enabled &&
		history.length === 0 &&
		finishReason === ( models ? 'stop' : 'extractive' ) &&
		! isPersonal( question.text )
	);
}

/** Keeps an answer for whoever asks the same next. */
function remember(
	{ answers, log }: AskServices,
	{ question, turn }: Asking,
	asked: Asked,
	found: Found,
	{ answer, sources, mood, costNanoUsd }: Outcome
): void {
	const kept = answers.remember( {
		...asked,
		text: answer,
		sources,
		mood,
		// Whatever was shown to the model can have shaped the answer, not only what it cited.
		restsOn: found.passages.map( ( { documentId, documentHash } ) => ( {
			documentId,
			hash: documentHash,
		} ) ),
		knowledgeVersion: found.knowledgeVersion,
		costNanoUsd,
		ttlSeconds: question.settings.cache.ttlSeconds,
	} );
	turn.save(
		kept.catch( ( error: unknown ) => {
			log.error(
				{ turnId: turn.id, err: error },
				'an answer was not kept'
			);
		} )
	);
}

/** Notes for the owner that the site had no answer. */
function logUnanswered(
	{ unanswered, log }: AskServices,
	{ question, turn }: Asking
): void {
	turn.save(
		unanswered
			.log( question.siteId, question.text )
			.catch( ( error: unknown ) => {
				log.error(
					{ turnId: turn.id, err: error },
					'a question was not noted'
				);
			} )
	);
}

/** Says what an answer in the cache must agree on with the question. */
function describeAsked(
	{ models }: AskServices,
	{ question, language }: Asking
): Asked {
	const { siteId, scope, text, settings } = question;
	return {
		siteId,
		language,
		scopeKey: scope ? `page:${ scope.postId ?? scope.url ?? '' }` : '',
		assistantVersion: createHash( 'sha256' )
			.update(
				JSON.stringify( [
					PROMPT_VERSION,
					models?.catalog.fingerprint ?? 'extractive',
					settings.assistant,
				] )
			)
			.digest( 'base64url' ),
		question: text,
	};
}
