/**
 * Asks a model which tier a question needs, where the rules are in doubt: within a price of its own, and for a moment only.
 */
import { boundInputTokens, priceWorstCase } from '../ledger/pricing.ts';
import type { Model, Tier } from '../models/catalog.ts';
import type { ChatProvider } from '../upstream/chat.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { saveSettlement } from './answer-money.ts';
import type { ModelQuestion } from './answer-with-model.ts';
import { askOnce, CHAT_TOKENS, OPTIONS, toMessages } from './ask-decision.ts';
import type { ModelServices } from './model-services.ts';
import { recordDecision } from './record-attempt.ts';
import type { RoutedQuestion } from './route.ts';
import { settleCall } from './settle-call.ts';

/** What asking came to. */
export interface Decided {
	/** Undefined: the rules decide. */
	tier: Tier | undefined;
	costNanoUsd: number;
}

const UNDECIDED: Decided = { tier: undefined, costNanoUsd: 0 };

/** Asks, when the owner wants it, the rules are in doubt and the price allows it. Never throws for what a provider or a limit does. */
export async function decideTier(
	services: ModelServices,
	question: ModelQuestion,
	{ route, usable }: RoutedQuestion,
	signal: AbortSignal
): Promise< Decided > {
	const { settings, turn } = question;
	const { decisionModel, decisionMaxNanoUsd } = settings.routing;
	if ( ! decisionModel || ! route?.isInDoubt || usable.length < 2 ) {
		return UNDECIDED;
	}
	const options = OPTIONS.filter( ( { value } ) => usable.includes( value ) );
	const messages = toMessages( question.question, options );
	const inputBound = boundInputTokens( messages );
	const target = findModel( services, ( model ) => {
		const nanoUsd = priceWorstCase( model, inputBound, capOf( model ) );
		return nanoUsd <= decisionMaxNanoUsd ? nanoUsd : undefined;
	} );
	const watched = target && services.health.begin( target.model );
	if ( ! target || ! watched ) {
		return UNDECIDED;
	}
	const { model, provider, nanoUsd } = target;

	let reserved;
	try {
		reserved = await services.ledger.reserve( {
			siteId: turn.siteId,
			limits: settings.limits,
			model,
			amountNanoUsd: nanoUsd,
			details: {
				model: model.id,
				tier: 'none',
				visitorId: turn.visitorId,
				turnId: turn.id,
			},
		} );
	} catch ( error ) {
		services.log.error(
			{ turnId: turn.id, err: error },
			'the ledger cannot be written'
		);
	}
	if ( reserved?.kind !== 'reserved' ) {
		watched.saidNothing();
		return UNDECIDED;
	}

	const { reservation } = reserved;
	const startedAt = performance.now();
	const asked = await askOnce( {
		provider,
		model,
		messages,
		options,
		signal,
	} );
	const settled = settleCall( {
		reservation,
		model,
		usage: asked.usage,
		hasEnded: asked.error === undefined,
		error: asked.error,
		inputBound,
		producedBytes: asked.producedBytes,
	} );
	if ( asked.error?.kind === 'aborted' ) {
		watched.saidNothing();
	} else if ( asked.error ) {
		watched.failed( ofThisModelAlone( asked.error ) );
	} else {
		watched.succeeded();
	}
	recordDecision( services, question, {
		model,
		reservation,
		settled,
		usage: asked.usage,
		error: asked.error,
		totalMs: performance.now() - startedAt,
	} );
	await saveSettlement( services, turn, settled );
	return { tier: asked.tier, costNanoUsd: settled.costNanoUsd };
}

/** Finds the first model for decisions that is well and within its price. */
function findModel(
	{ catalog, providers, health }: ModelServices,
	price: ( model: Model ) => number | undefined
): { model: Model; provider: ChatProvider; nanoUsd: number } | undefined {
	for ( const model of catalog.role( 'decision' ) ) {
		const provider = providers.chat( model.provider );
		const nanoUsd = price( model );
		if (
			provider &&
			nanoUsd !== undefined &&
			health.restMs( model ) === 0
		) {
			return { model, provider, nanoUsd };
		}
	}
	return undefined;
}

/**
 * Keeps a failure from closing the whole provider: a key that may not ask for decisions may well ask for answers, and those find out for
 * themselves what is wrong with the key or the account.
 */
function ofThisModelAlone( error: UpstreamError ): UpstreamError {
	return error.kind === 'auth' || error.kind === 'quota'
		? new UpstreamError( 'model_gone', error.message, {
				cause: error,
				code: error.code,
			} )
		: error;
}

/** A decision is billed for what it reads alone. */
function capOf( { api }: Model ): number {
	return api === 'decisions' ? 0 : CHAT_TOKENS;
}
