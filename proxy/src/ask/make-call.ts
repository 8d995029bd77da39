/**
 * Makes one call that was reserved for: shows its words in the turn, and tells the watch over its target how it ended.
 */
import type { WatchedCall } from '../models/target-health.ts';
import type { ModelQuestion } from './answer-with-model.ts';
import type { Run } from './ask-targets.ts';
import { attempt, type Attempt } from './attempt.ts';
import type { Fitted } from './fit-to-limit.ts';
import type { ModelServices } from './model-services.ts';

/** Makes the call that was reserved for, and tells the watch how it ended. */
export async function makeCall(
	services: ModelServices,
	{ turn, promptCacheKey, messages: _, ...question }: ModelQuestion,
	{ route, signal, onFirstWords }: Run,
	{
		fitted: { target, reservation, maxOutputTokens },
		watched,
		...request
	}: Pick<
		Parameters< typeof attempt >[ 0 ],
		'messages' | 'inputBound' | 'mayPassUp'
	> & {
		fitted: Extract< Fitted, { kind: 'reserved' } >;
		watched: WatchedCall;
	}
): Promise< Attempt > {
	let hasShown = false;
	const made = await attempt( {
		...request,
		provider: services.providers.chat( target.model.provider ),
		model: target.model,
		maxOutputTokens,
		promptCacheKey,
		requestId: question.requestId,
		signal,
		reservation,
		onFirstToken: () => watched.answers(),
		show( delta ) {
			if ( ! hasShown ) {
				hasShown = true;
				onFirstWords();
				if ( route.reason === 'economy_mode' ) {
					question.onEconomy();
				}
			}
			turn.emit( 'text', { delta } );
		},
	} );
	if ( made.usage ) {
		// Nobody waits for it, and it never rejects.
		void services.estimates.check( {
			model: target.model,
			messages: request.messages,
			usage: made.usage,
		} );
	}
	const { end } = made;
	if ( end.kind === 'failed' ) {
		watched.failed( end.error );
		// The warning is the call log's; this adds the provider's own reason to it.
		services.log.debug(
			{
				turnId: turn.id,
				provider: target.model.provider,
				model: target.model.id,
				kind: end.error.kind,
				code: end.error.code,
				status: end.error.status,
				detail: end.error.message,
			},
			'a model did not answer'
		);
	} else if ( end.kind === 'answered' && end.finishReason === 'stopped' ) {
		watched.saidNothing();
	} else {
		watched.succeeded();
	}
	return made;
}
