/**
 * Tells the story of one question: understand, look in the answer cache, search the site, ask a model, remember.
 */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Answers } from '../answers/answers.ts';
import type { Unanswered } from '../answers/unanswered.ts';
import { DocentError, errorBody } from '../errors.ts';
import { extractAnswer } from '../knowledge/extractive.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { detectLanguage } from '../knowledge/language.ts';
import type { Settings } from '../settings.ts';
import type { ConversationStore } from '../stores/conversation-store.ts';
import type {
	CacheOutcome,
	Clock,
	Mood,
	PageScope,
	Passage,
	Source,
} from '../types.ts';
import {
	answerWithModel,
	type ModelAnswer,
	type ModelServices,
} from './answer-with-model.ts';
import {
	leansOnHistory,
	MAX_PAST_TURNS,
	searchQueries,
	type PastTurn,
} from './history.ts';
import { isPersonal } from './personal.ts';
import { phrase } from './phrases.ts';
import { buildMessages, PROMPT_VERSION } from './prompt.ts';
import { smallTalk } from './small-talk.ts';
import { toSources } from './sources.ts';
import type { FinishReason, Turn } from './turn.ts';
import type { Turns } from './turns.ts';

/** A question as the route let it in. */
export interface Question {
	siteId: string;
	visitorId: string;
	user: string | undefined;
	requestId: string;
	text: string;
	conversationId: string | undefined;
	scope: PageScope | undefined;
	/** BCP 47 tag of the page, for questions whose language cannot be told. */
	language: string | undefined;
	settings: Settings;
}

export interface AskServices {
	knowledge: Knowledge;
	answers: Answers;
	unanswered: Unanswered;
	conversations: ConversationStore;
	turns: Turns;
	/** Absent: answers are quoted from the site. */
	models: ModelServices | undefined;
	clock: Clock;
	log: Logger;
}

/** Begins to answer a question and returns the turn to read along; throws `not_found` for a conversation of somebody else. */
export type Ask = ( question: Question ) => Promise< Turn >;

/** What a turn came to. */
interface Outcome {
	answer: string;
	sources: Source[];
	finishReason: FinishReason;
	cache: CacheOutcome;
	tier: string;
	mood: Mood;
	confident: boolean;
	handoff: boolean;
	costNanoUsd: number;
}

const NO_MODEL = {
	tier: 'none',
	mood: 'neutral',
	handoff: false,
	cache: 'miss',
	costNanoUsd: 0,
} as const;

/** Makes the story over its services. */
export function createAsk( services: AskServices ): Ask {
	const { conversations, turns, clock, log } = services;

	/** Saves the turn, then ends it for its readers: who asks on at once finds this turn in the history. */
	const finish = async (
		turn: Turn,
		question: Question,
		outcome: Outcome,
		askedAt: number
	): Promise< void > => {
		const { answer, sources, costNanoUsd, ...done } = outcome;
		if ( sources.length > 0 ) {
			turn.append( 'sources', sources );
		}
		turn.append( 'done', done );
		try {
			await conversations.addTurn(
				{
					id: turn.conversationId,
					siteId: turn.siteId,
					visitorId: turn.visitorId,
					user: turn.user,
				},
				{
					id: turn.id,
					conversationId: turn.conversationId,
					question: question.text,
					answer,
					sources,
					finishReason: outcome.finishReason,
					cache: outcome.cache,
					events: [ ...turn.events ],
					costNanoUsd,
					askedAt,
				}
			);
		} catch ( error ) {
			// The answer is there and paid for; only its memory is lost.
			log.error(
				{ turnId: turn.id, err: error },
				'a turn was not saved'
			);
		}
	};

	return async ( question ) => {
		const { conversationId, siteId, visitorId } = question;
		if ( conversationId !== undefined ) {
			await requireOwnConversation( services, {
				siteId,
				visitorId,
				conversationId,
			} );
		}
		const turn = turns.begin( question );
		const askedAt = clock();
		turn.emit( 'turn', {
			turnId: turn.id,
			conversationId: turn.conversationId,
		} );

		const work = async () => {
			try {
				const history =
					conversationId === undefined
						? []
						: await conversations.history(
								conversationId,
								MAX_PAST_TURNS
							);
				const outcome = await answer(
					services,
					question,
					turn,
					history
				);
				await finish( turn, question, outcome, askedAt );
				log.info(
					{
						requestId: question.requestId,
						siteId,
						turnId: turn.id,
						finishReason: outcome.finishReason,
						cache: outcome.cache,
						tier: outcome.tier,
						costNanoUsd: outcome.costNanoUsd,
						durationMs: clock() - askedAt,
					},
					'answered'
				);
			} catch ( error ) {
				if ( ! ( error instanceof DocentError ) ) {
					log.error(
						{
							requestId: question.requestId,
							turnId: turn.id,
							err: error,
						},
						'a turn failed'
					);
				}
				turn.append(
					'error',
					errorBody( error, question.requestId ).error
				);
			} finally {
				turns.end( turn );
				turn.publish();
			}
		};
		void work();
		return turn;
	};
}

/** The story itself. Streams into the turn and returns what it came to. */
async function answer(
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
	const polite = smallTalk( text );
	if ( polite ) {
		return say( turn, phrase( polite.phrase, polite.language ) );
	}
	const isStandalone = ! leansOnHistory( text, history );
	const key = cacheKey( services, question, language );

	if ( settings.cache.enabled && isStandalone ) {
		const found = await services.answers.find( key );
		if ( found.kind === 'hit' ) {
			turn.emit( 'text', { delta: found.answer.text } );
			return {
				...NO_MODEL,
				answer: found.answer.text,
				sources: found.answer.sources,
				finishReason: 'cached',
				cache: found.match,
				mood: found.answer.mood ?? 'neutral',
				confident: found.answer.confident,
			};
		}
	}

	const found = await search( services, question, history, language );
	if ( ! found.isConfident ) {
		return abstain( services, question, turn, found.nearest, language );
	}

	const outcome = services.models
		? await askModel(
				services.models,
				question,
				turn,
				history,
				found,
				language
			)
		: quoteSite( turn, found, language, 'answered_from_site' );

	if ( ! outcome.confident ) {
		await logUnanswered( services, question );
	} else if (
		settings.cache.enabled &&
		history.length === 0 &&
		isCacheable( outcome, services.models !== undefined ) &&
		! isPersonal( text )
	) {
		await remember(
			services,
			key,
			found,
			outcome,
			settings.cache.ttlSeconds
		);
	}
	return outcome;
}

/** Keeps an answer for whoever asks the same next. */
async function remember(
	{ answers, log }: AskServices,
	key: ReturnType< typeof cacheKey >,
	found: Found,
	outcome: Outcome,
	ttlSeconds: number
): Promise< void > {
	try {
		await answers.remember( {
			...key,
			text: outcome.answer,
			sources: outcome.sources,
			mood: outcome.mood,
			// Whatever was shown to the model can have shaped the answer, not only what it cited.
			restsOn: found.passages.map( ( { documentId, documentHash } ) => ( {
				documentId,
				hash: documentHash,
			} ) ),
			knowledgeVersion: found.knowledgeVersion,
			costNanoUsd: outcome.costNanoUsd,
			ttlSeconds,
		} );
	} catch ( error ) {
		log.error(
			{ siteId: key.siteId, err: error },
			'an answer was not kept'
		);
	}
}

type Found = Awaited< ReturnType< Knowledge[ 'search' ] > > & { query: string };

/** Searches with the best query first, and with the other one when nothing fits. */
async function search(
	{ knowledge }: AskServices,
	question: Question,
	history: PastTurn[],
	language: string
): Promise< Found > {
	let best: Found | undefined;
	for ( const query of searchQueries( question.text, history ) ) {
		const result = await knowledge.search( question.siteId, {
			query,
			language,
			scope: question.scope,
		} );
		if ( result.isConfident ) {
			return { ...result, query };
		}
		best ??= { ...result, query };
	}
	return best as Found;
}

async function askModel(
	models: ModelServices,
	question: Question,
	turn: Turn,
	history: PastTurn[],
	found: Found,
	language: string
): Promise< Outcome > {
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
			return quoteSite( turn, found, language, 'limit_reached' );
		case 'unavailable':
			return {
				...quoteSite( turn, found, language, 'answered_from_site' ),
				costNanoUsd: result.costNanoUsd,
			};
		case 'cut':
			throw new DocentError( 'answer_failed', phrase( 'cut', language ), {
				retryAfterMs: 1_000,
			} );
	}
}

function fromModel(
	turn: Turn,
	result: Extract< ModelAnswer, { kind: 'answered' } >,
	passages: Passage[],
	language: string
): Outcome {
	if ( result.finishReason === 'length' ) {
		turn.emit( 'notice', {
			code: 'shortened',
			message: phrase( 'shortened', language ),
		} );
	}
	return {
		answer: result.text,
		sources: toSources( passages, result.trailer?.used ),
		finishReason: result.finishReason,
		cache: 'miss',
		tier: result.tier,
		mood: result.trailer?.mood ?? 'neutral',
		confident: result.trailer?.confident ?? true,
		handoff: result.trailer?.handoff ?? false,
		costNanoUsd: result.costNanoUsd,
	};
}

/** Says a sentence of the proxy's own. */
function say( turn: Turn, text: string ): Outcome {
	turn.emit( 'text', { delta: text } );
	return {
		...NO_MODEL,
		answer: text,
		sources: [],
		finishReason: 'stop',
		confident: true,
	};
}

/** Answers with the site's own words. */
function quoteSite(
	turn: Turn,
	found: Found,
	language: string,
	code: 'limit_reached' | 'answered_from_site'
): Outcome {
	if ( turn.signal.aborted ) {
		return {
			...NO_MODEL,
			answer: '',
			sources: [],
			finishReason: 'stopped',
			confident: true,
		};
	}
	turn.emit( 'notice', {
		code,
		message: phrase(
			code === 'limit_reached' ? 'limitReached' : 'answeredFromSite',
			language
		),
	} );
	const quotation = extractAnswer( found.query, found.passages, language );
	const text = quotation?.text ?? '';
	turn.emit( 'text', { delta: text } );
	return {
		...NO_MODEL,
		answer: text,
		sources: toSources( quotation?.quoted ?? [], undefined ),
		finishReason: 'extractive',
		confident: true,
	};
}

/** Says that the site does not say it, and shows what is close. */
async function abstain(
	services: AskServices,
	question: Question,
	turn: Turn,
	nearest: Passage[],
	language: string
): Promise< Outcome > {
	const sources = toSources( nearest, undefined );
	const text = phrase(
		sources.length > 0 ? 'abstainedNear' : 'abstained',
		language
	);
	turn.emit( 'text', { delta: text } );
	await logUnanswered( services, question );
	return {
		...NO_MODEL,
		answer: text,
		sources,
		finishReason: 'abstained',
		confident: false,
	};
}

async function logUnanswered(
	{ unanswered, log }: AskServices,
	{ siteId, text }: Question
): Promise< void > {
	try {
		await unanswered.log( siteId, text );
	} catch ( error ) {
		// The visitor's answer matters more than the owner's list.
		log.error(
			{ siteId, err: error },
			'an unanswered question was not logged'
		);
	}
}

/** A model's answer is kept when it is whole; a quotation only where there is no model that could do better later. */
function isCacheable( outcome: Outcome, hasModels: boolean ): boolean {
	return hasModels
		? outcome.finishReason === 'stop'
		: outcome.finishReason === 'extractive';
}

function cacheKey(
	{ models }: AskServices,
	{ siteId, scope, text, settings }: Question,
	language: string
) {
	const assistantVersion = createHash( 'sha256' )
		.update(
			JSON.stringify( [
				PROMPT_VERSION,
				models?.catalog.fingerprint ?? 'extractive',
				settings.assistant,
			] )
		)
		.digest( 'hex' )
		.slice( 0, 16 );
	return {
		siteId,
		language,
		scopeKey: scope ? `page:${ scope.postId ?? scope.url ?? '' }` : 'site',
		assistantVersion,
		question: text,
	};
}

async function requireOwnConversation(
	{ conversations, turns }: AskServices,
	owner: { siteId: string; visitorId: string; conversationId: string }
): Promise< void > {
	if (
		turns.ownsConversation(
			owner.siteId,
			owner.visitorId,
			owner.conversationId
		)
	) {
		return;
	}
	const known = await conversations.find( owner.conversationId );
	if (
		known?.siteId !== owner.siteId ||
		known.visitorId !== owner.visitorId
	) {
		throw new DocentError(
			'not_found',
			'This conversation is over. Ask again to begin a new one.'
		);
	}
}
