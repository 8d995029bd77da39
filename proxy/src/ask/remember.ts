/**
 * Keeps answers for whoever asks the same next.
 */
import type { Logger } from 'pino';
import type { Answers, Asked } from '../answers/answers.ts';
import type { Outcome } from './outcome.ts';
import { mayBeShared, type Asking, type Found } from './question.ts';
import type { Turn } from './turn.ts';

/** Keeps an answer if others may have it, and it is whole and confident. A quotation is kept only where there is no model that could do better later. */
export function remember(
	{
		answers,
		models,
		log,
	}: { answers: Answers; models: unknown; log: Logger },
	asking: Asking,
	asked: Asked,
	found: Found,
	{ answer, sources, mood, costNanoUsd, finishReason, confident }: Outcome,
	turn: Turn
): void {
	if (
		! confident ||
		finishReason !== ( models ? 'stop' : 'extractive' ) ||
		! mayBeShared( asking )
	) {
		return;
	}
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
		ttlSeconds: asking.question.settings.cache.ttlSeconds,
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
