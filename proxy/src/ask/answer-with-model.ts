/**
 * Gets an answer from a model: routes the question, then asks one target after another, only while nothing was shown. Never throws for what
 * a provider or a limit does.
 */
import type { Tier } from '../models/catalog.ts';
import type { RouteReason } from '../models/router.ts';
import type { ChatMessage } from '../upstream/chat.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { askTargets } from './ask-targets.ts';
import { decideTier, type Decided } from './decide.ts';
import type { ModelServices } from './model-services.ts';
import {
	describeQuestion,
	routeQuestion,
	type Routable,
	type RoutedQuestion,
} from './route.ts';
import type { Trailer } from './trailer.ts';
import type { Turn } from './turn.ts';

export type { ModelServices } from './model-services.ts';

export type ModelAnswer =
	| {
			kind: 'answered';
			text: string;
			trailer: Trailer | undefined;
			finishReason: 'stop' | 'length' | 'stopped';
			tier: Tier;
			reason: RouteReason;
			costNanoUsd: number;
	  }
	/** Nothing was shown: the site's own words must do. */
	| { kind: 'limit_reached'; costNanoUsd: number }
	| { kind: 'unavailable'; costNanoUsd: number }
	/** A part was shown and the rest will not come. */
	| { kind: 'cut'; text: string; costNanoUsd: number };

/** A question that a model may try. */
export interface ModelQuestion extends Omit< Routable, 'stickyTier' > {
	turn: Turn;
	requestId: string;
	/** Writes the messages: with the word that passes a question up, and with the wish for a short answer. */
	messages( options: {
		mayPassUp: boolean;
		isShort: boolean;
	} ): ChatMessage[];
	promptCacheKey: string;
	/** Is called right before the first words of an answer in economy mode. */
	onEconomy(): void;
}

/** Streams the answer of the first target that gives one into the turn. */
export async function answerWithModel(
	services: ModelServices,
	question: ModelQuestion
): Promise< ModelAnswer > {
	const { turn } = question;
	const stop = new AbortController();
	const onStop = () => stop.abort();
	turn.signal.addEventListener( 'abort', onStop, { once: true } );
	const timer = setTimeout( () => {
		stop.abort(
			new UpstreamError( 'timeout', 'no words in all the time there was' )
		);
	}, services.firstWordsMs );
	try {
		const { decided, ...routed } = await chooseRoute(
			services,
			question,
			stop.signal
		);
		const answer: ModelAnswer =
			routed.route === undefined || turn.signal.aborted
				? { kind: 'unavailable', costNanoUsd: 0 }
				: await askTargets( services, question, {
						...routed,
						route: routed.route,
						signal: stop.signal,
						onFirstWords: () => clearTimeout( timer ),
					} );
		return {
			...answer,
			costNanoUsd: answer.costNanoUsd + decided.costNanoUsd,
		};
	} finally {
		clearTimeout( timer );
		turn.signal.removeEventListener( 'abort', onStop );
	}
}

/** Routes by the rules, and where they are in doubt by a model, if the owner wants that. */
async function chooseRoute(
	services: ModelServices,
	question: ModelQuestion,
	signal: AbortSignal
): Promise< RoutedQuestion & { decided: Decided } > {
	const { turn, settings } = question;
	const features = await describeQuestion(
		{
			...question,
			stickyTier: services.raised.get( turn.conversationId ),
		},
		services
	);
	const byRules = routeQuestion( features, settings, services );
	const decided = await decideTier( services, question, byRules, signal );
	const routed = decided.tier
		? routeQuestion(
				{ ...features, decidedTier: decided.tier },
				settings,
				services
			)
		: byRules;
	return { ...routed, decided };
}
