/**
 * Tells the story of one question: understand, look in the answer cache, search the site, ask a model, remember.
 */
import type { Logger } from 'pino';
import type { Answers, Asked } from '../answers/answers.ts';
import type { Unanswered } from '../answers/unanswered.ts';
import { DocentError } from '../errors.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { detectLanguage } from '../knowledge/language.ts';
import {
	answerWithModel,
	type ModelAnswer,
	type ModelServices,
} from './answer-with-model.ts';
import type { PastTurn } from '../stores/conversation-store.ts';
import type { AnswerAloud } from './answer-aloud.ts';
import { createCoalescing, type Coalescing } from './coalesce.ts';
import { leansOnHistory } from './history.ts';
import {
	abstain,
	fromModel,
	noticeEconomy,
	quoteSite,
	say,
	serveCached,
	type Outcome,
} from './outcome.ts';
import { phrase } from './phrases.ts';
import { buildMessages } from './prompt.ts';
import {
	describeAsked,
	sharingKey,
	type Asking,
	type Found,
	type Question,
} from './question.ts';
import { remember } from './remember.ts';
import type { RunningTurn } from './running-turn.ts';
import { isWorthAsking, searchSite } from './search-site.ts';
import { smallTalk } from './small-talk.ts';
import type { Turn } from './turn.ts';

/** What answering a question needs. */
export interface AskServices {
	knowledge: Knowledge;
	answers: Answers;
	unanswered: Unanswered;
	/** Absent: answers are quoted from the site. */
	models: ModelServices | undefined;
	/** Answers a spoken question aloud, where the owner wants that; it may decline. */
	aloud?: AnswerAloud | undefined;
	/** Where people meet who ask the same at the same moment. */
	coalescing: Coalescing< ModelOutcome >;
	log: Logger;
}

/** What asking a model came to. Shared by everybody who asked the same, so it says nothing about one of them. */
export type ModelOutcome =
	| { kind: 'answered'; outcome: Outcome }
	| Exclude< ModelAnswer, { kind: 'answered' } >;

/** What a question came to. */
export interface Answered extends Outcome {
	/** What it would have cost had nobody else asked the same, now or before. */
	savedNanoUsd?: number;
	/** True when a call was made for it, whoever has the answer. */
	hasCall?: boolean;
}

/** Makes the place where the same questions meet; one a process. */
export const createAskCoalescing = () => createCoalescing< ModelOutcome >();

/** Answers a question into its turn and returns what it came to; throws `answer_failed` when an answer was cut off in the middle. */
export async function answerQuestion(
	services: AskServices,
	question: Question,
	turn: RunningTurn,
	history: PastTurn[]
): Promise< Answered > {
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

	const asked = describeAsked( asking, services.models?.catalog );
	if ( settings.cache.enabled && ! leansOnHistory( text, history ) ) {
		const ready = await services.answers.find( asked );
		if ( ready.kind === 'hit' ) {
			return {
				...serveCached( turn, ready.match, ready.answer, {
					// Without a model, what is kept is a quotation; what the owner pinned never is.
					isQuotation: ! services.models && ready.match === 'exact',
					language,
				} ),
				savedNanoUsd: ready.answer.costNanoUsd,
			};
		}
	}

	const found = await searchSite( services.knowledge, {
		...question,
		history,
		language,
	} );
	const outcome = await answerFrom( services, asking, asked, found );
	if ( ! outcome.confident ) {
		logUnanswered( services, asking );
	}
	return outcome;
}

/** Answers from what was found: by a model when one may try, in the site's own words otherwise, or not at all. */
async function answerFrom(
	services: AskServices,
	asking: Asking,
	asked: Asked,
	found: Found
): Promise< Answered > {
	const { turn, language } = asking;
	const { models } = services;
	const withoutModel = ( code: 'limit_reached' | 'answered_from_site' ) =>
		found.isConfident
			? quoteSite( turn, found, language, code )
			: abstain( turn, found.nearest, language );

	if ( ! models ) {
		const outcome = withoutModel( 'answered_from_site' );
		remember( services, asking, asked, found, outcome, turn );
		return outcome;
	}
	if ( ! isWorthAsking( found ) ) {
		return abstain( turn, found.nearest, language );
	}
	const ask = async ( answer: Turn ): Promise< ModelOutcome > => {
		const result = await askModel( models, asking, found, answer );
		if ( result.kind === 'answered' ) {
			remember( services, asking, asked, found, result.outcome, answer );
		}
		return result;
	};

	const aloud = await services.aloud?.( asking, found, turn );
	if ( aloud ) {
		return aloud.kind === 'answered' ? aloud.outcome : cutOff( language );
	}
	const key = sharingKey( asking, asked, found );
	const shared = key
		? await services.coalescing.share( key, turn, ask, suitsFollower )
		: ( { kind: 'led', result: await ask( turn ) } as const );
	if ( shared.kind === 'left' ) {
		return leave( shared );
	}
	const { kind, result } = shared;
	switch ( result.kind ) {
		case 'answered':
			return kind === 'led' ? result.outcome : follow( result.outcome );
		case 'limit_reached':
		case 'unavailable':
			return {
				...withoutModel(
					result.kind === 'limit_reached'
						? 'limit_reached'
						: 'answered_from_site'
				),
				costNanoUsd: kind === 'led' ? result.costNanoUsd : 0,
			};
		case 'cut':
			return cutOff( language );
	}
}

function cutOff( language: string ): never {
	throw new DocentError( 'answer_failed', phrase( 'cut', language ), {
		retryAfterMs: 1_000,
	} );
}

/** Asks a model; what it says is written into `answer`, which may belong to several turns. */
async function askModel(
	models: ModelServices,
	{ question, history, language }: Asking,
	found: Found,
	answer: Turn
): Promise< ModelOutcome > {
	const { settings } = question;
	const result = await answerWithModel( models, {
		turn: answer,
		siteId: question.siteId,
		requestId: question.requestId,
		question: question.text,
		settings,
		language,
		history,
		found,
		modality: 'text',
		messages: ( options ) =>
			buildMessages( {
				assistant: settings.assistant,
				history,
				passages: found.passages,
				question: question.text,
				...options,
			} ),
		promptCacheKey: `docent-${ question.siteId }`,
		onEconomy: () => noticeEconomy( answer, language ),
	} );
	return result.kind === 'answered'
		? {
				kind: 'answered',
				outcome: fromModel( answer, result, found.passages, language ),
			}
		: result;
}

/** A visitor's own limit is nobody else's; a provider that failed gets a second chance, not one for every follower. */
function suitsFollower( { kind }: ModelOutcome, attempt: number ): boolean {
	return (
		kind !== 'limit_reached' && ( kind !== 'unavailable' || attempt > 1 )
	);
}

/** What an answer is to somebody who read along: free. */
function follow( outcome: Outcome ): Answered {
	return {
		...outcome,
		cache: 'coalesced',
		costNanoUsd: 0,
		savedNanoUsd: outcome.costNanoUsd,
	};
}

/** What an answer is to somebody who stopped it while others go on. The call log has its cost with the turn that led. */
function leave( {
	isLeader,
	text,
}: {
	isLeader: boolean;
	text: string;
} ): Answered {
	return {
		answer: text,
		sources: [],
		finishReason: 'stopped',
		cache: isLeader ? 'miss' : 'coalesced',
		tier: 'none',
		mood: 'neutral',
		confident: true,
		handoff: false,
		costNanoUsd: 0,
		hasCall: isLeader,
	};
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
