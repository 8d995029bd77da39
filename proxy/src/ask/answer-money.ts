/**
 * Handles the money of an answer: how long it may be, what is reserved for it, and that it is in the book before the turn ends.
 */
import type { Settlement } from '../ledger/ledger.ts';
import type { Model } from '../models/catalog.ts';
import type { Target } from '../models/plan.ts';
import type { Settings } from '../settings.ts';
import { reserveWithin, type AnswerCaps, type Fitted } from './fit-to-limit.ts';
import type { ModelServices } from './model-services.ts';
import type { Turn } from './turn.ts';

/** The longest answer a model may give, in tokens; in economy mode half of it. */
const MAX_ANSWER_TOKENS = 700;
const MAX_ECONOMY_TOKENS = 350;

/** An answer of fewer tokens than this says less than a quotation. */
const MIN_ANSWER_TOKENS = 120;

/** What a model that thinks before it answers may use up for that, in tokens, and what it needs at least. */
const THINKING_TOKENS = 1_300;
const MIN_THINKING_TOKENS = 400;

/** Bounds the answer of a model; what it thinks before counts against the same cap. */
export function capsOf( model: Model, isEconomy: boolean ): AnswerCaps {
	const isThinking =
		model.reasoningEffort !== undefined && model.reasoningEffort !== 'none';
	const longest =
		( isEconomy ? MAX_ECONOMY_TOKENS : MAX_ANSWER_TOKENS ) +
		( isThinking ? THINKING_TOKENS : 0 );
	return {
		max: Math.min( longest, model.maxOutputTokens ),
		min: MIN_ANSWER_TOKENS + ( isThinking ? MIN_THINKING_TOKENS : 0 ),
	};
}

/** Reserves for the first target that fits; undefined when the book cannot be written: without it nothing is spent. */
export async function reserveAnswer(
	{ ledger, random, log }: ModelServices,
	{
		turn,
		limits,
		targets,
		inputBound,
		isEconomy,
		signal,
	}: {
		turn: Turn;
		limits: Settings[ 'limits' ];
		/** The one that is meant to answer, then the others that could. */
		targets: readonly [ Target, ...Target[] ];
		inputBound: number;
		isEconomy: boolean;
		signal: AbortSignal;
	}
): Promise< Fitted | undefined > {
	try {
		return await reserveWithin( {
			targets,
			inputBound,
			capsOf: ( model ) => capsOf( model, isEconomy ),
			reserve: ( { model, tier }, amountNanoUsd ) =>
				ledger.reserve( {
					siteId: turn.siteId,
					limits,
					model,
					amountNanoUsd,
					details: {
						model: model.id,
						tier,
						visitorId: turn.visitorId,
						turnId: turn.id,
					},
				} ),
			random,
			signal,
		} );
	} catch ( error ) {
		log.error(
			{ turnId: turn.id, err: error },
			'the ledger cannot be written'
		);
		return undefined;
	}
}

/** Sees to it that the turn does not end before a call is in the book. Never rejects. */
export function saveSettlement(
	{ log }: Pick< ModelServices, 'log' >,
	turn: Turn,
	{ saved }: Settlement
): Promise< unknown > {
	const done = saved.catch( ( cause: unknown ) => {
		// A reservation that is not settled stays held and then counts in full: too much, never too little.
		log.error( { turnId: turn.id, err: cause }, 'a call was not settled' );
	} );
	turn.save( done );
	return done;
}
