/**
 * Runs a turn from its begin to its end: whose conversation it is, what is saved, what a reader sees last.
 */
import type { Logger } from 'pino';
import { DocentError, errorBody } from '../errors.ts';
import type {
	ConversationStore,
	PastTurn,
} from '../stores/conversation-store.ts';
import type { Clock } from '../types.ts';
import { answerQuestion, type AskServices, type Question } from './ask.ts';
import { MAX_PAST_TURNS } from './history.ts';
import type { Outcome } from './outcome.ts';
import type { Turn } from './turn.ts';
import type { Turns } from './turns.ts';

/** A question with whoever asks it. */
export interface VisitorQuestion extends Question {
	visitorId: string;
	user: string | undefined;
	requestId: string;
	conversationId: string | undefined;
}

/** What running turns needs. */
export interface TurnServices extends AskServices {
	conversations: ConversationStore;
	turns: Turns;
	clock: Clock;
}

/** Begins to answer and returns the turn to read along; throws `not_found` for a conversation of somebody else. */
export type Ask = ( question: VisitorQuestion ) => Promise< Turn >;

/** Makes the function that answers visitors. */
export function createAsk( services: TurnServices ): Ask {
	const { turns, clock } = services;
	return async ( question ) => {
		const history = await readHistory( services, question );
		const turn = turns.begin( question );
		turn.begin();
		const askedAt = clock();
		const work = async () => {
			try {
				const outcome = await answerQuestion(
					services,
					question,
					turn,
					history
				);
				finish( services, question, turn, outcome, askedAt );
			} catch ( error ) {
				fail( services.log, question, turn, error );
			} finally {
				await turn.saved();
				// In this order: whoever asks on the moment the answer ends finds the conversation free and this turn in its history.
				turns.end( turn );
				turn.publish();
			}
		};
		void work();
		return turn;
	};
}

/** Writes the last events and saves the turn. A turn that cannot be saved was still answered, and paid for. */
function finish(
	{ conversations, clock, log }: TurnServices,
	{ text, requestId }: VisitorQuestion,
	turn: Turn,
	{ answer, sources, costNanoUsd, ...done }: Outcome,
	askedAt: number
): void {
	if ( sources.length > 0 ) {
		turn.append( 'sources', sources );
	}
	turn.append( 'done', done );
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
					finishReason: done.finishReason,
					cache: done.cache,
					events: [ ...turn.events ],
					costNanoUsd,
					askedAt,
				}
			)
			.catch( ( error: unknown ) => {
				log.error(
					{ turnId: turn.id, err: error },
					'a turn was not saved'
				);
			} )
	);
	log.info(
		{
			requestId,
			siteId: turn.siteId,
			turnId: turn.id,
			finishReason: done.finishReason,
			cache: done.cache,
			tier: done.tier,
			costNanoUsd,
			durationMs: clock() - askedAt,
		},
		'answered'
	);
}

function fail(
	log: Logger,
	{ requestId }: VisitorQuestion,
	turn: Turn,
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

/** Reads what was said before in the visitor's own conversation. */
async function readHistory(
	{ conversations, turns }: TurnServices,
	{ siteId, visitorId, conversationId }: VisitorQuestion
): Promise< PastTurn[] > {
	if ( conversationId === undefined ) {
		return [];
	}
	const history = await conversations.history(
		siteId,
		visitorId,
		conversationId,
		MAX_PAST_TURNS
	);
	// A conversation whose first turn still runs is not saved yet.
	if (
		! history &&
		! turns.ownsConversation( siteId, visitorId, conversationId )
	) {
		throw new DocentError(
			'not_found',
			'This conversation is over. Ask again to begin a new one.'
		);
	}
	return history ?? [];
}
