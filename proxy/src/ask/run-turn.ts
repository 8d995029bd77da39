/**
 * Runs a turn from its begin to its end: whose conversation it is, what is saved, what a reader sees last.
 */
import type { Logger } from 'pino';
import type { Calls, EndedQuestion } from '../calls/calls.ts';
import { DocentError, errorBody } from '../errors.ts';
import type {
	ConversationStore,
	FinishedTurn,
	PastTurn,
} from '../stores/conversation-store.ts';
import { isStoreAway } from '../stores/store-away.ts';
import type { Clock } from '../types.ts';
import { answerQuestion, type Answered, type AskServices } from './ask.ts';
import { MAX_PAST_TURNS } from './history.ts';
import {
	identify,
	requireSame,
	requireSameSaved,
	type KeyedTurn,
} from './idempotency.ts';
import {
	answerByVoice,
	usesVoice,
	type VoiceAnswering,
} from './answer-by-voice.ts';
import type { Question } from './question.ts';
import { outcomeOf, recordUncalled } from './record-uncalled.ts';
import type { RunningTurn } from './running-turn.ts';
import { withoutSpeech, type ReadableTurn } from './turn.ts';
import type { Turns } from './turns.ts';

/** A question with whoever asks it. */
export interface VisitorQuestion extends Question {
	visitorId: string;
	user: string | undefined;
	requestId: string;
	conversationId: string | undefined;
	/** The client's own name for the question, the same when it repeats itself. */
	key: string | undefined;
}

/** What running turns needs. */
export interface TurnServices extends AskServices {
	conversations: ConversationStore;
	turns: Turns;
	calls: Calls;
	/** Absent without a provider: nothing is heard, and browsers speak. */
	voice: VoiceAnswering | undefined;
	clock: Clock;
}

/**
 * Begins to answer and returns the turn to read along. The same question with the same key gets the same turn. Throws `not_found` for a
 * conversation of somebody else, `idempotency_key_reused`, and what {@link Turns.begin} throws.
 */
export type Ask = ( question: VisitorQuestion ) => Promise< ReadableTurn >;

/** What is known before the work begins: what was said before, or that the question was answered already. */
type Before =
	| { kind: 'new'; history: PastTurn[]; isKept: boolean }
	| { kind: 'answered'; saved: FinishedTurn }
	| { kind: 'elsewhere' };

/** Makes the function that answers visitors. */
export function createAsk( services: TurnServices ): Ask {
	const { turns } = services;
	return async ( question ) => {
		const { siteId, visitorId, user, conversationId, key } = question;
		const keyed = key === undefined ? undefined : identify( key, question );
		const running = keyed && turns.find( siteId, visitorId, keyed.turnId );
		if ( running ) {
			requireSame( keyed, running );
			return running;
		}
		// From here to the first wait nobody else gets in, so a repetition finds this turn.
		const turn = turns.begin( {
			siteId,
			visitorId,
			user,
			conversationId,
			...keyed,
		} );
		turn.begin();
		try {
			const before = await prepare( services, question, turn, keyed );
			switch ( before.kind ) {
				case 'new':
					void work( services, question, turn, before );
					break;
				case 'answered':
					turn.take( before.saved.events );
					await turns.end( turn );
					break;
				case 'elsewhere':
			}
		} catch ( error ) {
			await turns.discard( turn );
			// Whoever repeated the question meanwhile reads this turn.
			turn.emit( 'error', errorBody( error, question.requestId ).error );
			throw error;
		}
		return turn;
	};
}

/** Makes the turn known and reads what was said before. */
async function prepare(
	{ turns, conversations, log }: TurnServices,
	question: VisitorQuestion,
	turn: RunningTurn,
	keyed: KeyedTurn | undefined
): Promise< Before > {
	const { siteId, visitorId, conversationId } = question;
	const other = await turns.claim( turn );
	if ( other ) {
		requireSame( keyed as KeyedTurn, other );
		turns.mirror( turn, other );
		return { kind: 'elsewhere' };
	}
	try {
		const saved =
			keyed &&
			( await conversations.findTurn( siteId, visitorId, keyed.turnId ) );
		if ( saved ) {
			requireSameSaved( keyed, question, saved );
			return { kind: 'answered', saved };
		}
		if ( conversationId === undefined ) {
			return { kind: 'new', history: [], isKept: true };
		}
		const history = await conversations.history(
			siteId,
			visitorId,
			conversationId,
			MAX_PAST_TURNS
		);
		if ( ! history ) {
			throw new DocentError(
				'not_found',
				'This conversation is over. Ask again to begin a new one.'
			);
		}
		return { kind: 'new', history, isKept: true };
	} catch ( error ) {
		if ( ! isStoreAway( error ) ) {
			throw error;
		}
		log.warn(
			{ turnId: turn.id, err: error },
			'a question is answered without what was said before'
		);
		return { kind: 'new', history: [], isKept: false };
	}
}

/** Answers, saves and ends a turn. Never rejects. */
async function work(
	services: TurnServices,
	question: VisitorQuestion,
	turn: RunningTurn,
	{ history, isKept }: Extract< Before, { kind: 'new' } >
): Promise< void > {
	const { turns, clock, log } = services;
	const askedAt = clock();
	const begunAt = performance.now();
	const end = ( how: Pick< EndedQuestion, 'cache' | 'outcome' | 'tier' > ) =>
		services.calls.questionEnded( {
			...how,
			turnId: turn.id,
			siteId: turn.siteId,
			requestId: question.requestId,
			firstWordMs: turn.firstWordAt && turn.firstWordAt - begunAt,
			totalMs: clock() - askedAt,
		} );
	try {
		const { asked, answered, ...voiced } = usesVoice( question )
			? await answerByVoice( services, question, turn, history )
			: {
					asked: question,
					answered: await answerQuestion(
						services,
						question,
						turn,
						history
					),
					voiceNanoUsd: 0,
					areSourcesShown: false,
				};
		finish( services, asked, turn, answered, {
			...voiced,
			askedAt,
			isKept,
		} );
		const { cache, tier } = answered;
		end( { cache, tier, outcome: outcomeOf( answered ) } );
	} catch ( error ) {
		end( { cache: 'miss', tier: 'none', outcome: 'failed' } );
		fail( log, question, turn, error );
	} finally {
		await turn.saved();
		try {
			// In this order: whoever asks on the moment the answer ends finds the conversation free and this turn in its history.
			await turns.end( turn );
		} catch ( error ) {
			log.error( { turnId: turn.id, err: error }, 'a turn has no end' );
		}
		turn.publish();
	}
}

/** Writes the last events and saves the turn. A turn that cannot be saved was still answered, and paid for. */
function finish(
	{ conversations, calls, clock, log }: TurnServices,
	{ text, requestId, settings }: VisitorQuestion,
	turn: RunningTurn,
	answered: Answered,
	{
		askedAt,
		isKept,
		voiceNanoUsd,
		areSourcesShown,
	}: {
		askedAt: number;
		isKept: boolean;
		/** What hearing and speaking cost. */
		voiceNanoUsd: number;
		areSourcesShown: boolean;
	}
): void {
	const { answer, sources } = answered;
	const costNanoUsd = answered.costNanoUsd + voiceNanoUsd;
	const { finishReason, cache, tier, mood, confident, handoff } = answered;
	if ( sources.length > 0 && ! areSourcesShown ) {
		turn.append( 'sources', sources );
	}
	turn.append( 'done', {
		finishReason,
		cache,
		tier,
		mood,
		confident,
		handoff,
	} );
	const totalMs = clock() - askedAt;
	recordUncalled( calls, turn, answered, { requestId, askedAt, totalMs } );
	log.info(
		{
			requestId,
			siteId: turn.siteId,
			turnId: turn.id,
			finishReason,
			cache,
			tier,
			costNanoUsd,
			durationMs: totalMs,
		},
		'answered'
	);
	if ( ! isKept || turn.isForgotten ) {
		return;
	}
	turn.save(
		conversations
			.addTurn(
				{
					id: turn.conversationId,
					siteId: turn.siteId,
					visitorId: turn.visitorId,
					user: turn.user,
				},
				{
					id: turn.id,
					conversationId: turn.conversationId,
					question: text,
					answer,
					sources,
					finishReason,
					cache,
					events: turn.events.map( withoutSpeech ),
					costNanoUsd,
					askedAt,
				},
				settings.retention.conversationHours * 3_600_000
			)
			.catch( ( error: unknown ) => {
				log.error(
					{ turnId: turn.id, err: error },
					'a turn was not saved'
				);
			} )
	);
}

function fail(
	log: Logger,
	{ requestId }: VisitorQuestion,
	turn: RunningTurn,
	error: unknown
): void {
	if ( ! ( error instanceof DocentError ) ) {
		log.error(
			{ requestId, turnId: turn.id, err: error },
			'a turn failed'
		);
	}
	turn.append( 'error', errorBody( error, requestId ).error );
}
